/* SPDX-License-Identifier: MIT */
/*
 * Follows the hand-written cases through the generated C header: every call by its number and, where there is one, by
 * its named function, which must agree. Usage: run_cases RETURN-VALUES POLICIES CASES
 * POLICIES is what "any" stands for, for instance "usage-guide single". The last line counts: "N passed, M failed".
 */
#include "cases.h"

/* ---- Arguments of a call, as a case gives them ---- */

typedef struct arguments {
    const void *mechanism; /* NULL cancels */
    const void *output;    /* NULL asks for a length */
    const void *last;      /* not NULL ends a message, for functions that tell it by a pointer */
    unsigned long end;     /* CKF_END_OF_MESSAGE, for functions that tell it by a flag */
    unsigned long user;    /* CKU_CONTEXT_SPECIFIC is 2 */
    unsigned long flags;   /* of C_SessionCancel */
} arguments;

typedef p11_verdict (*admit_function)(p11_rules, p11_state, const arguments *);
typedef unsigned long (*complete_function)(p11_rules, p11_state *, const arguments *, unsigned long);

/* For each way of taking arguments a pair of adaptors. */
#define ADAPT(f, admitted, completed)                                                                             \
    static p11_verdict admit_##f(p11_rules r, p11_state s, const arguments *a)                                    \
    { (void)a; return p11_admit_##f admitted; }                                                                   \
    static unsigned long complete_##f(p11_rules r, p11_state *s, const arguments *a, unsigned long rv)            \
    { (void)a; return p11_complete_##f completed; }
#define PLAIN(f) ADAPT(f, (r, s), (r, s, rv))
#define START(f) ADAPT(f, (r, s, a->mechanism), (r, s, a->mechanism, rv))
#define OUTPUT(f) ADAPT(f, (r, s), (r, s, a->output, rv))
#define OUTPUT_END(f) ADAPT(f, (r, s), (r, s, a->output, a->end, rv))
#define OUTPUT_LAST(f) ADAPT(f, (r, s), (r, s, a->output, a->last, rv))
#define LAST(f) ADAPT(f, (r, s), (r, s, a->last, rv))
#define FLAGS(f) ADAPT(f, (r, s), (r, s, a->flags, rv))
#define USER(f) ADAPT(f, (r, s, a->user), (r, s, a->user, rv))

#define NAMED(X)                                                                                                  \
    X(PLAIN, C_FindObjectsInit) X(PLAIN, C_FindObjects) X(PLAIN, C_FindObjectsFinal)                              \
    X(START, C_EncryptInit) X(OUTPUT, C_Encrypt) X(OUTPUT, C_EncryptUpdate) X(OUTPUT, C_EncryptFinal)             \
    X(START, C_DecryptInit) X(OUTPUT, C_Decrypt) X(OUTPUT, C_DecryptUpdate) X(OUTPUT, C_DecryptFinal)             \
    X(START, C_DigestInit) X(OUTPUT, C_Digest) X(PLAIN, C_DigestUpdate) X(PLAIN, C_DigestKey)                     \
    X(OUTPUT, C_DigestFinal)                                                                                      \
    X(START, C_SignInit) X(OUTPUT, C_Sign) X(PLAIN, C_SignUpdate) X(OUTPUT, C_SignFinal)                          \
    X(START, C_SignRecoverInit) X(OUTPUT, C_SignRecover)                                                          \
    X(START, C_VerifyInit) X(PLAIN, C_Verify) X(PLAIN, C_VerifyUpdate) X(PLAIN, C_VerifyFinal)                    \
    X(START, C_VerifyRecoverInit) X(OUTPUT, C_VerifyRecover)                                                      \
    X(OUTPUT, C_DigestEncryptUpdate) X(OUTPUT, C_DecryptDigestUpdate)                                             \
    X(OUTPUT, C_SignEncryptUpdate) X(OUTPUT, C_DecryptVerifyUpdate)                                               \
    X(START, C_VerifySignatureInit) X(PLAIN, C_VerifySignature) X(PLAIN, C_VerifySignatureUpdate)                 \
    X(PLAIN, C_VerifySignatureFinal)                                                                              \
    X(START, C_MessageEncryptInit) X(OUTPUT, C_EncryptMessage) X(PLAIN, C_EncryptMessageBegin)                    \
    X(OUTPUT_END, C_EncryptMessageNext) X(PLAIN, C_MessageEncryptFinal)                                           \
    X(START, C_MessageDecryptInit) X(OUTPUT, C_DecryptMessage) X(PLAIN, C_DecryptMessageBegin)                    \
    X(OUTPUT_END, C_DecryptMessageNext) X(PLAIN, C_MessageDecryptFinal)                                           \
    X(START, C_MessageSignInit) X(OUTPUT, C_SignMessage) X(PLAIN, C_SignMessageBegin)                                                      \
    X(OUTPUT_LAST, C_SignMessageNext) X(PLAIN, C_MessageSignFinal)                                                \
    X(START, C_MessageVerifyInit) X(PLAIN, C_VerifyMessage) X(PLAIN, C_VerifyMessageBegin)                        \
    X(LAST, C_VerifyMessageNext) X(PLAIN, C_MessageVerifyFinal)                                                   \
    X(FLAGS, C_SessionCancel) X(USER, C_Login) X(USER, C_LoginUser) X(PLAIN, C_CloseSession)                     \
    X(PLAIN, C_CloseAllSessions) X(PLAIN, C_OpenSession) X(PLAIN, C_Finalize) X(PLAIN, C_GetSessionInfo)         \
    X(PLAIN, C_GetOperationState) X(PLAIN, C_SetOperationState) X(PLAIN, C_Logout) X(PLAIN, C_InitPIN)           \
    X(PLAIN, C_SetPIN) X(PLAIN, C_CreateObject) X(PLAIN, C_CopyObject) X(PLAIN, C_DestroyObject)                 \
    X(PLAIN, C_GetObjectSize) X(PLAIN, C_GetAttributeValue) X(PLAIN, C_SetAttributeValue)                        \
    X(PLAIN, C_GenerateKey) X(PLAIN, C_GenerateKeyPair) X(PLAIN, C_WrapKey) X(PLAIN, C_UnwrapKey)                \
    X(PLAIN, C_DeriveKey) X(PLAIN, C_SeedRandom) X(PLAIN, C_GenerateRandom) X(PLAIN, C_GetFunctionStatus)        \
    X(PLAIN, C_CancelFunction) X(PLAIN, C_EncapsulateKey) X(PLAIN, C_DecapsulateKey)                             \
    X(PLAIN, C_WrapKeyAuthenticated) X(PLAIN, C_UnwrapKeyAuthenticated) X(PLAIN, C_GetSessionValidationFlags) \
    X(PLAIN, C_AsyncComplete) X(PLAIN, C_AsyncGetID) X(PLAIN, C_AsyncJoin)

#define DEFINE(shape, f) shape(f)
NAMED(DEFINE)

static const struct {
    const char *name;
    admit_function admit;
    complete_function complete;
} named[] = {
#define ROW(shape, f) { #f, admit_##f, complete_##f },
    NAMED(ROW)
};

static p11_state state_of(char *words)
{
    p11_state state = { 0 };
    char *word;
    for (word = strtok(words, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        char *const equals = strchr(word, '=');
        if (equals == NULL) { continue; }
        *equals = '\0';
        set_phase(&state, word, equals + 1);
    }
    return state;
}

static arguments arguments_of(char *facts, p11_call *call)
{
    static const int something = 0;
    arguments a = { &something, &something, NULL, 0, 0, 0 };
    char *fact;
    for (fact = strtok(facts, " "); fact != NULL; fact = strtok(NULL, " ")) {
        if (strcmp(fact, "query") == 0) {
            a.output = NULL;
            call->facts |= P11_FACT_QUERY;
        } else if (strcmp(fact, "null-mechanism") == 0) {
            a.mechanism = NULL;
            call->facts |= P11_FACT_NULL_MECHANISM;
        } else if (strcmp(fact, "last") == 0) {
            a.last = &something;
            a.end = 1;
            call->facts |= P11_FACT_LAST;
        } else if (strcmp(fact, "context-specific") == 0) {
            a.user = 2;
            call->facts |= P11_FACT_CONTEXT_SPECIFIC;
        } else {
            a.flags = call->flags = strtoul(strchr(fact, '=') + 1, NULL, 16);
        }
    }
    return a;
}

/* ---- One call ---- */

static int follow(p11_rules rules, p11_state *state, char *line)
{
    char *const facts = strtok(line, "|");
    char *const admission = strtok(NULL, "|");
    char *const value = strtok(NULL, "|");
    char *const after = strtok(NULL, "|");
    char name[64], code[64];
    p11_call call = { 0, 0 };
    p11_state by_name = *state, expected;
    p11_verdict verdict;
    arguments a;
    unsigned function;
    size_t i;
    int good;
    sscanf(facts, "%63s", name);
    sscanf(value, "%63s", code);
    function = function_of(name);
    a = arguments_of(strstr(facts, name) + strlen(name), &call);
    expected = state_of(after);
    verdict = p11_admit(rules, *state, function, call);
    good = says(verdict, admission);
    if (strcmp(code, "-") != 0) { good &= p11_complete(rules, state, function, call, value_of(code)) == value_of(code); }
    for (i = 0; i < sizeof named / sizeof *named; ++i) {
        if (strcmp(named[i].name, name) != 0) { continue; }
        verdict = named[i].admit(rules, by_name, &a);
        good &= says(verdict, admission);
        if (strcmp(code, "-") != 0) { named[i].complete(rules, &by_name, &a, value_of(code)); }
        good &= by_name.word == expected.word;
    }
    return good && state->word == expected.word;
}

static session session_of(char *words)
{
    session s = { { 0 }, { 0 } };
    s.state = state_of(words);
    return s;
}

static int follow_session(p11_rules rules, session *s, char *line) { return follow(rules, &s->state, line); }

int main(int argc, char **argv) { return follow_cases(argc, argv, session_of, follow_session); }
