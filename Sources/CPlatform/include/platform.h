/* SPDX-License-Identifier: MIT */
/*
 * What Embedded Swift has no module for: the C library, a variable of each thread, and two barriers.
 */
#ifndef P11GUARD_PLATFORM_H
#define P11GUARD_PLATFORM_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PLATFORM_HIDDEN __attribute__((visibility("hidden")))
#define PLATFORM_NEVER_NULL __attribute__((returns_nonnull))

/* Where a thread sits. Seats are never freed: who closes a session looks at those of other threads. */
typedef struct platform_seat {
    const void *session;        /* what the thread is in, NULL between calls; read and written by the functions below only */
    uint32_t thread;            /* the kernel's number of the thread */
    uint32_t taken;             /* whether a thread has it; under the lock of the sessions */
    struct platform_seat *next; /* the seat that was made before */
} platform_seat;

/* A thread that has no seat yet is on a stool, on which nobody is ever "between calls". */
extern PLATFORM_HIDDEN platform_seat platform_stool;
extern PLATFORM_HIDDEN __thread platform_seat *platform_own_seat __attribute__((tls_model("initial-exec")));

static inline PLATFORM_NEVER_NULL platform_seat *platform_seat_of_thread(void) { return platform_own_seat; }
static inline void platform_take_seat(platform_seat *seat) { platform_own_seat = seat; }
static inline PLATFORM_NEVER_NULL platform_seat *platform_no_seat(void) { return &platform_stool; }

static inline const void *platform_session(const platform_seat *seat)
{
    return __atomic_load_n(&seat->session, __ATOMIC_ACQUIRE);
}

/* Says where the thread is. What follows in the program follows in the machine as well, once platform_order_others
   has returned in another thread. */
static inline void platform_enter(platform_seat *seat, const void *session)
{
    __atomic_store_n(&seat->session, session, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void platform_leave(platform_seat *seat, const void *session)
{
    __atomic_store_n(&seat->session, session, __ATOMIC_RELEASE);
}

/* The address to which the function returns into which this is inlined. */
static inline __attribute__((always_inline)) uintptr_t platform_caller(void)
{
    return (uintptr_t)__builtin_return_address(0);
}

extern PLATFORM_HIDDEN pthread_mutex_t platform_loading;
extern PLATFORM_HIDDEN pthread_mutex_t platform_sessions;
extern PLATFORM_HIDDEN pthread_cond_t platform_left;

static inline void platform_lock_loading(void) { pthread_mutex_lock(&platform_loading); }
static inline void platform_unlock_loading(void) { pthread_mutex_unlock(&platform_loading); }
static inline void platform_lock(void) { pthread_mutex_lock(&platform_sessions); }
static inline void platform_unlock(void) { pthread_mutex_unlock(&platform_sessions); }
/* A thread that is cancelled here would take the lock with it: it is cancelled later. */
static inline int platform_defer_cancellation(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}
static inline void platform_restore_cancellation(int before) { pthread_setcancelstate(before, NULL); }

static inline void platform_wait(void)
{
    const int before = platform_defer_cancellation();
    pthread_cond_wait(&platform_left, &platform_sessions);
    platform_restore_cancellation(before);
}
static inline void platform_wake(void) { pthread_cond_broadcast(&platform_left); }

/* A table of sessions in which there is none: a factor, a shift, no older table, no distance, and one entry: a session
   of no handle. */
extern PLATFORM_HIDDEN const void *const platform_empty_table[5];
static inline PLATFORM_NEVER_NULL const void *platform_empty(void) { return platform_empty_table; }
static inline PLATFORM_NEVER_NULL const void *platform_nobody(void) { return platform_empty_table[4]; }

extern PLATFORM_HIDDEN const void *platform_table_in_use;
static inline PLATFORM_NEVER_NULL const void *platform_table(void) { return __atomic_load_n(&platform_table_in_use, __ATOMIC_ACQUIRE); }
static inline void platform_set_table(const void *table) { __atomic_store_n(&platform_table_in_use, table, __ATOMIC_RELEASE); }

/* Writes; where nobody reads any more the process goes on, whatever it does with SIGPIPE. */
PLATFORM_HIDDEN ssize_t platform_write(int descriptor, const void *bytes, size_t count);
static inline int platform_open(const char *path) { return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); }
/* For lines to be added; a new file is its owner's alone. A pipe that nobody reads is not opened, and not waited for. */
PLATFORM_HIDDEN int platform_open_log(const char *path);
static inline int platform_error(void) { return errno; }

/* Room for a function list, of which all that is unset is NULL. */
enum { PLATFORM_LIST_SIZE = 4096 };
extern PLATFORM_HIDDEN void *platform_list[PLATFORM_LIST_SIZE / sizeof(void *)];
static inline PLATFORM_NEVER_NULL void *platform_module(void) { return platform_list; }

/* How often something was noticed, by a number of one byte. */
extern PLATFORM_HIDDEN uint32_t platform_counts[256];
static inline void platform_count(uint32_t number) { __atomic_fetch_add(&platform_counts[number & 255u], 1u, __ATOMIC_RELAXED); }
static inline uint32_t platform_counted(uint32_t number) { return __atomic_load_n(&platform_counts[number & 255u], __ATOMIC_RELAXED); }
static inline void platform_uncount(uint32_t number) { __atomic_store_n(&platform_counts[number & 255u], 0u, __ATOMIC_RELAXED); }

PLATFORM_HIDDEN uint32_t platform_thread(void);

/* A variable of the environment; NULL in a program that has more rights than who called it. */
PLATFORM_HIDDEN const char *platform_environment(const char *name);

/* Which file is at an address, from where on, and which function, if that is known. */
typedef struct platform_place {
    const char *file;
    const char *function;
    uintptr_t start;
} platform_place;
PLATFORM_HIDDEN int platform_find_place(const void *address, platform_place *place);

/* Whether platform_order_others can be used in this process; to be asked before its first use. */
PLATFORM_HIDDEN int platform_can_order_others(void);
/* Every other thread of the process has passed a memory barrier when it returns; 0 if that cannot be had. */
PLATFORM_HIDDEN int platform_order_others(void);
/* In a child of fork: the locks are free again, whoever held them. */
PLATFORM_HIDDEN void platform_renew_locks(void);

#endif
