/* SPDX-License-Identifier: MIT */
/* Lengths that are asked for, and buffers that are too small. */
#include "six_at_once.h"

/* Asks for the length, brings too small a buffer, and then what is enough. */
#define THRICE(name, whole, ...)                                                                                       \
    check(#name, p11->name(session, ##__VA_ARGS__, NULL_PTR, &length) == CKR_OK && length == (whole)                   \
                     && (length = (whole)-1, p11->name(session, ##__VA_ARGS__, out, &length)) == CKR_BUFFER_TOO_SMALL  \
                     && length == (whole) && p11->name(session, ##__VA_ARGS__, out, &length) == CKR_OK                 \
                     && length == (whole))

void lengths(void)
{
    CK_BYTE out[256];
    CK_ULONG length = 0;
    CK_MECHANISM padded = { CKM_AES_CBC_PAD, vector, 16 };
    p11->C_EncryptInit(session, &padded, aes);
    check("a part, perhaps", p11->C_EncryptUpdate(session, plain, 32, NULL_PTR, &length) == CKR_OK && length == 32);
    THRICE(C_Encrypt, 48, plain, 32);
    p11->C_DecryptInit(session, &padded, aes);
    check("a part, perhaps", p11->C_DecryptUpdate(session, out, 48, NULL_PTR, &length) == CKR_OK && length == 32);
    THRICE(C_Decrypt, 32, out, 48);
    check("in place", is(out, 32, plain, 32));
    p11->C_EncryptInit(session, &padded, aes);
    THRICE(C_EncryptUpdate, 16, plain, 20);
    THRICE(C_EncryptFinal, 16);
    p11->C_EncryptInit(session, &padded, aes);
    THRICE(C_Encrypt, 32, plain, 20);
    p11->C_DecryptInit(session, &padded, aes);
    THRICE(C_DecryptUpdate, 16, out, 32);
    THRICE(C_DecryptFinal, 4);
    check("the rest", is(out, 4, plain + 16, 4));
    p11->C_DecryptInit(session, &padded, aes);
    p11->C_DecryptUpdate(session, secret, 16, out, &length);
    THRICE(C_DecryptUpdate, 16, secret + 16, 16);
    check("no padding", p11->C_DecryptFinal(session, out, &length) == CKR_ENCRYPTED_DATA_INVALID);
    check("and an end", p11->C_DecryptFinal(session, out, &length) == CKR_OPERATION_NOT_INITIALIZED);
    p11->C_DigestInit(session, &sha256);
    THRICE(C_Digest, 32, abc, 3);
    p11->C_DigestInit(session, &sha256);
    THRICE(C_DigestFinal, 32);
    p11->C_SignInit(session, &sha256_rsa, private_key);
    THRICE(C_Sign, 256, abc, 3);
    p11->C_SignInit(session, &hmac, mac);
    THRICE(C_SignFinal, 32);
    p11->C_DigestInit(session, &sha256);
    p11->C_EncryptInit(session, &aes_cbc, aes);
    p11->C_DigestEncryptUpdate(session, plain, 32, NULL_PTR, &length);
    THRICE(C_Digest, 32, abc, 3);
    p11->C_SignInit(session, &hmac, mac);
    p11->C_SignEncryptUpdate(session, plain, 32, NULL_PTR, &length);
    THRICE(C_Sign, 32, abc, 3);
    THRICE(C_Encrypt, 32, plain, 32);
    p11->C_DecryptInit(session, &aes_cbc, aes);
    p11->C_DigestInit(session, &sha256);
    p11->C_DecryptDigestUpdate(session, secret, 32, NULL_PTR, &length);
    THRICE(C_Digest, 32, abc, 3);
    p11->C_VerifyInit(session, &hmac, mac);
    p11->C_DecryptVerifyUpdate(session, secret, 32, NULL_PTR, &length);
    check("C_Verify", p11->C_Verify(session, plain, 32, plain_mac, 32) == CKR_OK);
    THRICE(C_Decrypt, 32, secret, 32);
}
