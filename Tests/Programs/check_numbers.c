/* SPDX-License-Identifier: MIT */
/*
 * Numbers that nothing has, through the generated C header: operations, phases, functions, rules, policies. It is compiled
 * with the sanitizer of undefined behaviour. The expectations are those that the header states.
 * The last line counts: "N passed, M failed".
 */
#include "p11_session_rules.h"

#include <limits.h>
#include <stdio.h>

static unsigned passed, failed;

static void expect(int good, const char *what, unsigned number)
{
    good ? ++passed : ++failed;
    if (!good) { printf("not as expected: %s, %u\n", what, number); }
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { OPERATIONS = 13 };
static const p11_call plain = { 0, 0 };
/* What 13 operations have in the state, two bits each. */
static const uint64_t all = 0x3FFFFFF;

/* The next, those around the width of the state, of a byte and of an int, and those that twice are one of these. */
static const unsigned operations[] = {
    OPERATIONS, 14, 15, 16, 31, 32, 33, 44, 63, 64, 65, 127, 128, 255, 256, 1u << 30, (1u << 30) + 1, INT_MAX, 1u << 31,
    (1u << 31) + 1, UINT_MAX - 1, UINT_MAX,
};

static void check_operations(void)
{
    const p11_state full = { UINT64_MAX }, busy = { all };
    unsigned i, phase;
    for (i = 0; i < COUNT(operations); ++i) {
        const p11_operation operation = (p11_operation)operations[i];
        expect(p11_phase_of(busy, operation) == P11_PHASE_IDLE, "an unknown operation is idle", operations[i]);
        expect(p11_phase_of(full, operation) == P11_PHASE_IDLE, "an unknown operation is idle", operations[i]);
        for (phase = 0; phase < 5; ++phase) {
            p11_state one = { 0 }, other = busy, third = full;
            p11_set_phase(&one, operation, (p11_phase)phase);
            p11_set_phase(&other, operation, (p11_phase)phase);
            p11_set_phase(&third, operation, (p11_phase)phase);
            expect(one.word == 0 && other.word == all && third.word == UINT64_MAX, "and stays so", operations[i]);
        }
    }
}

static void check_phases(void)
{
    static const unsigned phases[] = { 4, 5, 7, 8, 255, 256, INT_MAX, 1u << 31, UINT_MAX };
    unsigned i, operation, phase;
    for (operation = 0; operation < OPERATIONS; ++operation) {
        for (i = 0; i < COUNT(phases); ++i) {
            p11_state state = { 0x1234567 & all };
            p11_set_phase(&state, (p11_operation)operation, (p11_phase)phases[i]);
            expect(state.word == (0x1234567 & all), "an unknown phase is not set", phases[i]);
        }
        for (phase = 0; phase < 4; ++phase) {
            p11_state state = { all };
            p11_set_phase(&state, (p11_operation)operation, (p11_phase)phase);
            expect((unsigned)p11_phase_of(state, (p11_operation)operation) == phase, "the phase that was set", operation);
            p11_set_phase(&state, (p11_operation)operation, P11_PHASE_PARTS);
            expect(state.word == all, "the others keep theirs", operation);
        }
    }
}

/* 0, the next after the last, and such as have the number of C_EncryptInit in their lower byte. */
static const unsigned functions[] = {
    P11_FUNCTION_UNKNOWN, P11_C_UnwrapKeyAuthenticated + 1, 127, 128, 255, 256, 256 + P11_C_EncryptInit,
    65536 + P11_C_EncryptInit, INT_MAX, 1u << 31, (1u << 31) + P11_C_EncryptInit, UINT_MAX,
};

static void check_function(p11_rules rules, p11_state before, unsigned function)
{
    /* CKR_FUNCTION_NOT_SUPPORTED, CKR_OK, CKR_GENERAL_ERROR, CKR_BUFFER_TOO_SMALL, a vendor's value, and two that mean the same
       for every function: CKR_OPERATION_ACTIVE and CKR_SESSION_HANDLE_INVALID. */
    static const unsigned long values[] = { 0x54, 0x00, 0x05, 0x150, 0x80000000UL, 0x90, 0xB3 };
    const p11_pending idle = { 0 };
    unsigned i;
    const p11_verdict verdict = p11_admit(rules, before, function, plain);
    const p11_verdict other = p11_admit_async(rules, before, idle, function, plain);
    expect(verdict.rv == 0 && verdict.rule == P11_RULE_NONE, "an unknown function is admitted", function);
    expect(other.rv == 0 && other.rule == P11_RULE_NONE, "an unknown function is admitted, async", function);
    for (i = 0; i < COUNT(values); ++i) {
        const int is_closed = values[i] == 0xB3;
        /* An observer that knows of no operation learns that there is one. */
        const int is_surprise = values[i] == 0x90 && rules.perspective == P11_PERSPECTIVE_OBSERVER && before.word == 0;
        const uint64_t after = is_closed ? 0 : is_surprise ? 0x2AAAAAA : before.word;
        p11_state state = before, same = before;
        p11_pending pending = idle;
        expect(p11_complete(rules, &state, function, plain, values[i]) == values[i], "returns what it is given", function);
        expect(state.word == after, "changes nothing", function);
        p11_complete_async(rules, &same, &pending, function, plain, function, values[i]);
        expect(same.word == after && pending.word == 0, "changes nothing, async", function);
        expect(p11_reach_of(function, plain, values[i]) == P11_REACH_SESSION, "reaches no other session", function);
        expect(p11_reach_of_async(pending, function, plain, function, values[i]) == P11_REACH_SESSION,
               "reaches no other session, async", function);
        expect(p11_ends(function, plain, values[i]) == is_closed, "ends no session", function);
    }
}

static void check_functions(void)
{
    unsigned i, policy, side, conflict, state;
    for (i = 0; i < COUNT(functions); ++i) {
        expect(p11_function_name(functions[i])[0] == '\0', "has no name", functions[i]);
        for (policy = 0; policy < 4; ++policy) {
            for (side = 0; side < 2; ++side) {
                for (conflict = 0; conflict < 2; ++conflict) {
                    const p11_rules rules = { (p11_policy)policy, (p11_perspective)side, (p11_conflict)conflict };
                    static const uint64_t words[] = { 0, 0x4, 0x1234567, 0x3FFFFFF };
                    for (state = 0; state < COUNT(words); ++state) {
                        const p11_state before = { words[state] };
                        check_function(rules, before, functions[i]);
                    }
                }
            }
        }
#if defined(__GNUC__) || defined(__clang__)
        {
            p11_entry entry = { 0 };
            p11_enter(&entry, functions[i]);
            expect(p11_enter(&entry, functions[i]).rv == 0x06, "is no start for another thread", functions[i]);
        }
#endif
    }
}

static void check_rules(void)
{
    static const unsigned numbers[] = { 0, 200, 255, 256, INT_MAX, 1u << 31, UINT_MAX };
    static const p11_rules first = { (p11_policy)0, (p11_perspective)0, (p11_conflict)0 };
    unsigned i, function;
    for (i = 0; i < COUNT(numbers); ++i) {
        const p11_rule_words words = p11_describe((p11_rule)numbers[i]);
        expect(words.id[0] == '\0' && words.text[0] == '\0' && words.citation[0] == '\0', "no words", numbers[i]);
    }
    for (i = 1; i < COUNT(numbers); ++i) {
        const p11_rules rules = { (p11_policy)numbers[i], (p11_perspective)numbers[i], (p11_conflict)numbers[i] };
        for (function = 0; function <= P11_C_UnwrapKeyAuthenticated; ++function) {
            p11_state one = { 0x1234567 }, other = one;
            const p11_verdict a = p11_admit(rules, one, function, plain), b = p11_admit(first, other, function, plain);
            expect(a.rv == b.rv && a.rule == b.rule, "an unknown policy is the first", numbers[i]);
            p11_complete(rules, &one, function, plain, 0);
            p11_complete(first, &other, function, plain, 0);
            expect(one.word == other.word, "an unknown perspective is the first", numbers[i]);
        }
    }
}

/* A word that no call made: its function is looked up as any other. */
static void check_pending(void)
{
    static const p11_rules observer = { P11_POLICY_STRICT, P11_PERSPECTIVE_OBSERVER, P11_CONFLICT_REFUSE };
    unsigned i, function;
    for (i = 0; i < COUNT(functions); ++i) {
        for (function = 0; function <= P11_C_UnwrapKeyAuthenticated; ++function) {
            p11_state state = { 0 };
            p11_pending pending = { functions[i] };
            p11_admit_async(observer, state, pending, function, plain);
            p11_complete_async(observer, &state, &pending, function, plain, functions[i], 0);
            expect((state.word & ~all) == 0, "only operations have phases", functions[i]);
        }
    }
}

int main(void)
{
    check_operations();
    check_phases();
    check_functions();
    check_rules();
    check_pending();
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
