/* SPDX-License-Identifier: MIT */
/* Scenarios of operations that are cancelled: with a NULL mechanism, and with C_SessionCancel. */
#include "check_guard.h"

/* A NULL mechanism cancels each of the twelve, and is let through whatever is active. */
static void null_mechanism(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    for (enum kind kind = ENCRYPT; kind < KINDS; ++kind) {
        OK(start(h, kind));
        ACTIVE(h);
        const CK_ULONG before = calls(start_names[kind]);
        OK(start_with(h, kind, NULL));
        EQUAL(before + 1, calls(start_names[kind]));
        NOT_ACTIVE(h);
    }
    /* S10: each of the two verifications cancels its own. */
    OK(start(h, VERIFY));
    OK(start_with(h, VERIFY_SIGNATURE, NULL));
    ACTIVE(h);
    OK(start_with(h, VERIFY, NULL));
    NOT_ACTIVE(h);
    /* One half of a pair. */
    OK(start(h, DIGEST));
    OK(start(h, ENCRYPT));
    OK(start_with(h, DIGEST, NULL));
    REFUSED(C_DecryptInit, h, &mechanism, KEY);
    GOES(CKR_OK, C_EncryptUpdate, h, TEXT, OUT);
    finish();
}

/* C_EncryptInit=0x202:2-2 (the cancel fails), C_SignInit=0x7:2-2 (another error keeps). */
static void null_mechanism_fails(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one(), other = open_one();
    GOES(CKR_OK, C_EncryptInit, h, &mechanism, KEY);
    GOES(CKR_OPERATION_CANCEL_FAILED, C_EncryptInit, h, NULL, 0);
    GOES(CKR_OK, C_FindObjectsInit, h, NULL, 0);
    GOES(CKR_OK, C_SignInit, other, &mechanism, KEY);
    GOES(CKR_ARGUMENTS_BAD, C_SignInit, other, NULL, 0);
    ACTIVE(other);
    finish();
}

/* C_SessionCancel: each flag its kind, no flag nothing, half of a pair. */
static void cancel(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    for (enum kind kind = 0; kind < KINDS; ++kind) {
        OK(start(h, kind));
        GOES(CKR_OK, C_SessionCancel, h, 0);
        GOES(CKR_OK, C_SessionCancel, h, (CK_FLAGS)0x7FFF & ~cancel_flags[kind]);
        ACTIVE(h);
        GOES(CKR_OK, C_SessionCancel, h, cancel_flags[kind]);
        NOT_ACTIVE(h);
    }
    OK(start(h, SIGN));
    OK(start(h, ENCRYPT));
    GOES(CKR_OK, C_SessionCancel, h, CKF_SIGN);
    REFUSED(C_DecryptInit, h, &mechanism, KEY);
    GOES(CKR_OK, C_EncryptFinal, h, OUT);
    NOT_ACTIVE(h);
    finish();
}

/* C_SessionCancel=0x202: what it names is uncertain, and nothing else. */
static void cancel_fails(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    GOES(CKR_OPERATION_CANCEL_FAILED, C_SessionCancel, h, CKF_ENCRYPT);
    ACTIVE(h);
    GOES(CKR_OPERATION_CANCEL_FAILED, C_SessionCancel, h, CKF_DIGEST);
    NOT_ACTIVE(h);
    GOES(CKR_OK, C_DigestFinal, h, OUT); /* nothing to notice: it was uncertain */
    finish();
}

const scenario cancelling_scenarios[] = {
    { "null-mechanism", null_mechanism }, { "null-mechanism-fails", null_mechanism_fails }, { "cancel", cancel },
    { "cancel-fails", cancel_fails }, { NULL, NULL },
};
