/* SPDX-License-Identifier: MIT */
/* Scenarios about function lists and interfaces: whose functions are in them, and what is forwarded as it is. */
#include "check_guard.h"

/* Every member of every list is the guard's own, and what dlsym finds is the same function. */
static void all_members(void)
{
    CK_FUNCTION_LIST *list = NULL;
    take_functions();
    entrances(guard);
    OK(get_list(&list));
    EQUAL(2, list->version.major);
    EQUAL(40, list->version.minor);
    EQUAL(104, name_count);
    const char *const start_of_new = (const char *)f + sizeof f->version;
    const size_t padding = (size_t)(-sizeof f->version & (sizeof(void *) - 1));
    for (size_t i = 0; i < name_count; ++i) {
        void *member = NULL, *const exported = dlsym(guard, all_names[i]);
        memcpy(&member, start_of_new + padding + i * sizeof member, sizeof member);
        CHECK(exported != NULL);
        if (!is_in(guard_path, member) || member != exported) {
            note(0, __FILE__, __LINE__, all_names[i], "the guard's", "another");
        }
    }
    CHECK(list->C_DigestInit == f->C_DigestInit);
    CHECK(list->C_CancelFunction == f->C_CancelFunction);
}

/* Run with a library preloaded that exports C_ names, each of which aborts. */
static void preloaded(void)
{
    CK_FUNCTION_LIST *list = NULL;
    void *const strangers = dlsym(RTLD_DEFAULT, "C_DigestInit");
    CHECK(strangers != NULL && !is_in(guard_path, strangers));
    all_members();
    OK(get_list(&list));
    CHECK(FUNCTION_IS_IN(guard_path, list->C_GetFunctionList));
    OK(list->C_Initialize(NULL));
    CK_SESSION_HANDLE h = open_one();
    OK(list->C_DigestInit(h, &mechanism));
    ACTIVE(h);
    OK(list->C_Finalize(NULL));
}

/* The module's interfaces one by one: name, version and flags as they are, the vendor's untouched. */
static void interfaces_as_they_are(void)
{
    CK_INTERFACE theirs[4], own[4], *one = NULL, *same = NULL, *vendors = NULL;
    CK_ULONG count = 0;
    CK_VERSION version = { 3, 0 };
    static CK_UTF8CHAR vendor[] = "Vendor Permissive", nobodys[] = "Nobody's";
    take_functions();
    entrances(module);
    OK(get_interfaces(NULL, &count));
    EQUAL(4, count);
    OK(get_interfaces(theirs, &count));
    OK(get_interface(vendor, NULL, &vendors, 0));
    entrances(guard);
    count = 0;
    OK(get_interfaces(NULL, &count));
    EQUAL(4, count);
    count = 3;
    ANSWERS(CKR_BUFFER_TOO_SMALL, get_interfaces(own, &count));
    count = 4;
    OK(get_interfaces(own, &count));
    for (int i = 0; i < 4; ++i) {
        CHECK(strcmp((char *)own[i].pInterfaceName, (char *)theirs[i].pInterfaceName) == 0);
        EQUAL(theirs[i].flags, own[i].flags);
        CHECK(memcmp(own[i].pFunctionList, theirs[i].pFunctionList, sizeof(CK_VERSION)) == 0);
        CHECK((own[i].pFunctionList == theirs[i].pFunctionList) == (i == 3));
    }
    OK(get_interface(vendor, NULL, &one, 0));
    CHECK(one == vendors);
    OK(get_interface(standard_name, &version, &one, 0));
    CHECK(((CK_VERSION *)one->pFunctionList)->minor == 0);
    CHECK(FUNCTION_IS_IN(guard_path, ((CK_FUNCTION_LIST_3_0 *)one->pFunctionList)->C_SessionCancel));
    OK(get_interface(standard_name, &version, &same, 0));
    CHECK(one == same && one->pFunctionList == same->pFunctionList);
    OK(get_interface(NULL, NULL, &one, 0));
    CHECK(((CK_VERSION *)one->pFunctionList)->minor == 2);
    version.minor = 9;
    ANSWERS(CKR_FUNCTION_FAILED, get_interface(standard_name, &version, &one, 0));
    ANSWERS(CKR_FUNCTION_FAILED, get_interface(nobodys, NULL, &one, 0));
    ANSWERS(CKR_FUNCTION_FAILED, get_interface(standard_name, NULL, &one, 0x8000));
    ANSWERS(CKR_ARGUMENTS_BAD, get_interface(standard_name, NULL, NULL, 0));
    ANSWERS(CKR_ARGUMENTS_BAD, get_interfaces(NULL, NULL));
    ANSWERS(CKR_ARGUMENTS_BAD, get_list(NULL));
}

