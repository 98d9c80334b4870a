/* SPDX-License-Identifier: MIT */
/* Scenarios of calls that come in the wrong phase of an operation. */
#include "check_guard.h"

/* Out of phase: noticed, and the module answers: fourteen times. */
static void out_of_phase(void)
{
    CK_OBJECT_HANDLE found;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_Encrypt, h, TEXT, OUT);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_EncryptUpdate, h, TEXT, OUT);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_EncryptFinal, h, OUT);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DigestUpdate, h, TEXT);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DigestKey, h, KEY);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_SignRecover, h, TEXT, OUT);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_Verify, h, TEXT, out, 32);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_VerifyFinal, h, out, 32);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_FindObjects, h, &found, 1, room());
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_FindObjectsFinal, h);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_EncryptMessage, h, NULL, 0, NULL, 0, TEXT, OUT);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_MessageSignFinal, h);
    OK(start(h, DIGEST));
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DigestEncryptUpdate, h, TEXT, OUT); /* one was thought idle: that is all */
    ACTIVE(h);
    GOES(CKR_OK, C_DigestUpdate, h, TEXT);
    GOES(CKR_OPERATION_ACTIVE, C_Digest, h, TEXT, OUT); /* S15: let through and failed: uncertain */
    NOT_ACTIVE(h);
    finish();
}

/* strict refuses the same, with what each function documents. */
static void out_of_phase_refused(void)
{
    CK_OBJECT_HANDLE found;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_Encrypt, h, TEXT, OUT);
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_EncryptUpdate, h, TEXT, OUT);
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_EncryptFinal, h, OUT);
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_VerifyFinal, h, out, 32);
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_FindObjects, h, &found, 1, room());
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_MessageSignFinal, h);
    OK(start(h, DIGEST));
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_DigestEncryptUpdate, h, TEXT, OUT);
    GOES(CKR_OK, C_DigestKey, h, KEY);
    REFUSED(C_Digest, h, TEXT, OUT); /* S7: after a key as after a part */
    GOES(CKR_OK, C_DigestFinal, h, OUT);
    OK(start(h, VERIFY_SIGNATURE));
    GOES(CKR_OK, C_VerifySignatureUpdate, h, TEXT);
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_VerifySignature, h, TEXT); /* does not document the other */
    GOES(CKR_SIGNATURE_INVALID, C_VerifySignatureFinal, h);
    finish();
}

/* PERMISSIVE_MIXED=1: a module that lets a single-part call end what was fed a part. */
static void single_after_part(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, ENCRYPT));
    GOES(CKR_OK, C_EncryptUpdate, h, TEXT, OUT);
    GOES(CKR_OK, C_Encrypt, h, TEXT, OUT);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_EncryptUpdate, h, TEXT, OUT); /* noticed: it is idle, not uncertain */
    NOT_ACTIVE(h);
    finish();
}

const scenario out_of_phase_scenarios[] = {
    { "out-of-phase", out_of_phase }, { "out-of-phase-refused", out_of_phase_refused },
    { "single-after-part", single_after_part }, { NULL, NULL },
};
