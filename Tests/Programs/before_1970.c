/* SPDX-License-Identifier: MIT */
/* A library to be preloaded: a clock that says a second before 1970. */
#define _GNU_SOURCE 1
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (clock != CLOCK_REALTIME) { return (int)syscall(SYS_clock_gettime, clock, time); }
    *time = (struct timespec){ -1, 250000000 };
    return 0;
}
