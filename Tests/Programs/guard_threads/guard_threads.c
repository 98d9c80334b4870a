/* SPDX-License-Identifier: MIT */
/*
 * Threads that call the guard, behind which is permissive's module.
 *
 *     P11GUARD_MODULE=permissive.so guard_threads GUARD report|refuse|serialize SECONDS
 *
 * Seven parts, each for its share of the time and with a library of its own:
 *   own       eight threads open and close sessions of their own all the time, and work in them
 *   shared    eight threads work in three sessions, which two of them close and open again; slowly, and no handle is
 *             used twice
 *   again     the same, fast, with handles that are used again
 *   short     threads that make a few calls and end
 *   logins    one thread logs in and out; others work in sessions of their own
 *   handed    one session goes from thread to thread, with a mutex around its use
 *   all       all of these beside each other, and a thread that closes all sessions with the other token
 * What has to hold: no crash, no hang; in sessions of one's own every answer and every result is right; so is whatever
 * C_Digest gives in the shared session in which nobody feeds parts; the log has lines about two threads only where
 * sessions are shared, and where they are not only lines for what was to be refused; each call is found again, as one
 * of the module's or as a line that it was refused; with refuse and serialize the module never has two threads in a
 * session; afterwards a session works.
 *
 * Prints a line for each part, then "N calls, K refused, J of two threads: D wrong"; exits with 1 if something is
 * wrong, with 3 if it hangs.
 */
#include "guard_threads.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define MOST_WORKERS 64

enum { REPORT, REFUSE, SERIALIZE };
static const char *const modes[] = { "report", "refuse", "serialize" };
static unsigned mode;

static CK_ULONG (*calls_behind)(const char *), (*concurrent_behind)(void);

/* ---- Parts ---- */

typedef void *(*work)(void *);

typedef struct {
    const char *name, *handles, *slow;
    struct { work does; unsigned threads; } what[6];
    int is_shared; /* two threads may be in a session */
    int has_logins;
} part;

static const part parts[] = {
    { "own", "reuse", "", { { work_in_own, THREADS } }, 0, 0 },
    { "shared", "unique", "1", { { work_in_shared, THREADS } }, 1, 0 },
    { "again", "reuse", "", { { work_in_shared, THREADS } }, 1, 0 },
    { "short", "sparse", "", { { start_short_ones, 4 } }, 0, 0 },
    { "logins", "reuse", "", { { log_in_and_out, 1 }, { work_in_own, THREADS - 1 } }, 0, 1 },
    { "handed", "reuse", "", { { work_in_handed, THREADS } }, 0, 0 },
    { "all", "unique", "",
      { { work_in_shared, 4 }, { work_in_own, 4 }, { start_short_ones, 1 }, { log_in_and_out, 1 },
        { work_in_handed, 2 }, { close_all, 1 } }, 1, 1 },
};
#define PARTS (sizeof parts / sizeof *parts)

static CK_ULONG calls_of_module(void)
{
    CK_ULONG sum = 0;
    for (unsigned i = 1; i < P11_FUNCTIONS_; ++i) { sum += calls_behind(p11_function_name(i)); }
    return sum;
}

static void begin(const part *p)
{
    setenv("PERMISSIVE_HANDLES", p->handles, 1);
    setenv("PERMISSIVE_SLOW", p->slow, 1);
    CK_C_INITIALIZE_ARGS arguments = { .flags = CKF_OS_LOCKING_OK };
    const CK_RV rv = f->C_Initialize(&arguments);
    if (rv != CKR_OK) { fail("C_Initialize"); }
}

/* Returns what its threads counted. */
static worker run_part(const part *p, uint64_t seed, double seconds)
{
    static worker workers[MOST_WORKERS];
    CK_SESSION_HANDLE handed;
    worker sum = { 0 }, *const w = &sum;
    const struct timespec time = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
    unsigned count = 0;
    for (unsigned i = 0; i < SHARED; ++i) { shared[i] = open_one(w, 0); }
    handed = open_one(w, 0);
    memset(workers, 0, sizeof workers);
    __atomic_store_n(&is_over, 0, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < 6; ++i) {
        for (unsigned number = 0; number < p->what[i].threads; ++number, ++count) {
            workers[count].number = number;
            workers[count].random = seed + count;
            workers[count].handed = &handed;
            workers[count].is_beside_login = p->has_logins;
            if (pthread_create(&workers[count].thread, NULL, p->what[i].does, &workers[count]) != 0) {
                fail("pthread_create");
            }
        }
    }
    nanosleep(&time, NULL);
    __atomic_store_n(&is_over, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < count; ++i) {
        pthread_join(workers[i].thread, NULL);
        add(w, &workers[i]);
    }
    digest_whole(w, open_one(w, 0));
    for (unsigned i = 0; i < SHARED; ++i) { OK(C_CloseSession(shared[i])); }
    return sum;
}

