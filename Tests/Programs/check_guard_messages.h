/* SPDX-License-Identifier: MIT */
/* Scenarios about messages (3.0) and about calls that are pending (3.2, CKF_ASYNC_SESSION). */
#ifndef CHECK_GUARD_MESSAGES_H
#define CHECK_GUARD_MESSAGES_H

#include "check_guard_base.h"

#define NEXT(h, flags) h, NULL, 0, TEXT, OUT, flags

/* A message in parts, one in one call, and the end inside a message: in order. */
static void messages(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, MESSAGE_ENCRYPT));
    GOES(CKR_OK, C_EncryptMessageBegin, h, NULL, 0, NULL, 0);
    GOES(CKR_OK, C_EncryptMessageNext, NEXT(h, 0));
    GOES(CKR_OK, C_EncryptMessageNext, NEXT(h, CKF_END_OF_MESSAGE));
    GOES(CKR_OK, C_EncryptMessage, h, NULL, 0, NULL, 0, TEXT, OUT);
    ACTIVE(h);
    GOES(CKR_OK, C_EncryptMessageBegin, h, NULL, 0, NULL, 0);
    GOES(CKR_OK, C_MessageEncryptFinal, h); /* S4 */
    NOT_ACTIVE(h);
    OK(start(h, MESSAGE_SIGN));
    GOES(CKR_OK, C_SignMessageBegin, h, NULL, 0);
    GOES(CKR_OK, C_SignMessageNext, h, NULL, 0, TEXT, NULL, NULL);
    GOES(CKR_OK, C_SignMessageNext, h, NULL, 0, TEXT, NULL, room()); /* a length query */
    GOES(CKR_OK, C_SignMessageNext, h, NULL, 0, TEXT, OUT);
    GOES(CKR_OK, C_SignMessageBegin, h, NULL, 0);
    GOES(CKR_OK, C_MessageSignFinal, h);
    OK(start(h, MESSAGE_VERIFY));
    GOES(CKR_OK, C_VerifyMessageBegin, h, NULL, 0);
    GOES(CKR_OK, C_VerifyMessageNext, h, NULL, 0, TEXT, NULL, 0);
    GOES(CKR_SIGNATURE_INVALID, C_VerifyMessageNext, h, NULL, 0, TEXT, text, 8);
    ACTIVE(h); /* a wrong signature ends the message, not the process */
    GOES(CKR_OK, C_VerifyMessageBegin, h, NULL, 0);
    GOES(CKR_OK, C_MessageVerifyFinal, h);
    NOT_ACTIVE(h);
    finish();
}

/* Six times out of phase; a module without PERMISSIVE_MIXED. */
static void messages_out_of_phase(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, MESSAGE_DECRYPT));
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DecryptMessageNext, NEXT(h, 0)); /* no message is open */
    GOES(CKR_OK, C_DecryptMessageBegin, h, NULL, 0, NULL, 0);
    GOES(CKR_OK, C_DecryptMessageBegin, h, NULL, 0, NULL, 0);                             /* S3 */
    GOES(CKR_OPERATION_ACTIVE, C_DecryptMessage, h, NULL, 0, NULL, 0, TEXT, OUT);         /* inside a message */
    GOES(CKR_OK, C_DecryptMessageNext, NEXT(h, 0));                                       /* which goes on */
    GOES(CKR_ARGUMENTS_BAD, C_DecryptMessageNext, h, NULL, 0, NULL, 5, OUT, 0);           /* ends the message */
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DecryptMessageNext, NEXT(h, 0));
    GOES(CKR_OK, C_MessageDecryptFinal, h);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DecryptMessageBegin, h, NULL, 0, NULL, 0);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_MessageDecryptFinal, h);
    finish();
}

/* strict refuses the same; a second begin with CKR_OPERATION_ACTIVE. */
static void messages_refused(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, MESSAGE_DECRYPT));
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_DecryptMessageNext, NEXT(h, 0));
    GOES(CKR_OK, C_DecryptMessageBegin, h, NULL, 0, NULL, 0);
    REFUSED(C_DecryptMessageBegin, h, NULL, 0, NULL, 0);
    REFUSED(C_DecryptMessage, h, NULL, 0, NULL, 0, TEXT, OUT);
    GOES(CKR_OK, C_DecryptMessageNext, NEXT(h, 0));
    GOES(CKR_OK, C_MessageDecryptFinal, h);
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_MessageDecryptFinal, h);
    finish();
}

/* ---- Pending calls ---- */

static CK_ASYNC_DATA result = { 0, NULL, 0, 0, 0 };

static CK_UTF8CHAR *named(const char *name)
{
    static _Thread_local CK_UTF8CHAR copy[64];
    strcpy((char *)copy, name);
    return copy;
}

/* C_DigestInit=0x204:1-1: a pending start is active for the rules; its completion decides. */
static void pending_start(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    GOES(CKR_PENDING, C_DigestInit, h, &mechanism);
    ACTIVE(h);
    GOES(CKR_OK, C_AsyncComplete, h, named("C_SignInit"), &result); /* not what is pending */
    ACTIVE(h);
    GOES(CKR_OK, C_AsyncComplete, h, named("C_DigestInit"), &result);
    ACTIVE(h);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DigestUpdate, h, TEXT); /* the module started nothing; an answer to believe */
    NOT_ACTIVE(h);
    finish();
}

