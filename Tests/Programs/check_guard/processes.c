/* SPDX-License-Identifier: MIT */
/* Scenarios about fork. */
#include "check_guard.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

/* ---- In the child ---- */

static void child_is_told_so(CK_SESSION_HANDLE h)
{
    GOES(CKR_CRYPTOKI_NOT_INITIALIZED, C_FindObjectsInit, h, NULL, 0);
    GOES(CKR_CRYPTOKI_NOT_INITIALIZED, C_DigestInit, h, &mechanism);
    GOES(CKR_CRYPTOKI_NOT_INITIALIZED, C_CloseSession, h);
    GOES(CKR_CRYPTOKI_NOT_INITIALIZED, C_Finalize, NULL);
}

static void child_begins_anew(CK_SESSION_HANDLE h)
{
    GOES(CKR_OK, C_Initialize, NULL);
    const CK_SESSION_HANDLE own = open_one();
    EQUAL(h, own); /* the same number; the guard must not take it for the parent's */
    NOT_ACTIVE(own);
    OK(start(own, SIGN));
    ACTIVE(own);
    finish();
}

/* Children of a module that knows whose it is. What they do, the parent does not see. */
static void forked(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    in_child(child_is_told_so, h);
    in_child(child_begins_anew, h);
    ACTIVE(h);
    GOES(CKR_OK, C_DigestUpdate, h, TEXT);
    finish();
}

static void child_is_unchecked(CK_SESSION_HANDLE h)
{
    GOES(CKR_OK, C_FindObjectsInit, h, NULL, 0);
    GOES(CKR_OK, C_FindObjectsInit, h, NULL, 0);
    GOES(CKR_OK, C_SignInit, h, &mechanism, KEY);
}

/* PERMISSIVE_FORK_SAFE=1, but the program has the list that does not say so: nothing is checked, with one line. */
static void forked_unaware(void)
{
    take_list();
    module = load(module_path);
    SYMBOL(permissive_calls, module, "permissive_calls");
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    in_child(child_is_unchecked, h);
    ACTIVE(h);
    finish();
}

static void child_keeps(CK_SESSION_HANDLE h)
{
    ACTIVE(h);
    GOES(CKR_OK, C_DigestFinal, h, OUT);
    NOT_ACTIVE(h);
    OK(start(open_one(), DIGEST));
}

/* PERMISSIVE_FORK_SAFE=1, and the interface says so: the child goes on with what its parent has. */
static void forked_safely(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    in_child(child_keeps, h);
    ACTIVE(h);
    finish();
}

/* The same while another thread is in the session: in the child nobody is (threads=refuse). */
static void forked_while_inside(void)
{
    begin();
    task t = { .session = open_one() };
    OK(start(t.session, DIGEST));
    const pthread_t thread = inside(&t);
    in_child(child_keeps, t.session);
    release();
    JOIN(thread);
    finish();
}

/* ---- Forks in the middle of something ---- */

/* Fork in a callback; the child begins anew in it, and then returns into the call that its parent made. */
static CK_SESSION_HANDLE forking_session;
static pid_t forked_child;

static CK_RV fork_when_notified(CK_SESSION_HANDLE h, CK_NOTIFICATION event, CK_VOID_PTR application)
{
    (void)event;
    (void)application;
    forked_child = fork();
    if (forked_child == 0) {
        alarm(10);
        failed = 0;
        GOES(CKR_OK, C_Initialize, NULL);
    }
    forking_session = h;
    return CKR_OK;
}

static void forked_in_callback(void)
{
    int status = 0;
    CK_SESSION_HANDLE h = 0;
    begin();
    OK(f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, fork_when_notified, &h));
    OK(start(h, DIGEST));
    fflush(stdout);
    const CK_RV rv = f->C_DigestUpdate(h, TEXT);
    if (forked_child == 0) {
        ANSWERS(CKR_SESSION_CLOSED, rv); /* the module has no such session */
        for (int i = 0; i < 100; ++i) {
            const CK_SESSION_HANDLE own = open_one();
            OK(start(own, DIGEST));
            ACTIVE(own);
        }
        fflush(stdout);
        _exit(failed == 0 ? 0 : 1);
    }
    OK(rv);
    EQUAL(forked_child, waitpid(forked_child, &status, 0));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ACTIVE(h);
    finish();
}

static atomic_int is_over;

static void *open_and_close(void *argument)
{
    (void)argument;
    while (!is_over) {
        CK_SESSION_HANDLE h = 0;
        if (f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h) != CKR_OK) { continue; }
        f->C_DigestInit(h, &mechanism);
        f->C_FindObjectsInit(h, NULL, 0); /* refused, with a line in the log */
        f->C_CloseSession(h);
        rest(1);
    }
    return NULL;
}

static void child_works(CK_SESSION_HANDLE h)
{
    (void)h;
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE own = open_one();
    OK(f->C_DigestInit(own, &mechanism));
    ANSWERS(CKR_OPERATION_ACTIVE, f->C_FindObjectsInit(own, NULL, 0));
}

/* Forty children of a process whose other threads are in the guard all the time: none finds a lock that nobody has. */
static void forked_in_a_crowd(void)
{
    pthread_t threads[3];
    begin();
    for (int i = 0; i < 3; ++i) { threads[i] = run_thread(open_and_close, NULL); }
    for (int i = 0; i < 40; ++i) { in_child(child_works, 0); }
    is_over = 1;
    for (int i = 0; i < 3; ++i) { JOIN(threads[i]); }
    finish();
}

static volatile sig_atomic_t signal_forks, is_signal_child;

static void fork_in_handler(int number)
{
    (void)number;
    if (is_signal_child || signal_forks >= 400) { return; }
    const pid_t child = fork();
    if (child == 0) { is_signal_child = 1; }
    if (child > 0) { ++signal_forks; }
}

/* odd_module.c, which has no lock: a signal handler forks, wherever the thread is; the child returns from it, begins anew, and is
   guarded. */
static void forked_in_a_handler(void)
{
    const struct itimerval often = { { 0, 700 }, { 0, 700 } }, never = { { 0, 0 }, { 0, 0 } };
    struct sigaction action = { .sa_handler = fork_in_handler };
    int reaped = 0, bad = 0, status = 0;
    take_list();
    OK(f->C_Initialize(NULL));
    alarm(60);
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &often, NULL);
    while (reaped < 400) {
        CK_SESSION_HANDLE h = 0;
        f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h);
        f->C_CloseSession(h);
        if (is_signal_child) {
            alarm(10);
            failed = 0;
            OK(f->C_Initialize(NULL));
            const CK_SESSION_HANDLE own = open_one();
            OK(start(own, DIGEST));
            ANSWERS(CKR_OPERATION_ACTIVE, f->C_FindObjectsInit(own, NULL, 0));
            fflush(stdout);
            _exit(failed == 0 ? 0 : 1);
        }
        while (waitpid(-1, &status, WNOHANG) > 0) {
            ++reaped;
            bad += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
        }
    }
    setitimer(ITIMER_VIRTUAL, &never, NULL);
    EQUAL(0, bad);
    finish();
}

const scenario processes_scenarios[] = {
    { "forked", forked }, { "forked-unaware", forked_unaware }, { "forked-safely", forked_safely },
    { "forked-while-inside", forked_while_inside }, { "forked-in-callback", forked_in_callback },
    { "forked-in-a-crowd", forked_in_a_crowd }, { "forked-in-a-handler", forked_in_a_handler }, { NULL, NULL },
};
