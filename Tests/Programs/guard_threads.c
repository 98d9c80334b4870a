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
#define _GNU_SOURCE 1
#include "guard_threads_world.h"

#include <signal.h>

#define THREADS 8
#define SHARED 3
#define MOST_WORKERS 64

enum { REPORT, REFUSE, SERIALIZE };
static const char *const modes[] = { "report", "refuse", "serialize" };
static unsigned mode;

static CK_SESSION_HANDLE shared[SHARED];
static pthread_mutex_t handing = PTHREAD_MUTEX_INITIALIZER;
static unsigned long started; /* short threads */

/* ---- What a thread does ---- */

/* Sometimes with many sessions, so that the guard's table grows, moves and finds some far from their place. Where there
   are logins there may be somebody who closes all sessions with the other token. */
static void *work_in_own(void *argument)
{
    worker *const w = argument;
    CK_SESSION_HANDLE opened[48];
    while (!part_is_over()) {
        const unsigned count = below(w, 16) == 0 ? 48 : 1 + below(w, 4);
        const CK_SLOT_ID slot = w->is_beside_login || below(w, 2) == 0 ? 0 : 7;
        for (unsigned i = 0; i < count; ++i) { opened[i] = open_one(w, slot); }
        for (unsigned i = 0; i < 4; ++i) { do_something(w, opened[below(w, count)]); }
        for (unsigned i = 0; i < count; ++i) { OK(C_CloseSession(opened[i])); }
    }
    return NULL;
}

static int may_be(CK_RV rv)
{
    return rv == CKR_OK || rv == CKR_OPERATION_ACTIVE || rv == CKR_OPERATION_NOT_INITIALIZED
           || rv == CKR_FUNCTION_FAILED || rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_SESSION_CLOSED;
}

/* A digest that is not refused is right, whoever started it: nobody feeds this session a part. */
static void digest_in_shared(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[24], out[32], wanted[32];
    CK_ULONG length = sizeof out;
    some_data(w, data, sizeof data);
    digest_of(data, sizeof data, wanted);
    CK_RV rv = CALL(C_DigestInit(h, &mechanism));
    right(w, may_be(rv), "C_DigestInit in a shared session", rv);
    rv = CALL(C_Digest(h, data, sizeof data, out, &length));
    right(w, may_be(rv), "C_Digest in a shared session", rv);
    if (rv == CKR_OK) { right(w, memcmp(out, wanted, sizeof out) == 0, "a digest in a shared session", 0); }
}

static CK_RV anything(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[8] = { 0 }, out[64];
    CK_ULONG length = sizeof out;
    CK_OBJECT_HANDLE found[2];
    switch (below(w, 12)) {
    case 0: return CALL(C_DigestInit(h, &mechanism));
    case 1: return CALL(C_DigestUpdate(h, data, sizeof data));
    case 2: return CALL(C_DigestFinal(h, out, &length));
    case 3: return CALL(C_EncryptInit(h, &mechanism, KEY));
    case 4: return CALL(C_EncryptUpdate(h, data, sizeof data, out, &length));
    case 5: return CALL(C_EncryptFinal(h, out, &length));
    case 6: return CALL(C_FindObjectsInit(h, NULL, 0));
    case 7: return CALL(C_FindObjects(h, found, 2, &length));
    case 8: return CALL(C_FindObjectsFinal(h));
    case 9: return CALL(C_SessionCancel(h, CKF_DIGEST | CKF_ENCRYPT | CKF_FIND_OBJECTS));
    case 10: return CALL(C_DigestEncryptUpdate(h, data, sizeof data, out, &length));
    default: return CALL(C_GenerateRandom(h, out, sizeof out));
    }
}

static void *work_in_shared(void *argument)
{
    worker *const w = argument;
    while (!part_is_over()) {
        const unsigned which = below(w, SHARED);
        const CK_SESSION_HANDLE h = __atomic_load_n(&shared[which], __ATOMIC_ACQUIRE);
        if (w->number < 2 && below(w, 100) == 0) {
            const CK_RV rv = CALL(C_CloseSession(h));
            right(w, may_be(rv), "C_CloseSession of a shared session", rv);
            if (rv == CKR_OK) { __atomic_store_n(&shared[which], open_one(w, 0), __ATOMIC_RELEASE); }
        } else if (which == 0) {
            digest_in_shared(w, h);
        } else {
            const CK_RV rv = anything(w, h);
            right(w, may_be(rv), "a call in a shared session", rv);
        }
    }
    return NULL;
}

