/* SPDX-License-Identifier: MIT */
/*
 * Scenarios about the phase that the guard takes an operation to be in after each answer. The module answers what it
 * is told to (PERMISSIVE_ANSWER), which is said beside each; a search that starts or is refused shows the phase.
 */
#include "check_guard.h"

/* A length query and a buffer that is too small change nothing, in no phase. */
static void lengths(void)
{
    CK_ULONG small;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    GOES(CKR_OK, C_Digest, h, TEXT, NULL, room());
    ACTIVE(h);
    GOES(CKR_BUFFER_TOO_SMALL, C_Digest, h, TEXT, out, (small = 3, &small));
    ACTIVE(h);
    GOES(CKR_OK, C_Digest, h, TEXT, OUT);
    NOT_ACTIVE(h);
    OK(start(h, ENCRYPT));
    GOES(CKR_OK, C_EncryptUpdate, h, TEXT, NULL, room());
    GOES(CKR_OK, C_Encrypt, h, TEXT, NULL, room()); /* still before the first part */
    GOES(CKR_OK, C_EncryptUpdate, h, TEXT, OUT);
    GOES(CKR_OK, C_EncryptFinal, h, NULL, room());
    ACTIVE(h);
    GOES(CKR_OK, C_EncryptFinal, h, OUT);
    NOT_ACTIVE(h);
    OK(start(h, SIGN_RECOVER));
    GOES(CKR_BUFFER_TOO_SMALL, C_SignRecover, h, TEXT, out, (small = 3, &small));
    ACTIVE(h);
    GOES(CKR_OK, C_SignRecover, h, TEXT, OUT);
    NOT_ACTIVE(h);
    finish();
}

/* C_EncryptUpdate=0x30:2,C_SignFinal=0x30,C_Decrypt=0x30,C_DigestUpdate=0x150,C_VerifyUpdate=0x80000001 */
static void errors_end(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, ENCRYPT));
    GOES(CKR_OK, C_EncryptUpdate, h, TEXT, OUT);
    GOES(CKR_DEVICE_ERROR, C_EncryptUpdate, h, TEXT, OUT);
    NOT_ACTIVE(h);
    OK(start(h, SIGN));
    GOES(CKR_DEVICE_ERROR, C_SignFinal, h, OUT);
    NOT_ACTIVE(h);
    OK(start(h, DECRYPT));
    GOES(CKR_DEVICE_ERROR, C_Decrypt, h, TEXT, OUT);
    NOT_ACTIVE(h);
    OK(start(h, DIGEST));
    GOES(CKR_BUFFER_TOO_SMALL, C_DigestUpdate, h, TEXT); /* gives no output: an error like another */
    NOT_ACTIVE(h);
    OK(start(h, VERIFY));
    GOES(CKR_VENDOR_DEFINED + 1, C_VerifyUpdate, h, TEXT);
    NOT_ACTIVE(h);
    OK(start(h, VERIFY));
    GOES(CKR_SIGNATURE_LEN_RANGE, C_Verify, h, TEXT, out, 3);
    NOT_ACTIVE(h);
    OK(start(h, VERIFY_SIGNATURE));
    GOES(CKR_SIGNATURE_INVALID, C_VerifySignature, h, TEXT);
    NOT_ACTIVE(h);
    finish();
}

/* C_DigestInit=0x30,C_SignInit=0x70: a start that fails starts nothing and ends nothing. */
static void failed_starts(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    GOES(CKR_DEVICE_ERROR, C_DigestInit, h, &mechanism);
    NOT_ACTIVE(h);
    OK(start(h, ENCRYPT));
    GOES(CKR_DEVICE_ERROR, C_DigestInit, h, &mechanism);
    GOES(CKR_MECHANISM_INVALID, C_SignInit, h, &mechanism, KEY);
    GOES(CKR_SIGNATURE_LEN_RANGE, C_VerifySignatureInit, open_one(), &mechanism, KEY, out, 3);
    ACTIVE(h);
    GOES(CKR_OK, C_EncryptUpdate, h, TEXT, OUT);
    finish();
}

/* C_DigestKey=0x60,C_FindObjects=0x30,C_FindObjectsFinal=0x30,C_MessageSignFinal=0x30: nobody knows, so nothing is
   refused. */
static void doubtful_errors(void)
{
    CK_OBJECT_HANDLE found;
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_one(), d = open_one();
    OK(start(a, DIGEST));
    GOES(CKR_KEY_HANDLE_INVALID, C_DigestKey, a, KEY);
    GOES(CKR_OK, C_FindObjectsInit, a, NULL, 0);
    OK(start(b, FIND));
    GOES(CKR_DEVICE_ERROR, C_FindObjects, b, &found, 1, room());
    GOES(CKR_OK, C_SignInit, b, &mechanism, KEY);
    OK(start(c, FIND));
    GOES(CKR_DEVICE_ERROR, C_FindObjectsFinal, c);
    GOES(CKR_OK, C_FindObjectsInit, c, NULL, 0);
    REFUSED(C_FindObjectsInit, c, NULL, 0); /* the start that succeeded settled it */
    OK(start(d, MESSAGE_SIGN));
    GOES(CKR_DEVICE_ERROR, C_MessageSignFinal, d);
    GOES(CKR_OK, C_MessageSignInit, d, &mechanism, KEY);
    ACTIVE(d);
    finish();
}

