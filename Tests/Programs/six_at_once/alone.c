/* SPDX-License-Identifier: MIT */
/* Runs one operation of each kind from start to end; CKR_OK is for success. */
#include "six_at_once.h"
#include "p11_names.h"

#include <stdio.h>

static CK_RV encrypt(void)
{
    CK_BYTE out[32];
    CK_ULONG length = 32, none = 0;
    CK_RV rv = CALL(C_EncryptInit, session, &aes_cbc, aes);
    if (rv == CKR_OK) { rv = CALL(C_EncryptUpdate, session, plain, 32, out, &length); }
    if (rv == CKR_OK) { rv = CALL(C_EncryptFinal, session, out, &none); }
    if (rv == CKR_OK) { check("encryption", is(out, length, secret, 32)); }
    return rv;
}

static CK_RV decrypt(void)
{
    CK_BYTE out[32];
    CK_ULONG length = 32;
    CK_RV rv = CALL(C_DecryptInit, session, &aes_cbc, aes);
    if (rv == CKR_OK) { rv = CALL(C_Decrypt, session, secret, 32, out, &length); }
    if (rv == CKR_OK) { check("decryption", is(out, length, plain, 32)); }
    return rv;
}

static CK_RV digest(void)
{
    CK_BYTE out[32];
    CK_ULONG length = 32;
    CK_RV rv = CALL(C_DigestInit, session, &sha256);
    if (rv == CKR_OK) { rv = CALL(C_DigestUpdate, session, abc, 3); }
    if (rv == CKR_OK) { rv = CALL(C_DigestFinal, session, out, &length); }
    if (rv == CKR_OK) { check("digest", is(out, length, abc_digest, 32)); }
    return rv;
}

static CK_RV sign(void)
{
    CK_BYTE out[32];
    CK_ULONG length = 32;
    CK_RV rv = CALL(C_SignInit, session, &hmac, mac);
    if (rv == CKR_OK) { rv = CALL(C_Sign, session, jefe, 28, out, &length); }
    if (rv == CKR_OK) { check("signature", is(out, length, jefe_mac, 32)); }
    return rv;
}

static CK_RV verify(void)
{
    CK_BYTE signature[256];
    CK_ULONG length = sizeof signature;
    CK_RV rv = CALL(C_SignInit, session, &sha256_rsa, private_key);
    if (rv == CKR_OK) { rv = CALL(C_SignUpdate, session, abc, 3); }
    if (rv == CKR_OK) { rv = CALL(C_SignFinal, session, signature, &length); }
    if (rv == CKR_OK) { rv = CALL(C_VerifyInit, session, &sha256_rsa, public_key); }
    if (rv == CKR_OK) { rv = CALL(C_Verify, session, abc, 3, signature, length); }
    return rv;
}

static CK_RV search(void)
{
    CK_OBJECT_HANDLE found[8];
    CK_ULONG count = 0;
    CK_RV rv = CALL(C_FindObjectsInit, session, NULL_PTR, 0);
    if (rv == CKR_OK) { rv = CALL(C_FindObjects, session, found, 8, &count); }
    if (rv == CKR_OK) { rv = CALL(C_FindObjectsFinal, session); }
    return rv;
}

CK_RV (*const each[])(void) = { search, encrypt, decrypt, digest, sign, verify };

void all_can_be_done(void)
{
    is_quiet = 1;
    for (int i = 0; i < 6; i++) {
        const CK_RV rv = each[i]();
        if (rv != CKR_OK) { printf("operation %d is stuck: %s\n", i, p11_return_value_name(rv)), is_wrong = 1; }
    }
    is_quiet = 0;
    if (!is_wrong) { printf("every operation can be done\n"); }
}
