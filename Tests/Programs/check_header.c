/* SPDX-License-Identifier: MIT */
/*
 * What the case files cannot say, through the generated C header: which rule is named, what an argument tells, whose
 * sessions a call touches, a start that abandons what stands in its way, two threads in one session. The expectations are
 * written by hand from the sections named.
 * The last line counts: "N passed, M failed".
 */
#include "p11_session_rules.h"

#include <stdio.h>

static unsigned passed, failed;

static void expect(int good, const char *what)
{
    good ? ++passed : ++failed;
    if (!good) { printf("not as expected: %s\n", what); }
}

static const p11_call plain = { 0, 0 }, again = { P11_FACT_CONTEXT_SPECIFIC, 0 };

static p11_state state_of(p11_operation one, p11_phase phase, p11_operation other, p11_phase others)
{
    p11_state state = { 0 };
    p11_set_phase(&state, one, phase);
    p11_set_phase(&state, other, others);
    return state;
}

static p11_state only(p11_operation operation, p11_phase phase) { return state_of(operation, phase, operation, phase); }

/* ---- The rule that is named: an observer is told by nothing else ---- */

static void check_rules(void)
{
    static const struct {
        p11_policy policy;
        p11_operation active;
        p11_phase phase;
        p11_function function;
        p11_rule rule;
    } calls[] = {
        { P11_POLICY_USAGE_GUIDE, P11_OPERATION_FIND, P11_PHASE_READY, P11_C_FindObjectsInit, P11_RULE_RESTART },
        { P11_POLICY_USAGE_GUIDE, P11_OPERATION_ENCRYPT, P11_PHASE_PARTS, P11_C_EncryptInit, P11_RULE_RESTART },
        { P11_POLICY_USAGE_GUIDE, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_FindObjectsInit,
          P11_RULE_SEARCH_BESIDE_CRYPTOGRAPHIC },
        { P11_POLICY_USAGE_GUIDE, P11_OPERATION_FIND, P11_PHASE_READY, P11_C_DigestInit,
          P11_RULE_CRYPTOGRAPHIC_BESIDE_SEARCH },
        { P11_POLICY_USAGE_GUIDE, P11_OPERATION_ENCRYPT, P11_PHASE_READY, P11_C_VerifyInit, P11_RULE_NOT_A_PAIR },
        { P11_POLICY_SINGLE, P11_OPERATION_ENCRYPT, P11_PHASE_READY, P11_C_DigestInit, P11_RULE_NO_DUAL_OPERATIONS },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_GenerateRandom,
          P11_RULE_INSTANT_BESIDE_OPERATION },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_CreateObject, P11_RULE_OBJECTS_BESIDE_OPERATION },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_CopyObject, P11_RULE_OBJECTS_BESIDE_OPERATION },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_DestroyObject, P11_RULE_OBJECTS_BESIDE_OPERATION },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_SetAttributeValue,
          P11_RULE_OBJECTS_BESIDE_OPERATION },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_InitPIN, P11_RULE_ACCOUNT_BESIDE_OPERATION },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_SetPIN, P11_RULE_ACCOUNT_BESIDE_OPERATION },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_Login, P11_RULE_ACCOUNT_BESIDE_OPERATION },
        { P11_POLICY_STRICT, P11_OPERATION_DIGEST, P11_PHASE_READY, P11_C_Logout, P11_RULE_ACCOUNT_BESIDE_OPERATION },
        { P11_POLICY_SINGLE, P11_OPERATION_ENCRYPT, P11_PHASE_IDLE, P11_C_Encrypt, P11_RULE_SINGLE_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_ENCRYPT, P11_PHASE_PARTS, P11_C_Encrypt, P11_RULE_SINGLE_AFTER_PART },
        { P11_POLICY_SINGLE, P11_OPERATION_SIGN_RECOVER, P11_PHASE_IDLE, P11_C_SignRecover, P11_RULE_RECOVER_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_VERIFY_RECOVER, P11_PHASE_IDLE, P11_C_VerifyRecover,
          P11_RULE_RECOVER_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_VERIFY, P11_PHASE_IDLE, P11_C_Verify, P11_RULE_CHECK_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_VERIFY, P11_PHASE_PARTS, P11_C_Verify, P11_RULE_CHECK_AFTER_PART },
        { P11_POLICY_SINGLE, P11_OPERATION_ENCRYPT, P11_PHASE_IDLE, P11_C_EncryptUpdate, P11_RULE_PART_OUT_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_DIGEST, P11_PHASE_IDLE, P11_C_DigestUpdate, P11_RULE_PART_IN_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_DIGEST, P11_PHASE_IDLE, P11_C_DigestKey, P11_RULE_PART_KEY_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_SIGN, P11_PHASE_IDLE, P11_C_SignFinal, P11_RULE_LAST_OUT_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_VERIFY, P11_PHASE_IDLE, P11_C_VerifyFinal, P11_RULE_LAST_CHECK_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_FIND, P11_PHASE_IDLE, P11_C_FindObjects, P11_RULE_SEARCH_NEXT_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_FIND, P11_PHASE_IDLE, P11_C_FindObjectsFinal, P11_RULE_SEARCH_END_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_ENCRYPT, P11_PHASE_READY, P11_C_DigestEncryptUpdate, P11_RULE_DUAL_NOT_BOTH },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_SIGN, P11_PHASE_IDLE, P11_C_SignMessage, P11_RULE_MESSAGE_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_SIGN, P11_PHASE_MESSAGE, P11_C_SignMessage,
          P11_RULE_MESSAGE_INSIDE_MESSAGE },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_ENCRYPT, P11_PHASE_MESSAGE, P11_C_EncryptMessage,
          P11_RULE_MESSAGE_INSIDE_MESSAGE },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_DECRYPT, P11_PHASE_MESSAGE, P11_C_DecryptMessage,
          P11_RULE_MESSAGE_INSIDE_MESSAGE },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_VERIFY, P11_PHASE_IDLE, P11_C_VerifyMessage,
          P11_RULE_MESSAGE_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_VERIFY, P11_PHASE_MESSAGE, P11_C_VerifyMessage,
          P11_RULE_MESSAGE_CHECK_INSIDE_MESSAGE },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_SIGN, P11_PHASE_IDLE, P11_C_SignMessageBegin,
          P11_RULE_MESSAGE_BEGIN_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_SIGN, P11_PHASE_MESSAGE, P11_C_SignMessageBegin,
          P11_RULE_MESSAGE_BEGIN_INSIDE_MESSAGE },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_SIGN, P11_PHASE_IDLE, P11_C_SignMessageNext,
          P11_RULE_MESSAGE_NEXT_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_SIGN, P11_PHASE_READY, P11_C_SignMessageNext,
          P11_RULE_MESSAGE_NEXT_NOT_BEGUN },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_ENCRYPT, P11_PHASE_IDLE, P11_C_MessageEncryptFinal,
          P11_RULE_MESSAGE_END_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_DECRYPT, P11_PHASE_IDLE, P11_C_MessageDecryptFinal,
          P11_RULE_MESSAGE_END_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_SIGN, P11_PHASE_IDLE, P11_C_MessageSignFinal,
          P11_RULE_MESSAGE_END_NOT_STARTED },
        { P11_POLICY_SINGLE, P11_OPERATION_MESSAGE_VERIFY, P11_PHASE_IDLE, P11_C_MessageVerifyFinal,
          P11_RULE_MESSAGE_END_NOT_STARTED },
    };
    unsigned i;
    for (i = 0; i < sizeof calls / sizeof *calls; ++i) {
        const p11_rules rules = { calls[i].policy, P11_PERSPECTIVE_OBSERVER, P11_CONFLICT_REFUSE };
        const p11_state state = only(calls[i].active, calls[i].phase);
        const p11_rule rule = p11_admit(rules, state, calls[i].function, plain).rule;
        expect(rule == calls[i].rule, p11_describe(calls[i].rule).id);
    }
}

