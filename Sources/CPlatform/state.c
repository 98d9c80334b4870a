/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "state.h"

pthread_mutex_t platform_loading = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t platform_sessions = PTHREAD_MUTEX_INITIALIZER;
const platform_self *platform_holder;
pthread_cond_t platform_left = PTHREAD_COND_INITIALIZER;

/* A session at the start of which, where a handle would be, is 0, which is none; somebody is in it, so that nobody enters. */
static const uint64_t no_session[64] __attribute__((aligned(64))) = { 0, 0, 1 };

platform_hazard_slot platform_empty_hazard_slot = { no_session, 0, 1, NULL };
__thread platform_self platform_own = { &platform_empty_hazard_slot, 0, 0, 0, 0, 0 };

/* A shift by 63 of a product with 0. */
const void *const platform_empty_table[5] = { NULL, (const void *)63, NULL, NULL, no_session };

const void *platform_table_in_use = platform_empty_table;

void *platform_list[PLATFORM_LIST_SIZE / sizeof(void *)];
void *platform_whole_list[PLATFORM_LIST_SIZE / sizeof(void *)];
uint32_t platform_counts[256];

/* CKR_FUNCTION_NOT_SUPPORTED, whatever the arguments: on every system with a dlopen the caller takes them away again. */
static unsigned long not_supported(void) { return 0x54; }

void platform_fill_whole_list(void)
{
    size_t i;
    for (i = 0; i < PLATFORM_LIST_SIZE / sizeof(void *); ++i) {
        void *const function = platform_list[i] != NULL ? platform_list[i] : (void *)not_supported;
        if (platform_whole_list[i] != function) { platform_whole_list[i] = function; }
    }
}

void platform_lock_for_fork(void)
{
    if (platform_own.is_locking) { return; }
    platform_lock();
    platform_own.has_for_fork = 1;
}

void platform_unlock_in_parent(void)
{
    if (!platform_own.has_for_fork) { return; }
    platform_own.has_for_fork = 0;
    platform_unlock();
}

int platform_renew_locks_in_child(void)
{
    const uint32_t was_free = platform_own.has_for_fork;
    if (!platform_own.is_loading) { pthread_mutex_init(&platform_loading, NULL); }
    if (was_free) {
        pthread_cond_init(&platform_left, NULL);
        platform_own.has_for_fork = platform_own.is_locking = 0;
    }
    if (was_free || (platform_holder != NULL && platform_holder != &platform_own)) {
        pthread_mutex_init(&platform_sessions, NULL);
        platform_holder = NULL;
    }
    return (int)was_free;
}

struct timespec platform_in_a_minute(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += 60;
    return time;
}

int platform_wait(const struct timespec *until)
{
    const int cancellation = platform_defer_cancellation();
    int problem;
    platform_holder = NULL;
    problem = pthread_cond_clockwait(&platform_left, &platform_sessions, CLOCK_MONOTONIC, until);
    platform_holder = &platform_own;
    platform_restore_cancellation(cancellation);
    return problem == ETIMEDOUT;
}