/* PERMISSIVE_FORK_SAFE=1: the flag is passed on. */
static void fork_safe_flag(void)
{
    CK_INTERFACE *one = NULL;
    take_functions();
    entrances(guard);
    OK(get_interface(standard_name, NULL, &one, CKF_INTERFACE_FORK_SAFE));
    EQUAL(CKF_INTERFACE_FORK_SAFE, one->flags);
    OK(get_interface(NULL, NULL, &one, CKF_INTERFACE_FORK_SAFE));
    CHECK(FUNCTION_IS_IN(guard_path, ((CK_FUNCTION_LIST_3_2 *)one->pFunctionList)->C_Initialize));
}

/* A module of 2.40 (MODULE is one): its one list as one interface. */
static void one_interface(void)
{
    CK_INTERFACE own[2], *one = NULL;
    CK_ULONG count = 0;
    CK_VERSION old = { 2, 40 }, new = { 3, 0 };
    CK_FUNCTION_LIST *list = NULL;
    static CK_UTF8CHAR vendor[] = "Vendor Permissive";
    CK_C_SessionCancel session_cancel = NULL;
    guard = load(guard_path);
    entrances(guard);
    OK(get_interfaces(NULL, &count));
    EQUAL(1, count);
    count = 0;
    ANSWERS(CKR_BUFFER_TOO_SMALL, get_interfaces(own, &count));
    EQUAL(1, count);
    count = 2;
    OK(get_interfaces(own, &count));
    EQUAL(1, count);
    CHECK(strcmp((char *)own[0].pInterfaceName, "PKCS 11") == 0);
    OK(get_interface(standard_name, NULL, &one, 0));
    OK(get_list(&list));
    CHECK(one->pFunctionList == list);
    EQUAL(0, one->flags);
    OK(get_interface(NULL, &old, &one, 0));
    OK(get_interface(NULL, NULL, &one, 0));
    ANSWERS(CKR_FUNCTION_FAILED, get_interface(NULL, &new, &one, 0));
    ANSWERS(CKR_FUNCTION_FAILED, get_interface(vendor, NULL, &one, 0));
    ANSWERS(CKR_FUNCTION_FAILED, get_interface(standard_name, NULL, &one, CKF_INTERFACE_FORK_SAFE));
    ANSWERS(CKR_ARGUMENTS_BAD, get_interface(standard_name, NULL, NULL, 0));
    ANSWERS(CKR_ARGUMENTS_BAD, get_interfaces(own, NULL));
    /* Functions of 3.0 and later are exported all the same, and say that the module has none. */
    SYMBOL(session_cancel, guard, "C_SessionCancel");
    OK(list->C_Initialize(NULL));
    ANSWERS(CKR_FUNCTION_NOT_SUPPORTED, session_cancel(1, 0));
    CK_SESSION_HANDLE h = 0;
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    ANSWERS(CKR_FUNCTION_NOT_SUPPORTED, session_cancel(h, CKF_DIGEST));
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(h, NULL, 0));
    OK(list->C_Finalize(NULL));
}

/* PERMISSIVE_NULL=C_Digest,C_EncryptUpdate,C_SessionCancel,C_GetInfo */
static void holes(void)
{
    CK_FUNCTION_LIST *list = NULL;
    CK_C_Digest digest = NULL;
    CK_C_GetInfo get_info = NULL;
    CK_C_SessionCancel session_cancel = NULL;
    CK_INFO info;
    begin();
    entrances(guard);
    OK(get_list(&list));
    CHECK(f->C_Digest == NULL && f->C_EncryptUpdate == NULL && f->C_SessionCancel == NULL && f->C_GetInfo == NULL);
    CHECK(list->C_Digest == NULL && list->C_EncryptUpdate == NULL && list->C_GetInfo == NULL);
    CHECK(f->C_Encrypt != NULL && list->C_DigestUpdate != NULL);
    SYMBOL(digest, guard, "C_Digest");
    SYMBOL(get_info, guard, "C_GetInfo");
    SYMBOL(session_cancel, guard, "C_SessionCancel");
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    ANSWERS(CKR_FUNCTION_NOT_SUPPORTED, digest(h, TEXT, OUT));
    ANSWERS(CKR_FUNCTION_NOT_SUPPORTED, get_info(&info));
    ANSWERS(CKR_FUNCTION_NOT_SUPPORTED, session_cancel(h, CKF_DIGEST));
    ACTIVE(h); /* nothing happened */
    finish();
}