/* ---- Arguments ---- */

static void check_arguments(void)
{
    const p11_rules rules = { P11_POLICY_STRICT, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
    const p11_state message = only(P11_OPERATION_MESSAGE_ENCRYPT, P11_PHASE_MESSAGE);
    const p11_state digest = only(P11_OPERATION_DIGEST, P11_PHASE_READY);
    const int output = 0;
    p11_state state = message;
    /* Base 5.9.4: CKF_END_OF_MESSAGE is one flag among those that flags may hold. */
    p11_complete_C_EncryptMessageNext(rules, &state, &output, 0x03, 0);
    expect(p11_phase_of(state, P11_OPERATION_MESSAGE_ENCRYPT) == P11_PHASE_READY, "the last part, with another flag");
    state = message;
    p11_complete_C_EncryptMessageNext(rules, &state, &output, 0x02, 0);
    expect(state.word == message.word, "another flag than that of the last part");
    /* Base 5.6.8: CKU_CONTEXT_SPECIFIC, 2, is a number among others. strict lets no other login be. */
    expect(p11_admit_C_Login(rules, digest, 0x02).rv == 0, "a login for an operation");
    expect(p11_admit_C_Login(rules, digest, 0x00).rv == 0x90, "a login of the security officer");
    expect(p11_admit_C_Login(rules, digest, 0x01).rv == 0x90, "a login of a user");
    expect(p11_admit_C_Login(rules, digest, 0x80000002UL).rv == 0x90, "a login of a vendor's kind of user");
}

/* ---- Reach ---- */

static p11_reach expected_reach(unsigned function, unsigned long rv)
{
    switch (rv) {
    case 0x32:  /* CKR_DEVICE_REMOVED, Base 5.1.3: every session with the token is closed */
    case 0xE0:  /* CKR_TOKEN_NOT_PRESENT */
        return P11_REACH_TOKEN;
    case 0x190: /* CKR_CRYPTOKI_NOT_INITIALIZED */
        return P11_REACH_LIBRARY;
    case 0x00:
        break;
    default: /* An error touches the call's own session, CKR_SESSION_CLOSED and CKR_SESSION_HANDLE_INVALID included. */
        return P11_REACH_SESSION;
    }
    switch (function) {
    case P11_C_Login: /* Base 5.6.8 to 5.6.10: logged in or out is the application, not the session */
    case P11_C_LoginUser:
    case P11_C_Logout:
    case P11_C_CloseAllSessions: /* Base 5.6.3 */
        return P11_REACH_TOKEN;
    case P11_C_Finalize: /* Base 5.4.2 */
        return P11_REACH_LIBRARY;
    default:
        return P11_REACH_SESSION;
    }
}

static void check_reach(void)
{
    /* Nothing, those that are gone, and errors of all classes: among them CKR_OPERATION_ACTIVE, CKR_FUNCTION_NOT_SUPPORTED,
       CKR_OPERATION_NOT_INITIALIZED, CKR_OPERATION_CANCEL_FAILED, CKR_BUFFER_TOO_SMALL, CKR_PENDING and CKR_PIN_LOCKED. */
    static const unsigned long values[] = { 0x00, 0x05, 0x06, 0x30,  0x32,  0x54,  0x90,  0x91,  0xA0, 0xA4,
                                            0xB0, 0xB3, 0xE0, 0x101, 0x150, 0x190, 0x202, 0x204, 0x80000000UL };
    unsigned function, i;
    for (function = P11_C_Initialize; function <= P11_C_UnwrapKeyAuthenticated; ++function) {
        for (i = 0; i < sizeof values / sizeof *values; ++i) {
            expect(p11_reach_of(function, plain, values[i]) == expected_reach(function, values[i]),
                   p11_function_name(function));
        }
    }
    /* Base 4.10: who locks the PIN is logged out as well. */
    expect(p11_reach_of(P11_C_Login, again, 0x00) == P11_REACH_SESSION, "C_Login for an operation");
    expect(p11_reach_of(P11_C_Login, again, 0xA0) == P11_REACH_SESSION, "C_Login for an operation, CKR_PIN_INCORRECT");
    expect(p11_reach_of(P11_C_Login, again, 0xA4) == P11_REACH_TOKEN, "C_Login for an operation, CKR_PIN_LOCKED");
}

/* ---- Abandoning, usage guide 4.1 ---- */

static void check_start(p11_policy policy, p11_state before, p11_function function, unsigned long rv, p11_state after,
                        const char *what)
{
    static const p11_perspective perspectives[] = { P11_PERSPECTIVE_OWNER, P11_PERSPECTIVE_OBSERVER };
    unsigned i;
    for (i = 0; i < 2; ++i) {
        const p11_rules rules = { policy, perspectives[i], P11_CONFLICT_ABANDON };
        p11_state state = before;
        expect(p11_admit(rules, state, function, plain).rv == 0, what);
        p11_complete(rules, &state, function, plain, rv);
        expect(state.word == after.word, what);
    }
}

static void check_abandoning(void)
{
    const p11_state mac_and_encrypt = state_of(P11_OPERATION_SIGN, P11_PHASE_PARTS, P11_OPERATION_ENCRYPT, P11_PHASE_READY);
    const p11_state search = only(P11_OPERATION_FIND, P11_PHASE_READY);
    const p11_state digest = only(P11_OPERATION_DIGEST, P11_PHASE_READY);
    const p11_rules strict = { P11_POLICY_STRICT, P11_PERSPECTIVE_OWNER, P11_CONFLICT_ABANDON };
    check_start(P11_POLICY_USAGE_GUIDE, mac_and_encrypt, P11_C_DigestInit, 0x00,
                state_of(P11_OPERATION_DIGEST, P11_PHASE_READY, P11_OPERATION_ENCRYPT, P11_PHASE_READY),
                "a digest abandons what is no partner of it");
    check_start(P11_POLICY_USAGE_GUIDE, mac_and_encrypt, P11_C_SignInit, 0x00,
                state_of(P11_OPERATION_SIGN, P11_PHASE_READY, P11_OPERATION_ENCRYPT, P11_PHASE_READY),
                "an operation of its own kind starts anew");
    check_start(P11_POLICY_USAGE_GUIDE, mac_and_encrypt, P11_C_DigestInit, 0x70, mac_and_encrypt,
                "a start that fails abandons nothing");
    check_start(P11_POLICY_USAGE_GUIDE, mac_and_encrypt, P11_C_FindObjectsInit, 0x00, search, "a search abandons both");
    check_start(P11_POLICY_USAGE_GUIDE, search, P11_C_DigestInit, 0x00, digest, "a digest abandons a search");
    check_start(P11_POLICY_SINGLE, mac_and_encrypt, P11_C_DigestInit, 0x00, digest, "single abandons both");
    check_start(P11_POLICY_USAGE_GUIDE, mac_and_encrypt, P11_C_SignInit, 0x70, mac_and_encrypt,
                "a start of its own kind that fails leaves the operation as it is");
    expect(p11_admit(strict, digest, P11_C_GenerateRandom, plain).rv == 0x90, "only a start abandons");
}

/* ---- Two threads in one session: CKR_OPERATION_ACTIVE for a start, the universal CKR_FUNCTION_FAILED else ---- */

static void check_threads(void)
{
#if defined(__GNUC__) || defined(__clang__)
    p11_entry entry = { 0 };
    expect(p11_enter(&entry, P11_C_EncryptUpdate).rv == 0, "the first may enter");
    expect(p11_enter(&entry, P11_C_EncryptInit).rv == 0x90, "a start while another thread is in");
    expect(p11_enter(&entry, P11_C_FindObjectsInit).rv == 0x90, "a search while another thread is in");
    expect(p11_enter(&entry, P11_C_EncryptUpdate).rv == 0x06, "a part while another thread is in");
    expect(p11_enter(&entry, P11_C_GenerateKey).rv == 0x06, "a key while another thread is in");
    expect(p11_enter(&entry, P11_C_Login).rv == 0x06, "a login while another thread is in");
    p11_leave(&entry);
    expect(p11_enter(&entry, P11_C_EncryptInit).rv == 0, "whoever comes once it has left may enter");
#endif
}

int main(void)
{
    check_rules();
    check_arguments();
    check_reach();
    check_abandoning();
    check_threads();
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
