/* SPDX-License-Identifier: MIT */
/* Scenarios about lines of the log for which there is no room. */
#include "check_guard.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

/* P11GUARD_LOG is a file: as long as the process can open none, lines are lost, and what is at descriptor 2 gets none.
   */
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

const scenario lost_lines_scenarios[] = {
    { "no-descriptor-left", no_descriptor_left }, { "no-room-left", no_room_left },
    { "stalled-reader", stalled_reader }, { "after-setuid", after_setuid }, { "refused-often", refused_often },
    { "log-opened-late", log_opened_late }, { "nearly-no-room-left", nearly_no_room_left },
    { "lost-by-the-parent", lost_by_the_parent }, { NULL, NULL },
};
