/* SPDX-License-Identifier: MIT */
/* Scenarios about a log in a process that changes descriptor 2, runs out of room, forks or cancels threads. */
#ifndef CHECK_GUARD_LOG_HOSTILE_H
#define CHECK_GUARD_LOG_HOSTILE_H

#include "check_guard_descriptors.h"
#include "check_guard_processes.h"

/* ---- Descriptor 2 ---- */

/* How many lines are in the file whose other name is the path. */
static int lines_in(const char *path)
{
    const int file = open(path, O_RDONLY);
    const int lines = count_lines(file);
    close(file);
    return lines;
}

/* Descriptor 2 is set aside, replaced and restored, as a host does around a noisy library. Only the original gets lines. */
static void standard_error_restored(void)
{
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[1], 2) != 2) { abort(); }
    begin();
    const int aside = dup(2), other = memfd_create("other", 0);
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    ACTIVE(h);
    EQUAL(1, count_lines(ends[0]));
    EQUAL(2, dup2(other, 2));
    ACTIVE(h);
    EQUAL(0, count_lines(other));
    EQUAL(2, dup2(aside, 2));
    ACTIVE(h);
    EQUAL(1, count_lines(ends[0]));
    finish();
}

/* The file that standard error was appended to is opened again at its beginning: it has the same inode, but is data now. */
static void same_file_not_appended(void)
{
    char path[64];
    const int file = memfd_create("log", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    close(2);
    EQUAL(2, open(path, O_WRONLY | O_APPEND));
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    ACTIVE(h);
    EQUAL(1, lines_in(path));
    close(2);
    EQUAL(2, open(path, O_RDWR));
    ACTIVE(h);
    EQUAL(0, lseek(2, 0, SEEK_CUR)); /* nothing was overwritten */
    EQUAL(1, lines_in(path));
    finish();
}

/* A socket as standard error, while JOURNAL_STREAM names another one: a service has passed its environment on. */
static void journal_of_another(void)
{
    int ends[2];
    close(make_descriptor("journal"));
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || dup2(ends[1], 2) != 2) { abort(); }
    begin();
    be_refused_often();
    EQUAL(0, count_lines(ends[0]));
}

static atomic_int interruptions;

static void count_interruption(int number)
{
    (void)number;
    ++interruptions;
}

/* Standard error is a full pipe, and signals interrupt the thread that waits for it: its line arrives all the same. */
static void interrupted_write(void)
{
    const struct sigaction action = { .sa_handler = count_interruption };
    int ends[2];
    char bytes[4096] = "";
    if (pipe(ends) != 0 || dup2(ends[1], 2) != 2) { abort(); }
    begin();
    task t = { .session = open_one() };
    OK(start(t.session, DIGEST));
    sigaction(SIGUSR1, &action, NULL);
    fcntl(2, F_SETFL, O_NONBLOCK);
    while (write(2, bytes, sizeof bytes) > 0) { }
    fcntl(2, F_SETFL, 0);
    hold(1);
    const pthread_t holder = run_thread(digest_a_part, &t);
    AWAIT(held() == 1);
    task second = { .session = t.session };
    const pthread_t thread = run_thread(digest_a_part, &second); /* noticed, as another thread is in the session */
    AWAIT(sleeps(&second));
    for (int i = 0; i < 20; ++i) {
        pthread_kill(thread, SIGUSR1);
        rest(1);
    }
    AWAIT(interruptions > 0 && sleeps(&second));
    release();
    JOIN(holder);
    const int arrived = count_lines(ends[0]); /* which makes room; the line may come later */
    JOIN(thread);
    EQUAL(1, arrived + count_lines(ends[0]));
    finish();
    const ssize_t count = read(ends[0], bytes, sizeof bytes - 1);
    CHECK(count > 0);
    bytes[count > 0 ? count : 0] = '\0';
    CHECK(strstr(bytes, "C_Finalize: ") != NULL && strstr(bytes, "lost") == NULL);
}

/* ---- Lines that are lost ---- */

static void refused_often(void)
{
    begin();
    be_refused_often();
}

/* Whatever cannot be opened as P11GUARD_LOG is there until C_Finalize, and then makes room for a log. */
static void log_opened_late(void)
{
    const char *const path = getenv("P11GUARD_LOG");
    char folder[PATH_MAX];
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    for (int i = 0; i < 5; ++i) { ACTIVE(h); }
    remove(path);
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    mkdir(folder, 0700);
    finish();
}

/* The file may grow by half a line more: none is cut in two. */
static void nearly_no_room_left(void)
{
    struct stat status;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    ACTIVE(h);
    EQUAL(0, stat(getenv("P11GUARD_LOG"), &status));
    const struct rlimit before = lower(RLIMIT_FSIZE, (rlim_t)status.st_size * 3 / 2);
    for (int i = 0; i < 3; ++i) { ACTIVE(h); }
    setrlimit(RLIMIT_FSIZE, &before);
    ACTIVE(h);
    finish();
}

static void begin_in_child(CK_SESSION_HANDLE h)
{
    (void)h;
    OK(f->C_Initialize(NULL));
    be_refused_often();
}

/* The lines that a parent has lost are not its child's. */
static void lost_by_the_parent(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    const struct rlimit before = lower(RLIMIT_NOFILE, 0);
    for (int i = 0; i < 5; ++i) { ACTIVE(h); }
    setrlimit(RLIMIT_NOFILE, &before);
    in_child(begin_in_child, h);
    finish();
}

/* ---- Cancelled threads ---- */

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

/* P11GUARD_THREADS=refuse: a thread is cancelled while it is refused in each of some sessions, as another thread is inside. */
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

#endif /* CHECK_GUARD_LOG_HOSTILE_H */
