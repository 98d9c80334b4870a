/* SPDX-License-Identifier: MIT */
/* Scenarios about calls that are pending (3.2, CKF_ASYNC_SESSION). */
#include "check_guard.h"

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

/* C_AsyncComplete=0x90: nothing is pending, whatever is answered, and no name at all: nothing is in doubt afterwards.
   */
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

/* C_DigestUpdate=0x204:1-1: C_SessionCancel with its flag ends both the call and the operation; with another nothing.
   */
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

/* C_Digest=0x204:1-1 under strict: other calls meanwhile are refused, but closing, cancelling and completing are not.
   */
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

const scenario pending_scenarios[] = {
    { "pending-start", pending_start }, { "pending-start-fails", pending_start_fails },
    { "pending-single", pending_single }, { "pending-nothing", pending_nothing },
    { "pending-cancelled", pending_cancelled }, { "pending-joined", pending_joined },
    { "pending-strict", pending_strict }, { "pending-garbage", pending_garbage }, { NULL, NULL },
};
