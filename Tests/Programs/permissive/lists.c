/* SPDX-License-Identifier: MIT */
/* The function lists and interfaces of the module. */
#include "permissive.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static CK_FUNCTION_LIST list_2_40 = { .version = { 2, 40 } }, *lying_list;

#ifndef PERMISSIVE_240

static CK_FUNCTION_LIST_3_0 list_3_0 = { .version = { 3, 0 } };
static CK_FUNCTION_LIST_3_2 list_3_2 = { .version = { 3, 2 } };

static struct {
    CK_VERSION version;
    CK_RV (*hello)(CK_ULONG *answer);
} list_vendor = { { 1, 0 }, permissive_hello };

static CK_UTF8CHAR name_pkcs11[] = "PKCS 11", name_vendor[] = "Vendor Permissive";

/* The first is the one that an application gets which does not say what it wants. */
#define INTERFACES 4
static CK_INTERFACE interfaces[INTERFACES] = {
    { name_pkcs11, &list_3_2, 0 }, { name_pkcs11, &list_3_0, 0 }, { name_pkcs11, &list_2_40, 0 },
    { name_vendor, &list_vendor, 0 },
};

#endif

void fill_lists(const unsigned char *is_null)
{
#define CK_PKCS11_2_0_ONLY 1
#define CK_PKCS11_FUNCTION_INFO(name) list_2_40.name = is_null[F_##name] ? NULL : name;
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_2_0_ONLY
#ifndef PERMISSIVE_240
#define CK_PKCS11_3_0_ONLY 1
#define CK_PKCS11_FUNCTION_INFO(name) list_3_0.name = is_null[F_##name] ? NULL : name;
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_3_0_ONLY
#define CK_PKCS11_FUNCTION_INFO(name) list_3_2.name = is_null[F_##name] ? NULL : name;
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
    for (unsigned i = 0; i < 2; ++i) { interfaces[i].flags = options.fork_safe ? CKF_INTERFACE_FORK_SAFE : 0; }
#endif
    if (options.lies && lying_list == NULL) {
        const size_t page = (size_t)sysconf(_SC_PAGESIZE);
        char *const pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0) { abort(); }
        lying_list = (CK_FUNCTION_LIST *)(void *)(pages + page - sizeof *lying_list);
    }
    if (lying_list != NULL) {
        *lying_list = list_2_40;
        lying_list->version = (CK_VERSION){ 3, 0 };
    }
}

static CK_RV function_list(CK_FUNCTION_LIST **list)
{
    if (list == NULL) { return CKR_ARGUMENTS_BAD; }
    *list = options.lies ? lying_list : &list_2_40;
    return CKR_OK;
}

CALL(C_GetFunctionList, (CK_FUNCTION_LIST_PTR_PTR ppFunctionList), function_list(ppFunctionList))

#ifndef PERMISSIVE_240

CK_RV permissive_hello(CK_ULONG *answer)
{
    if (answer == NULL) { return CKR_ARGUMENTS_BAD; }
    *answer = 42;
    return CKR_OK;
}

static CK_RV interface_list(CK_INTERFACE *out, CK_ULONG *count)
{
    const CK_RV rv = room((CK_BYTE *)out, count, INTERFACES);
    if (rv == CKR_OK) { memcpy(out, interfaces, sizeof interfaces); }
    return rv == ASKED ? CKR_OK : rv;
}

/* Of several that fit the first, which is the newest. */
static CK_RV interface(const CK_UTF8CHAR *name, const CK_VERSION *version, CK_INTERFACE **found, CK_FLAGS flags)
{
    if (found == NULL) { return CKR_ARGUMENTS_BAD; }
    for (unsigned i = 0; i < INTERFACES; ++i) {
        CK_INTERFACE *const one = &interfaces[i];
        const CK_VERSION *const its = one->pFunctionList; /* every list begins with its version */
        if (name != NULL && strcmp((const char *)name, (const char *)one->pInterfaceName) != 0) { continue; }
        if (version != NULL && (version->major != its->major || version->minor != its->minor)) { continue; }
        if ((one->flags & flags) != flags) { continue; }
        *found = one;
        return CKR_OK;
    }
    return CKR_FUNCTION_FAILED;
}

CALL(C_GetInterfaceList, (CK_INTERFACE_PTR pInterfacesList, CK_ULONG_PTR pulCount),
     interface_list(pInterfacesList, pulCount))
CALL(C_GetInterface, (CK_UTF8CHAR_PTR pInterfaceName, CK_VERSION_PTR pVersion, CK_INTERFACE_PTR_PTR ppInterface,
                      CK_FLAGS flags),
     interface(pInterfaceName, pVersion, ppInterface, flags))

#endif
