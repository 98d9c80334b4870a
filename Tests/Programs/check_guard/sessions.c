/* SPDX-License-Identifier: MIT */
/* Scenarios about sessions that end or share a token. */
#include "check_guard.h"

/* A login makes every active operation of the token's sessions uncertain, not those of the other token. */
static void login(void)
{
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_in(7);
    OK(start(a, DIGEST));
    OK(start(b, ENCRYPT));
    OK(start(c, SIGN));
    GOES(CKR_OK, C_Login, a, CKU_USER, TEXT);
    NOT_ACTIVE(a);
    NOT_ACTIVE(b);
    ACTIVE(c);
    GOES(CKR_OK, C_DigestFinal, a, OUT); /* uncertain, not idle: nothing to notice */
    GOES(CKR_OK, C_EncryptUpdate, b, TEXT, OUT);
    ACTIVE(b); /* settled */
    GOES(CKR_USER_ALREADY_LOGGED_IN, C_Login, a, CKU_USER, TEXT);
    ACTIVE(b); /* a login that fails does nothing */
    GOES(CKR_OK, C_Login, b, CKU_CONTEXT_SPECIFIC, TEXT);
    ACTIVE(b); /* and this one is made for the middle of an operation */
    finish();
}

/* Under strict, which refuses what it takes for idle: a login in one session does not end what goes on in another. */
static void login_elsewhere(void)
{
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_one(), d = open_one(), e = open_in(7);
    OK(start(b, DIGEST));
    OK(start(c, ENCRYPT));
    GOES(CKR_OK, C_EncryptUpdate, c, TEXT, OUT);
    OK(start(d, MESSAGE_ENCRYPT));
    GOES(CKR_OK, C_EncryptMessageBegin, d, NULL, 0, NULL, 0);
    GOES(CKR_OK, C_Login, a, CKU_USER, TEXT);
    GOES(CKR_OK, C_Logout, a);
    GOES(CKR_OK, C_Login, e, CKU_USER, TEXT); /* twice this token, once the other */
    GOES(CKR_OK, C_DigestUpdate, b, TEXT);
    GOES(CKR_OK, C_EncryptUpdate, c, TEXT, OUT);
    GOES(CKR_OK, C_EncryptMessageNext, d, NULL, 0, TEXT, OUT, CKF_END_OF_MESSAGE);
    ACTIVE(b);
    ACTIVE(c);
    ACTIVE(d);
    finish();
}

/* PERMISSIVE_LOGOUT_KILLS=1: nothing is stuck, in this session and in others. */
static void logout(void)
{
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_in(7), d = open_one();
    GOES(CKR_OK, C_Login, a, CKU_USER, TEXT);
    OK(start(a, DIGEST));
    OK(start(b, FIND));
    OK(start(c, SIGN));
    GOES(CKR_OK, C_Logout, d);
    GOES(CKR_OK, C_DigestInit, a, &mechanism);
    GOES(CKR_OK, C_EncryptInit, b, &mechanism, KEY);
    ACTIVE(c);
    ACTIVE(a);
    ACTIVE(b);
    GOES(CKR_USER_NOT_LOGGED_IN, C_Logout, d);
    ACTIVE(a);
    finish();
}

/* C_Login=0xA4: a locked PIN where the login was for the operation: as a logout. */
static void pin_locked(void)
{
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one();
    OK(start(a, SIGN));
    OK(start(b, SIGN));
    GOES(CKR_PIN_LOCKED, C_Login, a, CKU_USER, TEXT);
    ACTIVE(a);
    GOES(CKR_PIN_LOCKED, C_Login, a, CKU_CONTEXT_SPECIFIC, TEXT);
    NOT_ACTIVE(a);
    NOT_ACTIVE(b);
    finish();
}

/* C_CloseSession=0x30:1-1,C_CloseAllSessions=0x30:1-1: what was not closed is as before. */
static void closing_fails(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    GOES(CKR_DEVICE_ERROR, C_CloseSession, h);
    ACTIVE(h);
    GOES(CKR_DEVICE_ERROR, C_CloseAllSessions, 0);
    ACTIVE(h);
    GOES(CKR_ARGUMENTS_BAD, C_Finalize, &mechanism);
    ACTIVE(h);
    GOES(CKR_CRYPTOKI_ALREADY_INITIALIZED, C_Initialize, NULL);
    ACTIVE(h);
    finish();
}

/* C_OpenSession=0xE1:2-2 (not recognized), and calls without a place for the handle. */
static void opening_fails(void)
{
    begin();
    CK_SESSION_HANDLE h = open_one(), untouched = 77;
    OK(start(h, DIGEST));
    GOES(CKR_TOKEN_NOT_RECOGNIZED, C_OpenSession, 0, CKF_SERIAL_SESSION, NULL, NULL, &untouched);
    EQUAL(77, untouched);
    GOES(CKR_ARGUMENTS_BAD, C_OpenSession, 0, CKF_SERIAL_SESSION, NULL, NULL, NULL);
    GOES(CKR_SLOT_ID_INVALID, C_OpenSession, 5, CKF_SERIAL_SESSION, NULL, NULL, &untouched);
    GOES(CKR_SESSION_PARALLEL_NOT_SUPPORTED, C_OpenSession, 0, 0, NULL, NULL, &untouched);
    ACTIVE(h);
    finish();
}

