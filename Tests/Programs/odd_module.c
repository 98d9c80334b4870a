/* SPDX-License-Identifier: MIT */
/*
 * Modules that are not as they should be, for who stands in front of one. ODD (environment) says which:
 *   error       C_GetFunctionList answers CKR_DEVICE_ERROR        null     it answers CKR_OK and gives no list
 *   empty       every member of its list is NULL                  newer    an interface says 3.3, one says 2.1
 *   nameless    an interface has no name, one no list             many     the number of interfaces grows between calls
 *   failing     C_GetInterfaceList and C_GetInterface fail        calling  loading it calls the guard in ODD_GUARD
 *   boasting    C_GetInterfaceList says CKR_OK and three, whatever the room; it gives as many as there is room for
 *   slow        C_GetFunctionList waits until odd_release is called; odd_is_held says whether it does
 *   forking     C_GetFunctionList forks once
 * Every function that is there answers CKR_OK; session handles are those in ODD_HANDLES, or 1, 2, 3 and so on. Built with
 * -DODD_UNDEFINED it needs a function that nobody has.
 */
#define _GNU_SOURCE 1
#define CK_DECLARE_FUNCTION(returnType, name) __attribute__((visibility("protected"))) returnType name
#include "pkcs11.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static CK_RV nothing(void) { return CKR_OK; }

#define CK_PKCS11_FUNCTION_INFO(name) .name = (CK_##name)(void (*)(void))nothing,
#define CK_PKCS11_2_0_ONLY 1
static CK_FUNCTION_LIST list_2_40 = {
    .version = { 2, 40 },
#include "pkcs11f.h"
};
#undef CK_PKCS11_2_0_ONLY
/* With room for what 3.3 may have. */
static struct { CK_FUNCTION_LIST_3_2 list; void *more[8]; } list_3_3 = { .list = {
    .version = { 3, 3 },
#include "pkcs11f.h"
} };
#undef CK_PKCS11_FUNCTION_INFO
static CK_FUNCTION_LIST list_2_1;

static int is_odd(const char *how)
{
    const char *const said = getenv("ODD");
    return said != NULL && strcmp(said, how) == 0;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR handle)
{
    static CK_SESSION_HANDLE last;
    static const char *handles;
    char *end = NULL;
    (void)slot, (void)flags, (void)application, (void)notify;
    if (handles == NULL) { handles = getenv("ODD_HANDLES"); }
    *handle = handles == NULL ? ++last : strtoul(handles, &end, 0);
    if (end != NULL) { handles = *end == '\0' ? end : end + 1; }
    return CKR_OK;
}

static atomic_int is_held, is_released;
int odd_is_held(void);
int odd_is_held(void) { return is_held; }
void odd_release(void);
void odd_release(void) { is_released = 1; }

static void take_time(void)
{
    is_held = 1;
    while (!is_released) { usleep(1000); }
    is_held = 0;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
    static CK_FUNCTION_LIST empty = { .version = { 2, 40 } };
    if (is_odd("error")) { return CKR_DEVICE_ERROR; }
    if (is_odd("slow")) { take_time(); }
    if (is_odd("forking")) { fork(); }
    list_2_40.C_OpenSession = list_3_3.list.C_OpenSession = open_session;
    *list = is_odd("null") ? NULL : is_odd("empty") ? &empty : &list_2_40;
    return CKR_OK;
}

static CK_UTF8CHAR standard[] = "PKCS 11";

static CK_ULONG all(CK_INTERFACE interfaces[3])
{
    static CK_ULONG asked;
    list_2_1 = list_2_40;
    list_2_1.version = (CK_VERSION){ 2, 1 };
    interfaces[0] = (CK_INTERFACE){ standard, is_odd("newer") ? (void *)&list_3_3 : (void *)&list_2_40, 0 };
    interfaces[1] = (CK_INTERFACE){ is_odd("nameless") ? NULL : standard, &list_2_1, 0 };
    interfaces[2] = (CK_INTERFACE){ standard, is_odd("nameless") ? NULL : (void *)&list_2_40, 0 };
    return is_odd("many") && asked++ == 0 ? 1 : 3;
}

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR list, CK_ULONG_PTR count)
{
    CK_INTERFACE interfaces[3];
    if (is_odd("failing")) { return CKR_GENERAL_ERROR; }
    const CK_ULONG offered = *count, there = all(interfaces);
    *count = there;
    if (list == NULL) { return CKR_OK; }
    if (offered < there && !is_odd("boasting")) { return CKR_BUFFER_TOO_SMALL; }
    memcpy(list, interfaces, (offered < there ? offered : there) * sizeof *list);
    return CKR_OK;
}

CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR found, CK_FLAGS flags)
{
    static CK_INTERFACE interfaces[3];
    (void)name, (void)version, (void)flags;
    all(interfaces);
    *found = is_odd("nameless") ? &interfaces[1] : &interfaces[0];
    return is_odd("failing") ? CKR_GENERAL_ERROR : CKR_OK;
}

/* The guard that loads this is in the middle of it. */
__attribute__((constructor)) static void call_the_guard(void)
{
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *list = NULL;
    if (!is_odd("calling")) { return; }
    void *const found = dlsym(dlopen(getenv("ODD_GUARD"), RTLD_NOW), "C_GetFunctionList");
    memcpy(&get, &found, sizeof found);
    if (get(&list) != CKR_GENERAL_ERROR) { abort(); }
}

#ifdef ODD_UNDEFINED
int nobody_has_this(void);
int needs_it(void);
int needs_it(void) { return nobody_has_this(); }
#endif
