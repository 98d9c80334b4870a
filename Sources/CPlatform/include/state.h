/* SPDX-License-Identifier: MIT */
/*
 * What threads share, and what each has for itself: hazard slots, locks, the table of sessions, the module's functions and the counts. Calls read
 * most of it without a lock. Embedded Swift has neither variables of a thread nor the barriers that this takes.
 */
#ifndef P11GUARD_STATE_H
#define P11GUARD_STATE_H

#include "platform.h"

/* The hazard slot of a thread. Never freed: to use a record again, those of all threads are read. */
typedef struct platform_hazard_slot {
    const void *session;        /* the record that the thread entered last, and is in if it is in one; never NULL */
    uint32_t thread;            /* the kernel's number of the thread */
    uint32_t taken;             /* whether a thread has it; under the lock of the sessions */
    struct platform_hazard_slot *next; /* the hazard slot that was made before */
} platform_hazard_slot;

/* What a thread keeps for itself; no other thread reads or writes it. */
typedef struct platform_self {
    platform_hazard_slot *hazard_slot;
    uint64_t inside; /* 1 while the thread is in a session, else 0 */
    uint64_t number; /* the kernel's number of the thread, in the upper 32 bits */
    uint32_t is_loading;   /* whether the thread has the lock of loading */
    uint32_t is_locking;   /* whether it has the lock of the sessions, waits for it, or gives it back */
    uint32_t has_for_fork; /* whether it took that lock in order to fork */
} platform_self;

/* A thread that has no hazard slot yet is on a empty hazard slot, on which nothing is ever written. */
extern PLATFORM_HIDDEN platform_hazard_slot platform_empty_hazard_slot;
extern PLATFORM_HIDDEN __thread platform_self platform_own __attribute__((tls_model("initial-exec")));

static inline PLATFORM_NEVER_NULL platform_hazard_slot *platform_hazard_slot_of_thread(void) { return platform_own.hazard_slot; }
static inline void platform_renumber(uint32_t thread) { platform_own.number = (uint64_t)thread << 32; }
static inline void platform_take_hazard_slot(platform_hazard_slot *hazard_slot, uint32_t thread)
{
    platform_own.hazard_slot = hazard_slot;
    platform_own.inside = 0;
    platform_renumber(thread);
}
static inline PLATFORM_NEVER_NULL platform_hazard_slot *platform_no_hazard_slot(void) { return &platform_empty_hazard_slot; }

/* Whether this thread is in a session. */
static inline uint64_t platform_is_inside(void) { return platform_own.inside; }
static inline void platform_set_inside(uint64_t inside) { platform_own.inside = inside; }
static inline uint64_t platform_thread_in_upper_half(void) { return platform_own.number; }

/* For the hot path after the module was called: the offset of the thread's variables. It is loaded again there, since a register
   that holds it during the call would have to be saved and restored. */
static inline uint64_t platform_own_offset(void)
{
#if defined(__x86_64__)
    uint64_t offset;
    __asm__ volatile("movq platform_own@GOTTPOFF(%%rip), %0" : "=r"(offset));
    return offset;
#else
    return 0;
#endif
}
static inline uint64_t platform_thread_at(uint64_t offset)
{
#if defined(__x86_64__)
    uint64_t number;
    __asm__ volatile("movq %%fs:16(%1), %0" : "=r"(number) : "r"(offset));
    return number;
#else
    (void)offset;
    return platform_own.number;
#endif
}
static inline void platform_set_outside_at(uint64_t offset)
{
#if defined(__x86_64__)
    __asm__ volatile("movq $0, %%fs:8(%0)" : : "r"(offset) : "memory");
#else
    (void)offset;
    platform_own.inside = 0;
#endif
}

/* Not 0 if a call has to be looked at more closely: the record has another handle, a thread is in its session, or this thread is in
   one. The assembly does what two atomic loads would do; the compiler does not fold those into other instructions. No sanitizer
   sees it: only Embedded Swift uses it. */
static inline __attribute__((always_inline)) uint64_t platform_blockers(const void *record, uintptr_t handle)
{
#if defined(__x86_64__)
    __asm__ volatile("xorq (%1), %0\n\torq 16(%1), %0" : "+r"(handle) : "r"(record) : "memory", "cc");
    return handle | platform_own.inside;
#else
    const uintptr_t *const words = (const uintptr_t *)record;
    return (__atomic_load_n(words, __ATOMIC_ACQUIRE) ^ handle) | __atomic_load_n(words + 2, __ATOMIC_ACQUIRE)
           | platform_own.inside;
#endif
}
/* The same, and not 0 if an operation of the session is active. */
static inline __attribute__((always_inline)) uint64_t platform_start_blockers(const void *record, uintptr_t handle)
{
#if defined(__x86_64__)
    __asm__ volatile("xorq (%1), %0\n\torq 8(%1), %0\n\torq 16(%1), %0" : "+r"(handle) : "r"(record) : "memory", "cc");
    return handle | platform_own.inside;
#else
    return platform_blockers(record, handle) | __atomic_load_n((const uint64_t *)record + 1, __ATOMIC_RELAXED);
#endif
}
/* The phases of its operations, for one test: the load becomes part of it. */
static inline __attribute__((always_inline)) uint64_t platform_word(const void *record) { return ((const uint64_t *)record)[1]; }
static inline __attribute__((always_inline)) uint8_t platform_policy(const void *record) { return ((const uint8_t *)record)[28]; }

