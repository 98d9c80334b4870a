/* SPDX-License-Identifier: MIT */
/* Checks of NULL pointers as arguments. */
#include "check_permissive.h"

#include <stddef.h>

#define CK_PKCS11_FUNCTION_INFO(name) #name,
static const char *const names[] = {
#include "pkcs11f.h"
};
#undef CK_PKCS11_FUNCTION_INFO

const unsigned function_count = sizeof names / sizeof *names;

/* No function has more parameters than these ten; one that has fewer does not look at the rest. */
typedef CK_RV (*any)(CK_ULONG, void *, void *, void *, void *, void *, void *, void *, void *, void *);

CK_RV call_with_nothing(unsigned function, CK_ULONG first)
{
    any call;
    memcpy(&call, (const char *)f + offsetof(CK_FUNCTION_LIST_3_2, C_Initialize) + function * sizeof call, sizeof call);
    return call(first, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
}

static void start_all_with_messages(CK_SESSION_HANDLE h)
{
    start_all(h);
    OK(f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    OK(f->C_DecryptMessageBegin(h, NULL, 0, NULL, 0));
    OK(f->C_SignMessageBegin(h, NULL, 0));
    OK(f->C_VerifyMessageBegin(h, NULL, 0));
}

void check_arguments(void)
{
    const char *const without_number[] = { "C_Initialize", "C_Finalize", "C_GetInfo", "C_GetFunctionList",
                                           "C_GetInterfaceList", "C_GetInterface" };
    CK_BYTE out[64];
    CK_ULONG n = sizeof out;
    CK_ATTRIBUTE hollow = { CKA_VALUE, NULL, 5 };
    CK_OBJECT_HANDLE made;
    begin(NULL, NULL);
    for (unsigned i = 0; i < function_count; ++i) {
        int by_number = 1;
        for (unsigned k = 0; k < 6; ++k) { by_number &= strcmp(names[i], without_number[k]) != 0; }
        for (CK_ULONG first = 0; first < 2; ++first) {
            f->C_Finalize(NULL);
            f->C_Initialize(NULL);
            start_all(open_one());
            const CK_ULONG before = calls(names[i]);
            if (by_number || first == 0) { CHECK(call_with_nothing(i, first) != CKR_GENERAL_ERROR); }
            CHECK(calls(names[i]) == before + (by_number || first == 0));
        }
    }
    f->C_Finalize(NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
#define BAD(call) (start_all_with_messages(h), check(f->call == CKR_ARGUMENTS_BAD, #call, __FILE__, __LINE__))
    BAD(C_Encrypt(h, NULL, 5, out, &n));
    BAD(C_Encrypt(h, text, 5, out, NULL));
    BAD(C_Decrypt(h, NULL, 5, out, &n));
    BAD(C_Digest(h, NULL, 5, out, &n));
    BAD(C_Digest(h, text, 5, out, NULL));
    BAD(C_DigestUpdate(h, NULL, 5));
    BAD(C_SignUpdate(h, NULL, 5));
    BAD(C_SignRecover(h, NULL, 5, out, &n));
    BAD(C_Verify(h, NULL, 5, out, 32));
    BAD(C_Verify(h, text, 5, NULL, 32));
    BAD(C_VerifyFinal(h, NULL, 32));
    BAD(C_VerifyRecover(h, NULL, 5, out, &n));
    BAD(C_DecryptVerifyUpdate(h, NULL, 5, out, &n));
    BAD(C_VerifySignatureInit(h, &mechanism, KEY, NULL, 32));
    BAD(C_VerifySignature(h, NULL, 5));
    BAD(C_EncryptMessageBegin(h, NULL, 0, NULL, 5));
    BAD(C_EncryptMessageNext(h, NULL, 7, text, 5, out, &n, 0));
    BAD(C_EncryptMessageNext(h, NULL, 0, text, 5, out, NULL, 0));
    BAD(C_DecryptMessageNext(h, NULL, 0, NULL, 25, out, &n, CKF_END_OF_MESSAGE));
    BAD(C_SignMessageNext(h, NULL, 0, NULL, 5, out, &n));
    BAD(C_VerifyMessageNext(h, NULL, 0, NULL, 5, NULL, 0));
    BAD(C_CreateObject(h, NULL, 5, &made));
    BAD(C_FindObjectsInit(h, NULL, 5));
    BAD(C_FindObjects(h, NULL, 5, &n));
    BAD(C_GetAttributeValue(h, KEY, NULL, 5));
    BAD(C_Login(h, CKU_USER, NULL, 5));
    BAD(C_SetOperationState(h, NULL, 5, 0, 0));
    BAD(C_GenerateRandom(h, NULL, 5));
    BAD(C_UnwrapKey(h, &mechanism, KEY, NULL, 64, NULL, 0, &made));
#undef BAD
    ANSWERS(CKR_ATTRIBUTE_VALUE_INVALID, f->C_CreateObject(h, &hollow, 1, &made));
    OK(f->C_Digest(h, NULL, 0, NULL, &n));
    finish(NULL);
}
