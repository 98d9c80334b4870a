/* SPDX-License-Identifier: MIT */
/* Checks of the module of 2.40, and of the one that does nothing. */
#include "check_permissive.h"

#include <dlfcn.h>

void check_240(const char *path)
{
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *list = NULL;
    CK_INFO info;
    CK_ULONG n = 64;
    CK_SESSION_HANDLE h = 0;
    CK_BYTE out[64];
    module = load(path);
    CHECK(dlsym(module, "C_GetInterfaceList") == NULL && dlsym(module, "C_GetInterface") == NULL);
    CHECK(dlsym(module, "C_SessionCancel") == NULL && dlsym(module, "C_Digest") != NULL);
    SYMBOL(get, module, "C_GetFunctionList");
    CHECK(get(&list) == CKR_OK && list->version.major == 2 && list->version.minor == 40);
    OK(list->C_Initialize(NULL));
    CHECK(list->C_GetInfo(&info) == CKR_OK && info.cryptokiVersion.major == 2);
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    CHECK(list->C_Digest(h, text, LENGTH, out, &n) == CKR_OK && memcmp(out, digest, 32) == 0);
    OK(list->C_Finalize(NULL));
    CHECK(dlclose(module) == 0);
}

void check_null_module(const char *path)
{
    CK_C_GetInterface get = NULL;
    CK_C_GetFunctionList get_old = NULL;
    CK_INTERFACE *found = NULL;
    CK_FUNCTION_LIST *old = NULL;
    CK_VERSION version = { 3, 0 };
    CK_TOKEN_INFO token;
    CK_SLOT_ID slot = 9;
    CK_ULONG n = 1;
    int good = 0;
    module = load(path);
    SYMBOL(get, module, "C_GetInterface");
    SYMBOL(get_old, module, "C_GetFunctionList");
    CHECK(get_old(&old) == CKR_OK && old->version.major == 2 && old->version.minor == 40);
    CHECK(get(NULL, &version, &found, 0) == CKR_OK && ((CK_VERSION *)found->pFunctionList)->minor == 0);
    OK(get(NULL, NULL, &found, 0));
    f = found->pFunctionList;
    CHECK(f->version.major == 3 && f->version.minor == 2);
    CHECK(open_one() == 1 && open_one() == 2 && open_one() == 3);
    CHECK(f->C_GetTokenInfo(0, &token) == CKR_OK && token.flags == 0);
    CHECK(f->C_GetSlotList(CK_TRUE, &slot, &n) == CKR_OK && n == 1 && slot == 0);
    for (unsigned i = 0; i < function_count; ++i) {
        const CK_RV rv = call_with_nothing(i, 0);
        good += rv == CKR_OK || rv == CKR_ARGUMENTS_BAD;
    }
    CHECK((unsigned)good == function_count);
    CHECK(f->C_EncryptUpdate(1, text, 1, NULL, NULL) == CKR_OK && f->C_VerifySignatureFinal(77) == CKR_OK);
    CHECK(dlclose(module) == 0);
}