static inline PLATFORM_NEVER_NULL const void *platform_session(const platform_hazard_slot *hazard_slot)
{
    return __atomic_load_n(&hazard_slot->session, __ATOMIC_ACQUIRE);
}

/* The same of the thread's own hazard slot, which no other thread writes. */
static inline PLATFORM_NEVER_NULL const void *platform_last_session(const platform_hazard_slot *own) { return own->session; }

/* Puts a record on the thread's own hazard slot. What follows in the program follows in the machine as well, once
   platform_order_others has returned in another thread; what was done with the record before it was done before. */
static inline void platform_enter(platform_hazard_slot *hazard_slot, const void *session)
{
    __atomic_store_n(&hazard_slot->session, session, __ATOMIC_RELEASE);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* The address to which the function returns into which this is inlined. */
static inline __attribute__((always_inline)) uintptr_t platform_caller(void)
{
    return (uintptr_t)__builtin_return_address(0);
}

extern PLATFORM_HIDDEN pthread_mutex_t platform_loading;
extern PLATFORM_HIDDEN pthread_mutex_t platform_sessions;
extern PLATFORM_HIDDEN pthread_cond_t platform_left;

static inline int platform_is_loading(void) { return platform_own.is_loading != 0; }
static inline void platform_lock_loading(void)
{
    pthread_mutex_lock(&platform_loading);
    platform_own.is_loading = 1;
}
static inline void platform_unlock_loading(void)
{
    platform_own.is_loading = 0;
    pthread_mutex_unlock(&platform_loading);
}
extern PLATFORM_HIDDEN const platform_self *platform_holder; /* the thread that has the lock of the sessions */
static inline void platform_lock(void)
{
    platform_own.is_locking = 1;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    pthread_mutex_lock(&platform_sessions);
    platform_holder = &platform_own;
}
static inline void platform_unlock(void)
{
    platform_holder = NULL;
    pthread_mutex_unlock(&platform_sessions);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    platform_own.is_locking = 0;
}
/* Around fork the thread has the lock of the sessions. A signal handler may have interrupted it where it has it, or is about to
   have it: then it is left as it is, since the thread goes on there, in the child as well. */
PLATFORM_HIDDEN void platform_lock_for_fork(void);
PLATFORM_HIDDEN void platform_unlock_in_parent(void);
/* The locks that other threads had are free again. Returns whether no thread was changing the sessions. */
PLATFORM_HIDDEN int platform_renew_locks_in_child(void);
/* A thread that is cancelled here would take the lock with it: it is cancelled later. */
static inline int platform_defer_cancellation(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}
static inline void platform_restore_cancellation(int before) { pthread_setcancelstate(before, NULL); }

/* Waits for platform_wake; returns whether the time, of the monotonic clock, came before. */
PLATFORM_HIDDEN int platform_wait(const struct timespec *until);
PLATFORM_HIDDEN struct timespec platform_in_a_minute(void);
static inline void platform_wake(void) { pthread_cond_broadcast(&platform_left); }

/* A table of sessions in which there is none: a factor, a shift, no older table, no distance, and one entry: a session
   of no handle. */
extern PLATFORM_HIDDEN const void *const platform_empty_table[5];
static inline PLATFORM_NEVER_NULL const void *platform_empty(void) { return platform_empty_table; }
static inline PLATFORM_NEVER_NULL const void *platform_no_session(void) { return platform_empty_table[4]; }

extern PLATFORM_HIDDEN const void *platform_table_in_use;
static inline PLATFORM_NEVER_NULL const void *platform_table(void) { return __atomic_load_n(&platform_table_in_use, __ATOMIC_ACQUIRE); }
static inline void platform_set_table(const void *table) { __atomic_store_n(&platform_table_in_use, table, __ATOMIC_RELEASE); }

/* Room for a function list, of which all that is unset is NULL. */
enum { PLATFORM_LIST_SIZE = 4096 };
extern PLATFORM_HIDDEN void *platform_list[PLATFORM_LIST_SIZE / sizeof(void *)];
static inline PLATFORM_NEVER_NULL void *platform_module(void) { return platform_list; }

/* The same list where what is unset returns CKR_FUNCTION_NOT_SUPPORTED: a call in an open session needs no test. */
extern PLATFORM_HIDDEN void *platform_whole_list[PLATFORM_LIST_SIZE / sizeof(void *)];
static inline PLATFORM_NEVER_NULL void *platform_whole_module(void) { return platform_whole_list; }
/* To be called after each change of the other one. */
PLATFORM_HIDDEN void platform_fill_whole_list(void);

/* How often something was noticed, by a number of one byte. */
extern PLATFORM_HIDDEN uint32_t platform_counts[256];
static inline void platform_count(uint32_t number) { __atomic_fetch_add(&platform_counts[number & 255u], 1u, __ATOMIC_RELAXED); }
static inline uint32_t platform_counted(uint32_t number) { return __atomic_load_n(&platform_counts[number & 255u], __ATOMIC_RELAXED); }
static inline void platform_uncount(uint32_t number) { __atomic_store_n(&platform_counts[number & 255u], 0u, __ATOMIC_RELAXED); }

#endif