static void *work_shortly(void *argument)
{
    worker *const w = argument;
    const CK_SESSION_HANDLE h = open_one(w, 0);
    do_something(w, h);
    if (below(w, 8) != 0) { OK(C_CloseSession(h)); } else { OK(C_SessionCancel(h, CKF_DIGEST)); }
    return NULL;
}

static void add(worker *sum, const worker *w)
{
    sum->made += w->made;
    sum->wrong += w->wrong;
}

/* Some sessions stay open; C_CloseAllSessions or C_Finalize end them. */
static void *start_short_ones(void *argument)
{
    worker *const w = argument;
    worker others[4];
    while (!part_is_over() && __atomic_load_n(&started, __ATOMIC_RELAXED) < 20000) {
        memset(others, 0, sizeof others);
        for (unsigned i = 0; i < 4; ++i) {
            others[i].random = draw(w);
            others[i].is_beside_login = w->is_beside_login;
            if (pthread_create(&others[i].thread, NULL, work_shortly, &others[i]) != 0) { fail("pthread_create"); }
        }
        for (unsigned i = 0; i < 4; ++i) {
            pthread_join(others[i].thread, NULL);
            add(w, &others[i]);
        }
        __atomic_fetch_add(&started, 4, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void *log_in_and_out(void *argument)
{
    worker *const w = argument;
    const CK_SESSION_HANDLE h = open_one(w, 0);
    CK_UTF8CHAR pin[] = "1234";
    while (!part_is_over()) {
        OK(C_Login(h, CKU_USER, pin, sizeof pin - 1));
        usleep(below(w, 200));
        OK(C_Logout(h));
    }
    OK(C_CloseSession(h));
    return NULL;
}

/* Each thread does one call of a digest in parts, or a few, and hands the session on. */
static void *work_in_handed(void *argument)
{
    static CK_BYTE data[64];
    static CK_ULONG fed;
    static int is_started;
    worker *const w = argument;
    CK_BYTE out[32], wanted[32];
    CK_ULONG length = sizeof out;
    while (!part_is_over()) {
        pthread_mutex_lock(&handing);
        const CK_SESSION_HANDLE h = *w->handed;
        if (!is_started) {
            is_started = OK(C_DigestInit(h, &mechanism));
            fed = 0;
        } else if (fed + 8 <= sizeof data) {
            some_data(w, data + fed, 8);
            OK(C_DigestUpdate(h, data + fed, 8));
            fed += 8;
        } else {
            digest_of(data, fed, wanted);
            OK(C_DigestFinal(h, out, &length));
            right(w, memcmp(out, wanted, sizeof out) == 0, "a digest of several threads", 0);
            is_started = 0;
            if (below(w, 4) == 0) {
                OK(C_CloseSession(h));
                *w->handed = open_one(w, 0);
            }
        }
        pthread_mutex_unlock(&handing);
    }
    pthread_mutex_lock(&handing);
    if (is_started) { OK(C_SessionCancel(*w->handed, CKF_DIGEST)); }
    is_started = 0;
    pthread_mutex_unlock(&handing);
    return NULL;
}

static void *close_all(void *argument)
{
    worker *const w = argument;
    while (!part_is_over()) {
        for (unsigned i = below(w, 20); i > 0; --i) { open_one(w, 7); }
        OK(C_CloseAllSessions(7));
        usleep(below(w, 500));
    }
    return NULL;
}

/* ---- A part ---- */

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
    pthread_t reader;
    const char *const temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/guard-threads-XXXXXX", temporary == NULL ? "/tmp" : temporary);
    if (mkdtemp(folder) == NULL) { fail(folder); }
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    if (mkfifo(log_path, 0600) != 0 || (log_pipe = open(log_path, O_RDWR | O_CLOEXEC)) < 0) { fail(log_path); }
    if (pthread_create(&reader, NULL, read_log, NULL) != 0) { fail("pthread_create"); }
    setenv("P11GUARD_LOG", log_path, 1);
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
    unlink(log_path);
    rmdir(folder);
    printf("%lu calls, %lu refused, %lu of two threads: %lu wrong\n", sum.made, refused, two_threads, sum.wrong);
    return sum.wrong != 0;
}
