/* SPDX-License-Identifier: MIT */
/* Makes the calls, and prints them. */
#include "guard_walk.h"
#include "p11_names.h"

#include <stdio.h>
#include <string.h>

/* ---- Making ---- */

static CK_MECHANISM mechanism = { CKM_VENDOR_DEFINED | 0x11, NULL, 0 };
static CK_BYTE input[64] = "what is neither secret nor of any interest to anybody";

/* A signature that is right for nothing but lengths. */
#define SIGNATURE input, ((s.flavour & 16) != 0 ? 32UL : (s.flavour & 32) != 0 ? 8UL : 5UL)
#define MECHANISM (s.is_null ? NULL : &mechanism)
#define KEY ((s.flavour & 0x300) == 0 ? 999UL : 1UL)
#define IN ((s.flavour & 0xC00) == 0 ? NULL : input), 8UL
#define OUT out, length

/* Calls the function of the list, and returns its answer. What is given is the same for the same step. */
CK_RV make(const CK_FUNCTION_LIST_3_2 *f, step s, CK_SESSION_HANDLE h, results *r)
{
    CK_BYTE *const out = s.output == ASKS ? NULL : r->out;
    CK_ULONG *const length = s.output == NO_LENGTH ? NULL : &r->length;
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_ATTRIBUTE attribute = { CKA_CLASS, &object_class, sizeof object_class };
    CK_SESSION_INFO info;
    CK_ASYNC_DATA data = { 0, NULL, 0, 0, 0 };
    CK_UTF8CHAR name[32];
    CK_RV rv;
    memset(r->out, 0xEE, sizeof r->out);
    r->length = s.output == SMALL ? 3 : sizeof r->out;
    r->more = 0;
    strcpy((char *)name, named_of(s));
    switch (s.function) {
#define STARTS(kind) case P11_C_##kind##Init: return f->C_##kind##Init(h, MECHANISM, KEY)
#define WHOLE(which) case P11_C_##which: return f->C_##which(h, IN, OUT)
#define TAKES(which) case P11_C_##which: return f->C_##which(h, IN)
#define GIVES(which) case P11_C_##which: return f->C_##which(h, OUT)
#define PLAIN(which) case P11_C_##which: return f->C_##which(h)
        STARTS(Encrypt); STARTS(Decrypt); STARTS(Sign); STARTS(SignRecover); STARTS(Verify); STARTS(VerifyRecover);
        STARTS(MessageEncrypt); STARTS(MessageDecrypt); STARTS(MessageSign); STARTS(MessageVerify);
        WHOLE(Encrypt); WHOLE(EncryptUpdate); WHOLE(Decrypt); WHOLE(DecryptUpdate); WHOLE(Digest); WHOLE(Sign);
        WHOLE(SignRecover); WHOLE(VerifyRecover); WHOLE(DigestEncryptUpdate); WHOLE(DecryptDigestUpdate);
        WHOLE(SignEncryptUpdate); WHOLE(DecryptVerifyUpdate);
        TAKES(DigestUpdate); TAKES(SignUpdate); TAKES(VerifyUpdate); TAKES(VerifySignatureUpdate);
        TAKES(VerifySignature); TAKES(SeedRandom); TAKES(InitPIN);
        GIVES(EncryptFinal); GIVES(DecryptFinal); GIVES(DigestFinal); GIVES(SignFinal);
        PLAIN(FindObjectsFinal); PLAIN(VerifySignatureFinal); PLAIN(MessageEncryptFinal); PLAIN(MessageDecryptFinal);
        PLAIN(MessageSignFinal); PLAIN(MessageVerifyFinal); PLAIN(CloseSession); PLAIN(Logout);
        PLAIN(GetFunctionStatus); PLAIN(CancelFunction);
    case P11_C_DigestInit: return f->C_DigestInit(h, MECHANISM);
    case P11_C_FindObjectsInit: return f->C_FindObjectsInit(h, (s.flavour & 3) == 0 ? NULL : &attribute, 1);
    case P11_C_FindObjects: return f->C_FindObjects(h, (CK_OBJECT_HANDLE *)(void *)out, 4, length);
    case P11_C_DigestKey: return f->C_DigestKey(h, KEY);
    case P11_C_VerifySignatureInit: return f->C_VerifySignatureInit(h, MECHANISM, KEY, SIGNATURE);
    case P11_C_Verify: return f->C_Verify(h, IN, SIGNATURE);
    case P11_C_VerifyFinal: return f->C_VerifyFinal(h, SIGNATURE);
    case P11_C_EncryptMessage: return f->C_EncryptMessage(h, NULL, 0, input, 4, IN, OUT);
    case P11_C_DecryptMessage: return f->C_DecryptMessage(h, NULL, 0, input, 4, IN, OUT);
    case P11_C_SignMessage: return f->C_SignMessage(h, NULL, 0, IN, OUT);
    case P11_C_VerifyMessage: return f->C_VerifyMessage(h, NULL, 0, IN, SIGNATURE);
    case P11_C_EncryptMessageBegin: return f->C_EncryptMessageBegin(h, NULL, s.is_null ? 4 : 0, input, 4);
    case P11_C_DecryptMessageBegin: return f->C_DecryptMessageBegin(h, NULL, s.is_null ? 4 : 0, input, 4);
    case P11_C_SignMessageBegin: return f->C_SignMessageBegin(h, NULL, s.is_null ? 4 : 0);
    case P11_C_VerifyMessageBegin: return f->C_VerifyMessageBegin(h, NULL, s.is_null ? 4 : 0);
    case P11_C_EncryptMessageNext: return f->C_EncryptMessageNext(h, NULL, 0, IN, OUT, s.flavour & 3);
    case P11_C_DecryptMessageNext: return f->C_DecryptMessageNext(h, NULL, 0, IN, OUT, s.flavour & 3);
    case P11_C_SignMessageNext:
        return f->C_SignMessageNext(h, NULL, 0, IN, length == NULL && (s.flavour & 64) != 0 ? NULL : out, length);
    case P11_C_VerifyMessageNext:
        return f->C_VerifyMessageNext(h, NULL, 0, IN, (s.flavour & 1) != 0 ? input : NULL, 8);
    case P11_C_SessionCancel: return f->C_SessionCancel(h, flags_of(s));
    case P11_C_CloseAllSessions: return f->C_CloseAllSessions(slot_of(s));
    case P11_C_Login: return f->C_Login(h, user_of(s), IN);
    case P11_C_LoginUser: return f->C_LoginUser(h, user_of(s), IN, NULL, 0);
    case P11_C_SetPIN: return f->C_SetPIN(h, input, 4, IN);
    case P11_C_GetOperationState:
        rv = f->C_GetOperationState(h, OUT);
        if (rv == CKR_OK && s.output == ROOMY) { memcpy(r->saved, r->out, r->saved_length = r->length); }
        return rv;
    case P11_C_SetOperationState: return f->C_SetOperationState(h, r->saved, r->saved_length, 0, 0);
    case P11_C_GetSessionInfo: return f->C_GetSessionInfo(h, s.is_null ? NULL : &info);
    case P11_C_GetSessionValidationFlags: return f->C_GetSessionValidationFlags(h, 1, length);
    case P11_C_CreateObject: return f->C_CreateObject(h, &attribute, 1, length);
    case P11_C_CopyObject: return f->C_CopyObject(h, KEY, &attribute, 1, length);
    case P11_C_DestroyObject: return f->C_DestroyObject(h, 2 + s.flavour % 4);
    case P11_C_GetObjectSize: return f->C_GetObjectSize(h, KEY, length);
    case P11_C_GetAttributeValue: return f->C_GetAttributeValue(h, KEY, &attribute, 1);
    case P11_C_SetAttributeValue: return f->C_SetAttributeValue(h, KEY, &attribute, 1);
    case P11_C_GenerateKey: return f->C_GenerateKey(h, MECHANISM, NULL, 0, length);
    case P11_C_GenerateKeyPair: return f->C_GenerateKeyPair(h, MECHANISM, NULL, 0, NULL, 0, length, &r->more);
    case P11_C_WrapKey: return f->C_WrapKey(h, MECHANISM, KEY, 1, OUT);
    case P11_C_UnwrapKey: return f->C_UnwrapKey(h, MECHANISM, KEY, input, 64, NULL, 0, length);
    case P11_C_DeriveKey: return f->C_DeriveKey(h, MECHANISM, KEY, NULL, 0, length);
    case P11_C_GenerateRandom: return f->C_GenerateRandom(h, out, 8);
    case P11_C_EncapsulateKey: return f->C_EncapsulateKey(h, MECHANISM, KEY, NULL, 0, OUT, &r->more);
    case P11_C_DecapsulateKey: return f->C_DecapsulateKey(h, MECHANISM, KEY, NULL, 0, input, 64, &r->more);
    case P11_C_WrapKeyAuthenticated: return f->C_WrapKeyAuthenticated(h, MECHANISM, KEY, 1, input, 4, OUT);
    case P11_C_UnwrapKeyAuthenticated:
        return f->C_UnwrapKeyAuthenticated(h, MECHANISM, KEY, input, 64, NULL, 0, input, 4, length);
    case P11_C_AsyncComplete: return f->C_AsyncComplete(h, s.is_null ? NULL : name, &data);
    case P11_C_AsyncGetID: return f->C_AsyncGetID(h, s.is_null ? NULL : name, length);
    case P11_C_AsyncJoin: return f->C_AsyncJoin(h, s.is_null ? NULL : name, s.flavour / 8 % 4, input, 8);
    default: return CKR_GENERAL_ERROR; /* a function that nobody here can call: the counters tell */
    }
}