/* C_EncryptUpdate=0:1-1: what succeeds while thought idle shows that it is active. */
static void success_shows_it(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    GOES(CKR_OK, C_EncryptUpdate, h, TEXT, OUT);
    ACTIVE(h);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_EncryptFinal, h, OUT);
    NOT_ACTIVE(h);
    finish();
}

/* C_DigestInit=0x90:1-1,C_SignInit=0x90:1-1: a module that refuses what the guard would not. */
static void module_refuses(void)
{
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one();
    GOES(CKR_OPERATION_ACTIVE, C_DigestInit, a, &mechanism); /* with nothing active: all are uncertain */
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_SignUpdate, a, TEXT); /* so this is nothing to notice */
    GOES(CKR_OK, C_FindObjectsInit, a, NULL, 0);
    REFUSED(C_DigestInit, a, &mechanism);
    OK(start(b, ENCRYPT));
    GOES(CKR_OPERATION_ACTIVE, C_SignInit, b, &mechanism, KEY); /* beside another: its own kind is uncertain */
    ACTIVE(b);
    GOES(CKR_OK, C_EncryptFinal, b, OUT);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_SignUpdate, b, TEXT);
    NOT_ACTIVE(b);
    finish();
}

/* C_EncryptUpdate=0x54,C_FindObjectsInit=0x54:3-3: a stub, or one mechanism that has no parts: S14. */
static void stubs(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one(), other = open_one();
    OK(start(h, ENCRYPT));
    GOES(CKR_FUNCTION_NOT_SUPPORTED, C_EncryptUpdate, h, TEXT, OUT);
    GOES(CKR_OK, C_FindObjectsInit, h, NULL, 0);
    GOES(CKR_OK, C_FindObjectsFinal, h);
    GOES(CKR_OK, C_Encrypt, h, TEXT, OUT);
    NOT_ACTIVE(h);
    GOES(CKR_FUNCTION_NOT_SUPPORTED, C_FindObjectsInit, other, NULL, 0);
    OK(start(other, DIGEST));
    ACTIVE(other);
    finish();
}

/* C_DigestEncryptUpdate=0x30:2: after the error of a dual call both are uncertain. */
static void dual_error(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    OK(start(h, ENCRYPT));
    GOES(CKR_OK, C_DigestEncryptUpdate, h, TEXT, NULL, room());
    GOES(CKR_DEVICE_ERROR, C_DigestEncryptUpdate, h, TEXT, OUT);
    GOES(CKR_OK, C_FindObjectsInit, h, NULL, 0);
    GOES(CKR_OK, C_FindObjectsFinal, h);
    GOES(CKR_OK, C_DigestUpdate, h, TEXT); /* settles one of them */
    ACTIVE(h);
    GOES(CKR_OK, C_DigestFinal, h, OUT);
    GOES(CKR_OK, C_EncryptFinal, h, OUT);
    NOT_ACTIVE(h);
    finish();
}

/* Saving keeps; restoring makes the search idle and what can be saved uncertain. */
static void states(void)
{
    static CK_BYTE state[4096];
    CK_ULONG length = sizeof state;
    begin();
    const CK_SESSION_HANDLE h = open_one(), other = open_one();
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_GetOperationState, h, state, &length);
    OK(start(h, DIGEST));
    length = sizeof state;
    GOES(CKR_OK, C_GetOperationState, h, state, &length);
    ACTIVE(h);
    OK(start(other, FIND));
    GOES(CKR_SAVED_STATE_INVALID, C_SetOperationState, open_one(), state, 3, 0, 0);
    GOES(CKR_OK, C_SetOperationState, other, state, length, 0, 0);
    GOES(CKR_OK, C_DigestUpdate, other, TEXT); /* nothing to notice */
    ACTIVE(other);                            /* and now it is known */
    GOES(CKR_OK, C_DigestFinal, other, OUT);
    NOT_ACTIVE(other);
    GOES(CKR_SAVED_STATE_INVALID, C_SetOperationState, h, state, 3, 0, 0); /* S6 */
    NOT_ACTIVE(h);
    finish();
}

const scenario phases_scenarios[] = {
    { "lengths", lengths }, { "errors-end", errors_end }, { "failed-starts", failed_starts },
    { "doubtful-errors", doubtful_errors }, { "success-shows-it", success_shows_it },
    { "module-refuses", module_refuses }, { "stubs", stubs }, { "dual-error", dual_error }, { "states", states },
    { NULL, NULL },
};
