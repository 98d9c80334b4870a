/* SPDX-License-Identifier: MIT */
/*
 * 28 functions of a token with the rules in them, to see how large these are. With P11_RULES_OF_SESSION each session has
 * rules of its own, else they are constant.
 */
#include "p11_session_rules.h"

typedef struct session {
    p11_state operations;
    p11_rules rules;
} session;

#ifdef P11_RULES_OF_SESSION
#define RULES (s->rules)
#else
static const p11_rules constant_rules = { P11_POLICY_USAGE_GUIDE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
#define RULES constant_rules
#endif

/* A function that takes a mechanism, one that gives output, and one that does neither. */
#define START(name) \
    unsigned long work_##name(void); \
    unsigned long name(session *s, const void *mechanism); \
    unsigned long name(session *s, const void *mechanism) \
    { \
        const p11_verdict verdict = p11_admit_##name(RULES, s->operations, mechanism); \
        if (verdict.rv != 0) { return verdict.rv; } \
        return p11_complete_##name(RULES, &s->operations, mechanism, work_##name()); \
    }
#define OUTPUT(name) \
    unsigned long work_##name(void); \
    unsigned long name(session *s, const void *output); \
    unsigned long name(session *s, const void *output) \
    { \
        const p11_verdict verdict = p11_admit_##name(RULES, s->operations); \
        if (verdict.rv != 0) { return verdict.rv; } \
        return p11_complete_##name(RULES, &s->operations, output, work_##name()); \
    }
#define OTHER(name) \
    unsigned long work_##name(void); \
    unsigned long name(session *s); \
    unsigned long name(session *s) \
    { \
        const p11_verdict verdict = p11_admit_##name(RULES, s->operations); \
        if (verdict.rv != 0) { return verdict.rv; } \
        return p11_complete_##name(RULES, &s->operations, work_##name()); \
    }

START(C_EncryptInit)
OUTPUT(C_Encrypt)
OUTPUT(C_EncryptUpdate)
OUTPUT(C_EncryptFinal)
START(C_DecryptInit)
OUTPUT(C_Decrypt)
OUTPUT(C_DecryptUpdate)
OUTPUT(C_DecryptFinal)
START(C_DigestInit)
OUTPUT(C_Digest)
OTHER(C_DigestUpdate)
OTHER(C_DigestKey)
OUTPUT(C_DigestFinal)
START(C_SignInit)
OUTPUT(C_Sign)
OTHER(C_SignUpdate)
OUTPUT(C_SignFinal)
START(C_VerifyInit)
OTHER(C_Verify)
OTHER(C_VerifyUpdate)
OTHER(C_VerifyFinal)
OTHER(C_FindObjectsInit)
OTHER(C_FindObjects)
OTHER(C_FindObjectsFinal)
OUTPUT(C_DigestEncryptUpdate)
OUTPUT(C_DecryptDigestUpdate)
OUTPUT(C_SignEncryptUpdate)
OUTPUT(C_DecryptVerifyUpdate)
