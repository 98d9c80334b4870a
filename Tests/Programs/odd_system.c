/* SPDX-License-Identifier: MIT */
/*
 * A library to be preloaded: a system whose clock, disk and limits are odd, as far as the environment says so.
 *
 *   ODD_CLOCK=SECONDS:NANOSECONDS   what time it is
 *   ODD_WRITES=COUNT:ERROR          the number of an error that the first writes fail with
 *   ODD_HALF=1                      the first write writes a half, and the second one finds the disk full
 *   ODD_LIMIT=1                     no file has a limit, as far as anybody can tell
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
    const char *const odd = getenv("ODD_CLOCK");
    if (clock != CLOCK_REALTIME || odd == NULL) { return (int)syscall(SYS_clock_gettime, clock, time); }
    return sscanf(odd, "%ld:%ld", &time->tv_sec, &time->tv_nsec) == 2 ? 0 : -1;
}

ssize_t write(int descriptor, const void *bytes, size_t count)
{
    static int writes;
    const char *const odd = getenv("ODD_WRITES");
    int most = 0, error = 0;
    ++writes;
    if (odd != NULL && sscanf(odd, "%d:%d", &most, &error) == 2 && writes <= most) {
        errno = error;
        return -1;
    }
    if (getenv("ODD_HALF") != NULL && writes == 1) { count /= 2; }
    if (getenv("ODD_HALF") != NULL && writes == 2) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, descriptor, bytes, count);
}

int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
    const int answer = prlimit(0, resource, NULL, limit);
    if (getenv("ODD_LIMIT") != NULL && resource == RLIMIT_FSIZE) { limit->rlim_cur = RLIM_INFINITY; }
    return answer;
}
