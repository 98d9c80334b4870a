/* SPDX-License-Identifier: MIT */
/*
 * list_mechanisms MODULE: what an application does first with a module, with our headers only. Prints the names of the
 * first token's mechanisms, a line each, and the SHA-256 digest of "abc". Ends with 0 if every call did what it should.
 */
#include "p11_names.h"
#include "pkcs11.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(CK_RV rv, const char *call)
{
    if (rv == CKR_OK) { return; }
    printf("%s: %s (0x%lx)\n", call, p11_return_value_name(rv), rv);
    exit(1);
}

int main(int argc, char **argv)
{
    CK_C_GetFunctionList getFunctionList = NULL;
    CK_FUNCTION_LIST_PTR p11 = NULL;
    CK_SLOT_ID slots[8], slot;
    CK_ULONG slotCount = 8, count = 0, i, digestLength = 32;
    CK_MECHANISM_TYPE mechanisms[256];
    CK_MECHANISM sha256 = { CKM_SHA256, NULL_PTR, 0 };
    CK_SESSION_HANDLE session;
    CK_BYTE abc[] = "abc", digest[32];
    CK_UTF8CHAR pin[] = "1234", label[32];
    CK_TOKEN_INFO info;
    void *module = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (module == NULL) {
        printf("cannot load: %s\n", argc == 2 ? dlerror() : "no module given");
        return 1;
    }
    /* ISO C knows no way from an object's pointer to a function's; POSIX promises that this is one. */
    *(void **)&getFunctionList = dlsym(module, "C_GetFunctionList");
    check(getFunctionList(&p11), "C_GetFunctionList");
    check(p11->C_Initialize(NULL_PTR), "C_Initialize");
    check(p11->C_GetSlotList(CK_TRUE, slots, &slotCount), "C_GetSlotList");
    slot = slots[0];
    memset(label, ' ', sizeof label);
    memcpy(label, "p11gen", 6);
    check(p11->C_InitToken(slot, pin, 4, label), "C_InitToken");
    slotCount = 8;
    check(p11->C_GetSlotList(CK_TRUE, slots, &slotCount), "C_GetSlotList");
    for (i = 0; i < slotCount; ++i) {
        check(p11->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
        if (memcmp(info.label, label, sizeof label) == 0) { slot = slots[i]; }
    }
    check(p11->C_GetMechanismList(slot, NULL_PTR, &count), "C_GetMechanismList");
    if (count > 256) { count = 256; }
    check(p11->C_GetMechanismList(slot, mechanisms, &count), "C_GetMechanismList");
    for (i = 0; i < count; ++i) {
        const char *name = p11_mechanism_name(mechanisms[i]);
        printf("mechanism %s\n", name[0] != '\0' ? name : "without a name");
    }
    check(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &session), "C_OpenSession");
    check(p11->C_DigestInit(session, &sha256), "C_DigestInit");
    check(p11->C_Digest(session, abc, 3, digest, &digestLength), "C_Digest");
    printf("digest ");
    for (i = 0; i < digestLength; ++i) { printf("%02x", digest[i]); }
    printf("\n");
    check(p11->C_CloseSession(session), "C_CloseSession");
    check(p11->C_Finalize(NULL_PTR), "C_Finalize");
    return 0;
}
