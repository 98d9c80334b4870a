/* SPDX-License-Identifier: MIT */
/* Declarations that the files of guard_walk share. */
#ifndef GUARD_WALK_H
#define GUARD_WALK_H

#define _DEFAULT_SOURCE 1
#include "pkcs11.h"
#include "p11_session_rules.h"

#include <stdint.h>

/* The libraries that are loaded must not find these names. */
#pragma GCC visibility push(hidden)

#define PLACES 6 /* sessions of a sequence; the place behind them is a handle that never was one */
#define KINDS 13

/* What a call is given to write into. */
enum { ROOMY, ASKS, SMALL, NO_LENGTH };

/* Says nothing that depends on what was before: a sequence without one of its steps is a sequence. */
typedef struct {
    unsigned char function, place, output;
    unsigned char is_null; /* the mechanism, where there is one */
    unsigned flavour;      /* bits for whatever else there is to choose */
} step;

/* What a call wrote. One for the guard, one for the module beside it. */
typedef struct {
    CK_BYTE out[2048];
    CK_ULONG length, more;
    CK_BYTE saved[2048]; /* what C_GetOperationState gave last; kept from call to call */
    CK_ULONG saved_length;
} results;

/* ---- Sequences: sequences.c ---- */

#define MOST_OF_KIND 5
extern const unsigned char of_kind[KINDS][MOST_OF_KIND]; /* by p11_operation; the first starts it */

#define MOST_STEPS 512

typedef struct {
    step steps[MOST_STEPS];
    unsigned count;
    char answers[512], handles[16], single[8];
    int mixed, kills, is_async;
} sequence;

void draw_sequence(sequence *q, uint64_t seed);

/* ---- Arguments: arguments.c ---- */

CK_FLAGS flags_of(step s);
CK_USER_TYPE user_of(step s);
CK_SLOT_ID slot_of(step s);
const char *named_of(step s);
p11_call call_of(step s);

/* ---- Calls: calls.c ---- */

CK_RV make(const CK_FUNCTION_LIST_3_2 *f, step s, CK_SESSION_HANDLE h, results *r);
const char *value_name(CK_RV rv);
void print_step(step s, CK_SESSION_HANDLE h);

/* ---- Expected outcomes: mirror.c ---- */

typedef struct {
    int is_open;
    CK_SESSION_HANDLE handle;
    CK_SLOT_ID slot;
    p11_rules rules;
    p11_state state;
    p11_pending pending;
    CK_ULONG calls;
    struct { unsigned function; CK_ULONG call, again; } since[KINDS]; /* what made each operation active */
} mirror;

extern mirror mirrors[PLACES];
extern CK_SESSION_HANDLE handles[PLACES + 1]; /* by place; stale where the session is closed */

#define AUTO 4
extern const char *const policy_names[AUTO + 1];
extern unsigned policy; /* AUTO: the one that suits the token */

mirror *mirror_of(CK_SESSION_HANDLE handle);
void mirror_open(unsigned place, CK_SESSION_HANDLE handle, CK_SLOT_ID slot, CK_FLAGS token_flags);
void mirror_forget(void);
p11_verdict mirror_admit(const mirror *m, step s);
void mirror_complete(mirror *own, step s, CK_RV rv);
int is_in_session(step s);

/* ---- The log: log.c ---- */

void open_log(const char *path);
void empty_log(void);
const char *next_line(void);
int expect_line(const char *verb, const mirror *m, p11_state before, step s, p11_rule rule);
int expect_no_line(void);
int check_summary(void);

/* ---- Steps: steps.c ---- */

int make_step(step s);
int check_nothing_is_stuck(const sequence *q);

/* ---- The sequence that is run: guard_walk.c ---- */

extern const CK_FUNCTION_LIST_3_2 *guard, *beside;
extern CK_ULONG (*calls_behind)(const char *), (*calls_beside)(const char *);
extern int only_reports, has_said_unknown, is_printing;
extern unsigned long called, refused, noticed, violations, opened;
extern results of_guard, of_beside;
extern char difference[1024]; /* empty: none yet */

int differ(const char *format, ...);
void fail(const char *what);

#pragma GCC visibility pop

#endif /* GUARD_WALK_H */
