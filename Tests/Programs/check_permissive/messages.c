/* SPDX-License-Identifier: MIT */
/* Checks of messages. */
#include "check_permissive.h"

void check_messages(void)
{
    CK_BYTE out[64], first[64], sealed[64], tag[32], both[3 + LENGTH];
    CK_ULONG length = sizeof out, n;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    memcpy(both, "add", 3);
    memcpy(both + 3, text, LENGTH);
    expect_sum(tag, 1, both, sizeof both);

    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    OK(f->C_MessageEncryptInit(h, &mechanism, KEY));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageNext(h, NULL, 0, text, 1, out, &length, 0));
    /* In one part, twice, with a query in between. */
    CHECK(f->C_EncryptMessage(h, NULL, 0, both, 3, text, LENGTH, sealed, &length) == CKR_OK && length == LENGTH + 8);
    CHECK(memcmp(sealed, xored, LENGTH) == 0 && memcmp(sealed + LENGTH, tag, 8) == 0);
    CHECK(f->C_EncryptMessage(h, NULL, 0, both, 3, text, LENGTH, NULL, &length) == CKR_OK && length == LENGTH + 8);
    length = LENGTH;
    ANSWERS(CKR_BUFFER_TOO_SMALL, f->C_EncryptMessage(h, NULL, 0, both, 3, text, LENGTH, out, &length));
    OK(f->C_EncryptMessage(h, NULL, 0, NULL, 0, NULL, 0, out, &length));
    /* In parts: the same result. */
    OK(f->C_EncryptMessageBegin(h, NULL, 0, both, 3));
    length = sizeof out;
    ANSWERS(CKR_OPERATION_ACTIVE, f->C_EncryptMessage(h, NULL, 0, both, 3, text, LENGTH, out, &length));
    CHECK(f->C_EncryptMessageNext(h, NULL, 0, text, 4, first, &length, 0) == CKR_OK && length == 4);
    CHECK(f->C_EncryptMessageNext(h, NULL, 0, text + 4, LENGTH - 4, NULL, &length, CKF_END_OF_MESSAGE) == CKR_OK);
    CHECK(length == LENGTH - 4 + 8);
    OK(f->C_EncryptMessageNext(h, NULL, 0, text + 4, LENGTH - 4, first + 4, &length, CKF_END_OF_MESSAGE));
    CHECK(memcmp(first, sealed, LENGTH + 8) == 0);
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageNext(h, NULL, 0, text, 1, out, &length, 0));
    OK(f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    OK(f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    ANSWERS(CKR_ARGUMENTS_BAD, f->C_EncryptMessageNext(h, NULL, 0, NULL, 9, out, &length, 0));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageNext(h, NULL, 0, text, 1, out, &length, 0));
    OK(f->C_MessageEncryptFinal(h));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_MessageEncryptFinal(h));

    OK(f->C_MessageDecryptInit(h, &mechanism, KEY));
    length = sizeof out;
    CHECK(f->C_DecryptMessage(h, NULL, 0, both, 3, sealed, LENGTH + 8, out, &length) == CKR_OK && length == LENGTH);
    CHECK(memcmp(out, text, LENGTH) == 0);
    length = sizeof out;
    ANSWERS(CKR_AEAD_DECRYPT_FAILED, f->C_DecryptMessage(h, NULL, 0, both, 2, sealed, LENGTH + 8, out, &length));
    ANSWERS(CKR_ENCRYPTED_DATA_LEN_RANGE, f->C_DecryptMessage(h, NULL, 0, both, 3, sealed, 7, out, &length));
    OK(f->C_DecryptMessageBegin(h, NULL, 0, both, 3));
    n = length = sizeof out;
    OK(f->C_DecryptMessageNext(h, NULL, 0, sealed, 6, out, &n, 0));
    OK(f->C_DecryptMessageNext(h, NULL, 0, sealed + 6, LENGTH + 2, out + n, &length, CKF_END_OF_MESSAGE));
    CHECK(n + length == LENGTH && memcmp(out, text, LENGTH) == 0);
    OK(f->C_MessageDecryptFinal(h));

    OK(f->C_MessageSignInit(h, &mechanism, KEY));
    CHECK(f->C_SignMessage(h, NULL, 0, text, LENGTH, NULL, &n) == CKR_OK && n == 8);
    CHECK(f->C_SignMessage(h, NULL, 0, text, LENGTH, out, &n) == CKR_OK && memcmp(out, mac, 8) == 0);
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_SignMessageNext(h, NULL, 0, text, LENGTH, NULL, NULL));
    OK(f->C_MessageSignFinal(h));
    OK(f->C_MessageVerifyInit(h, &mechanism, KEY));
    OK(f->C_VerifyMessage(h, NULL, 0, text, LENGTH, mac, 8));
    ANSWERS(CKR_SIGNATURE_INVALID, f->C_VerifyMessage(h, NULL, 0, text, LENGTH, digest, 8));
    OK(f->C_VerifyMessageBegin(h, NULL, 0));
    ANSWERS(CKR_SIGNATURE_LEN_RANGE, f->C_VerifyMessageNext(h, NULL, 0, text, LENGTH, mac, 9));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_VerifyMessageNext(h, NULL, 0, text, LENGTH, mac, 8));
    OK(f->C_MessageVerifyFinal(h));
    finish(NULL);
}
