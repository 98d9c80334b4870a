/* SPDX-License-Identifier: MIT */
/*
 * Scenarios about threads in one session, and about callbacks, which are none. Which call comes first is never left to
 * the clock: a call stays inside the module until the scenario lets it go on.
 */
#ifndef CHECK_GUARD_THREADS_H
#define CHECK_GUARD_THREADS_H

#include "check_guard_base.h"

typedef struct {
    CK_SESSION_HANDLE session, other;
    CK_RV answer;
    atomic_long thread; /* the kernel's number, once the thread runs */
} task;

static void *digest_a_part(void *argument)
{
    task *const t = argument;
    t->thread = syscall(SYS_gettid);
    t->answer = f->C_DigestUpdate(t->session, TEXT);
    return NULL;
}

/* Waits for a condition, for five seconds at most: a test must not hang with what it tests. */
#define AWAIT(condition)                                                                                               \
    do {                                                                                                               \
        for (int i_ = 0; i_ < 5000 && !(condition); ++i_) { rest(1); }                                                 \
        CHECK(condition);                                                                                              \
    } while (0)

/* A thread that is inside C_DigestUpdate when this returns, and stays there until `release`. */
static pthread_t inside(task *t)
{
    const CK_ULONG before = held();
    hold(1);
    const pthread_t thread = run_thread(digest_a_part, t);
    AWAIT(held() == before + 1);
    return thread;
}

/* Whether the thread sleeps. Nothing in C_DigestUpdate sleeps but who waits for another thread. */
static int sleeps(const task *t)
{
    char path[64], line[256] = "";
    if (t->thread == 0) { return 0; }
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", t->thread);
    FILE *const file = fopen(path, "r");
    if (file == NULL) { return 0; }
    const int is_read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    const char *const name_end = strrchr(line, ')');
    return is_read && name_end != NULL && name_end[2] == 'S';
}

/* A thread that waits for the one inside its session when this returns: threads=serialize. */
static pthread_t waiting_for_it(task *t)
{
    const pthread_t thread = run_thread(digest_a_part, t);
    AWAIT(sleeps(t));
    return thread;
}

#define JOIN(thread) CHECK(join(thread))

/* P11GUARD_THREADS=report: both go on, and the second is noticed; in another session it is not. */
static void threads_reported(void)
{
    CK_SESSION_INFO information;
    begin();
    task t = { .session = open_one() };
    const CK_SESSION_HANDLE other = open_one();
    OK(start(t.session, DIGEST));
    const pthread_t thread = inside(&t);
    GOES(CKR_OK, C_GetSessionInfo, other, &information);
    GOES(CKR_OK, C_GetSessionInfo, t.session, &information);
    ACTIVE(t.session); /* the rules hold all the same; two lines more */
    release();
    JOIN(thread);
    ANSWERS(CKR_OK, t.answer);
    GOES(CKR_OK, C_GetSessionInfo, t.session, &information); /* now it is alone */
    ACTIVE(t.session);
    finish();
}

/* P11GUARD_THREADS=refuse: a start is answered CKR_OPERATION_ACTIVE, the rest CKR_FUNCTION_FAILED; closing goes on. */
static void threads_refused(void)
{
    CK_SESSION_INFO information;
    begin();
    task t = { .session = open_one() };
    const CK_SESSION_HANDLE other = open_one();
    OK(start(t.session, DIGEST));
    const pthread_t thread = inside(&t);
    REFUSED(C_EncryptInit, t.session, &mechanism, KEY);
    REFUSED_WITH(CKR_FUNCTION_FAILED, C_GetSessionInfo, t.session, &information);
    REFUSED_WITH(CKR_FUNCTION_FAILED, C_DigestUpdate, t.session, TEXT);
    GOES(CKR_OK, C_GetSessionInfo, other, &information);
    GOES(CKR_OK, C_CloseSession, t.session);
    release();
    JOIN(thread);
    ANSWERS(CKR_SESSION_CLOSED, t.answer);
    t.session = open_one();
    NOT_ACTIVE(t.session);
    finish();
}

/* P11GUARD_THREADS=refuse, P11GUARD_MODE=report: everything passes. */
static void threads_only_reported(void)
{
    CK_SESSION_INFO information;
    begin();
    task t = { .session = open_one() };
    OK(start(t.session, DIGEST));
    const pthread_t thread = inside(&t);
    GOES(CKR_OK, C_GetSessionInfo, t.session, &information);
    release();
    JOIN(thread);
    finish();
}

/* P11GUARD_THREADS=serialize: the second waits for the first, and other sessions for nobody. */
static void threads_wait(void)
{
    begin();
    task t = { .session = open_one() }, second = { .session = t.session }, third = { .session = open_one() };
    OK(start(t.session, DIGEST));
    OK(start(third.session, DIGEST));
    const pthread_t thread = inside(&t), thread_2 = waiting_for_it(&second);
    const CK_ULONG before = calls("C_DigestUpdate");
    JOIN(run_thread(digest_a_part, &third));
    OK(third.answer);
    EQUAL(before + 1, calls("C_DigestUpdate")); /* the third alone */
    release();
    JOIN(thread);
    JOIN(thread_2);
    OK(t.answer);
    OK(second.answer);
    finish();
}

