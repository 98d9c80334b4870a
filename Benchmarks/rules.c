/* SPDX-License-Identifier: MIT */
/*
 * rules VARIANT COUNT: calls C_EncryptUpdate's rules COUNT times in 64 sessions in turn. Prints the nanoseconds a call.
 *
 *   empty   the loop alone
 *   plain   a check of six flags by hand, as tokens have it: is encryption active, and does an error end it
 *   rules   p11_admit_C_EncryptUpdate and p11_complete_C_EncryptUpdate
 *   number  p11_admit and p11_complete with the function's number, which the compiler does not know
 *   start   the same of C_EncryptInit and C_EncryptFinal, two calls
 */
#include "p11_session_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SESSIONS = 64 };

/* What a token has whose author wrote the checks by hand. */
typedef struct plain {
    int encrypt, decrypt, digest, sign, verify, search;
} plain;

static const p11_rules rules = { P11_POLICY_USAGE_GUIDE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
static p11_state states[SESSIONS];
static plain plains[SESSIONS];

/* The compiler must not look through these. */
#define OPAQUE(value) __asm__ volatile("" : "+r"(value))
#define WRITTEN(place) __asm__ volatile("" : : "r"(place) : "memory")

#define LOOP static __attribute__((noinline))

static unsigned long plain_admit(const plain *session) { return session->encrypt ? 0x00UL : 0x91UL; }

static unsigned long plain_complete(plain *session, unsigned long rv)
{
    if (rv != 0x00UL && rv != 0x150UL) { session->encrypt = 0; }
    return rv;
}

/* The loops are functions of their own, so that none takes registers from another. Each returns how many calls failed. */

LOOP long loop_empty(long count, const void *usual_output, unsigned long usual_rv)
{
    long i;
    for (i = 0; i < count; ++i) {
        p11_state *const state = &states[i % SESSIONS];
        unsigned long rv = usual_rv;
        const void *output = usual_output;
        OPAQUE(rv);
        OPAQUE(output);
        WRITTEN(state);
    }
    return 0;
}

LOOP long loop_plain(long count, const void *usual_output, unsigned long usual_rv)
{
    long i, failures = 0;
    for (i = 0; i < count; ++i) {
        plain *const session = &plains[i % SESSIONS];
        unsigned long rv = usual_rv;
        const void *output = usual_output;
        OPAQUE(rv);
        OPAQUE(output);
        if (plain_admit(session) != 0) { ++failures; continue; }
        plain_complete(session, rv);
        WRITTEN(session);
    }
    return failures;
}

LOOP long loop_rules(long count, const void *usual_output, unsigned long usual_rv)
{
    long i, failures = 0;
    for (i = 0; i < count; ++i) {
        p11_state *const state = &states[i % SESSIONS];
        unsigned long rv = usual_rv;
        const void *output = usual_output;
        OPAQUE(rv);
        OPAQUE(output);
        if (p11_admit_C_EncryptUpdate(rules, *state).rv != 0) { ++failures; continue; }
        p11_complete_C_EncryptUpdate(rules, state, output, rv);
        WRITTEN(state);
    }
    return failures;
}

LOOP long loop_number(long count, unsigned usual_function, unsigned long usual_rv)
{
    const p11_call call = { 0u, 0UL };
    long i, failures = 0;
    for (i = 0; i < count; ++i) {
        p11_state *const state = &states[i % SESSIONS];
        unsigned long rv = usual_rv;
        unsigned function = usual_function;
        OPAQUE(rv);
        OPAQUE(function);
        if (p11_admit(rules, *state, function, call).rv != 0) { ++failures; continue; }
        p11_complete(rules, state, function, call, rv);
        WRITTEN(state);
    }
    return failures;
}

LOOP long loop_start(long count, const void *usual_output, unsigned long usual_rv)
{
    long i, failures = 0;
    for (i = 0; i < count; ++i) {
        p11_state *const state = &states[i % SESSIONS];
        unsigned long rv = usual_rv;
        const void *output = usual_output;
        OPAQUE(rv);
        OPAQUE(output);
        if (p11_admit_C_EncryptInit(rules, *state, output).rv != 0) { ++failures; continue; }
        p11_complete_C_EncryptInit(rules, state, output, rv);
        WRITTEN(state);
        if (p11_admit_C_EncryptFinal(rules, *state).rv != 0) { ++failures; continue; }
        p11_complete_C_EncryptFinal(rules, state, output, rv);
        WRITTEN(state);
    }
    return failures;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    const char *const variant = argc == 3 ? argv[1] : "";
    const long count = argc == 3 ? atol(argv[2]) : 0;
    unsigned char buffer[16];
    double start;
    long i, failures;
    for (i = 0; i < SESSIONS; ++i) {
        if (strcmp(variant, "start") != 0) { p11_complete_C_EncryptInit(rules, &states[i], buffer, 0); }
        plains[i].encrypt = 1;
    }
    start = now();
    if (strcmp(variant, "empty") == 0) {
        failures = loop_empty(count, buffer, 0);
    } else if (strcmp(variant, "plain") == 0) {
        failures = loop_plain(count, buffer, 0);
    } else if (strcmp(variant, "rules") == 0) {
        failures = loop_rules(count, buffer, 0);
    } else if (strcmp(variant, "number") == 0) {
        failures = loop_number(count, P11_C_EncryptUpdate, 0);
    } else if (strcmp(variant, "start") == 0) {
        failures = loop_start(count, buffer, 0);
    } else {
        fprintf(stderr, "rules empty|plain|rules|number|start COUNT\n");
        return 64;
    }
    printf("%.3f\n", (now() - start) / (double)(count > 0 ? count : 1));
    return failures == 0 ? 0 : 1;
}
