/* SPDX-License-Identifier: MIT */
/* Scenarios about fork, and about several guards in one process. */
#ifndef CHECK_GUARD_PROCESSES_H
#define CHECK_GUARD_PROCESSES_H

#include "check_guard_lists.h"
#include "check_guard_threads.h"

/* Runs the body in a child, whose failed checks are this process's. */
static void in_child(void (*body)(CK_SESSION_HANDLE), CK_SESSION_HANDLE h)
{
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);
        failed = 0;
        body(h);
        fflush(stdout);
        _exit(failed == 0 ? 0 : 1);
    }
    EQUAL(child, waitpid(child, &status, 0));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

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

/* The guard's functions as its list of 2.40 has them. */
static void take_list(void)
{
    CK_FUNCTION_LIST *list = NULL;
    static CK_FUNCTION_LIST_3_2 copy;
    guard = load(guard_path);
    entrances(guard);
    OK(get_list(&list));
    memcpy(&copy, list, sizeof *list);
    f = &copy;
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

/* ---- Several guards: each a copy of the file with a file of its own beside it ---- */

/* GUARD and GUARD_2 (environment) have different modules and policies; sessions have the same handles. */
static void two_guards(void)
{
    CK_SESSION_HANDLE h[2] = { 0, 0 };
    CK_FUNCTION_LIST *list[2] = { NULL, NULL };
    const char *const paths[2] = { guard_path, getenv("CHECK_GUARD_SECOND") };
    for (int i = 0; i < 2; ++i) {
        entrances(load(paths[i]));
        OK(get_list(&list[i]));
        CHECK(FUNCTION_IS_IN(paths[i], list[i]->C_DigestInit));
        OK(list[i]->C_Initialize(NULL));
        OK(list[i]->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h[i]));
    }
    CHECK(list[0]->C_DigestInit != list[1]->C_DigestInit);
    OK(list[0]->C_DigestInit(h[0], &mechanism)); /* usage-guide */
    OK(list[1]->C_DigestInit(h[1], &mechanism)); /* single */
    OK(list[0]->C_EncryptInit(h[0], &mechanism, KEY));
    ANSWERS(CKR_OPERATION_ACTIVE, list[1]->C_EncryptInit(h[1], &mechanism, KEY));
    OK(list[0]->C_Finalize(NULL));
    ANSWERS(CKR_OPERATION_ACTIVE, list[1]->C_EncryptInit(h[1], &mechanism, KEY));
    OK(list[1]->C_Finalize(NULL));
}

#endif /* CHECK_GUARD_PROCESSES_H */
