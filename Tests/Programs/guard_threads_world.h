/* SPDX-License-Identifier: MIT */
/*
 * What the threads of guard_threads.c have in common: the guard, the module behind it, the log, the calls and what has
 * to come back from them. A worker is one thread; it counts for itself, and what it counted is added up when it has
 * ended.
 */
#ifndef GUARD_THREADS_WORLD_H
#define GUARD_THREADS_WORLD_H

#include "pkcs11.h"
#include "p11_session_rules.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const CK_FUNCTION_LIST_3_2 *f;
static CK_ULONG (*calls_behind)(const char *), (*concurrent_behind)(void);
static int is_over; /* of this part */

typedef struct {
    pthread_t thread;
    unsigned number;
    uint64_t random;
    unsigned long made, wrong;
    int is_beside_login; /* logins elsewhere put operations in doubt, and what is in doubt refuses nothing */
    CK_SESSION_HANDLE *handed;
} worker;

static int part_is_over(void) { return __atomic_load_n(&is_over, __ATOMIC_RELAXED); }

static uint64_t draw(worker *w) /* splitmix64 */
{
    uint64_t z = w->random += 0x9E3779B97F4A7C15ULL;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
}

static unsigned below(worker *w, unsigned end) { return (unsigned)(draw(w) % end); }

static void fail(const char *what)
{
    const char *const why = dlerror();
    fprintf(stderr, "guard_threads: %s: %s\n", what, why != NULL ? why : strerror(errno));
    exit(2);
}

/* Says so of the first few only. */
static int right(worker *w, int good, const char *what, CK_RV rv)
{
    static int said;
    if (good) { return 1; }
    ++w->wrong;
    if (__atomic_fetch_add(&said, 1, __ATOMIC_RELAXED) < 20) { printf("  wrong: %s: 0x%lx\n", what, rv); }
    return 0;
}

/* A call of the guard: every one of them has to be found again, in the module or as a refusal in the log. */
#define CALL(call) (++w->made, f->call)
#define OK(call) is_ok(w, CALL(call), #call)

static int is_ok(worker *w, CK_RV rv, const char *what) { return right(w, rv == CKR_OK, what, rv); }

/* ---- The log: a pipe, since of two threads in a session there are more lines than a disk wants ---- */

static struct { unsigned long lines, refused, two_threads, summaries; char last[512]; } seen;
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t seen_mark = PTHREAD_COND_INITIALIZER;
static int log_pipe, marks;
static char folder[256], log_path[320];

static void take_line(const char *line)
{
    pthread_mutex_lock(&seen_lock);
    if (strcmp(line, "mark") == 0) {
        ++marks;
        pthread_cond_signal(&seen_mark);
    } else if (strstr(line, "] ") != NULL && strstr(line, ": C_Finalize: ") != NULL) {
        ++seen.summaries;
    } else {
        ++seen.lines;
        seen.refused += strstr(line, ": refused ") != NULL;
        seen.two_threads += strstr(line, "; rule two-threads: ") != NULL;
        snprintf(seen.last, sizeof seen.last, "%.300s", line);
    }
    pthread_mutex_unlock(&seen_lock);
}

static void *read_log(void *nothing)
{
    static char bytes[65536];
    size_t kept = 0;
    ssize_t got;
    while ((got = read(log_pipe, bytes + kept, sizeof bytes - kept)) > 0) {
        char *line = bytes, *end;
        kept += (size_t)got;
        while ((end = memchr(line, '\n', kept - (size_t)(line - bytes))) != NULL) {
            *end = '\0';
            take_line(line);
            line = end + 1;
        }
        kept -= (size_t)(line - bytes);
        memmove(bytes, line, kept);
    }
    return nothing;
}

/* Returns when all that was written is counted. */
static void read_all_of_log(void)
{
    if (write(log_pipe, "mark\n", 5) != 5) { fail("the log"); }
    pthread_mutex_lock(&seen_lock);
    while (marks == 0) { pthread_cond_wait(&seen_mark, &seen_lock); }
    marks = 0;
    pthread_mutex_unlock(&seen_lock);
}

static void forget_log(void)
{
    pthread_mutex_lock(&seen_lock);
    memset(&seen, 0, sizeof seen);
    pthread_mutex_unlock(&seen_lock);
}

/* ---- Results ---- */

#define KEY 1 /* there from the start */
#define KEY_BYTE 0x5A
static CK_MECHANISM mechanism = { CKM_VENDOR_DEFINED | 0x11, NULL, 0 };

