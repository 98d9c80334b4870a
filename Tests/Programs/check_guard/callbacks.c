/* SPDX-License-Identifier: MIT */
/* Scenarios about callbacks (PERMISSIVE_CALLBACK=1), which are no second thread in a session. */
#include "check_guard.h"

#include <setjmp.h>

static task *callback_task;
static int callback_kind;
static atomic_int callback_depth;
static CK_RV notified(CK_SESSION_HANDLE h, CK_NOTIFICATION event, CK_VOID_PTR application);

static CK_SESSION_HANDLE open_with_callback(void)
{
    CK_SESSION_HANDLE h = 0;
    OK(f->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION, &callback_task, notified, &h));
    return h;
}

static CK_RV notified(CK_SESSION_HANDLE h, CK_NOTIFICATION event, CK_VOID_PTR application)
{
    CK_SESSION_INFO information;
    EQUAL(CKN_SURRENDER, event);
    CHECK(application == &callback_task);
    if (callback_depth >= 3) { return CKR_OK; }
    ++callback_depth;
    switch (callback_kind) {
    case 0: /* in the same session and in another */
        GOES(CKR_OK, C_GetSessionInfo, h, &information);
        GOES(CKR_OK, C_GenerateRandom, h, out, 8);
        ACTIVE(h);
        GOES(CKR_OK, C_DigestInit, callback_task->other, &mechanism);
        ACTIVE(callback_task->other);
        GOES(CKR_OK, C_DigestFinal, callback_task->other, OUT);
        break;
    case 1: /* closes the session it is in, and opens one that has the same handle */
        GOES(CKR_OK, C_CloseSession, h);
        callback_task->other = open_one();
        EQUAL(h, callback_task->other);
        GOES(CKR_OK, C_SignInit, h, &mechanism, KEY);
        break;
    case 2: /* ends everything and begins anew */
        finish();
        OK(f->C_Initialize(NULL));
        EQUAL(h, open_one());
        GOES(CKR_OK, C_SignInit, h, &mechanism, KEY);
        break;
    case 3: --callback_depth; return CKR_CANCEL;
    case 4: /* one callback in another, to and fro between two sessions */
        OK(f->C_DigestUpdate(h == callback_task->session ? callback_task->other : callback_task->session, TEXT));
        break;
    case 5: /* stays in the other session */
        hold(1);
        OK(f->C_DigestUpdate(callback_task->other, TEXT));
        break;
    default: /* a login from within: what is going on may be gone, here and elsewhere */
        GOES(CKR_OK, C_Login, h, CKU_USER, TEXT);
        break;
    }
    --callback_depth;
    return CKR_OK;
}

static void callback(int kind, CK_RV expected)
{
    begin();
    task t = { .session = open_with_callback() };
    if (kind != 1 && kind != 2) { t.other = open_one(); }
    if (kind == 6) { OK(start(t.other, SIGN)); }
    callback_task = &t;
    callback_kind = kind;
    OK(start(t.session, DIGEST));
    GOES(expected, C_DigestUpdate, t.session, TEXT);
    if (kind == 3) {
        NOT_ACTIVE(t.session);
    } else {
        ACTIVE(t.session); /* after the login too: the part that succeeded shows it */
    }
    if (kind == 6) { NOT_ACTIVE(t.other); }
    finish();
}

static void callback_calls(void) { callback(0, CKR_OK); }
static void callback_closes(void) { callback(1, CKR_SESSION_CLOSED); }
/* The module takes the session of the same number for the same, in which there is no digest. */
static void callback_finalizes(void) { callback(2, CKR_OPERATION_NOT_INITIALIZED); }
static void callback_cancels(void) { callback(3, CKR_FUNCTION_CANCELED); }
static void callback_logs_in(void) { callback(6, CKR_OK); }