/* C_DigestInit=0x204:1-1,C_AsyncComplete=0x204:1-2,C_AsyncComplete=0x30: pending twice more, then it failed. */
static void pending_start_fails(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    GOES(CKR_PENDING, C_DigestInit, h, &mechanism);
    GOES(CKR_PENDING, C_AsyncComplete, h, named("C_DigestInit"), &result);
    GOES(CKR_PENDING, C_AsyncComplete, h, named("C_DigestInit"), &result);
    ACTIVE(h);
    GOES(CKR_DEVICE_ERROR, C_AsyncComplete, h, named("C_DigestInit"), &result);
    NOT_ACTIVE(h);
    finish();
}

/* C_AsyncComplete=0x90: nothing is pending, whatever is answered, and no name at all: nothing is in doubt afterwards. */
static void pending_nothing(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    CK_SESSION_INFO information;
    GOES(CKR_OK, C_GetSessionInfo, h, &information); /* the thread is known to the guard from now on */
    GOES(CKR_OPERATION_ACTIVE, C_AsyncComplete, h, NULL, &result);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DigestUpdate, h, TEXT); /* noticed: the digest is known to be idle */
    finish();
}

/* C_Encrypt=0x204: active until it is complete, and idle then. */
static void pending_single(void)
{
    CK_ULONG identifier;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, ENCRYPT));
    GOES(CKR_PENDING, C_Encrypt, h, TEXT, OUT);
    ACTIVE(h);
    GOES(CKR_OK, C_AsyncGetID, h, named("C_Encrypt"), &identifier);
    ACTIVE(h);
    GOES(CKR_OK, C_AsyncComplete, h, named("C_Encrypt"), &result);
    NOT_ACTIVE(h);
    finish();
}

/* C_DigestUpdate=0x204:1-1: C_SessionCancel with its flag ends both the call and the operation; with another nothing. */
static void pending_cancelled(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    GOES(CKR_PENDING, C_DigestUpdate, h, TEXT);
    GOES(CKR_OK, C_SessionCancel, h, CKF_DIGEST);
    NOT_ACTIVE(h);
    GOES(CKR_OK, C_AsyncComplete, h, named("C_DigestUpdate"), &result); /* nothing is pending: changes nothing */
    NOT_ACTIVE(h);
    finish();
}

/* After C_AsyncJoin nothing is known of its operations: nothing is refused. */
static void pending_joined(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    ACTIVE(h);
    GOES(CKR_OK, C_AsyncJoin, h, named("C_DigestUpdate"), 1, out, sizeof out);
    NOT_ACTIVE(h);
    GOES(CKR_OK, C_AsyncComplete, h, named("C_DigestUpdate"), &result);
    finish();
}

/* C_Digest=0x204:1-1 under strict: other calls meanwhile are refused, but closing, cancelling and completing are not. */
static void pending_strict(void)
{
    CK_SESSION_INFO information;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    GOES(CKR_PENDING, C_Digest, h, TEXT, OUT);
    REFUSED(C_DigestUpdate, h, TEXT);
    REFUSED(C_GenerateRandom, h, out, 8);
    GOES(CKR_OK, C_GetSessionInfo, h, &information);
    GOES(CKR_OK, C_AsyncComplete, h, named("C_Digest"), &result);
    GOES(CKR_OK, C_GenerateRandom, h, out, 8);
    OK(f->C_CloseSession(h));
    finish();
}

/* C_GenerateKey=0x204,C_DigestInit=0x204:1-1: garbage in the names, and a session that closes with a call pending. */
static void pending_garbage(void)
{
    CK_OBJECT_HANDLE made;
    CK_ULONG identifier;
    begin();
    CK_SESSION_HANDLE h = open_one();
    GOES(CKR_PENDING, C_GenerateKey, h, &mechanism, NULL, 0, &made);
    GOES(CKR_ARGUMENTS_BAD, C_AsyncComplete, h, NULL, &result);
    GOES(CKR_ARGUMENTS_BAD, C_AsyncComplete, h, NULL, NULL);
    GOES(CKR_OK, C_AsyncComplete, h, named(""), &result);
    GOES(CKR_OK, C_AsyncComplete, h, named("C_NoSuchFunction"), &result);
    GOES(CKR_ARGUMENTS_BAD, C_AsyncGetID, h, NULL, &identifier);
    GOES(CKR_ARGUMENTS_BAD, C_AsyncJoin, h, NULL, 1, NULL, 0);
    GOES(CKR_OK, C_AsyncJoin, h, named("C_NoSuchFunction"), 1, NULL, 0);
    GOES(CKR_PENDING, C_DigestInit, open_one(), &mechanism);
    OK(f->C_CloseSession(h));
    const CK_SESSION_HANDLE again = open_one(); /* the same handle, with nothing pending and nothing active */
    EQUAL(h, again);
    NOT_ACTIVE(again);
    finish();
}

#endif /* CHECK_GUARD_MESSAGES_H */
