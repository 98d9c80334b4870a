/* SPDX-License-Identifier: MIT */
/* Scenarios about several threads in one session. */
#include "check_guard.h"

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

static atomic_int is_wrong, is_over;
static atomic_long refused_starts;

static void *storm(void *argument)
{
    unsigned seed = (unsigned)(size_t)argument;
    CK_SESSION_INFO information;
    while (!is_over) {
        const int slot = rand_r(&seed) % 2 == 0 ? 0 : 7;
        CK_SESSION_HANDLE h = 0;
        if (f->C_OpenSession((CK_SLOT_ID)slot, CKF_SERIAL_SESSION, NULL, NULL, &h) != CKR_OK) { is_wrong = 1; }
        for (int i = 0; i < 20; ++i) {
            /* Handles of others are used as well, and sometimes closed. */
            const CK_SESSION_HANDLE any = rand_r(&seed) % 4 == 0 ? 1 + (CK_SESSION_HANDLE)rand_r(&seed) % 8 : h;
            switch (rand_r(&seed) % 10) {
            case 0: f->C_DigestInit(any, &mechanism); break;
            case 1: refused_starts += f->C_SignInit(any, &mechanism, KEY) == CKR_OPERATION_ACTIVE; break;
            case 2: f->C_DigestUpdate(any, text, LENGTH); break;
            case 3: f->C_Login(any, CKU_USER, text, LENGTH); break;
            case 4: f->C_Logout(any); break;
            case 5: f->C_SessionCancel(any, 0x7FFF); break;
            case 6: if (rand_r(&seed) % 8 == 0) { f->C_CloseAllSessions((CK_SLOT_ID)slot); } break;
            case 7: f->C_CloseSession(any); break;
            default: f->C_GetSessionInfo(any, &information); break;
            }
        }
        f->C_CloseSession(h);
    }
    return NULL;
}

/* Six threads that respect nothing, for a second and a half; afterwards all is as in the beginning. */
static void a_storm(void)
{
    pthread_t threads[6];
    begin();
    for (size_t i = 0; i < 6; ++i) { threads[i] = run_thread(storm, (void *)(i + 1)); }
    rest(1500);
    is_over = 1;
    for (int i = 0; i < 6; ++i) { JOIN(threads[i]); }
    EQUAL(0, is_wrong);
    CHECK(refused_starts > 0);
    OK(f->C_CloseAllSessions(0));
    OK(f->C_CloseAllSessions(7));
    const CK_SESSION_HANDLE h = open_one();
    NOT_ACTIVE(h);
    OK(start(h, DIGEST));
    ACTIVE(h);
    finish();
}

const scenario threads_scenarios[] = {
    { "threads-reported", threads_reported }, { "threads-refused", threads_refused },
    { "threads-only-reported", threads_only_reported }, { "threads-wait", threads_wait },
    { "closed-while-waiting", closed_while_waiting }, { "ended-while-waiting", ended_while_waiting },
    { "serialized-crowd", serialized_crowd }, { "a-storm", a_storm }, { NULL, NULL },
};
