/* SPDX-License-Identifier: MIT */
/* Checks of the kinds of operation: all at once, started again, in one part, and two in a call. */
#include "check_permissive.h"

void start_all(CK_SESSION_HANDLE h)
{
    OK(f->C_FindObjectsInit(h, NULL, 0));
    OK(f->C_EncryptInit(h, &mechanism, KEY));
    OK(f->C_DecryptInit(h, &mechanism, KEY));
    OK(f->C_DigestInit(h, &mechanism));
    OK(f->C_SignInit(h, &mechanism, KEY));
    OK(f->C_SignRecoverInit(h, &mechanism, KEY));
    OK(f->C_VerifyInit(h, &mechanism, KEY));
    OK(f->C_VerifyRecoverInit(h, &mechanism, KEY));
    OK(f->C_VerifySignatureInit(h, &mechanism, KEY, mac, 32));
    OK(f->C_MessageEncryptInit(h, &mechanism, KEY));
    OK(f->C_MessageDecryptInit(h, &mechanism, KEY));
    OK(f->C_MessageSignInit(h, &mechanism, KEY));
    OK(f->C_MessageVerifyInit(h, &mechanism, KEY));
}

/* How many of the thirteen are active. Ends them all. Queries and empty ends are what tells it without doing work. */
int end_all(CK_SESSION_HANDLE h)
{
    CK_ULONG n = 0;
    CK_BYTE out[64];
#define IS(call) ((call) != CKR_OPERATION_NOT_INITIALIZED)
    int count = IS(f->C_FindObjectsFinal(h)) + IS(f->C_SignRecover(h, text, 1, NULL, &n))
                + IS(f->C_VerifyRecover(h, text, 1, NULL, &n)) + IS(f->C_VerifyFinal(h, mac, 32))
                + IS(f->C_VerifySignatureFinal(h)) + IS(f->C_MessageEncryptFinal(h)) + IS(f->C_MessageDecryptFinal(h))
                + IS(f->C_MessageSignFinal(h)) + IS(f->C_MessageVerifyFinal(h));
    f->C_SignRecoverInit(h, NULL, 0);
    f->C_VerifyRecoverInit(h, NULL, 0);
    n = sizeof out;
    count += IS(f->C_EncryptFinal(h, out, &n));
    n = sizeof out;
    count += IS(f->C_DecryptFinal(h, out, &n));
    n = sizeof out;
    count += IS(f->C_DigestFinal(h, out, &n));
    n = sizeof out;
    return count + IS(f->C_SignFinal(h, out, &n));
#undef IS
}

void check_all_at_once(void)
{
    CK_BYTE out[64], tag[32];
    CK_ULONG n = 0, length;
    CK_OBJECT_HANDLE found[4];
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    CHECK(h == 1);
    CHECK(end_all(h) == 0);
    start_all(h);
    CHECK(end_all(h) == 13);
    CHECK(end_all(h) == 0);

    /* All at once, a part of each in turn, then the rest. */
    start_all(h);
    length = sizeof out;
    CHECK(f->C_EncryptUpdate(h, text, 5, out, &length) == CKR_OK && length == 5 && memcmp(out, xored, 5) == 0);
    length = sizeof out;
    CHECK(f->C_DecryptUpdate(h, xored, 5, out, &length) == CKR_OK && length == 5 && memcmp(out, text, 5) == 0);
    OK(f->C_DigestUpdate(h, text, 5));
    OK(f->C_SignUpdate(h, text, 5));
    OK(f->C_VerifyUpdate(h, text, 5));
    OK(f->C_VerifySignatureUpdate(h, text, 5));
    OK(f->C_EncryptMessageBegin(h, NULL, 0, text, 3));
    OK(f->C_SignMessageBegin(h, NULL, 0));
    OK(f->C_VerifyMessageBegin(h, NULL, 0));
    length = sizeof out;
    CHECK(f->C_SignRecover(h, text, LENGTH, out, &length) == CKR_OK && is_xored(out, text, LENGTH));
    length = sizeof out;
    CHECK(f->C_VerifyRecover(h, xored, LENGTH, out, &length) == CKR_OK && memcmp(out, text, LENGTH) == 0);
    OK(f->C_DigestUpdate(h, text + 5, LENGTH - 5));
    OK(f->C_SignUpdate(h, text + 5, LENGTH - 5));
    OK(f->C_VerifyUpdate(h, text + 5, LENGTH - 5));
    OK(f->C_VerifySignatureUpdate(h, text + 5, LENGTH - 5));
    length = sizeof out;
    CHECK(f->C_DigestFinal(h, out, &length) == CKR_OK && length == 32 && memcmp(out, digest, 32) == 0);
    length = sizeof out;
    CHECK(f->C_SignFinal(h, out, &length) == CKR_OK && length == 32 && memcmp(out, mac, 32) == 0);
    OK(f->C_VerifyFinal(h, mac, 32));
    OK(f->C_VerifySignatureFinal(h));
    length = sizeof out;
    OK(f->C_SignMessageNext(h, NULL, 0, text, 7, NULL, NULL));
    CHECK(f->C_SignMessageNext(h, NULL, 0, text + 7, LENGTH - 7, tag, &length) == CKR_OK && length == 8);
    CHECK(memcmp(tag, mac, 8) == 0);
    OK(f->C_VerifyMessageNext(h, NULL, 0, text, 9, NULL, 0));
    OK(f->C_VerifyMessageNext(h, NULL, 0, text + 9, LENGTH - 9, tag, 8));
    CHECK(f->C_FindObjects(h, found, 4, &n) == CKR_OK && n == 1 && found[0] == KEY);
    CHECK(f->C_FindObjects(h, found, 4, &n) == CKR_OK && n == 0);
    CHECK(end_all(h) == 7); /* find, encrypt, decrypt and the messages' four */
    finish(NULL);
}

