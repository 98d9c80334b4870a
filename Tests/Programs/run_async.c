/* SPDX-License-Identifier: MIT */
/*
 * Follows the hand-written cases of asynchronous sessions through the generated C header. Of a pending call a case says
 * which it is, not with which arguments. Usage: run_async RETURN-VALUES POLICIES CASES, as run_cases has it.
 * The last line counts: "N passed, M failed".
 */
#include "cases.h"

typedef struct session {
    p11_state state;
    p11_pending pending;
} session;

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

static unsigned long passed, failed;

static void run(const char *path, const char *policy, p11_perspective perspective)
{
    static const char *const names[] = { "owner", "observer" };
    char line[1024];
    unsigned long number = 0;
    int applies = 0, good = 1, in_case = 0;
    p11_rules rules;
    session s = { { 0 }, { 0 } };
    FILE *const file = fopen(path, "r");
    if (file == NULL) { fail_usage(path); }
    rules.policy = policy_of(policy);
    rules.perspective = perspective;
    rules.conflict = P11_CONFLICT_REFUSE;
    while (fgets(line, sizeof line, file) != NULL) {
        char whose[32], which[32];
        ++number;
        if (sscanf(line, "case %31s %31s", whose, which) == 2) {
            if (in_case && applies) { good ? ++passed : ++failed; }
            in_case = good = 1;
            applies = (strcmp(which, "any") == 0 || strcmp(which, policy) == 0)
                      && (strcmp(whose, "both") == 0 || strcmp(whose, names[perspective]) == 0);
            s.state.word = s.pending.word = 0;
        } else if (line[0] == ' ' && applies) {
            if (strncmp(line + strspn(line, " "), "set ", 4) == 0) {
                s = session_of(strchr(line, '|') + 1);
            } else if (!follow(rules, &s, line)) {
                printf("%s:%lu: (%s, %s) not as expected\n", path, number, policy, names[perspective]);
                good = 0;
            }
        }
    }
    if (in_case && applies) { good ? ++passed : ++failed; }
    fclose(file);
}

int main(int argc, char **argv)
{
    const char *policies_left;
    char policy[32];
    int length;
    if (argc != 4) { fail_usage("three arguments, please"); }
    read_values(argv[1]);
    for (policies_left = argv[2]; sscanf(policies_left, " %31s%n", policy, &length) == 1; policies_left += length) {
        run(argv[3], policy, P11_PERSPECTIVE_OWNER);
        run(argv[3], policy, P11_PERSPECTIVE_OBSERVER);
    }
    printf("%lu passed, %lu failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
