/* SPDX-License-Identifier: MIT */
/*
 * Chooses the arguments of a call, and derives from them the facts for the rules. Written by hand from the standard, so
 * that the guard and the generated header do not agree by being made alike.
 */
#include "guard_walk.h"

CK_FLAGS flags_of(step s)
{
    static const CK_FLAGS flags[] = { CKF_FIND_OBJECTS, CKF_ENCRYPT, CKF_DECRYPT, CKF_DIGEST, CKF_SIGN,
                                      CKF_SIGN_RECOVER, CKF_VERIFY, CKF_VERIFY_RECOVER, CKF_MESSAGE_ENCRYPT,
                                      CKF_MESSAGE_DECRYPT, CKF_MESSAGE_SIGN, CKF_MESSAGE_VERIFY, CKF_GENERATE,
                                      CKF_DERIVE };
    const unsigned count = sizeof flags / sizeof *flags;
    CK_FLAGS all = 0;
    for (unsigned i = 0; i < count; ++i) { all |= flags[i]; }
    switch (s.flavour % 4) {
    case 0: return all;
    case 1: return flags[s.flavour / 4 % count] | flags[s.flavour / 64 % count];
    case 2: return all & s.flavour;
    default: return flags[s.flavour / 4 % count];
    }
}

CK_USER_TYPE user_of(step s) { return s.flavour % 4; } /* one of them is none */

static int is_start(step s)
{
    for (unsigned kind = 0; kind < KINDS; ++kind) {
        if (of_kind[kind][0] == s.function) { return 1; }
    }
    return 0;
}

CK_SLOT_ID slot_of(step s) { return (s.flavour & 1) != 0 ? 7 : 0; }

const char *named_of(step s)
{
    static const char *const names[] = { "C_Encrypt",     "C_SignInit",      "C_EncryptMessageNext", "C_GenerateKey",
                                         "C_DigestFinal", "C_SessionCancel", "C_Login",              "C_Nothing" };
    return names[s.flavour % 8];
}

p11_call call_of(step s)
{
    p11_call call = { 0, 0 };
    const int asks = s.output == ASKS;
    switch (s.function) {
    case P11_C_Encrypt: case P11_C_EncryptUpdate: case P11_C_EncryptFinal: case P11_C_Decrypt:
    case P11_C_DecryptUpdate: case P11_C_DecryptFinal: case P11_C_Digest: case P11_C_DigestFinal:
    case P11_C_Sign: case P11_C_SignFinal:
    case P11_C_SignRecover: case P11_C_VerifyRecover: case P11_C_DigestEncryptUpdate: case P11_C_DecryptDigestUpdate:
    case P11_C_SignEncryptUpdate: case P11_C_DecryptVerifyUpdate: case P11_C_EncryptMessage: case P11_C_DecryptMessage:
    case P11_C_SignMessage:
        call.facts = asks ? P11_FACT_QUERY : 0;
        break;
    case P11_C_EncryptMessageNext: case P11_C_DecryptMessageNext:
        call.facts = (asks ? P11_FACT_QUERY : 0u) | ((s.flavour & CKF_END_OF_MESSAGE) != 0 ? P11_FACT_LAST : 0u);
        break;
    case P11_C_SignMessageNext: /* Base 5.14.4: without a length it is a part in the middle, and gives nothing */
        call.facts = s.output == NO_LENGTH ? 0u : P11_FACT_LAST | (asks ? P11_FACT_QUERY : 0u);
        break;
    case P11_C_VerifyMessageNext:
        call.facts = (s.flavour & 1) != 0 ? P11_FACT_LAST : 0;
        break;
    case P11_C_Login: case P11_C_LoginUser:
        call.facts = user_of(s) == CKU_CONTEXT_SPECIFIC ? P11_FACT_CONTEXT_SPECIFIC : 0;
        break;
    case P11_C_SessionCancel:
        call.flags = flags_of(s);
        break;
    default:
        call.facts = is_start(s) && s.function != P11_C_FindObjectsInit && s.is_null ? P11_FACT_NULL_MECHANISM : 0;
    }
    return call;
}
