/* SPDX-License-Identifier: MIT */
/* Scenarios about the module that is loaded: what it is passed, none at all, and modules that give odd lists. */
#include "check_guard.h"

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

/* ODD=boasting: three interfaces where there is room for one. Behind it are bytes that no list would be found at. */
static void boasting(void)
{
    CK_INTERFACE one[3];
    CK_ULONG count = 1;
    memset(one, 0x5A, sizeof one);
    guard = load(guard_path);
    entrances(guard);
    ANSWERS(CKR_BUFFER_TOO_SMALL, get_interfaces(one, &count));
    EQUAL(3, count);
    for (size_t i = 0; i < 2 * sizeof *one; ++i) { CHECK(((CK_BYTE *)&one[1])[i] == 0x5A); }
    OK(get_interfaces(one, &count));
    EQUAL(3, count);
    CHECK(FUNCTION_IS_IN(guard_path, ((CK_FUNCTION_LIST *)one[2].pFunctionList)->C_DigestInit));
}

const scenario modules_scenarios[] = {
    { "initialize-arguments", initialize_arguments }, { "no-module", no_module }, { "some-module", some_module },
    { "odd", odd }, { "boasting", boasting }, { NULL, NULL },
};
