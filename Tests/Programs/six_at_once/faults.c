/* SPDX-License-Identifier: MIT */
/* Ends operations from outside, and provokes faults: of the caller, and of memory. */
#include "six_at_once.h"
#include "p11_names.h"

void logout(void)
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

void order(void)
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

void memory(void)
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
