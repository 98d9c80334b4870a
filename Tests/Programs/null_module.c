/* SPDX-License-Identifier: MIT */
/*
 * The smallest PKCS #11 module, for measuring what stands in front of one: every function of 2.40, 3.0 and 3.2 answers
 * CKR_OK at once. There is one slot, 0, with a token whose flags are zero; session handles are 1, 2, 3 and so on. Only
 * C_GetFunctionList, C_GetInterfaceList and C_GetInterface are exported.
 *
 *     cc -std=c11 -shared -fPIC -I Sources/Generated/c/include Tests/Programs/null_module.c -o null_module.so
 */

/* Protected: this file's own, even if the process has others of the same names. */
#define CK_DECLARE_FUNCTION(returnType, name) __attribute__((visibility("protected"))) returnType name
#include "pkcs11.h"

#include <stdatomic.h>
#include <string.h>

/*
 * One function stands for those of every type. The language does not promise that this works; where a caller passes
 * arguments in registers or takes them from the stack again itself, as on every system with a dlopen, it does.
 */
static CK_RV nothing(void) { return CKR_OK; }

#define CK_PKCS11_FUNCTION_INFO(name) .name = (CK_##name)(void (*)(void))nothing,
#define CK_PKCS11_2_0_ONLY 1
static CK_FUNCTION_LIST list_2_40 = {
    .version = { 2, 40 },
#include "pkcs11f.h"
};
#undef CK_PKCS11_2_0_ONLY
#define CK_PKCS11_3_0_ONLY 1
static CK_FUNCTION_LIST_3_0 list_3_0 = {
    .version = { 3, 0 },
#include "pkcs11f.h"
};
#undef CK_PKCS11_3_0_ONLY
static CK_FUNCTION_LIST_3_2 list_3_2 = {
    .version = { 3, 2 },
#include "pkcs11f.h"
};
#undef CK_PKCS11_FUNCTION_INFO

static CK_UTF8CHAR name[] = "PKCS 11";
static CK_INTERFACE interfaces[3] = { { name, &list_3_2, 0 }, { name, &list_3_0, 0 }, { name, &list_2_40, 0 } };

/* ---- The functions whose output a caller cannot do without ---- */

static CK_RV get_info(CK_INFO_PTR info)
{
    if (info == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    memset(info, 0, sizeof *info);
    info->cryptokiVersion = list_3_2.version;
    return CKR_OK;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count)
{
    (void)present;
    if (count == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    if (slots != NULL_PTR && *count < 1) { return CKR_BUFFER_TOO_SMALL; }
    if (slots != NULL_PTR) { slots[0] = 0; }
    *count = 1;
    return CKR_OK;
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
    (void)slot;
    if (info == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    memset(info, 0, sizeof *info);
    info->flags = CKF_TOKEN_PRESENT;
    return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
    (void)slot;
    if (info == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    memset(info, 0, sizeof *info);
    return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR session)
{
    static atomic_ulong last;
    (void)slot, (void)flags, (void)application, (void)notify;
    if (session == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    *session = atomic_fetch_add(&last, 1) + 1;
    return CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
    if (list == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    *list = &list_2_40;
    return CKR_OK;
}

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR list, CK_ULONG_PTR count)
{
    if (count == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    const CK_ULONG offered = *count;
    *count = 3;
    if (list == NULL_PTR) { return CKR_OK; }
    if (offered < 3) { return CKR_BUFFER_TOO_SMALL; }
    memcpy(list, interfaces, sizeof interfaces);
    return CKR_OK;
}

CK_RV C_GetInterface(CK_UTF8CHAR_PTR wanted, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR found, CK_FLAGS flags)
{
    if (found == NULL_PTR) { return CKR_ARGUMENTS_BAD; }
    if (flags != 0 || (wanted != NULL_PTR && strcmp((char *)wanted, (char *)name) != 0)) { return CKR_FUNCTION_FAILED; }
    for (unsigned i = 0; i < 3; ++i) {
        const CK_VERSION *const its = interfaces[i].pFunctionList;
        if (version != NULL_PTR && (version->major != its->major || version->minor != its->minor)) { continue; }
        *found = &interfaces[i];
        return CKR_OK;
    }
    return CKR_FUNCTION_FAILED;
}

/* Before anybody can ask for a list. */
#define FILL(list)                                                                                                     \
    (list.C_GetInfo = get_info, list.C_GetFunctionList = C_GetFunctionList, list.C_GetSlotList = get_slot_list,        \
     list.C_GetSlotInfo = get_slot_info, list.C_GetTokenInfo = get_token_info, list.C_OpenSession = open_session)
#define FILL_LATER(list) (list.C_GetInterfaceList = C_GetInterfaceList, list.C_GetInterface = C_GetInterface)

__attribute__((constructor)) static void fill(void)
{
    FILL(list_2_40);
    FILL(list_3_0);
    FILL(list_3_2);
    FILL_LATER(list_3_0);
    FILL_LATER(list_3_2);
}
