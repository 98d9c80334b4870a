/* SPDX-License-Identifier: MIT */
/* Scenarios about threads that are cancelled, that call while they end, or whose stack is the smallest. */
#include "check_guard.h"

#include <limits.h>

/* ---- Cancelled ---- */

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

static void *be_refused_for_ever(void *argument)
{
    for (;;) {
        f->C_FindObjectsInit(*(CK_SESSION_HANDLE *)argument, NULL, 0);
        pthread_testcancel();
    }
    return NULL;
}

/* Threads that are cancelled while they are being refused leave no file open. */
static void cancelled_while_refused(void)
{
    CK_SESSION_HANDLE h = 0;
    begin();
    h = open_one();
    OK(start(h, DIGEST));
    ACTIVE(h);
    const int before = count_files();
    for (int i = 0; i < 400; ++i) {
        const pthread_t thread = run_thread(be_refused_for_ever, &h);
        usleep(200);
        pthread_cancel(thread);
        JOIN(thread);
    }
    EQUAL(before, count_files());
    finish();
}

static unsigned long writable_kilobytes(void)
{
    char line[256];
    unsigned long kilobytes = 0;
    FILE *const file = fopen("/proc/self/status", "r");
    if (file == NULL) { abort(); }
    while (fgets(line, sizeof line, file) != NULL) { sscanf(line, "VmData: %lu kB", &kilobytes); }
    fclose(file);
    return kilobytes;
}

/* P11GUARD_THREADS=refuse: a thread is cancelled while it is refused in each of some sessions, as another thread is
   inside. */
static void cancel_in_sessions(int count)
{
    for (int i = 0; i < count; ++i) {
        task t = { .session = open_one() };
        OK(start(t.session, DIGEST));
        const pthread_t holder = inside(&t), thread = run_thread(be_refused_for_ever, &t.session);
        usleep(200);
        pthread_cancel(thread);
        JOIN(thread);
        release();
        JOIN(holder);
        OK(f->C_CloseSession(t.session));
    }
}

/* The records of the sessions are used again: three times as many sessions need no more memory. */
static void cancelled_leaves_no_pin(void)
{
    begin();
    cancel_in_sessions(200);
    const unsigned long kilobytes = writable_kilobytes();
    cancel_in_sessions(600);
    EQUAL(kilobytes, writable_kilobytes());
    finish();
}

/* ---- Ends and stacks ---- */

static pthread_key_t last_words;
static CK_RV last_answer;

static void use_session(void *argument)
{
    const CK_SESSION_HANDLE h = *(CK_SESSION_HANDLE *)argument;
    last_answer = f->C_DigestUpdate(h, TEXT);
    if (last_answer == CKR_OK) { last_answer = f->C_FindObjectsInit(h, NULL, 0); }
}

static void *with_last_words(void *argument)
{
    pthread_setspecific(last_words, argument);
    OK(f->C_DigestUpdate(*(CK_SESSION_HANDLE *)argument, TEXT));
    return NULL;
}

/* Calls while a thread ends, after the guard's own part of it may be gone; the key was made before the guard's. */
static void key_destructor(void)
{
    pthread_key_create(&last_words, use_session);
    begin();
    CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    for (int i = 0; i < 20; ++i) {
        last_answer = CKR_OK;
        JOIN(run_thread(with_last_words, &h));
        ANSWERS(CKR_OPERATION_ACTIVE, last_answer);
    }
    finish();
}

static void *be_refused(void *argument)
{
    *(CK_RV *)argument = f->C_FindObjectsInit(1, NULL, 0);
    return NULL;
}

/* A refusal is written on the smallest stack that a thread can have. */
static void small_stack(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    CK_RV answer = CKR_OK;
    begin();
    OK(start(open_one(), DIGEST));
    pthread_attr_init(&attributes);
    EQUAL(0, pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN));
    EQUAL(0, pthread_create(&thread, &attributes, be_refused, &answer));
    JOIN(thread);
    ANSWERS(CKR_OPERATION_ACTIVE, answer);
    finish();
}

const scenario ending_threads_scenarios[] = {
    { "cancelled", cancelled }, { "cancelled-while-waiting", cancelled_while_waiting }, { "small-stack", small_stack },
    { "key-destructor", key_destructor }, { "cancelled-while-refused", cancelled_while_refused },
    { "cancelled-leaves-no-pin", cancelled_leaves_no_pin }, { NULL, NULL },
};
