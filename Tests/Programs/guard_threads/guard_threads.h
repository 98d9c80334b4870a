/* SPDX-License-Identifier: MIT */
/*
 * Declarations that the files of guard_threads share. A worker is one thread; it counts for itself, and what it counted
 * is added up when it has ended.
 */
#ifndef GUARD_THREADS_H
#define GUARD_THREADS_H

#define _GNU_SOURCE 1
#include "pkcs11.h"
#include "p11_session_rules.h"
#include "../permissive_results.h"

#include <pthread.h>
#include <stdint.h>

/* The libraries that are loaded must not find these names. */
#pragma GCC visibility push(hidden)

/* ---- Workers: worker.c ---- */

extern const CK_FUNCTION_LIST_3_2 *f;
extern int is_over; /* of this part */

typedef struct {
    pthread_t thread;
    unsigned number;
    uint64_t random;
    unsigned long made, wrong;
    int is_beside_login; /* logins elsewhere put operations in doubt, and what is in doubt refuses nothing */
    CK_SESSION_HANDLE *handed;
} worker;

int part_is_over(void);
uint64_t draw(worker *w);
unsigned below(worker *w, unsigned end);
void fail(const char *what);
int right(worker *w, int good, const char *what, CK_RV rv);
int is_ok(worker *w, CK_RV rv, const char *what);
void add(worker *sum, const worker *w);

/* A call of the guard: every one of them has to be found again, in the module or as a refusal in the log. */
#define CALL(call) (++w->made, f->call)
#define OK(call) is_ok(w, CALL(call), #call)

/* ---- The log: log.c ---- */

struct seen { unsigned long lines, refused, two_threads, summaries; char last[512]; };

extern struct seen seen;

void open_log(void);
void remove_log(void);
void read_all_of_log(void);
void forget_log(void);

/* ---- Operations: operations.c ---- */

extern CK_MECHANISM mechanism;

void some_data(worker *w, CK_BYTE *data, CK_ULONG length);
CK_SESSION_HANDLE open_one(worker *w, CK_SLOT_ID slot);
void digest_whole(worker *w, CK_SESSION_HANDLE h);
void do_something(worker *w, CK_SESSION_HANDLE h);

/* ---- Work: work.c ---- */

#define SHARED 3

extern CK_SESSION_HANDLE shared[SHARED];
extern unsigned long started; /* short threads */

void *work_in_own(void *argument);
void *work_in_shared(void *argument);
void *start_short_ones(void *argument);
void *log_in_and_out(void *argument);
void *work_in_handed(void *argument);
void *close_all(void *argument);

#pragma GCC visibility pop

#endif /* GUARD_THREADS_H */
