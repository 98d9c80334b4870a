/* SPDX-License-Identifier: MIT */
/* Scenarios about what may be active together, policy by policy, and what is refused beside it. */
#include "check_guard.h"

/* The four pairs of the usage guide 3.2, 2.6.7; nothing else. */
static const enum kind pairs[4][2] = {
    { DIGEST, ENCRYPT }, { DECRYPT, DIGEST }, { SIGN, ENCRYPT }, { DECRYPT, VERIFY },
};

static int is_pair(enum kind a, enum kind b)
{
    for (int i = 0; i < 4; ++i) {
        if ((a == pairs[i][0] && b == pairs[i][1]) || (a == pairs[i][1] && b == pairs[i][0])) { return 1; }
    }
    return 0;
}

/* Each kind started beside each: what is refused does not reach the module, and what was there goes on and ends. */
static void every_two(int (*is_admitted)(enum kind, enum kind))
{
    begin();
    for (enum kind a = 0; a < KINDS; ++a) {
        for (enum kind b = 0; b < KINDS; ++b) {
            const CK_SESSION_HANDLE h = open_one();
            OK(start(h, a));
            const CK_ULONG before = calls(start_names[b]);
            const CK_RV expected = is_admitted(a, b) ? CKR_OK : CKR_OPERATION_ACTIVE;
            check_value(expected, start(h, b), start_names[b], start_names[a], __LINE__);
            EQUAL(before + (expected == CKR_OK), calls(start_names[b]));
            ANSWERS(fed(a), feed(h, a));
            ANSWERS(ended(a), end(h, a));
            OK(f->C_CloseSession(h));
        }
    }
    finish();
}

static int by_kind(enum kind a, enum kind b) { return a != b; }
static int none(enum kind a, enum kind b) { return a == b && a == KINDS; }
static int all(enum kind a, enum kind b) { return a != KINDS || b != KINDS; }
static void two_by_pairs(void) { every_two(is_pair); }
static void two_single(void) { every_two(none); }
static void two_per_kind(void) { every_two(by_kind); }
static void two_all(void) { every_two(all); }

/* Beside a pair nothing starts, its own two included: 4 * 13 refusals. Afterwards the pair is used up to its end. */
static void three(void)
{
    begin();
    for (int i = 0; i < 4; ++i) {
        for (int first = 0; first < 2; ++first) {
            const CK_SESSION_HANDLE h = open_one();
            OK(start(h, pairs[i][first]));
            OK(start(h, pairs[i][1 - first]));
            for (enum kind third = 0; third < KINDS; ++third) {
                const CK_ULONG before = calls(start_names[third]);
                check_value(CKR_OPERATION_ACTIVE, start(h, third), start_names[third], __FILE__, __LINE__);
                EQUAL(before, calls(start_names[third]));
            }
            switch (i) {
            case 0: GOES(CKR_OK, C_DigestEncryptUpdate, h, TEXT, OUT); break;
            case 1: GOES(CKR_OK, C_DecryptDigestUpdate, h, TEXT, OUT); break;
            case 2: GOES(CKR_OK, C_SignEncryptUpdate, h, TEXT, OUT); break;
            default: GOES(CKR_OK, C_DecryptVerifyUpdate, h, TEXT, OUT); break;
            }
            OK(end(h, pairs[i][0]));
            ANSWERS(ended(pairs[i][1]), end(h, pairs[i][1]));
            OK(start(h, FIND)); /* nothing is left of either */
            OK(f->C_CloseSession(h));
        }
    }
    finish();
}

/* Everything from start to end, twice in the same session: there is nothing to say. */
static void whole_lives(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    for (enum kind kind = 0; kind < KINDS; ++kind) {
        for (int round = 0; round < 2; ++round) {
            OK(start(h, kind));
            ANSWERS(fed(kind), feed(h, kind));
            ANSWERS(fed(kind), feed(h, kind));
            ANSWERS(ended(kind), end(h, kind));
        }
    }
    finish();
}

/* Two sessions have nothing to do with each other. */
static void two_sessions(void)
{
    begin();
    const CK_SESSION_HANDLE a = open_one(), b = open_one(), c = open_in(7);
    OK(start(a, DIGEST));
    GOES(CKR_OK, C_FindObjectsInit, b, NULL, 0);
    GOES(CKR_OK, C_SignInit, c, &mechanism, KEY);
    ACTIVE(a);
    REFUSED(C_DigestInit, b, &mechanism);
    ACTIVE(c);
    finish();
}

/* auto: slot 0 says it has no dual operations, slot 7 says it has (PERMISSIVE_SINGLE=0). */
static void policy_of_the_token(void)
{
    begin();
    const CK_SESSION_HANDLE single = open_in(0), pairs = open_in(7);
    OK(start(single, DIGEST));
    REFUSED(C_EncryptInit, single, &mechanism, KEY);
    OK(start(pairs, DIGEST));
    GOES(CKR_OK, C_EncryptInit, pairs, &mechanism, KEY);
    REFUSED(C_SignInit, pairs, &mechanism, KEY);
    finish();
}