/* PERMISSIVE_LIES_VERSION=1: behind 68 functions the memory cannot be read. */
static void lying_version(void)
{
    CK_FUNCTION_LIST *list = NULL;
    CK_FUNCTION_LIST_3_0 longer;
    take_functions();
    entrances(guard);
    OK(get_list(&list));
    EQUAL(3, list->version.major);
    memcpy(&longer, list, sizeof longer); /* who believes the version can read on */
    OK(list->C_Initialize(NULL));
    CHECK(longer.C_SessionCancel != NULL);
    ANSWERS(CKR_SESSION_HANDLE_INVALID, longer.C_SessionCancel(77, 0));
    OK(list->C_Finalize(NULL));
}

/* P11GUARD_MODE=off: the module's own, pointer by pointer. */
static void off(void)
{
    CK_FUNCTION_LIST *own_list = NULL, *list = NULL;
    CK_INTERFACE *own_interface = NULL, *interface = NULL, all[4];
    CK_ULONG count = 4;
    begin();
    entrances(module);
    OK(get_list(&own_list));
    OK(get_interface(NULL, NULL, &own_interface, 0));
    entrances(guard);
    OK(get_list(&list));
    OK(get_interface(NULL, NULL, &interface, 0));
    OK(get_interfaces(all, &count));
    CHECK(list == own_list);
    CHECK(interface == own_interface);
    CHECK(all[0].pFunctionList == own_interface->pFunctionList);
    CK_C_DigestInit digest_init = NULL;
    CK_C_FindObjectsInit find_init = NULL;
    CK_C_OpenSession open_session = NULL;
    SYMBOL(digest_init, guard, "C_DigestInit");
    SYMBOL(find_init, guard, "C_FindObjectsInit");
    SYMBOL(open_session, guard, "C_OpenSession");
    CK_SESSION_HANDLE h = 0;
    OK(open_session(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(digest_init(h, &mechanism));
    OK(find_init(h, NULL, 0));
    finish();
}

/* The plain functions, with no list ever asked for. PERMISSIVE_CRASH_BEFORE_INIT=1. */
static void plain_functions(void)
{
    CK_C_Initialize initialize = NULL;
    CK_C_OpenSession open_session = NULL;
    CK_C_DigestInit digest_init = NULL;
    CK_C_SessionCancel session_cancel = NULL;
    CK_C_FindObjectsInit find_init = NULL;
    CK_C_Finalize finalize = NULL;
    CK_SESSION_HANDLE h = 0;
    guard = load(guard_path);
    SYMBOL(initialize, guard, "C_Initialize");
    SYMBOL(open_session, guard, "C_OpenSession");
    SYMBOL(digest_init, guard, "C_DigestInit");
    SYMBOL(session_cancel, guard, "C_SessionCancel");
    SYMBOL(find_init, guard, "C_FindObjectsInit");
    SYMBOL(finalize, guard, "C_Finalize");
    OK(initialize(NULL));
    OK(open_session(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(digest_init(h, &mechanism));
    ANSWERS(CKR_OPERATION_ACTIVE, find_init(h, NULL, 0));
    OK(session_cancel(h, CKF_DIGEST));
    OK(find_init(h, NULL, 0));
    OK(finalize(NULL));
}

const scenario lists_scenarios[] = {
    { "all-members", all_members }, { "interfaces", interfaces_as_they_are }, { "fork-safe-flag", fork_safe_flag },
    { "one-interface", one_interface }, { "holes", holes }, { "lying-version", lying_version }, { "off", off },
    { "plain-functions", plain_functions }, { "preloaded", preloaded }, { NULL, NULL },
};
