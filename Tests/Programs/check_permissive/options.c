/* SPDX-License-Identifier: MIT */
/* Checks of interfaces and of most options. */
#include "check_permissive.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    CK_VERSION version;
    CK_RV (*hello)(CK_ULONG *answer);
} vendor_list;

void check_interfaces(void)
{
    CK_INTERFACE list[8], *found = NULL;
    CK_FUNCTION_LIST *old = NULL;
    CK_VERSION version = { 3, 0 }, unknown = { 9, 9 };
    CK_UTF8CHAR vendor[] = "Vendor Permissive";
    CK_ULONG n = 0, answer = 0;
    CK_SLOT_ID slots[4];
    CK_MECHANISM_INFO info;
    begin("PERMISSIVE_FORK_SAFE", "1");
    CHECK(f->C_GetInterfaceList(NULL, &n) == CKR_OK && n == 4);
    n = 3;
    CHECK(f->C_GetInterfaceList(list, &n) == CKR_BUFFER_TOO_SMALL && n == 4);
    OK(f->C_GetInterfaceList(list, &n));
    CHECK(list[0].flags == CKF_INTERFACE_FORK_SAFE && list[1].flags == CKF_INTERFACE_FORK_SAFE && list[2].flags == 0);
    CHECK(f->C_GetInterface(NULL, NULL, &found, 0) == CKR_OK && found->pFunctionList == f);
    CHECK(f->C_GetInterface(NULL, &version, &found, 0) == CKR_OK && found->pFunctionList == list[1].pFunctionList);
    CHECK(((CK_FUNCTION_LIST_3_0 *)found->pFunctionList)->C_MessageVerifyFinal == f->C_MessageVerifyFinal);
    ANSWERS(CKR_FUNCTION_FAILED, f->C_GetInterface(NULL, &unknown, &found, 0));
    OK(f->C_GetInterface(vendor, NULL, &found, 0));
    CHECK(((vendor_list *)found->pFunctionList)->hello(&answer) == CKR_OK && answer == 42);
    CHECK(f->C_GetFunctionList(&old) == CKR_OK && old->version.major == 2 && old->version.minor == 40);
    CHECK(old->C_WaitForSlotEvent == f->C_WaitForSlotEvent);
    OK(f->C_Initialize(NULL));
    n = 4;
    CHECK(f->C_GetSlotList(CK_TRUE, slots, &n) == CKR_OK && n == 2 && slots[0] == 0 && slots[1] == 7);
    CHECK(f->C_GetMechanismInfo(0, CKM_SHA256, &info) == CKR_OK && info.flags == CKF_DIGEST);
    CHECK(f->C_GetMechanismInfo(7, CKM_AES_GCM, &info) == CKR_OK && (info.flags & CKF_MESSAGE_ENCRYPT) != 0);
    finish("PERMISSIVE_FORK_SAFE");
}

/* Of the memory at an address, by what the system says of it. */
static int is_out_of_bounds(const void *address)
{
    unsigned long from, to, at = (unsigned long)(uintptr_t)address;
    char line[512], rights[8];
    int found = 0;
    FILE *const maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || at < from || at >= to) { continue; }
        found = strncmp(rights, "---", 3) == 0;
    }
    if (maps != NULL) { fclose(maps); }
    return found;
}

void check_options(void)
{
    struct { CK_C_INITIALIZE_ARGS args; void *extra; } given = { { 0 }, NULL };
    void (*told)(void **, void **, void **) = NULL;
    void *structure = NULL, *reserved = NULL, *extra = NULL;
    CK_FUNCTION_LIST *old = NULL;
    CK_TOKEN_INFO token;
    CK_OBJECT_HANDLE found;
    CK_ULONG n = 0;

    begin("PERMISSIVE_NULL", "C_Digest,C_EncryptUpdate,C_SessionCancel");
    CHECK(f->C_GetFunctionList(&old) == CKR_OK && old->C_Digest == NULL && old->C_EncryptUpdate == NULL);
    CHECK(f->C_Digest == NULL && f->C_SessionCancel == NULL && f->C_Encrypt != NULL);
    CHECK(dlsym(module, "C_Digest") != NULL);
    finish("PERMISSIVE_NULL");

    begin("PERMISSIVE_ANSWER", "C_FindObjects=0x30:2,C_Encrypt=0x204:1-3,C_SignInit=0,C_Encrypt=7:4");
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    OK(f->C_FindObjectsInit(h, NULL, 0));
    OK(f->C_FindObjects(h, &found, 1, &n));
    ANSWERS(CKR_DEVICE_ERROR, f->C_FindObjects(h, &found, 1, &n));
    ANSWERS(CKR_DEVICE_ERROR, f->C_FindObjects(99, &found, 1, &n));
    OK(f->C_EncryptInit(h, &mechanism, KEY));
    for (int i = 0; i < 3; ++i) { ANSWERS(CKR_PENDING, f->C_Encrypt(h, text, LENGTH, NULL, &n)); }
    ANSWERS(CKR_ARGUMENTS_BAD, f->C_Encrypt(h, text, LENGTH, NULL, &n));
    OK(f->C_SignInit(h, &mechanism, KEY));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_SignUpdate(h, text, 1));
    CHECK(calls("C_FindObjects") == 3 && calls("C_Encrypt") == 4 && calls("C_SignInit") == 1);
    setenv("PERMISSIVE_ANSWER", "C_FindObjects=0xB3:2-2", 1);
    OK(f->C_Finalize(NULL));
    OK(f->C_Initialize(NULL));
    ANSWERS(CKR_SESSION_HANDLE_INVALID, f->C_FindObjects(h, &found, 1, &n));
    CHECK(open_one() == h);
    ANSWERS(CKR_SESSION_HANDLE_INVALID, f->C_FindObjects(h, &found, 1, &n));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_FindObjects(h, &found, 1, &n));
    finish("PERMISSIVE_ANSWER");

    begin("PERMISSIVE_SINGLE", "7");
    OK(f->C_Initialize(NULL));
    CHECK(f->C_GetTokenInfo(0, &token) == CKR_OK && (token.flags & CKF_DUAL_CRYPTO_OPERATIONS) != 0);
    CHECK(f->C_GetTokenInfo(7, &token) == CKR_OK && (token.flags & CKF_DUAL_CRYPTO_OPERATIONS) == 0);
    finish("PERMISSIVE_SINGLE");

    begin("PERMISSIVE_LIES_VERSION", "1");
    CHECK(f->C_GetFunctionList(&old) == CKR_OK && old->version.major == 3 && old->version.minor == 0);
    CHECK(old->C_WaitForSlotEvent == f->C_WaitForSlotEvent);
    CHECK(!is_out_of_bounds((const char *)(old + 1) - 1) && is_out_of_bounds(old + 1));
    finish("PERMISSIVE_LIES_VERSION");

    begin("PERMISSIVE_RESERVED", "1");
    given.args.pReserved = &token;
    given.extra = &n;
    OK(f->C_Initialize(&given));
    SYMBOL(told, module, "permissive_initialize_args");
    told(&structure, &reserved, &extra);
    CHECK(structure == &given && reserved == &token && extra == &n);
    finish("PERMISSIVE_RESERVED");
}
