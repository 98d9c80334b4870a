/* SPDX-License-Identifier: MIT */
/* Checks of forks, and of what ends the process. */
#include "check_permissive.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child process that does this ends with: its exit code, or the negative number of the signal. */
static int in_child(int (*work)(void))
{
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) { _exit(99); }
        _exit(work());
    }
    if (child < 0 || waitpid(child, &status, 0) != child) { return 98; }
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int use_inherited(void)
{
    CK_BYTE out[64];
    CK_ULONG n = sizeof out;
    return f->C_DigestFinal(1, out, &n) == CKR_OK && memcmp(out, digest, 32) == 0 ? 0 : 1;
}

static int start_again(void)
{
    CK_SESSION_HANDLE h = 0;
    if (f->C_DigestUpdate(1, text, 1) != CKR_CRYPTOKI_NOT_INITIALIZED) { return 1; }
    if (f->C_GetSlotList(1, NULL, &h) != CKR_CRYPTOKI_NOT_INITIALIZED) { return 2; }
    if (f->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED) { return 3; }
    if (f->C_Initialize(NULL) != CKR_OK || f->C_DigestUpdate(1, text, 1) != CKR_SESSION_HANDLE_INVALID) { return 4; }
    return f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h) == CKR_OK && h == 1 ? 0 : 5;
}

static int ask_early(void)
{
    CK_FUNCTION_LIST *list = NULL;
    CK_SESSION_HANDLE h = 0;
    if (f->C_GetFunctionList(&list) != CKR_OK) { return 1; }
    f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h);
    return 2;
}

/* Forks while another thread is in and out of the module: the child never finds the mutex held. */
static atomic_int goes_on;

static void *ask_all_the_time(void *unused)
{
    CK_ULONG n;
    while (atomic_load(&goes_on)) { f->C_GetSlotList(CK_TRUE, NULL, &n); }
    return unused;
}

static int ask_once(void)
{
    CK_ULONG n = 0;
    alarm(20);
    return f->C_GetSlotList(CK_TRUE, NULL, &n) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
}

void check_forks(void)
{
    pthread_t thread;
    int good = 0;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    atomic_store(&goes_on, 1);
    CHECK(pthread_create(&thread, NULL, ask_all_the_time, NULL) == 0);
    for (int i = 0; i < 50; ++i) { good += in_child(ask_once) == 0; }
    atomic_store(&goes_on, 0);
    CHECK(pthread_join(thread, NULL) == 0 && good == 50);
    finish(NULL);
}

static const char *wrong_option, *wrong_value;

static int use_wrong_option(void)
{
    begin(wrong_option, wrong_value);
    return 0;
}

void check_processes(void)
{
    const char *const wrong[][2] = {
        { "PERMISSIVE_NULL", "C_Nothing" }, { "PERMISSIVE_ANSWER", "C_Digest" }, { "PERMISSIVE_ANSWER", "C_Digest=x" },
        { "PERMISSIVE_ANSWER", "C_Digest=1:2-" }, { "PERMISSIVE_ANSWER", "C_Digset=1" }, { "PERMISSIVE_SLOW", "-1" },
        { "PERMISSIVE_HANDLES", "new" }, { "PERMISSIVE_SINGLE", "1" }, { "PERMISSIVE_MIXED", "yes" },
    };
    for (int safe = 0; safe < 2; ++safe) {
        begin("PERMISSIVE_FORK_SAFE", safe ? "1" : "0");
        OK(f->C_Initialize(NULL));
        CHECK(open_one() == 1);
        OK(f->C_DigestInit(1, &mechanism));
        OK(f->C_DigestUpdate(1, text, LENGTH));
        CHECK(in_child(safe ? use_inherited : start_again) == 0);
        CHECK(use_inherited() == 0);
        finish("PERMISSIVE_FORK_SAFE");
    }
    begin("PERMISSIVE_CRASH_BEFORE_INIT", "1");
    CHECK(in_child(ask_early) == -SIGABRT);
    OK(f->C_Initialize(NULL));
    CHECK(in_child(ask_early) == 2);
    finish("PERMISSIVE_CRASH_BEFORE_INIT");
    begin(NULL, NULL);
    CHECK(in_child(ask_early) == 2);
    finish(NULL);
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        wrong_option = wrong[i][0];
        wrong_value = wrong[i][1];
        CHECK(in_child(use_wrong_option) == -SIGABRT);
    }
}
