/* SPDX-License-Identifier: MIT */
/*
 * leave_search_open MODULE: an application with a fault. It starts a search in one of its two sessions, forgets to end it,
 * digests in that session, and closes both. Ends with 0 if the module could be used at all.
 */
#include "pkcs11.h"

#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    CK_C_GetFunctionList getFunctionList = NULL;
    CK_FUNCTION_LIST_PTR p11 = NULL;
    CK_SLOT_ID slots[8];
    CK_ULONG slotCount = 8, found = 0, length = 32;
    CK_OBJECT_HANDLE object;
    CK_SESSION_HANDLE first, second;
    CK_MECHANISM sha256 = { CKM_SHA256, NULL_PTR, 0 };
    CK_BYTE abc[] = "abc", digest[32];
    void *module = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (module == NULL) {
        printf("cannot load: %s\n", argc == 2 ? dlerror() : "no module given");
        return 1;
    }
    *(void **)&getFunctionList = dlsym(module, "C_GetFunctionList");
    if (getFunctionList(&p11) != CKR_OK || p11->C_Initialize(NULL_PTR) != CKR_OK) { return 2; }
    if (p11->C_GetSlotList(CK_TRUE, slots, &slotCount) != CKR_OK || slotCount == 0) { return 3; }
    if (p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &first) != CKR_OK) { return 4; }
    if (p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &second) != CKR_OK) { return 5; }
    if (p11->C_DigestInit(second, &sha256) != CKR_OK) { return 6; }
    if (p11->C_FindObjectsInit(first, NULL_PTR, 0) != CKR_OK) { return 7; }
    if (p11->C_FindObjects(first, &object, 1, &found) != CKR_OK) { return 8; }
    if (p11->C_Digest(second, abc, 3, digest, &length) != CKR_OK) { return 9; }
    p11->C_DigestInit(first, &sha256); /* the search is still active */
    p11->C_CloseSession(second);
    p11->C_CloseSession(first);
    p11->C_Finalize(NULL_PTR);
    return 0;
}
