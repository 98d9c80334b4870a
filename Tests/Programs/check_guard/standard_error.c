/* SPDX-License-Identifier: MIT */
/* Scenarios about the log at descriptor 2, in processes that change what is there. */
#include "check_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- Kinds of descriptor 2 ---- */

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

/* In a child: descriptor 2 becomes what the kind says before the guard is loaded, or after. Returns how many lines came
   there. */
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

/* ---- While the process runs ---- */

/* How many lines are in the file whose other name is the path. */
static int lines_in(const char *path)
{
    const int file = open(path, O_RDONLY);
    const int lines = count_lines(file);
    close(file);
    return lines;
}

/* Descriptor 2 is set aside, replaced and restored, as a host does around a noisy library. Only the original gets
   lines. */
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

/* The file that standard error was appended to is opened again at its beginning: it has the same inode, but is data
   now. */
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

const scenario standard_error_scenarios[] = {
    { "descriptor-2", descriptor_2 }, { "standard-error-restored", standard_error_restored },
    { "same-file-not-appended", same_file_not_appended }, { "journal-of-another", journal_of_another },
    { "interrupted-write", interrupted_write }, { NULL, NULL },
};
