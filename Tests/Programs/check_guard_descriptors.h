/* SPDX-License-Identifier: MIT */
/* Scenarios about where lines of the log end up, and about the lines for which there is no room. */
#ifndef CHECK_GUARD_DESCRIPTORS_H
#define CHECK_GUARD_DESCRIPTORS_H

#include "check_guard_log.h"
#include "check_guard_threads.h"

#include <sys/mman.h>
#include <sys/socket.h>

/* Five refusals and C_Finalize: six lines. */
static void be_refused_often(void)
{
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    for (int i = 0; i < 5; ++i) { ACTIVE(h); }
    finish();
}

/* ---- Descriptor 2 ---- */

/* Makes descriptor 2 one of the kind, and returns where to read what is written there; -1 where nothing can be read. */
static int make_descriptor(const char *kind)
{
    int ends[2] = { -1, -1 };
    close(2);
    if (strcmp(kind, "closed") == 0) { return -1; }
    if (strcmp(kind, "pipe") == 0) {
        if (pipe(ends) != 0) { abort(); }
    } else if (strcmp(kind, "terminal") == 0) {
        ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
        if (grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0) { abort(); }
        ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
    } else if (strcmp(kind, "socket") == 0 || strcmp(kind, "journal") == 0) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) { abort(); }
    } else if (strcmp(kind, "null") == 0) {
        ends[1] = open("/dev/null", O_RDWR);
    } else {
        char path[64];
        ends[0] = memfd_create("data", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
        ends[1] = open(path, strcmp(kind, "write-only") == 0 ? O_WRONLY
                             : strcmp(kind, "append") == 0   ? O_WRONLY | O_APPEND
                                                             : O_RDWR);
    }
    if (ends[0] == 2) { /* the first free number; what is written has to get it */
        ends[0] = dup(2);
        close(2);
    }
    if (ends[1] != 2 && (ends[1] < 0 || dup2(ends[1], 2) != 2 || close(ends[1]) != 0)) { abort(); }
    if (ends[0] >= 0 && strcmp(kind, "journal") == 0) {
        struct stat status;
        char stream[64];
        fstat(2, &status);
        snprintf(stream, sizeof stream, "%lu:%lu", (unsigned long)status.st_dev, (unsigned long)status.st_ino);
        setenv("JOURNAL_STREAM", stream, 1);
    }
    return ends[0];
}

static int count_lines(int descriptor)
{
    char bytes[4096];
    ssize_t count;
    int lines = 0;
    if (descriptor < 0) { return 0; }
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    lseek(descriptor, 0, SEEK_SET);
    while ((count = read(descriptor, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < count; ++i) { lines += bytes[i] == '\n'; }
    }
    return lines;
}

/* In a child: descriptor 2 becomes what the kind says before the guard is loaded, or after. Returns how many lines came there. */
static int lines_at(const char *kind, int is_loaded_before)
{
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);
        failed = 0;
        if (is_loaded_before) {
            begin();
            const int reading = make_descriptor(kind);
            be_refused_often();
            _exit(failed != 0 ? 99 : count_lines(reading));
        }
        const int reading = make_descriptor(kind);
        begin();
        be_refused_often();
        _exit(failed != 0 ? 99 : count_lines(reading));
    }
    EQUAL(child, waitpid(child, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* As standard error of the process, and as what the process opened when descriptor 2 was free. */
static void descriptor_2(void)
{
    static const struct { const char *kind; int as_standard_error; } kinds[] = {
        { "pipe", 6 }, { "terminal", 6 }, { "append", 6 }, { "journal", 6 }, { "socket", 0 }, { "write-only", 0 },
        { "read-write", 0 }, { "null", 0 }, { "closed", 0 },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i) {
        check_number((unsigned long)kinds[i].as_standard_error, (unsigned long)lines_at(kinds[i].kind, 0), kinds[i].kind,
                     "as standard error", (int)i);
        check_number(0, (unsigned long)lines_at(kinds[i].kind, 1), kinds[i].kind, "opened later", (int)i);
    }
}

/* ---- Lines that are lost ---- */

/* Makes a limit of the process as low as that, and returns what it was. */
static struct rlimit lower(int resource, rlim_t limit)
{
    struct rlimit before, low;
    getrlimit(resource, &before);
    low = before;
    low.rlim_cur = limit;
    setrlimit(resource, &low);
    return before;
}

/* P11GUARD_LOG is a file: as long as the process can open none, lines are lost, and what is at descriptor 2 gets none. */
static void no_descriptor_left(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    const struct rlimit before = lower(RLIMIT_NOFILE, 0);
    for (int i = 0; i < 5; ++i) { ACTIVE(h); }
    setrlimit(RLIMIT_NOFILE, &before);
    finish();
}

/* The file may not grow: no signal ends the process, and one that was pending before stays. */
static void no_room_left(void)
{
    sigset_t one, pending;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    const struct rlimit before = lower(RLIMIT_FSIZE, 0);
    for (int i = 0; i < 5; ++i) { ACTIVE(h); }
    sigemptyset(&one);
    sigaddset(&one, SIGXFSZ);
    sigprocmask(SIG_BLOCK, &one, NULL);
    ACTIVE(h);
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGXFSZ));
    raise(SIGXFSZ);
    ACTIVE(h);
    sigpending(&pending);
    CHECK(sigismember(&pending, SIGXFSZ));
    setrlimit(RLIMIT_FSIZE, &before);
    finish();
}

/* P11GUARD_LOG is a pipe whose reader does not read: nobody waits, and each line has arrived or is counted as lost. */
static void stalled_reader(void)
{
    const int reading = open(getenv("P11GUARD_LOG"), O_RDONLY | O_NONBLOCK);
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    for (int i = 0; i < 1000; ++i) { ACTIVE(h); }
    const int arrived = count_lines(reading);
    CHECK(arrived > 0 && arrived < 1000);
    char words[64], line[4096] = "";
    finish();
    snprintf(words, sizeof words, "; log lines lost: %d\n", 1000 - arrived);
    CHECK(read(reading, line, sizeof line - 1) > 0);
    CHECK(strstr(line, words) != NULL);
}

/* The process is another user's after it was loaded, who may not write to the log. */
static void after_setuid(void)
{
    begin();
    EQUAL(0, setresuid(65534, 65534, 65534));
    be_refused_often();
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

#endif /* CHECK_GUARD_DESCRIPTORS_H */
