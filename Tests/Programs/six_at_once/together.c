/* SPDX-License-Identifier: MIT */
/* Operations that are active at the same time: six, two that share a context, and the dual functions. */
#include "six_at_once.h"

#include <stdio.h>
#include <string.h>

void six(void)
{
    CK_BYTE label[] = "six", encrypted[32], decrypted[32], digest[32], signature[32];
    CK_ATTRIBUTE labelled = { CKA_LABEL, label, 3 };
    CK_OBJECT_HANDLE found[4];
    CK_ULONG length, rest, one = 0, other = 0;
    const int finds = CALL(C_FindObjectsInit, session, &labelled, 1) == CKR_OK;
    const int encrypts = CALL(C_EncryptInit, session, &aes_cbc, aes) == CKR_OK;
    const int decrypts = CALL(C_DecryptInit, session, &aes_cbc, aes) == CKR_OK;
    const int digests = CALL(C_DigestInit, session, &sha256) == CKR_OK;
    const int signs = CALL(C_SignInit, session, &hmac, mac) == CKR_OK;
    const int verifies = CALL(C_VerifyInit, session, &hmac, mac) == CKR_OK;
    printf("active %d\n", finds + encrypts + decrypts + digests + signs + verifies);
    is_quiet = 1;
    if (finds) { p11->C_FindObjects(session, found, 1, &one); }
    if (encrypts) { p11->C_EncryptUpdate(session, plain, 20, encrypted, (length = 32, &length)); }
    if (decrypts) { p11->C_DecryptUpdate(session, secret, 20, decrypted, (rest = 32, &rest)); }
    if (digests) { p11->C_DigestUpdate(session, abc, 1); }
    if (signs) { p11->C_SignUpdate(session, jefe, 10); }
    if (verifies) { p11->C_VerifyUpdate(session, plain, 10); }
    is_quiet = 0;
    if (finds) {
        p11->C_FindObjects(session, found + 1, 3, &other);
        check("search", one == 1 && other == 1 && found[0] + found[1] == aes + mac);
        check("its end", p11->C_FindObjectsFinal(session) == CKR_OK);
    }
    if (encrypts) {
        CK_ULONG more = 16, last = 0;
        p11->C_EncryptUpdate(session, plain + 20, 12, encrypted + length, &more);
        check("encryption", is(encrypted, length + more, secret, 32));
        check("its end", p11->C_EncryptFinal(session, encrypted, &last) == CKR_OK && last == 0);
    }
    if (decrypts) {
        CK_ULONG more = 16, last = 0;
        p11->C_DecryptUpdate(session, secret + 20, 12, decrypted + rest, &more);
        check("decryption", is(decrypted, rest + more, plain, 32));
        check("its end", p11->C_DecryptFinal(session, decrypted, &last) == CKR_OK && last == 0);
    }
    if (digests) {
        p11->C_DigestUpdate(session, abc + 1, 2);
        length = 32;
        check("digest", p11->C_DigestFinal(session, digest, &length) == CKR_OK && is(digest, length, abc_digest, 32));
    }
    if (signs) {
        p11->C_SignUpdate(session, jefe + 10, 18);
        length = 32;
        check("its end", p11->C_SignFinal(session, signature, &length) == CKR_OK);
        check("signature", is(signature, length, jefe_mac, 32));
    }
    if (verifies) {
        p11->C_VerifyUpdate(session, plain + 10, 22);
        check("verification", p11->C_VerifyFinal(session, plain_mac, 32) == CKR_OK);
    }
}

/* ---- The context that a signature borrows ---- */

void borrowed(void)
{
    CK_BYTE contract[] = "the contract", other[] = "something else", signature[256];
    CK_ULONG length = sizeof signature;
    int is_signed;
    CALL(C_SignInit, session, &sha256_rsa, private_key);
    CALL(C_SignUpdate, session, contract, 12);
    if (CALL(C_DigestInit, session, &sha256) == CKR_OK) { CALL(C_DigestUpdate, session, other, 14); }
    CALL(C_SignFinal, session, signature, &length);
    p11->C_VerifyInit(session, &sha256_rsa, public_key);
    is_signed = p11->C_Verify(session, contract, 12, signature, length) == CKR_OK;
    printf("the contract is %s\n", is_signed ? "signed" : "not signed");
    p11->C_VerifyInit(session, &sha256_rsa, public_key);
    is_signed = p11->C_Verify(session, other, 14, signature, length) == CKR_OK;
    printf("something else is %s\n", is_signed ? "signed" : "not signed");
}

/* ---- Two operations in one call ---- */

void dual(void)
{
    CK_BYTE out[32], result[32];
    CK_ULONG length = 0, small = 31, none = 0;
    CALL(C_DigestEncryptUpdate, session, plain, 32, out, &length);
    p11->C_DigestInit(session, &sha256);
    CALL(C_DigestEncryptUpdate, session, plain, 32, out, &length);
    p11->C_EncryptInit(session, &aes_cbc, aes);
    CALL(C_DigestEncryptUpdate, session, plain, 32, NULL_PTR, &length);
    check("length", length == 32);
    CALL(C_DigestEncryptUpdate, session, plain, 32, out, &small);
    CALL(C_DigestEncryptUpdate, session, plain, 32, out, &length);
    check("encryption", p11->C_EncryptFinal(session, out, &none) == CKR_OK && is(out, length, secret, 32));
    check("digest", p11->C_DigestFinal(session, result, &length) == CKR_OK && is(result, length, plain_digest, 32));

    p11->C_DecryptInit(session, &aes_cbc, aes);
    p11->C_DigestInit(session, &sha256);
    CALL(C_DecryptDigestUpdate, session, secret, 32, out, &length);
    check("decryption", p11->C_DecryptFinal(session, out, &none) == CKR_OK && is(out, length, plain, 32));
    check("digest", p11->C_DigestFinal(session, result, &length) == CKR_OK && is(result, length, plain_digest, 32));

    p11->C_SignInit(session, &hmac, mac);
    p11->C_EncryptInit(session, &aes_cbc, aes);
    CALL(C_SignEncryptUpdate, session, plain, 32, out, &length);
    check("encryption", p11->C_EncryptFinal(session, out, &none) == CKR_OK && is(out, length, secret, 32));
    check("signature", p11->C_SignFinal(session, result, &length) == CKR_OK && is(result, length, plain_mac, 32));

    p11->C_DecryptInit(session, &aes_cbc, aes);
    p11->C_VerifyInit(session, &hmac, mac);
    CALL(C_DecryptVerifyUpdate, session, secret, 32, out, &length);
    check("decryption", p11->C_DecryptFinal(session, out, &none) == CKR_OK && is(out, length, plain, 32));
    check("verification", p11->C_VerifyFinal(session, plain_mac, 32) == CKR_OK);

    /* In the same place; then a fault of the caller, which ends both. */
    p11->C_DigestInit(session, &sha256);
    p11->C_EncryptInit(session, &aes_cbc, aes);
    memcpy(out, plain, 32);
    CALL(C_DigestEncryptUpdate, session, out, 32, out, &length);
    check("in place", is(out, length, secret, 32));
    CALL(C_DigestEncryptUpdate, session, NULL_PTR, 32, out, &length);
    CALL(C_DigestFinal, session, result, &length);
    CALL(C_EncryptFinal, session, out, &length);
}
