/* SPDX-License-Identifier: MIT */
/*
 * Follows the hand-written cases of asynchronous sessions through the generated C header. Of a pending call a case says
 * which it is, not with which arguments. Usage: run_async RETURN-VALUES POLICIES CASES, as run_cases has it.
 * The last line counts: "N passed, M failed".
 */
#include "cases.h"

/* The bits of p11_pending are said beside its declaration. */
#define JOINED ((uint64_t)1 << 16)
#define LOST ((uint64_t)1 << 17)

static session session_of(char *words)
{
    session s = { { 0 }, { 0 } };
    char *word;
    for (word = strtok(words, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        char *const equals = strchr(word, '=');
        if (equals == NULL) { continue; }
        *equals = '\0';
        if (strcmp(equals + 1, "lost") == 0) {
            s.pending.word = LOST;
        } else if (strcmp(word, "pending") == 0) {
            s.pending.word = function_of(equals + 1);
        } else if (strcmp(word, "joined") == 0) {
            s.pending.word = function_of(equals + 1) | JOINED;
        } else {
            set_phase(&s.state, word, equals + 1);
        }
    }
    return s;
}

static int is_expected(session s, session expected)
{
    const uint64_t seen = (expected.pending.word & LOST) != 0 ? LOST : LOST | JOINED | 0xFF;
    return s.state.word == expected.state.word && (s.pending.word & seen) == (expected.pending.word & seen);
}

static p11_call call_of(char *facts, unsigned *named)
{
    p11_call call = { 0, 0 };
    char *fact;
    for (fact = strtok(facts, " "); fact != NULL; fact = strtok(NULL, " ")) {
        if (strcmp(fact, "query") == 0) {
            call.facts |= P11_FACT_QUERY;
        } else if (strcmp(fact, "null-mechanism") == 0) {
            call.facts |= P11_FACT_NULL_MECHANISM;
        } else if (strcmp(fact, "last") == 0) {
            call.facts |= P11_FACT_LAST;
        } else if (strcmp(fact, "context-specific") == 0) {
            call.facts |= P11_FACT_CONTEXT_SPECIFIC;
        } else if (strncmp(fact, "named=", 6) == 0) {
            *named = function_of(fact + 6);
        } else if (strncmp(fact, "flags=", 6) == 0) {
            call.flags = strtoul(fact + 6, NULL, 16);
        } else {
            fail_usage(fact);
        }
    }
    return call;
}

static int follow(p11_rules rules, session *s, char *line)
{
    char *const facts = strtok(line, "|");
    char *const admission = strtok(NULL, "|");
    char *const value = strtok(NULL, "|");
    char *const after = strtok(NULL, "|");
    char name[64], code[64];
    unsigned function, named = 0;
    p11_call call;
    session expected;
    int good;
    sscanf(facts, "%63s", name);
    sscanf(value, "%63s", code);
    function = function_of(name);
    call = call_of(strstr(facts, name) + strlen(name), &named);
    expected = session_of(after);
    good = says(p11_admit_async(rules, s->state, s->pending, function, call), admission);
    if (strcmp(code, "-") != 0) {
        const unsigned long rv = value_of(code);
        good &= p11_complete_async(rules, &s->state, &s->pending, function, call, named, rv) == rv;
    }
    return good && is_expected(*s, expected);
}

int main(int argc, char **argv) { return follow_cases(argc, argv, session_of, follow); }
