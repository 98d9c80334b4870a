/* SPDX-License-Identifier: MIT */
/* Loads the guard and the module behind it, and opens sessions. */
#include "check_guard.h"

const char *guard_path, *module_path;
void *guard, *module;
CK_FUNCTION_LIST_3_2 *f;
CK_ULONG (*permissive_calls)(const char *name);
void (*hold)(CK_ULONG count);
CK_ULONG (*held)(void);
void (*release)(void);
CK_C_GetFunctionList get_list;
CK_C_GetInterface get_interface;
CK_C_GetInterfaceList get_interfaces;
CK_UTF8CHAR standard_name[] = "PKCS 11";

const char *const all_names[] = {
#define CK_PKCS11_FUNCTION_INFO(name) #name,
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
};

const size_t name_count = sizeof all_names / sizeof *all_names;

/* ---- Loading ---- */

CK_ULONG calls(const char *name) { return permissive_calls == NULL ? 0 : permissive_calls(name); }

void entrances(void *library)
{
    SYMBOL(get_list, library, "C_GetFunctionList");
    SYMBOL(get_interface, library, "C_GetInterface");
    SYMBOL(get_interfaces, library, "C_GetInterfaceList");
}

/* Which library a function is of. */
int is_in(const char *path, void *function)
{
    Dl_info place;
    return dladdr(function, &place) != 0 && strcmp(place.dli_fname, path) == 0;
}

CK_FUNCTION_LIST_3_2 *functions_of(void *library)
{
    CK_VERSION version = { 3, 2 };
    CK_INTERFACE *found = NULL;
    CK_C_GetInterface get = NULL;
    SYMBOL(get, library, "C_GetInterface");
    OK(get(standard_name, &version, &found, 0));
    return found == NULL ? NULL : found->pFunctionList;
}

/* The guard's functions, and a way to ask the module how often it was called. */
void take_functions(void)
{
    guard = load(guard_path);
    f = functions_of(guard);
    if (f == NULL) { exit(2); }
    module = load(module_path);
    SYMBOL(permissive_calls, module, "permissive_calls");
    SYMBOL(hold, module, "permissive_hold");
    SYMBOL(held, module, "permissive_held");
    SYMBOL(release, module, "permissive_release");
}

/* The guard's functions as its list of 2.40 has them. */
void take_list(void)
{
    CK_FUNCTION_LIST *list = NULL;
    static CK_FUNCTION_LIST_3_2 copy;
    guard = load(guard_path);
    entrances(guard);
    OK(get_list(&list));
    memcpy(&copy, list, sizeof *list);
    f = &copy;
}

/* ---- Starting and ending ---- */

void begin(void)
{
    take_functions();
    OK(f->C_Initialize(NULL));
}

void finish(void) { OK(f->C_Finalize(NULL)); }

CK_SESSION_HANDLE open_in(CK_SLOT_ID slot)
{
    CK_SESSION_HANDLE h = CK_INVALID_HANDLE;
    OK(f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &h));
    return h;
}

CK_SESSION_HANDLE open_one(void) { return open_in(0); }