void check_restart(void)
{
    CK_BYTE out[64];
    CK_ULONG length = sizeof out;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    OK(f->C_DigestInit(h, &mechanism));
    OK(f->C_DigestUpdate(h, (CK_BYTE *)"lost", 4));
    OK(f->C_DigestInit(h, &mechanism));
    CHECK(f->C_Digest(h, text, LENGTH, out, &length) == CKR_OK && memcmp(out, digest, 32) == 0);
    /* An Init that fails leaves what was active as it was. */
    OK(f->C_SignInit(h, &mechanism, KEY));
    OK(f->C_SignUpdate(h, text, LENGTH));
    ANSWERS(CKR_KEY_HANDLE_INVALID, f->C_SignInit(h, &mechanism, 999));
    length = sizeof out;
    CHECK(f->C_SignFinal(h, out, &length) == CKR_OK && memcmp(out, mac, 32) == 0);
    /* Both ways of cancelling. */
    start_all(h);
    OK(f->C_EncryptInit(h, NULL, 0));
    OK(f->C_MessageSignInit(h, NULL, 0));
    OK(f->C_VerifySignatureInit(h, NULL, 0, NULL, 0));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptUpdate(h, text, 1, out, &length));
    OK(f->C_VerifyUpdate(h, text, 1));
    CHECK(end_all(h) == 10);
    start_all(h);
    OK(f->C_SessionCancel(h, CKF_VERIFY | CKF_FIND_OBJECTS | CKF_MESSAGE_DECRYPT));
    CHECK(end_all(h) == 9);
    start_all(h);
    OK(f->C_SessionCancel(h, ~0UL));
    CHECK(end_all(h) == 0);
    finish(NULL);
}