/* Each level is counted by the module, so that how often is not asked. */
static void callback_nested(void)
{
    begin();
    task t = { .session = open_with_callback(), .other = open_with_callback() };
    callback_task = &t;
    callback_kind = 4;
    OK(start(t.session, DIGEST));
    OK(start(t.other, DIGEST));
    OK(f->C_DigestUpdate(t.session, TEXT));
    ACTIVE(t.session);
    ACTIVE(t.other);
    task in_another_thread = t;
    callback_kind = 0;
    callback_depth = 3; /* no callback calls any more: the sessions are free again */
    JOIN(run_thread(digest_a_part, &in_another_thread));
    OK(in_another_thread.answer);
    finish();
}

/* Cancelled in a callback that is in another session: both are free afterwards. */
static void cancelled_in_callback(void)
{
    begin();
    task t = { .session = open_with_callback(), .other = open_one() }, next = { .session = t.session },
         other = { .session = t.other };
    callback_task = &t;
    callback_kind = 5;
    OK(start(t.session, DIGEST));
    OK(start(t.other, DIGEST));
    const CK_ULONG before = calls("C_DigestUpdate");
    const pthread_t thread = run_thread(digest_a_part, &t);
    AWAIT(calls("C_DigestUpdate") == before + 2 && held() == 1);
    pthread_cancel(thread);
    JOIN(thread);
    callback_depth = 3;
    const pthread_t second = run_thread(digest_a_part, &other), first = run_thread(digest_a_part, &next);
    JOIN(second);
    ANSWERS(CKR_OK, other.answer);
    JOIN(first);
    ANSWERS(CKR_OK, next.answer);
    finish();
}

/* serialize: two threads whose callbacks each want the other's session do not wait for each other for ever. */
static void callbacks_crossing(void)
{
    begin();
    static task t;
    t = (task){ .session = open_with_callback(), .other = open_with_callback() };
    task a = { .session = t.session }, b = { .session = t.other };
    callback_task = &t;
    callback_kind = 4;
    callback_depth = 1; /* both threads count; it need not be exact */
    OK(start(t.session, DIGEST));
    OK(start(t.other, DIGEST));
    hold(2);
    const pthread_t first = run_thread(digest_a_part, &a), second = run_thread(digest_a_part, &b);
    AWAIT(held() == 2);
    release();
    JOIN(first);
    JOIN(second);
    OK(a.answer);
    OK(b.answer);
    finish();
}

/* ---- longjmp ---- */

static jmp_buf escape;

static CK_RV jump_away(CK_SESSION_HANDLE h, CK_NOTIFICATION event, CK_VOID_PTR application)
{
    (void)h, (void)event, (void)application;
    longjmp(escape, 1);
}

/* threads=serialize, with shorter_waits.c preloaded: a thread that left the session by longjmp is not awaited forever. */
static void left_by_longjmp(void)
{
    CK_SESSION_HANDLE h = 0;
    begin();
    OK(f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, jump_away, &h));
    task t = { .session = h }, again = { .session = h }, next = { .session = 0 };
    OK(start(h, DIGEST));
    if (setjmp(escape) == 0) {
        f->C_DigestUpdate(h, TEXT);
        CHECK(0);
    }
    JOIN(run_thread(digest_a_part, &t));
    ANSWERS(CKR_FUNCTION_FAILED, t.answer);
    JOIN(run_thread(digest_a_part, &again));
    ANSWERS(CKR_FUNCTION_FAILED, again.answer);
    OK(f->C_CloseSession(h));
    next.session = open_one();
    OK(start(next.session, DIGEST));
    JOIN(run_thread(digest_a_part, &next));
    ANSWERS(CKR_OK, next.answer);
    finish();
}

const scenario callbacks_scenarios[] = {
    { "callback-calls", callback_calls }, { "callback-closes", callback_closes },
    { "callback-finalizes", callback_finalizes }, { "callback-cancels", callback_cancels },
    { "callback-logs-in", callback_logs_in }, { "callback-nested", callback_nested },
    { "cancelled-in-callback", cancelled_in_callback }, { "callbacks-crossing", callbacks_crossing },
    { "left-by-longjmp", left_by_longjmp }, { NULL, NULL },
};
