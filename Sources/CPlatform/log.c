/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What descriptor 2 was when the library was loaded, since it may be closed and become another file; and a service's journal. */
static struct identity { dev_t device; ino_t inode; int is_known; } standard_error, journal;

static int is_same(const struct identity *identity, const struct stat *status)
{
    return identity->is_known && identity->device == status->st_dev && identity->inode == status->st_ino;
}

__attribute__((constructor)) static void note_standard_error(void)
{
    /* systemd says "device:inode" of the socket that a service has as standard output or standard error. */
    const char *const stream = secure_getenv("JOURNAL_STREAM");
    struct stat status;
    if (fstat(STDERR_FILENO, &status) == 0) {
        standard_error = (struct identity){ status.st_dev, status.st_ino, 1 };
    }
    if (stream != NULL) {
        char *end;
        journal.device = strtoull(stream, &end, 10);
        journal.is_known = *end == ':';
        if (journal.is_known) { journal.inode = strtoull(end + 1, NULL, 10); }
    }
}

int platform_has_standard_error(void)
{
    struct stat status;
    int flags;
    if (fstat(STDERR_FILENO, &status) != 0 || !is_same(&standard_error, &status)) { return 0; }
    if (S_ISFIFO(status.st_mode)) { return 1; }
    if (S_ISSOCK(status.st_mode)) { return is_same(&journal, &status); }
    flags = fcntl(STDERR_FILENO, F_GETFL);
    return (flags != -1 && (flags & O_APPEND) != 0) || (S_ISCHR(status.st_mode) && isatty(STDERR_FILENO));
}

static int is_fit(const struct stat *status)
{
    if (status->st_uid != geteuid() && status->st_uid != 0) { return 0; }
    if (S_ISREG(status->st_mode)) { return status->st_nlink == 1; }
    return S_ISFIFO(status->st_mode) || S_ISCHR(status->st_mode);
}

int platform_open_log(const char *path)
{
    /* It stays without waiting: a pipe that is full would keep the host's thread for good. */
    const int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    struct stat status;
    if (log < 0 || (fstat(log, &status) == 0 && is_fit(&status))) { return log; }
    close(log);
    return -1;
}

/* Takes a signal that has come of a write; one that was there before stays. */
static void take_signal(int number, const sigset_t *pending)
{
    const struct timespec now = { 0, 0 };
    sigset_t one;
    if (sigismember(pending, number)) { return; }
    sigemptyset(&one);
    sigaddset(&one, number);
    while (sigtimedwait(&one, NULL, &now) < 0 && errno == EINTR) { }
}

/* Waits up to a second for the reader of a pipe; after a timeout, no thread waits until there is room again. */
static int is_stalled;

static ssize_t write_soon(int descriptor, const void *bytes, size_t count)
{
    struct pollfd room = { descriptor, POLLOUT, 0 };
    int often; /* other threads may be faster; at some time that is enough */
    for (often = 0; often < 100; ++often) {
        const ssize_t written = write(descriptor, bytes, count);
        if (written >= 0) { __atomic_store_n(&is_stalled, 0, __ATOMIC_RELAXED); }
        if (written >= 0 || errno != EAGAIN || __atomic_load_n(&is_stalled, __ATOMIC_RELAXED)) { return written; }
        if (poll(&room, 1, 1000) == 0) { __atomic_store_n(&is_stalled, 1, __ATOMIC_RELAXED); }
    }
    errno = EAGAIN;
    return -1;
}

/* Whether RLIMIT_FSIZE leaves room for all of it: otherwise a part would be written, and the rest refused. */
static int has_room(int descriptor, size_t count)
{
    struct stat status;
    struct rlimit limit;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) { return 1; }
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) { return 1; }
    return (rlim_t)status.st_size + count <= limit.rlim_cur;
}

ssize_t platform_write(int descriptor, const void *bytes, size_t count)
{
    sigset_t deadly, pending, before;
    ssize_t written;
    int problem;
    if (!has_room(descriptor, count)) {
        errno = EFBIG;
        return -1;
    }
    sigemptyset(&deadly);
    sigaddset(&deadly, SIGPIPE);
    sigaddset(&deadly, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &deadly, &before);
    sigemptyset(&pending);
    sigpending(&pending);
    written = write_soon(descriptor, bytes, count);
    problem = errno;
    if (written < 0 && problem == EPIPE) { take_signal(SIGPIPE, &pending); }
    if (written < 0 && problem == EFBIG) { take_signal(SIGXFSZ, &pending); }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = problem;
    return written;
}