/* All of slot 0 is forgotten, slot 7 is not: what the guard knew no longer refuses anything. */
static void only_slot_7_is_left(CK_SESSION_HANDLE a, CK_SESSION_HANDLE b, CK_SESSION_HANDLE c)
{
    GOES(CKR_OK, C_FindObjectsInit, a, NULL, 0); /* the module has them still, for it was told to lie */
    GOES(CKR_OK, C_FindObjectsInit, b, NULL, 0);
    GOES(CKR_OK, C_FindObjectsInit, b, NULL, 0); /* not watched any more */
    ACTIVE(c);
}

/* C_GenerateRandom=0x32:1-1 (CKR_DEVICE_REMOVED) in a session. */
static void removed_in_session(void)
{
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_in(7);
    OK(start(a, DIGEST));
    OK(start(b, SIGN));
    OK(start(c, SIGN));
    GOES(CKR_DEVICE_REMOVED, C_GenerateRandom, a, out, 8);
    only_slot_7_is_left(a, b, c);
    const CK_SESSION_HANDLE d = open_one();
    OK(start(d, DIGEST));
    ACTIVE(d);
    finish();
}

/* C_GetTokenInfo=0xE0:1-1 (CKR_TOKEN_NOT_PRESENT), by slot. */
static void removed_by_slot(void)
{
    CK_TOKEN_INFO info;
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_in(7);
    OK(start(a, DIGEST));
    OK(start(b, SIGN));
    OK(start(c, SIGN));
    GOES(CKR_TOKEN_NOT_PRESENT, C_GetTokenInfo, 0, &info);
    only_slot_7_is_left(a, b, c);
    finish();
}

/* C_OpenSession=0x32:4-4: a new session finds that the token is gone. */
static void removed_while_opening(void)
{
    CK_SESSION_HANDLE none = 0;
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_in(7);
    OK(start(a, DIGEST));
    OK(start(b, SIGN));
    OK(start(c, SIGN));
    GOES(CKR_DEVICE_REMOVED, C_OpenSession, 0, CKF_SERIAL_SESSION, NULL, NULL, &none);
    only_slot_7_is_left(a, b, c);
    finish();
}

/* C_DigestUpdate=0xB3:1-1 (handle invalid), C_SignUpdate=0xB0:1-1 (closed): this session only. */
static void one_session_gone(void)
{
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_one();
    OK(start(a, DIGEST));
    OK(start(b, SIGN));
    OK(start(c, SIGN));
    GOES(CKR_SESSION_HANDLE_INVALID, C_DigestUpdate, a, TEXT);
    GOES(CKR_OK, C_FindObjectsInit, a, NULL, 0);
    GOES(CKR_SESSION_CLOSED, C_SignUpdate, b, TEXT);
    GOES(CKR_OK, C_FindObjectsInit, b, NULL, 0);
    ACTIVE(c);
    finish();
}

/* C_GetSlotList=0x190:1-1,C_GenerateRandom=0x190:1-1: the library is not initialised: all are gone. */
static void library_gone(void)
{
    CK_ULONG count = 0;
    begin();
    CK_SESSION_HANDLE a = open_one(), b = open_in(7);
    OK(start(a, DIGEST));
    OK(start(b, SIGN));
    GOES(CKR_CRYPTOKI_NOT_INITIALIZED, C_GetSlotList, CK_TRUE, NULL, &count);
    GOES(CKR_OK, C_FindObjectsInit, a, NULL, 0);
    GOES(CKR_OK, C_FindObjectsInit, b, NULL, 0);
    a = open_one();
    OK(start(a, DIGEST));
    ACTIVE(a);
    GOES(CKR_CRYPTOKI_NOT_INITIALIZED, C_GenerateRandom, b, out, 8);
    GOES(CKR_OK, C_FindObjectsInit, a, NULL, 0);
    finish();
}

/* C_CloseAllSessions of one slot, and everything from the beginning after C_Finalize. */
static void all_of_a_slot(void)
{
    begin();
    CK_SESSION_HANDLE many[300], last = 0;
    for (int i = 0; i < 300; ++i) {
        many[i] = open_in(i % 2 == 0 ? 0 : 7);
        OK(start(many[i], DIGEST));
    }
    GOES(CKR_OK, C_CloseAllSessions, 0);
    for (int i = 1; i < 300; i += 2) { ACTIVE(many[i]); }
    for (int i = 0; i < 300; i += 2) {
        GOES(CKR_SESSION_HANDLE_INVALID, C_DigestUpdate, many[i], TEXT);
        last = open_one();
        GOES(CKR_OK, C_SignInit, last, &mechanism, KEY);
    }
    finish();
    GOES(CKR_CRYPTOKI_NOT_INITIALIZED, C_SignUpdate, last, TEXT);
    OK(f->C_Initialize(NULL));
    last = open_one();
    NOT_ACTIVE(last);
    finish();
}

const scenario sessions_scenarios[] = {
    { "login", login }, { "login-elsewhere", login_elsewhere }, { "logout", logout }, { "pin-locked", pin_locked },
    { "closing-fails", closing_fails }, { "opening-fails", opening_fails },
    { "removed-in-session", removed_in_session }, { "removed-by-slot", removed_by_slot },
    { "removed-while-opening", removed_while_opening }, { "one-session-gone", one_session_gone },
    { "library-gone", library_gone }, { "all-of-a-slot", all_of_a_slot }, { NULL, NULL },
};
