/* SPDX-License-Identifier: MIT */
/*
 * Runs parts of a scenario in other threads and in child processes. Which call comes first is never left to the clock:
 * a call stays inside the module until the scenario lets it go on.
 */
#include "check_guard.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* ---- Threads ---- */

void rest(long milliseconds)
{
    const struct timespec pause = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    nanosleep(&pause, NULL);
}

/* Waits until the thread has ended, for five seconds at most: a test must not hang with what it tests. */
int join(pthread_t thread)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 5;
    return pthread_timedjoin_np(thread, NULL, &until) == 0;
}

pthread_t run_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, argument) != 0) { abort(); }
    return thread;
}

void *digest_a_part(void *argument)
{
    task *const t = argument;
    t->thread = syscall(SYS_gettid);
    t->answer = f->C_DigestUpdate(t->session, TEXT);
    return NULL;
}

/* A thread that is inside C_DigestUpdate when this returns, and stays there until `release`. */
pthread_t inside(task *t)
{
    const CK_ULONG before = held();
    hold(1);
    const pthread_t thread = run_thread(digest_a_part, t);
    AWAIT(held() == before + 1);
    return thread;
}

/* Whether the thread sleeps. Nothing in C_DigestUpdate sleeps but who waits for another thread. */
int sleeps(const task *t)
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
pthread_t waiting_for_it(task *t)
{
    const pthread_t thread = run_thread(digest_a_part, t);
    AWAIT(sleeps(t));
    return thread;
}

/* ---- Child processes ---- */

/* Runs the body in a child, whose failed checks are this process's. */
void in_child(void (*body)(CK_SESSION_HANDLE), CK_SESSION_HANDLE h)
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