void check_single_part(void)
{
    CK_BYTE out[64] = { 0 };
    CK_ULONG length = 0;
    CK_SESSION_HANDLE h;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    h = open_one();
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_Encrypt(h, text, LENGTH, out, &length));
    OK(f->C_EncryptInit(h, &mechanism, KEY));
    CHECK(f->C_Encrypt(h, text, LENGTH, NULL, &length) == CKR_OK && length == LENGTH);
    length = 3;
    CHECK(f->C_Encrypt(h, text, LENGTH, out, &length) == CKR_BUFFER_TOO_SMALL && length == LENGTH);
    CHECK(f->C_Encrypt(h, text, LENGTH, out, &length) == CKR_OK && memcmp(out, xored, LENGTH) == 0);
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_Encrypt(h, text, LENGTH, out, &length));
    /* After a part it is refused, and the operation goes on. */
    OK(f->C_DigestInit(h, &mechanism));
    OK(f->C_DigestUpdate(h, text, 2));
    length = sizeof out;
    ANSWERS(CKR_OPERATION_ACTIVE, f->C_Digest(h, text + 2, LENGTH - 2, out, &length));
    OK(f->C_DigestUpdate(h, text + 2, LENGTH - 2));
    CHECK(f->C_DigestFinal(h, NULL, &length) == CKR_OK && length == 32);
    CHECK(f->C_DigestFinal(h, out, &length) == CKR_OK && memcmp(out, digest, 32) == 0);
    /* Errors end. */
    OK(f->C_EncryptInit(h, &mechanism, KEY));
    ANSWERS(CKR_ARGUMENTS_BAD, f->C_EncryptUpdate(h, NULL, 1, out, &length));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptFinal(h, out, &length));
    OK(f->C_DigestInit(h, &mechanism));
    ANSWERS(CKR_KEY_HANDLE_INVALID, f->C_DigestKey(h, 999));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_DigestKey(h, KEY));
    OK(f->C_VerifyInit(h, &mechanism, KEY));
    ANSWERS(CKR_SIGNATURE_INVALID, f->C_Verify(h, text, LENGTH, digest, 32));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_Verify(h, text, LENGTH, mac, 32));
    OK(f->C_VerifyInit(h, &mechanism, KEY));
    ANSWERS(CKR_SIGNATURE_LEN_RANGE, f->C_Verify(h, text, LENGTH, mac, 31));
    OK(f->C_VerifyInit(h, &mechanism, KEY));
    OK(f->C_Verify(h, text, LENGTH, mac, 32));
    OK(f->C_VerifySignatureInit(h, &mechanism, KEY, digest, 32));
    ANSWERS(CKR_SIGNATURE_INVALID, f->C_VerifySignature(h, text, LENGTH));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_VerifySignature(h, text, LENGTH));
    CHECK(calls("C_VerifySignature") == 2 && calls("C_SignInit") == 0 && calls("C_Nothing") == (CK_ULONG)-1);
    finish(NULL);

    begin("PERMISSIVE_MIXED", "1");
    OK(f->C_Initialize(NULL));
    h = open_one();
    OK(f->C_DigestInit(h, &mechanism));
    OK(f->C_DigestUpdate(h, text, 2));
    length = sizeof out;
    CHECK(f->C_Digest(h, text + 2, LENGTH - 2, out, &length) == CKR_OK && memcmp(out, digest, 32) == 0);
    finish("PERMISSIVE_MIXED");
}

void check_dual(void)
{
    CK_BYTE out[64], back[64];
    CK_ULONG length = sizeof out, n = sizeof back;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    OK(f->C_EncryptInit(h, &mechanism, KEY));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_DigestEncryptUpdate(h, text, LENGTH, out, &length));
    OK(f->C_DigestInit(h, &mechanism));
    OK(f->C_SignInit(h, &mechanism, KEY));
    OK(f->C_DigestEncryptUpdate(h, text, LENGTH, NULL, &length));
    CHECK(f->C_DigestEncryptUpdate(h, text, LENGTH, out, &length) == CKR_OK && memcmp(out, xored, LENGTH) == 0);
    OK(f->C_SignEncryptUpdate(h, text, LENGTH, out, &length));
    CHECK(f->C_DigestFinal(h, back, &n) == CKR_OK && memcmp(back, digest, 32) == 0);
    CHECK(f->C_SignFinal(h, back, &n) == CKR_OK && memcmp(back, mac, 32) == 0);
    OK(f->C_DecryptInit(h, &mechanism, KEY));
    OK(f->C_DigestInit(h, &mechanism));
    OK(f->C_VerifyInit(h, &mechanism, KEY));
    CHECK(f->C_DecryptDigestUpdate(h, xored, LENGTH, out, &length) == CKR_OK && memcmp(out, text, LENGTH) == 0);
    memcpy(out, xored, LENGTH);
    CHECK(f->C_DecryptVerifyUpdate(h, out, LENGTH, out, &length) == CKR_OK && memcmp(out, text, LENGTH) == 0);
    CHECK(f->C_DigestFinal(h, back, &n) == CKR_OK && memcmp(back, digest, 32) == 0);
    OK(f->C_VerifyFinal(h, mac, 32));
    /* An error ends both. */
    OK(f->C_DigestInit(h, &mechanism));
    ANSWERS(CKR_ARGUMENTS_BAD, f->C_DecryptDigestUpdate(h, xored, LENGTH, out, NULL));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_DigestUpdate(h, text, 1));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_DecryptUpdate(h, text, 1, out, &length));
    finish(NULL);
}
