/* SPDX-License-Identifier: MIT */
/* A library to be preloaded, for whom to wait a minute is to wait for a tenth of a second. */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
    int (*real)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *) = NULL;
    void *const found = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    struct timespec soon;
    (void)until;
    memcpy(&real, &found, sizeof found);
    clock_gettime(clock, &soon);
    soon.tv_nsec += 100000000;
    if (soon.tv_nsec >= 1000000000) {
        ++soon.tv_sec;
        soon.tv_nsec -= 1000000000;
    }
    return real(condition, mutex, clock, &soon);
}