/* strict: what starts no lasting operation waits, where CKR_OPERATION_ACTIVE is documented. */
static void strict_beside_digest(void)
{
    static CK_UTF8CHAR name[] = "somebody";
    CK_OBJECT_HANDLE made, other;
    CK_ATTRIBUTE class = { CKA_CLASS, NULL, 0 };
    CK_ULONG size;
    CK_SESSION_INFO information;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    REFUSED(C_GenerateKey, h, &mechanism, NULL, 0, &made);
    REFUSED(C_GenerateKeyPair, h, &mechanism, NULL, 0, NULL, 0, &made, &other);
    REFUSED(C_WrapKey, h, &mechanism, KEY, KEY, OUT);
    REFUSED(C_UnwrapKey, h, &mechanism, KEY, text, 64, NULL, 0, &made);
    REFUSED(C_DeriveKey, h, &mechanism, KEY, NULL, 0, &made);
    REFUSED(C_SeedRandom, h, TEXT);
    REFUSED(C_GenerateRandom, h, out, 8);
    REFUSED(C_EncapsulateKey, h, &mechanism, KEY, NULL, 0, OUT, &made);
    REFUSED(C_DecapsulateKey, h, &mechanism, KEY, NULL, 0, text, 64, &made);
    REFUSED(C_WrapKeyAuthenticated, h, &mechanism, KEY, KEY, NULL, 0, OUT);
    REFUSED(C_UnwrapKeyAuthenticated, h, &mechanism, KEY, text, 64, NULL, 0, NULL, 0, &made);
    REFUSED(C_CreateObject, h, NULL, 0, &made);
    REFUSED(C_CopyObject, h, KEY, NULL, 0, &made);
    REFUSED(C_SetAttributeValue, h, KEY, NULL, 0);
    REFUSED(C_DestroyObject, h, KEY);
    REFUSED(C_InitPIN, h, TEXT);
    REFUSED(C_SetPIN, h, TEXT, TEXT);
    REFUSED(C_Login, h, CKU_USER, TEXT);
    REFUSED(C_LoginUser, h, CKU_USER, TEXT, name, sizeof name - 1);
    REFUSED(C_Logout, h);
    GOES(CKR_OK, C_GetAttributeValue, h, KEY, &class, 1);
    GOES(CKR_OK, C_GetObjectSize, h, KEY, &size);
    GOES(CKR_OK, C_GetSessionInfo, h, &information);
    GOES(CKR_OK, C_Login, h, CKU_CONTEXT_SPECIFIC, TEXT);
    GOES(CKR_OK, C_LoginUser, h, CKU_CONTEXT_SPECIFIC, TEXT, name, sizeof name - 1);
    GOES(CKR_OK, C_GetOperationState, h, NULL, room());
    GOES(CKR_FUNCTION_NOT_PARALLEL, C_GetFunctionStatus, h);
    GOES(CKR_FUNCTION_NOT_PARALLEL, C_CancelFunction, h);
    GOES(CKR_OK, C_DigestUpdate, h, TEXT); /* untouched by all that */
    GOES(CKR_OK, C_DigestFinal, h, OUT);
    GOES(CKR_OK, C_GenerateRandom, h, out, 8);
    finish();
}

/* strict: objects may change during a mere search (5.7.7), keys and PINs wait for it. */
static void strict_beside_search(void)
{
    CK_OBJECT_HANDLE made;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, FIND));
    GOES(CKR_OK, C_CreateObject, h, NULL, 0, &made);
    GOES(CKR_OK, C_SetAttributeValue, h, made, NULL, 0);
    GOES(CKR_OK, C_CopyObject, h, made, NULL, 0, &made);
    GOES(CKR_OK, C_DestroyObject, h, made);
    REFUSED(C_GenerateKey, h, &mechanism, NULL, 0, &made);
    REFUSED(C_GenerateRandom, h, out, 8);
    REFUSED(C_Login, h, CKU_USER, TEXT);
    REFUSED(C_SetPIN, h, TEXT, TEXT);
    GOES(CKR_OK, C_FindObjects, h, &made, 1, &out_length);
    finish();
}

/* The other policies let all of that through. */
static void instant_is_free(void)
{
    CK_OBJECT_HANDLE made;
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    GOES(CKR_OK, C_GenerateKey, h, &mechanism, NULL, 0, &made);
    GOES(CKR_OK, C_WrapKey, h, &mechanism, KEY, KEY, OUT);
    GOES(CKR_OK, C_GenerateRandom, h, out, 8);
    GOES(CKR_OK, C_CreateObject, h, NULL, 0, &made);
    GOES(CKR_OK, C_DestroyObject, h, made);
    GOES(CKR_OK, C_SetPIN, h, TEXT, TEXT);
    ACTIVE(h);
    finish();
}

const scenario rules_scenarios[] = {
    { "two-by-pairs", two_by_pairs }, { "two-single", two_single }, { "two-per-kind", two_per_kind },
    { "two-all", two_all }, { "three", three }, { "whole-lives", whole_lives }, { "two-sessions", two_sessions },
    { "policy-of-the-token", policy_of_the_token }, { "strict-beside-digest", strict_beside_digest },
    { "strict-beside-search", strict_beside_search }, { "instant-is-free", instant_is_free }, { NULL, NULL },
};
