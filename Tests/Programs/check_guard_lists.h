/* SPDX-License-Identifier: MIT */
/* Scenarios about where functions come from, and about what is forwarded as it is. */
#ifndef CHECK_GUARD_LISTS_H
#define CHECK_GUARD_LISTS_H

#include "check_guard_base.h"

static CK_C_GetFunctionList get_list;
static CK_C_GetInterface get_interface;
static CK_C_GetInterfaceList get_interfaces;

static void entrances(void *library)
{
    SYMBOL(get_list, library, "C_GetFunctionList");
    SYMBOL(get_interface, library, "C_GetInterface");
    SYMBOL(get_interfaces, library, "C_GetInterfaceList");
}

/* Which library a function is of. */
static int is_in(const char *path, void *function)
{
    Dl_info place;
    return dladdr(function, &place) != 0 && strcmp(place.dli_fname, path) == 0;
}

#define FUNCTION_IS_IN(path, pointer) is_in(path, *(void **)(void *)&(pointer))

static const char *const all_names[] = {
#define CK_PKCS11_FUNCTION_INFO(name) #name,
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
};
#define FUNCTIONS (sizeof all_names / sizeof *all_names)

/* Every member of every list is the guard's own, and what dlsym finds is the same function. */
static void all_members(void)
{
    CK_FUNCTION_LIST *list = NULL;
    take_functions();
    entrances(guard);
    OK(get_list(&list));
    EQUAL(2, list->version.major);
    EQUAL(40, list->version.minor);
    EQUAL(104, FUNCTIONS);
    const char *const start_of_new = (const char *)f + sizeof f->version;
    const size_t padding = (size_t)(-sizeof f->version & (sizeof(void *) - 1));
    for (size_t i = 0; i < FUNCTIONS; ++i) {
        void *member = NULL, *const exported = dlsym(guard, all_names[i]);
        memcpy(&member, start_of_new + padding + i * sizeof member, sizeof member);
        CHECK(exported != NULL);
        if (!is_in(guard_path, member) || member != exported) { note(0, __FILE__, __LINE__, all_names[i], "the guard's", "another"); }
    }
    CHECK(list->C_DigestInit == f->C_DigestInit);
    CHECK(list->C_CancelFunction == f->C_CancelFunction);
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

/* pInitArgs as it is: the pointer itself, its pReserved and the word behind it (PERMISSIVE_RESERVED=1). */
static void initialize_arguments(void)
{
    struct { CK_C_INITIALIZE_ARGS arguments; void *behind; } given;
    void (*what_came)(void **structure, void **reserved, void **extra) = NULL;
    void *structure = NULL, *reserved = NULL, *behind = NULL;
    take_functions();
    SYMBOL(what_came, module, "permissive_initialize_args");
    memset(&given, 0, sizeof given);
    given.arguments.flags = CKF_OS_LOCKING_OK;
    given.arguments.pReserved = &reserved;
    given.behind = &behind;
    OK(f->C_Initialize(&given));
    what_came(&structure, &reserved, &behind);
    CHECK(structure == &given);
    CHECK(reserved == &reserved);
    CHECK(behind == &behind);
    ANSWERS(CKR_CRYPTOKI_ALREADY_INITIALIZED, f->C_Initialize(NULL));
    ANSWERS(CKR_ARGUMENTS_BAD, f->C_Finalize(&given));
    finish();
    ANSWERS(CKR_CRYPTOKI_NOT_INITIALIZED, f->C_Finalize(NULL));
    OK(f->C_Initialize(NULL));
    finish();
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

/* No module, or none that works: GUARD only. A general error from every entrance, and nothing given. */
static void no_module(void)
{
    CK_FUNCTION_LIST *list = NULL;
    CK_INTERFACE *one = NULL, some[4];
    CK_ULONG count = 4;
    CK_C_Initialize initialize = NULL;
    CK_C_OpenSession open_session = NULL;
    CK_C_Encrypt encrypt = NULL;
    CK_C_GetInfo get_info = NULL;
    CK_INFO info;
    CK_SESSION_HANDLE h = 0;
    guard = load(guard_path);
    entrances(guard);
    SYMBOL(initialize, guard, "C_Initialize");
    SYMBOL(open_session, guard, "C_OpenSession");
    SYMBOL(encrypt, guard, "C_Encrypt");
    SYMBOL(get_info, guard, "C_GetInfo");
    ANSWERS(CKR_GENERAL_ERROR, get_list(&list));
    CHECK(list == NULL);
    ANSWERS(CKR_GENERAL_ERROR, get_list(NULL));
    ANSWERS(CKR_GENERAL_ERROR, get_interface(NULL, NULL, &one, 0));
    CHECK(one == NULL);
    ANSWERS(CKR_GENERAL_ERROR, get_interfaces(some, &count));
    ANSWERS(CKR_GENERAL_ERROR, initialize(NULL));
    ANSWERS(CKR_GENERAL_ERROR, get_info(&info));
    ANSWERS(CKR_GENERAL_ERROR, open_session(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    ANSWERS(CKR_GENERAL_ERROR, encrypt(1, TEXT, OUT));
}

/* A configuration that is in order after all. */
static void some_module(void)
{
    CK_FUNCTION_LIST *list = NULL;
    guard = load(guard_path);
    entrances(guard);
    OK(get_list(&list));
    if (list == NULL) { return; }
    OK(list->C_Initialize(NULL));
    CK_SESSION_HANDLE h = 0;
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(h, NULL, 0));
    OK(list->C_Finalize(NULL));
}

/* odd_module.c: what it gives is passed on, and what it does not give is no reason to crash. */
static void odd(void)
{
    const char *const how = getenv("ODD");
    CK_FUNCTION_LIST *list = NULL;
    CK_INTERFACE *one = NULL, all[8];
    CK_ULONG count = 8;
    CK_SESSION_HANDLE h = 0;
    guard = load(guard_path);
    entrances(guard);
    OK(get_list(&list));
    const CK_RV rv = strcmp(how, "failing") == 0 ? CKR_GENERAL_ERROR : CKR_OK;
    ANSWERS(rv, get_interfaces(NULL, &count));
    count = 8;
    ANSWERS(rv, get_interfaces(all, &count));
    ANSWERS(rv, get_interface(standard_name, NULL, &one, 0));
    if (strcmp(how, "empty") == 0) {
        CHECK(list->C_Initialize == NULL && list->C_DigestInit == NULL);
        return;
    }
    OK(list->C_Initialize(NULL));
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    if (strcmp(how, "newer") == 0) {
        /* What 3.3 will add is not there, and the version says so. */
        CHECK(((CK_VERSION *)one->pFunctionList)->minor == 2);
        ANSWERS(CKR_OPERATION_ACTIVE, ((CK_FUNCTION_LIST_3_2 *)one->pFunctionList)->C_MessageSignInit(h, &mechanism, 1));
        CHECK(FUNCTION_IS_IN(guard_path, ((CK_FUNCTION_LIST *)all[1].pFunctionList)->C_DigestInit));
    }
    if (strcmp(how, "nameless") == 0) { CHECK(all[1].pInterfaceName == NULL && all[2].pFunctionList == NULL); }
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(h, NULL, 0));
    OK(list->C_Finalize(NULL));
}

#endif /* CHECK_GUARD_LISTS_H */