/* What permissive says a digest is. */
static void digest_of(const CK_BYTE *data, CK_ULONG length, CK_BYTE *out)
{
    for (unsigned lane = 0; lane < 4; ++lane) {
        uint64_t sum = 0xCBF29CE484222325ULL + lane;
        for (CK_ULONG i = 0; i < length; ++i) { sum = (sum ^ data[i]) * 0x100000001B3ULL; }
        for (unsigned i = 0; i < 8; ++i) { out[8 * lane + i] = (CK_BYTE)(sum >> (56 - 8 * i)); }
    }
}

static void some_data(worker *w, CK_BYTE *data, CK_ULONG length)
{
    for (CK_ULONG i = 0; i < length; ++i) { data[i] = (CK_BYTE)draw(w); }
}

static CK_SESSION_HANDLE open_one(worker *w, CK_SLOT_ID slot)
{
    CK_SESSION_HANDLE h = CK_INVALID_HANDLE;
    OK(C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &h));
    return h;
}

static void digest_whole(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[40], out[32], wanted[32];
    CK_ULONG length = sizeof out;
    some_data(w, data, sizeof data);
    digest_of(data, sizeof data, wanted);
    OK(C_DigestInit(h, &mechanism));
    OK(C_Digest(h, data, sizeof data, NULL, &length));
    OK(C_Digest(h, data, sizeof data, out, &length));
    right(w, length == sizeof out && memcmp(out, wanted, sizeof out) == 0, "a digest", 0);
}

/* Beside an encryption, with which it is a pair. */
static void digest_and_encrypt(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[40], out[40], sum[32], wanted[32];
    CK_ULONG length = sizeof out;
    int is_good = 1;
    some_data(w, data, sizeof data);
    digest_of(data, sizeof data, wanted);
    OK(C_DigestInit(h, &mechanism));
    OK(C_EncryptInit(h, &mechanism, KEY));
    if (!w->is_beside_login) {
        const CK_RV rv = CALL(C_SignInit(h, &mechanism, KEY));
        right(w, rv == CKR_OPERATION_ACTIVE, "what is no pair is refused", rv);
    }
    OK(C_DigestEncryptUpdate(h, data, 16, out, &length));
    OK(C_DigestUpdate(h, data + 16, 24));
    length = sizeof out - 16;
    OK(C_EncryptUpdate(h, data + 16, 24, out + 16, &length));
    for (unsigned i = 0; i < sizeof data; ++i) { is_good = is_good && out[i] == (data[i] ^ KEY_BYTE); }
    right(w, is_good, "an encryption", 0);
    length = sizeof sum;
    OK(C_DigestFinal(h, sum, &length));
    right(w, memcmp(sum, wanted, sizeof sum) == 0, "a digest in parts", 0);
    length = 0;
    OK(C_EncryptFinal(h, out, &length));
}

static void search(worker *w, CK_SESSION_HANDLE h)
{
    CK_OBJECT_HANDLE found[4];
    CK_ULONG count = 0;
    CK_BYTE random[8];
    OK(C_FindObjectsInit(h, NULL, 0));
    OK(C_FindObjects(h, found, 4, &count));
    right(w, count == 1 && found[0] == KEY, "a search", count);
    if (!w->is_beside_login) {
        const CK_RV rv = CALL(C_DigestInit(h, &mechanism));
        right(w, rv == CKR_OPERATION_ACTIVE, "a digest in a search is refused", rv);
    }
    OK(C_GenerateRandom(h, random, sizeof random));
    OK(C_FindObjectsFinal(h));
}

static void sign_and_verify(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[24], signature[32];
    CK_ULONG length = sizeof signature;
    some_data(w, data, sizeof data);
    OK(C_SignInit(h, &mechanism, KEY));
    OK(C_Sign(h, data, sizeof data, signature, &length));
    OK(C_VerifyInit(h, &mechanism, KEY));
    OK(C_Verify(h, data, sizeof data, signature, length));
    OK(C_VerifyInit(h, &mechanism, KEY));
    OK(C_SessionCancel(h, CKF_VERIFY));
}

static void do_something(worker *w, CK_SESSION_HANDLE h)
{
    static void (*const things[])(worker *, CK_SESSION_HANDLE) = { digest_whole, digest_and_encrypt, search,
                                                                   sign_and_verify };
    things[below(w, 4)](w, h);
}

#endif /* GUARD_THREADS_WORLD_H */
