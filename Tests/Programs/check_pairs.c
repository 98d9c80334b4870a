/* SPDX-License-Identifier: MIT */
/*
 * The sentence with which the project began, through the generated C header. The table is written by hand from sections
 * 2.6.7 and 4.1 of the usage guide. The last line counts: "N passed, M failed".
 */
#include "p11_session_rules.h"

#include <stdio.h>

#define OPERATIONS 13

static const char *const names[OPERATIONS] = { "find", "encrypt", "decrypt", "digest", "sign", "signRecover", "verify",
                                               "verifyRecover", "verifySignature", "messageEncrypt", "messageDecrypt",
                                               "messageSign", "messageVerify" };

static const unsigned starts[OPERATIONS] = {
    P11_C_FindObjectsInit,    P11_C_EncryptInit,         P11_C_DecryptInit,        P11_C_DigestInit,
    P11_C_SignInit,           P11_C_SignRecoverInit,     P11_C_VerifyInit,         P11_C_VerifyRecoverInit,
    P11_C_VerifySignatureInit, P11_C_MessageEncryptInit, P11_C_MessageDecryptInit, P11_C_MessageSignInit,
    P11_C_MessageVerifyInit,
};

/* May the operation of the column start while that of the row is active? x: yes. */
static const char *const allowed[OPERATIONS] = {
    /*                   f e d d s s v v v m m m m
                         i n e i i R e R S E D S V */
    /* find            */ ". . . . . . . . . . . . .",
    /* encrypt         */ ". . . x x . . . . . . . .",
    /* decrypt         */ ". . . x . . x . . . . . .",
    /* digest          */ ". x x . . . . . . . . . .",
    /* sign            */ ". x . . . . . . . . . . .",
    /* signRecover     */ ". . . . . . . . . . . . .",
    /* verify          */ ". . x . . . . . . . . . .",
    /* verifyRecover   */ ". . . . . . . . . . . . .",
    /* verifySignature */ ". . . . . . . . . . . . .",
    /* messageEncrypt  */ ". . . . . . . . . . . . .",
    /* messageDecrypt  */ ". . . . . . . . . . . . .",
    /* messageSign     */ ". . . . . . . . . . . . .",
    /* messageVerify   */ ". . . . . . . . . . . . .",
};

static int is_allowed(int active, int second) { return allowed[active][2 * second] == 'x'; }

static unsigned passed, failed;

static void expect(int good, const char *policy, int first, int second, int third)
{
    good ? ++passed : ++failed;
    if (!good) {
        printf("%s: %s, then %s%s%s: not as the usage guide has it\n", policy, names[first], names[second],
               third < 0 ? "" : ", then ", third < 0 ? "" : names[third]);
    }
}

static int start(p11_rules rules, p11_state *state, int operation)
{
    const p11_call call = { 0, 0 };
    const p11_verdict verdict = p11_admit(rules, *state, starts[operation], call);
    if (verdict.rv != 0) { return verdict.rv == 0x90 ? 0 : -1; /* CKR_OPERATION_ACTIVE */ }
    p11_complete(rules, state, starts[operation], call, 0);
    return 1;
}

static void check(p11_rules rules, const char *policy, int pairs)
{
    int first, second, third;
    for (first = 0; first < OPERATIONS; ++first) {
        for (second = 0; second < OPERATIONS; ++second) {
            p11_state state = { 0 };
            expect(start(rules, &state, first) == 1, policy, first, first, -1);
            expect(start(rules, &state, second) == (pairs && is_allowed(first, second)), policy, first, second, -1);
            if (!pairs || !is_allowed(first, second)) { continue; }
            for (third = 0; third < OPERATIONS; ++third) {
                p11_state both = state;
                expect(start(rules, &both, third) == 0, policy, first, second, third);
            }
        }
    }
}

int main(void)
{
    const p11_perspective perspectives[] = { P11_PERSPECTIVE_OWNER, P11_PERSPECTIVE_OBSERVER };
    int i;
    for (i = 0; i < 2; ++i) {
        p11_rules rules;
        rules.perspective = perspectives[i];
        rules.conflict = P11_CONFLICT_REFUSE;
        rules.policy = P11_POLICY_USAGE_GUIDE;
        check(rules, "usage-guide", 1);
        rules.policy = P11_POLICY_SINGLE;
        check(rules, "single", 0);
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
