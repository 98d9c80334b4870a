/* SPDX-License-Identifier: MIT */
/* The words of the hand-written cases, for the programs that follow them: values, policies, phases, functions, verdicts. */
#include "p11_session_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const operations[] = { "find", "encrypt", "decrypt", "digest", "sign", "signRecover", "verify",
                                          "verifyRecover", "verifySignature", "messageEncrypt", "messageDecrypt",
                                          "messageSign", "messageVerify" };

static const struct {
    const char *name;
    p11_policy policy;
} policies[] = {
    { "usage-guide", P11_POLICY_USAGE_GUIDE },
    { "single", P11_POLICY_SINGLE },
    { "per-kind", P11_POLICY_PER_KIND },
    { "strict", P11_POLICY_STRICT },
};

static struct {
    char name[48];
    unsigned long value;
} values[128];
static size_t value_count;

static void fail_usage(const char *what)
{
    fprintf(stderr, "no good: %s\n", what);
    exit(2);
}

static void read_values(const char *path)
{
    char line[256];
    FILE *const file = fopen(path, "r");
    if (file == NULL) { fail_usage(path); }
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] != '#' && sscanf(line, "%47s %lx", values[value_count].name, &values[value_count].value) == 2) {
            ++value_count;
        }
    }
    fclose(file);
}

static unsigned long value_of(const char *name)
{
    size_t i;
    for (i = 0; i < value_count; ++i) {
        if (strcmp(values[i].name, name) == 0) { return values[i].value; }
    }
    fail_usage(name);
    return 0;
}

static p11_policy policy_of(const char *name)
{
    size_t i;
    for (i = 0; i < sizeof policies / sizeof *policies; ++i) {
        if (strcmp(policies[i].name, name) == 0) { return policies[i].policy; }
    }
    fail_usage(name);
    return policies[0].policy;
}

static void set_phase(p11_state *state, const char *operation, const char *phase)
{
    size_t i;
    for (i = 0; i < sizeof operations / sizeof *operations; ++i) {
        if (strcmp(operations[i], operation) != 0) { continue; }
        p11_set_phase(state, (p11_operation)i,
                      strcmp(phase, "ready") == 0       ? P11_PHASE_READY
                      : strcmp(phase, "uncertain") == 0 ? P11_PHASE_UNCERTAIN
                      : strcmp(phase, "message") == 0   ? P11_PHASE_MESSAGE
                                                        : P11_PHASE_PARTS);
        return;
    }
    fail_usage(operation);
}

static unsigned function_of(const char *name)
{
    unsigned function;
    for (function = 1; function < 1000; ++function) {
        if (strcmp(p11_function_name(function), name) == 0) { return function; }
    }
    fail_usage(name);
    return 0;
}

static int says(p11_verdict verdict, const char *admission)
{
    char code[64];
    if (sscanf(admission, " refused %63s", code) == 1) { return verdict.rv == value_of(code) && verdict.rule != P11_RULE_NONE; }
    if (strstr(admission, "reported") != NULL) { return verdict.rv == 0 && verdict.rule != P11_RULE_NONE; }
    return verdict.rv == 0 && verdict.rule == P11_RULE_NONE;
}

/* ---- All cases of a file ---- */

typedef struct session {
    p11_state state;
    p11_pending pending;
} session;

/* A session in the state that the words say, and one step of a case: whether all was as expected. */
typedef session (*set_session)(char *words);
typedef int (*follow_step)(p11_rules rules, session *s, char *line);

static unsigned long passed, failed;

static void follow_all(const char *path, const char *policy, p11_perspective perspective, set_session set, follow_step follow)
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
                s = set(strchr(line, '|') + 1);
            } else if (!follow(rules, &s, line)) {
                printf("%s:%lu: (%s, %s) not as expected\n", path, number, policy, names[perspective]);
                good = 0;
            }
        }
    }
    if (in_case && applies) { good ? ++passed : ++failed; }
    fclose(file);
}

/* The whole program: follows the cases of argv[3] under the policies of argv[2], and counts. */
static int follow_cases(int argc, char **argv, set_session set, follow_step follow)
{
    const char *policies_left;
    char policy[32];
    int length;
    if (argc != 4) { fail_usage("three arguments, please"); }
    read_values(argv[1]);
    for (policies_left = argv[2]; sscanf(policies_left, " %31s%n", policy, &length) == 1; policies_left += length) {
        follow_all(argv[3], policy, P11_PERSPECTIVE_OWNER, set, follow);
        follow_all(argv[3], policy, P11_PERSPECTIVE_OBSERVER, set, follow);
    }
    printf("%lu passed, %lu failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