/* How many lines there may be: those of what the work of the threads makes the guard refuse. */
static void check_part(const part *p, worker *w, CK_ULONG served, CK_ULONG entered)
{
    char what[256];
    snprintf(what, sizeof what, "%s: %lu calls are not %lu served and %lu refused", p->name, w->made, served,
             seen.refused);
    right(w, w->made == served + seen.refused, what, 0);
    if (!p->is_shared) {
        snprintf(what, sizeof what, "%s: a line that is not due, of %lu: %.120s", p->name, seen.lines, seen.last);
        right(w, seen.two_threads == 0 && seen.lines == seen.refused, what, 0);
    }
    if (mode != REPORT && strcmp(p->handles, "reuse") != 0) {
        right(w, entered == 0, "two threads in a session of the module", entered);
    }
    if (mode == SERIALIZE) { right(w, seen.two_threads == 0, "who waits is not refused", seen.two_threads); }
    /* Slow calls that share sessions meet: else nothing was tested. */
    if (p->slow[0] != '\0' && mode != SERIALIZE) { right(w, seen.two_threads != 0, "nobody met anybody", 0); }
}

/* ---- The program ---- */

static void hangs(int number)
{
    static const char text[] = "guard_threads: hangs\n";
    (void)number;
    if (write(2, text, sizeof text - 1) < 0) { _exit(4); }
    _exit(3);
}

static void prepare(char **arguments)
{
    CK_UTF8CHAR name[] = "PKCS 11";
    CK_VERSION version = { 3, 2 };
    CK_INTERFACE *interface = NULL;
    CK_C_GetInterface get;
    open_log();
    setenv("P11GUARD_THREADS", arguments[2], 1);
    void *const guard = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    void *const module = guard == NULL ? NULL : dlopen(getenv("P11GUARD_MODULE"), RTLD_NOW | RTLD_LOCAL);
    if (module == NULL) { fail(arguments[1]); }
    *(void **)&get = dlsym(guard, "C_GetInterface");
    *(void **)&calls_behind = dlsym(module, "permissive_calls");
    *(void **)&concurrent_behind = dlsym(module, "permissive_concurrent");
    if (get == NULL || calls_behind == NULL || concurrent_behind == NULL) { fail(arguments[1]); }
    if (get(name, &version, &interface, 0) != CKR_OK) { fail("C_GetInterface"); }
    f = interface->pFunctionList;
}

int main(int count, char **arguments)
{
    worker sum = { 0 };
    unsigned long refused = 0, two_threads = 0;
    const double seconds = count == 4 ? strtod(arguments[3], NULL) : 0;
    while (count == 4 && mode < 3 && strcmp(modes[mode], arguments[2]) != 0) { ++mode; }
    if (seconds <= 0 || mode == 3 || getenv("P11GUARD_MODULE") == NULL) {
        fprintf(stderr, "usage: P11GUARD_MODULE=MODULE guard_threads GUARD report|refuse|serialize SECONDS\n");
        return 64;
    }
    signal(SIGALRM, hangs);
    alarm((unsigned)(60 + 10 * seconds));
    prepare(arguments);
    for (unsigned i = 0; i < PARTS; ++i) {
        begin(&parts[i]);
        const CK_ULONG calls_before = calls_of_module(), concurrent_before = concurrent_behind();
        forget_log();
        __atomic_store_n(&started, 0, __ATOMIC_RELAXED);
        worker of_part = run_part(&parts[i], 1000 * i, seconds / PARTS);
        read_all_of_log();
        check_part(&parts[i], &of_part, calls_of_module() - calls_before, concurrent_behind() - concurrent_before);
        const CK_RV rv = f->C_Finalize(NULL);
        is_ok(&of_part, rv, "C_Finalize");
        printf("%s: %lu calls, %lu refused, %lu lines, %lu of two threads, %lu met in the module: %lu wrong\n",
               parts[i].name, of_part.made, seen.refused, seen.lines, seen.two_threads,
               concurrent_behind() - concurrent_before, of_part.wrong);
        add(&sum, &of_part);
        refused += seen.refused;
        two_threads += seen.two_threads;
    }
    remove_log();
    printf("%lu calls, %lu refused, %lu of two threads: %lu wrong\n", sum.made, refused, two_threads, sum.wrong);
    return sum.wrong != 0;
}
