/* SPDX-License-Identifier: MIT */
/*
 * six_at_once MODULE WHAT: what a session of Examples/c-token lets an application do. Each call is a line with what it
 * answered, each result another that says "right" or "wrong"; the answers are those of NIST SP 800-38A and RFC 4231.
 * Ends with 0 if nothing was wrong and WHAT could be done at all. WHAT is one of
 *   six       starts a search, encryption, decryption, digest, signature and verification in one session, feeds each a
 *             part, and finishes those that were started
 *   borrowed  digests while a signature is made that hashes: whose data is signed?
 *   dual      the four functions that feed two operations
 *   logout    another session logs out while operations are active; afterwards all can be started and finished
 *   lengths   asks for lengths and brings buffers that are too small, which changes nothing
 *   order     which of several faults is the answer
 *   memory    lets one allocation of libcrypto after the other fail: the operation has ended, and nothing is stuck
 */
#include "six_at_once.h"

/* ---- Six at once ---- */

static void six(void)
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

static void borrowed(void)
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

static void dual(void)
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

/* ---- One operation from start to end; 0 is for success ---- */

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

static CK_RV (*const each[])(void) = { search, encrypt, decrypt, digest, sign, verify };

static void all_can_be_done(void)
{
    is_quiet = 1;
    for (int i = 0; i < 6; i++) {
        const CK_RV rv = each[i]();
        if (rv != CKR_OK) { printf("operation %d is stuck: %s\n", i, p11_return_value_name(rv)), is_wrong = 1; }
    }
    is_quiet = 0;
    if (!is_wrong) { printf("every operation can be done\n"); }
}

/* ---- What ends operations from outside, and faults ---- */

static void logout(void)
{
    CK_SESSION_HANDLE other;
    CK_BYTE out[32], pin[] = "1234";
    CK_ULONG length = 32;
    p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &other);
    CALL(C_DigestInit, session, &sha256);
    CALL(C_EncryptInit, session, &aes_cbc, aes);
    CALL(C_EncryptUpdate, session, plain, 20, out, &length);
    CALL(C_Logout, other);
    CALL(C_EncryptUpdate, session, plain, 20, out, &length);
    CALL(C_DigestUpdate, session, abc, 3);
    all_can_be_done();
    CALL(C_EncryptInit, session, &aes_cbc, aes);
    CALL(C_Login, other, CKU_USER, pin, 4);
    length = 32;
    CALL(C_Encrypt, session, plain, 32, out, &length);
    CALL(C_Logout, session);
    CALL(C_Logout, session);
    CALL(C_Login, session, CKU_USER, pin, 4);
    all_can_be_done();
}

/* Asks for the length, brings too small a buffer, and then what is enough. */
#define THRICE(name, whole, ...)                                                                                       \
    check(#name, p11->name(session, ##__VA_ARGS__, NULL_PTR, &length) == CKR_OK && length == (whole)                   \
                     && (length = (whole)-1, p11->name(session, ##__VA_ARGS__, out, &length)) == CKR_BUFFER_TOO_SMALL  \
                     && length == (whole) && p11->name(session, ##__VA_ARGS__, out, &length) == CKR_OK                 \
                     && length == (whole))

static void lengths(void)
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

static void order(void)
{
    CK_MECHANISM unknown = { CKM_VENDOR_DEFINED, NULL_PTR, 0 };
    CK_BYTE out[32];
    CK_ULONG length = 32;
    CALL(C_DigestInit, 4711, NULL_PTR);
    CALL(C_DigestInit, session, NULL_PTR);
    CALL(C_DigestInit, session, &unknown);
    CALL(C_DigestUpdate, session, NULL_PTR, 1);
    CALL(C_DigestInit, session, &sha256);
    CALL(C_EncryptInit, 4711, &unknown, 0);
    CALL(C_EncryptInit, session, &unknown, 0);
    CALL(C_DigestUpdate, session, abc, 1);
    CALL(C_Digest, session, abc, 1, out, &length);
    CALL(C_SignInit, session, &unknown, 0);
    CALL(C_DigestUpdate, session, NULL_PTR, 1);
    CALL(C_DigestFinal, session, out, &length);
    CALL(C_Finalize, NULL_PTR);
    CALL(C_DigestInit, 4711, NULL_PTR);
    CALL(C_Initialize, NULL_PTR);
    CALL(C_DigestInit, session, NULL_PTR);
}

/* ---- Memory ---- */

static void memory(void)
{
    long refused = 0;
    all_can_be_done();
    is_quiet = 1;
    for (int i = 1; i < 6; i++) {
        CK_RV rv = CKR_HOST_MEMORY;
        for (long n = 0; rv != CKR_OK && n < 2000; n++) {
            CK_BYTE out[256];
            CK_ULONG length = sizeof out;
            allocations_left = n;
            rv = each[i]();
            allocations_left = -1;
            if (rv == CKR_OK) { break; }
            refused++;
            if (rv != CKR_HOST_MEMORY && rv != CKR_FUNCTION_FAILED && rv != CKR_SIGNATURE_INVALID) {
                check(p11_return_value_name(rv), 0);
            }
            check("no encryption", p11->C_EncryptFinal(session, out, &length) == CKR_OPERATION_NOT_INITIALIZED);
            check("no decryption", p11->C_DecryptFinal(session, out, &length) == CKR_OPERATION_NOT_INITIALIZED);
            check("no digest", p11->C_DigestFinal(session, out, &length) == CKR_OPERATION_NOT_INITIALIZED);
            check("no signature", p11->C_SignFinal(session, out, &length) == CKR_OPERATION_NOT_INITIALIZED);
            check("no verification", p11->C_VerifyFinal(session, out, 32) == CKR_OPERATION_NOT_INITIALIZED);
        }
        check("in the end", rv == CKR_OK);
    }
    all_can_be_done();
    check("memory was refused", refused > 20);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*does)(void);
    } experiments[] = { { "six", six },         { "borrowed", borrowed }, { "dual", dual },    { "logout", logout },
                        { "lengths", lengths }, { "order", order },       { "memory", memory } };
    if (argc != 3 || !load(argv[1])) { return 2; }
    for (size_t i = 0; i < sizeof experiments / sizeof experiments[0]; i++) {
        if (strcmp(experiments[i].name, argv[2]) == 0) {
            experiments[i].does();
            p11->C_Finalize(NULL_PTR);
            return is_wrong;
        }
    }
    return printf("what is %s?\n", argv[2]), 2;
}
