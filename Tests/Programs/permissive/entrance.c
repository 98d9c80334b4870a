/* SPDX-License-Identifier: MIT */
/* Enters every function: takes the mutex, answers early where that is due, and holds calls for tests. */
#include "permissive.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- Who is inside ---- */

/* The sessions in which a thread is. Relaxed, so that counting puts no order between threads for a tool that looks for
   races among them. */
#define MOST_INSIDE 64
static CK_ULONG inside[MOST_INSIDE], concurrent;
static __thread unsigned depth; /* a callback may call the module: its thread is inside already */

/* Closing is no visit: it may end a call of another thread. */
CK_ULONG *come(unsigned function, CK_SESSION_HANDLE handle)
{
    if (depth++ != 0 || function == F_C_CloseSession || handle == CK_INVALID_HANDLE) { return NULL; }
    for (unsigned i = 0; i < MOST_INSIDE; ++i) {
        CK_ULONG nobody = CK_INVALID_HANDLE;
        const int got = __atomic_compare_exchange_n(&inside[i], &nobody, handle, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
        if (got) { return &inside[i]; }
    }
    return NULL;
}

/* Counts if another thread is inside the session, which exists. */
static void meet(const CK_ULONG *own)
{
    const CK_ULONG handle = own == NULL ? CK_INVALID_HANDLE : __atomic_load_n(own, __ATOMIC_RELAXED);
    for (unsigned i = 0; own != NULL && i < MOST_INSIDE; ++i) {
        if (&inside[i] == own || __atomic_load_n(&inside[i], __ATOMIC_RELAXED) != handle) { continue; }
        __atomic_fetch_add(&concurrent, 1, __ATOMIC_RELAXED);
        return;
    }
}

void go(CK_ULONG *own)
{
    --depth;
    if (own != NULL) { __atomic_store_n(own, CK_INVALID_HANDLE, __ATOMIC_RELAXED); }
}

CK_ULONG permissive_concurrent(void) { return __atomic_load_n(&concurrent, __ATOMIC_RELAXED); }

/* ---- The entrance of every function ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_ready, is_initialized;
static pid_t owner; /* the process that called C_Initialize */
static CK_ULONG calls[FUNCTIONS];

void take_lock(void) { pthread_mutex_lock(&lock); }
void drop_lock(void) { pthread_mutex_unlock(&lock); }

CK_RV leave(CK_RV rv)
{
    drop_lock();
    return rv;
}

int is_usable(void) { return is_initialized && (options.fork_safe || owner == getpid()); }

/* Records whether this process uses the module from now on. */
void mark_initialized(int is)
{
    is_initialized = is;
    owner = getpid();
}

static int may_come_first(unsigned function)
{
    return function == F_C_Initialize || function == F_C_GetFunctionList || function == F_C_GetInterfaceList
           || function == F_C_GetInterface;
}

/* No: *rv is the answer, and the mutex is not held. */
int enter(unsigned function, CK_RV *rv)
{
    take_lock();
    if (!is_ready) { pthread_atfork(take_lock, drop_lock, drop_lock); }
    if (!is_ready || (function == F_C_Initialize && !is_usable())) { read_options(); }
    is_ready = 1;
    ++calls[function];
    if (options.crash && !is_initialized && !may_come_first(function)) { abort(); }
    if (is_answered(function, rv)) {
        drop_lock();
        return 0;
    }
    if (is_usable() || may_come_first(function)) { return 1; }
    *rv = leave(CKR_CRYPTOKI_NOT_INITIALIZED);
    return 0;
}

int enter_session(unsigned function, CK_SESSION_HANDLE handle, const CK_ULONG *own, session **s, CK_RV *rv)
{
    if (!enter(function, rv)) { return 0; }
    *s = session_of(handle);
    if (*s != NULL) {
        meet(own);
        return 1;
    }
    *rv = leave(CKR_SESSION_HANDLE_INVALID);
    return 0;
}

CK_ULONG permissive_calls(const char *name)
{
    const unsigned function = name == NULL ? FUNCTIONS : function_named(name);
    take_lock();
    return leave(function == FUNCTIONS ? (CK_ULONG)-1 : calls[function]);
}

/* ---- The gate: calls that stay inside until a test lets them go on ---- */

static atomic_ulong to_hold, held, releases;

void permissive_hold(CK_ULONG count) { to_hold = count; }
CK_ULONG permissive_held(void) { return held; }
void permissive_release(void) { ++releases; }

/* Takes one of the places at the gate, if there is one. */
static int must_stay(void)
{
    CK_ULONG left = to_hold;
    while (left != 0) {
        if (atomic_compare_exchange_weak(&to_hold, &left, left - 1)) { return 1; }
    }
    return 0;
}

static void one_fewer(void *unused)
{
    (void)unused;
    --held;
}

/* Waits at the gate. A thread may be cancelled there. */
static void stay(void)
{
    const CK_ULONG before = releases;
    const struct timespec pause = { 0, 1000000 };
    ++held;
    pthread_cleanup_push(one_fewer, NULL);
    while (releases == before) { nanosleep(&pause, NULL); }
    pthread_cleanup_pop(1);
}

/* For calls that take data, with what they need active. Sleep, gate and callback come without the mutex. */
int enter_part(unsigned function, CK_SESSION_HANDLE handle, unsigned kinds, const CK_ULONG *own, session **s,
               CK_RV *rv)
{
    if (!enter_session(function, handle, own, s, rv)) { return 0; }
    const int stays = (active_kinds(*s) & kinds) == kinds && must_stay();
    if ((active_kinds(*s) & kinds) != kinds || (options.slow == 0 && !options.callback && !stays)) { return 1; }
    const session before = **s;
    const struct timespec pause = { options.slow / 1000, options.slow % 1000 * 1000000 };
    const int calls_back = options.callback && before.notify != NULL;
    drop_lock();
    nanosleep(&pause, NULL);
    if (stays) { stay(); }
    const int cancels = calls_back && before.notify(handle, CKN_SURRENDER, before.application) == CKR_CANCEL;
    take_lock();
    *s = session_of(handle);
    *rv = !is_usable()                               ? CKR_CRYPTOKI_NOT_INITIALIZED
          : *s == NULL || (*s)->birth != before.birth ? CKR_SESSION_CLOSED
          : cancels                                  ? CKR_FUNCTION_CANCELED
                                                     : CKR_OK;
    if (*rv == CKR_OK) { return 1; }
    for (unsigned kind = 0; *rv == CKR_FUNCTION_CANCELED && kind < KINDS; ++kind) {
        operation *const o = &(*s)->work.of[kind];
        if ((kinds & BIT(kind)) != 0) { (kind < MESSAGE_ENCRYPT ? settle : settle_message)(o, *rv, 0); }
    }
    leave(*rv);
    return 0;
}