/* serialize: closing waits for nobody, and who waits goes on to the module, which has no such session. */
static void closed_while_waiting(void)
{
    begin();
    task t = { .session = open_one() }, waiting[3] = { t, t, t };
    pthread_t threads[3];
    OK(start(t.session, DIGEST));
    const pthread_t thread = inside(&t);
    for (int i = 0; i < 3; ++i) { threads[i] = waiting_for_it(&waiting[i]); }
    GOES(CKR_OK, C_CloseSession, t.session);
    release();
    JOIN(thread);
    ANSWERS(CKR_SESSION_CLOSED, t.answer);
    for (int i = 0; i < 3; ++i) {
        JOIN(threads[i]);
        ANSWERS(CKR_SESSION_HANDLE_INVALID, waiting[i].answer);
    }
    const CK_SESSION_HANDLE again = open_one();
    NOT_ACTIVE(again);
    finish();
}

/* The same with C_CloseAllSessions, C_Finalize, and a new session that has the same handle. */
static void ended_while_waiting(void)
{
    static const CK_RV later_answers[] = { CKR_SESSION_HANDLE_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED,
                                           CKR_OPERATION_NOT_INITIALIZED };
    begin();
    for (int way = 0; way < 3; ++way) {
        task t = { .session = open_one() }, waiting = t;
        OK(start(t.session, DIGEST));
        const pthread_t thread = inside(&t), second = waiting_for_it(&waiting);
        switch (way) {
        case 0: GOES(CKR_OK, C_CloseAllSessions, 0); break;
        case 1:
            finish();
            OK(f->C_Initialize(NULL));
            break;
        default:
            GOES(CKR_OK, C_CloseSession, t.session);
            EQUAL(t.session, open_one());
            OK(start(t.session, SIGN));
            break;
        }
        release();
        JOIN(thread);
        JOIN(second);
        ANSWERS(CKR_SESSION_CLOSED, t.answer);
        /* It goes on to the module at any time after the session has ended: perhaps before what comes next. */
        if (waiting.answer != CKR_SESSION_HANDLE_INVALID) { ANSWERS(later_answers[way], waiting.answer); }
        if (way == 2) { ACTIVE(t.session); }
        OK(f->C_CloseAllSessions(0));
    }
    finish();
}

/* A thread that is cancelled inside the module does not take its session with it. */
static void cancelled(void)
{
    CK_SESSION_INFO information;
    begin();
    task t = { .session = open_one() }, next = t;
    OK(start(t.session, DIGEST));
    const pthread_t thread = inside(&t);
    pthread_cancel(thread);
    JOIN(thread);
    GOES(CKR_OK, C_GetSessionInfo, t.session, &information);
    JOIN(run_thread(digest_a_part, &next));
    ANSWERS(CKR_OK, next.answer);
    GOES(CKR_OK, C_DigestFinal, t.session, OUT);
    NOT_ACTIVE(t.session);
    finish();
}

/* serialize: who is cancelled while waiting for a session neither keeps the others out nor takes a lock along. */
static void cancelled_while_waiting(void)
{
    begin();
    task t = { .session = open_one() }, waiting = t, next = t, other = { .session = open_one() };
    OK(start(t.session, DIGEST));
    OK(start(other.session, DIGEST));
    const pthread_t thread = inside(&t), second = waiting_for_it(&waiting);
    pthread_cancel(second);
    hold(1); /* where it is cancelled at the latest */
    release();
    JOIN(second);
    hold(0);
    JOIN(thread);
    ANSWERS(CKR_OK, t.answer);
    const pthread_t third = run_thread(digest_a_part, &next), fourth = run_thread(digest_a_part, &other);
    JOIN(third);
    JOIN(fourth);
    ANSWERS(CKR_OK, next.answer);
    ANSWERS(CKR_OK, other.answer);
    finish();
}

static void *many_updates(void *argument)
{
    task *const t = argument;
    for (int i = 0; i < 100; ++i) {
        const CK_RV rv = f->C_DigestUpdate(t->session, TEXT);
        if (rv != CKR_OK) { t->answer = rv; }
    }
    return NULL;
}

/* serialize: eight threads, a hundred parts each; the digest is that of eight hundred. */
static void serialized_crowd(void)
{
    CK_BYTE expected[32];
    begin();
    task t = { .session = open_one() };
    const CK_SESSION_HANDLE alone = open_one();
    pthread_t threads[8];
    OK(start(alone, DIGEST));
    for (int i = 0; i < 800; ++i) { OK(f->C_DigestUpdate(alone, TEXT)); }
    OK(f->C_DigestFinal(alone, OUT));
    memcpy(expected, out, sizeof expected);
    OK(start(t.session, DIGEST));
    for (int i = 0; i < 8; ++i) { threads[i] = run_thread(many_updates, &t); }
    for (int i = 0; i < 8; ++i) { JOIN(threads[i]); }
    ANSWERS(CKR_OK, t.answer);
    OK(f->C_DigestFinal(t.session, OUT));
    CHECK(memcmp(expected, out, sizeof expected) == 0);
    finish();
}

/* ---- Callbacks: PERMISSIVE_CALLBACK=1 ---- */

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

#endif /* CHECK_GUARD_THREADS_H */