/* ---- Printing ---- */

const char *value_name(CK_RV rv)
{
    static char numbers[4][32];
    static unsigned turn;
    const char *const name = p11_return_value_name(rv);
    if (name[0] != '\0') { return name; }
    turn = (turn + 1) % 4;
    snprintf(numbers[turn], sizeof numbers[turn], "0x%08lX", rv);
    return numbers[turn];
}

void print_step(step s, CK_SESSION_HANDLE h)
{
    static const char *const outputs[] = { "", ", output NULL", ", output too small", ", length NULL" };
    const p11_call call = call_of(s);
    printf("  %s(", p11_function_name(s.function));
    if (s.function == P11_C_OpenSession || s.function == P11_C_CloseAllSessions) {
        printf("slot %lu", slot_of(s));
    } else {
        printf("0x%lx", h);
    }
    if (s.is_null) { printf(", mechanism or parameter NULL"); }
    if (call.flags != 0) { printf(", flags 0x%lx", call.flags); }
    if ((call.facts & P11_FACT_LAST) != 0) { printf(", last"); }
    if (s.function == P11_C_Login || s.function == P11_C_LoginUser) { printf(", user %lu", user_of(s)); }
    if (s.function >= P11_C_AsyncComplete && s.function <= P11_C_AsyncJoin) { printf(", \"%s\"", named_of(s)); }
    printf("%s)", outputs[s.output]);
}
