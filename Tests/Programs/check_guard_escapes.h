/* SPDX-License-Identifier: MIT */
/* Scenarios of hosts that leave a call, a folder or a process in the middle of something, and of modules that lie about numbers. */
#ifndef CHECK_GUARD_ESCAPES_H
#define CHECK_GUARD_ESCAPES_H

#include "check_guard_hostile.h"

#include <setjmp.h>
#include <sys/time.h>

/* ---- Handles ---- */

/*
 * odd_module.c with ODD_HANDLES: sessions whose handles have much in common, while another thread is in each of them in turn. All
 * are started in their own right, by the thread that was in the session before, and by one that was in none.
 */
static void *start_digest(void *argument)
{
    task *const t = argument;
    t->answer = f->C_DigestInit(t->session, &mechanism);
    return NULL;
}

static void related_handles(void)
{
    enum { MOST = 8 };
    CK_SESSION_HANDLE handles[MOST];
    const int count = atoi(getenv("CHECK_GUARD_COUNT"));
    take_list();
    OK(f->C_Initialize(NULL));
    for (int i = 0; i < count; ++i) {
        handles[i] = open_one();
        OK(f->C_SignInit(handles[i], &mechanism, KEY)); /* it is the thread's last session when the next one is opened */
        OK(f->C_SignFinal(handles[i], OUT));
    }
    for (int from = 0; from < count; ++from) {
        for (int to = 0; to < count; ++to) {
            task t = { .session = handles[to] };
            if (from == to) { continue; }
            OK(start(handles[from], SIGN));
            OK(start(handles[to], DIGEST)); /* a first start, whatever the other session is doing */
            OK(end(handles[to], DIGEST));
            JOIN(run_thread(start_digest, &t));
            ANSWERS(CKR_OK, t.answer);
            OK(end(handles[to], DIGEST));
            ANSWERS(CKR_OPERATION_ACTIVE, f->C_SignInit(handles[from], &mechanism, KEY));
            OK(end(handles[from], SIGN));
        }
        OK(f->C_DigestInit(handles[from], &mechanism));
        f->C_DigestInit(0, &mechanism); /* nobody's; whatever it does, it does to nobody */
        f->C_DigestFinal(0, OUT);
        ANSWERS(CKR_OPERATION_ACTIVE, f->C_DigestInit(handles[from], &mechanism));
        OK(f->C_DigestFinal(handles[from], OUT));
    }
    /* What is closed is nobody's, and its handle is free for the next one. */
    for (int i = 0; i < count; ++i) { OK(f->C_CloseSession(handles[i])); }
    finish();
}

/* ---- Interfaces ---- */

/* ODD=boasting: three interfaces where there is room for one. Behind it are bytes that no list would be found at. */
static void boasting(void)
{
    CK_INTERFACE one[3];
    CK_ULONG count = 1;
    memset(one, 0x5A, sizeof one);
    guard = load(guard_path);
    entrances(guard);
    ANSWERS(CKR_BUFFER_TOO_SMALL, get_interfaces(one, &count));
    EQUAL(3, count);
    for (size_t i = 0; i < 2 * sizeof *one; ++i) { CHECK(((CK_BYTE *)&one[1])[i] == 0x5A); }
    OK(get_interfaces(one, &count));
    EQUAL(3, count);
    CHECK(FUNCTION_IS_IN(guard_path, ((CK_FUNCTION_LIST *)one[2].pFunctionList)->C_DigestInit));
}

/* ---- Folders ---- */

/* The guard is found by a relative path in CHECK_GUARD_FOLDER; when it is used the process is in CHECK_GUARD_OTHER. */
static void after_chdir(void)
{
    CK_FUNCTION_LIST *list = NULL;
    EQUAL(0, chdir(getenv("CHECK_GUARD_FOLDER")));
    guard = load(guard_path);
    EQUAL(0, chdir(getenv("CHECK_GUARD_OTHER")));
    entrances(guard);
    OK(get_list(&list));
    OK(list->C_Initialize(NULL));
    CK_SESSION_HANDLE h = 0;
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_EncryptInit(h, &mechanism, KEY)); /* policy: single */
    OK(list->C_Finalize(NULL));
}

/* ---- fork ---- */

static void use_list(CK_FUNCTION_LIST *list)
{
    CK_SESSION_HANDLE h = 0;
    OK(list->C_Initialize(NULL));
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(h, NULL, 0));
}

static void nothing_more(CK_SESSION_HANDLE h) { (void)h; }

static void load_in_child(CK_SESSION_HANDLE h)
{
    CK_FUNCTION_LIST *list = NULL;
    (void)h;
    OK(get_list(&list));
    if (list == NULL) { return; }
    use_list(list);
    for (int i = 0; i < 3; ++i) { in_child(nothing_more, 0); }
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(1, NULL, 0));
}

static void *ask_for_a_list(void *argument)
{
    (void)get_list(argument);
    return NULL;
}

/* ODD=slow: another thread is loading the module when the process forks; the child loads it itself, and forks. */
static void forked_while_loading(void)
{
    CK_FUNCTION_LIST *list = NULL;
    int (*odd_is_held)(void) = NULL;
    void (*odd_release)(void) = NULL;
    module = load(module_path);
    SYMBOL(odd_is_held, module, "odd_is_held");
    SYMBOL(odd_release, module, "odd_release");
    guard = load(guard_path);
    entrances(guard);
    const pthread_t loader = run_thread(ask_for_a_list, &list);
    AWAIT(odd_is_held());
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);
        failed = 0;
        odd_release();
        load_in_child(0);
        fflush(stdout);
        _exit(failed == 0 ? 0 : 1);
    }
    int status = 0;
    EQUAL(child, waitpid(child, &status, 0));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    odd_release();
    JOIN(loader);
    use_list(list);
    in_child(nothing_more, 0);
}

/* ODD=forking: the thread that loads the module forks meanwhile. Both go on with it. */
static void forked_by_the_module(void)
{
    CK_FUNCTION_LIST *list = NULL;
    const pid_t parent = getpid();
    int status = 0;
    alarm(10);
    guard = load(guard_path);
    entrances(guard);
    OK(get_list(&list));
    use_list(list);
    in_child(nothing_more, 0);
    fflush(stdout);
    if (getpid() != parent) { _exit(failed == 0 ? 0 : 1); }
    CHECK(wait(&status) > 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
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

/* ---- Stacks ---- */

/* The first call, which reads the configuration and loads the module, on a stack of 64 KiB; P11GUARD_POLICY may be wrong. */
static void loaded_on_a_small_stack(void)
{
    CK_FUNCTION_LIST *list = NULL;
    pthread_attr_t attributes;
    pthread_t thread;
    guard = load(guard_path);
    entrances(guard);
    pthread_attr_init(&attributes);
    EQUAL(0, pthread_attr_setstacksize(&attributes, 64 * 1024));
    EQUAL(0, pthread_create(&thread, &attributes, ask_for_a_list, &list));
    JOIN(thread);
    CHECK((list == NULL) == (getenv("P11GUARD_POLICY") != NULL));
}

/* ---- longjmp ---- */

static jmp_buf escape;

static CK_RV jump_away(CK_SESSION_HANDLE h, CK_NOTIFICATION event, CK_VOID_PTR application)
{
    (void)h, (void)event, (void)application;
    longjmp(escape, 1);
}

/* threads=serialize, with hurry.c preloaded: a thread that left the session by longjmp is not waited for without end. */
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

#endif /* CHECK_GUARD_ESCAPES_H */
