/* SPDX-License-Identifier: MIT */
/* Draws steps and sequences. */
#include "guard_walk.h"
#include "../splitmix64.h"

#include <stdio.h>
#include <string.h>

static uint64_t random_state;

static uint64_t draw(void) { return splitmix64(&random_state); }

static unsigned below(unsigned end) { return (unsigned)(draw() % end); }
#define PICK(list) ((list)[below((unsigned)(sizeof(list) / sizeof *(list)))])

/* ---- Steps ---- */

const unsigned char of_kind[KINDS][MOST_OF_KIND] = { /* by p11_operation; the first starts it */
    { P11_C_FindObjectsInit, P11_C_FindObjects, P11_C_FindObjects, P11_C_FindObjectsFinal },
    { P11_C_EncryptInit, P11_C_Encrypt, P11_C_EncryptUpdate, P11_C_EncryptFinal },
    { P11_C_DecryptInit, P11_C_Decrypt, P11_C_DecryptUpdate, P11_C_DecryptFinal },
    { P11_C_DigestInit, P11_C_Digest, P11_C_DigestUpdate, P11_C_DigestKey, P11_C_DigestFinal },
    { P11_C_SignInit, P11_C_Sign, P11_C_SignUpdate, P11_C_SignFinal },
    { P11_C_SignRecoverInit, P11_C_SignRecover },
    { P11_C_VerifyInit, P11_C_Verify, P11_C_VerifyUpdate, P11_C_VerifyFinal },
    { P11_C_VerifyRecoverInit, P11_C_VerifyRecover },
    { P11_C_VerifySignatureInit, P11_C_VerifySignature, P11_C_VerifySignatureUpdate, P11_C_VerifySignatureFinal },
    { P11_C_MessageEncryptInit, P11_C_EncryptMessage, P11_C_EncryptMessageBegin, P11_C_EncryptMessageNext,
      P11_C_MessageEncryptFinal },
    { P11_C_MessageDecryptInit, P11_C_DecryptMessage, P11_C_DecryptMessageBegin, P11_C_DecryptMessageNext,
      P11_C_MessageDecryptFinal },
    { P11_C_MessageSignInit, P11_C_SignMessage, P11_C_SignMessageBegin, P11_C_SignMessageNext, P11_C_MessageSignFinal },
    { P11_C_MessageVerifyInit, P11_C_VerifyMessage, P11_C_VerifyMessageBegin, P11_C_VerifyMessageNext,
      P11_C_MessageVerifyFinal },
};
static const unsigned char duals[] = { P11_C_DigestEncryptUpdate, P11_C_DecryptDigestUpdate, P11_C_SignEncryptUpdate,
                                       P11_C_DecryptVerifyUpdate };
static const unsigned char sessions_calls[] = { P11_C_OpenSession,  P11_C_OpenSession,  P11_C_OpenSession,
                                                P11_C_CloseSession, P11_C_CloseSession, P11_C_CloseAllSessions };
static const unsigned char accounts[] = { P11_C_Login,  P11_C_Login,   P11_C_LoginUser,
                                          P11_C_Logout, P11_C_InitPIN, P11_C_SetPIN };
static const unsigned char states[] = { P11_C_GetOperationState, P11_C_SetOperationState };
static const unsigned char asyncs[] = { P11_C_AsyncComplete, P11_C_AsyncComplete, P11_C_AsyncGetID, P11_C_AsyncJoin };
static const unsigned char others[] = {
    P11_C_GetSessionInfo, P11_C_GetSessionValidationFlags, P11_C_GetFunctionStatus, P11_C_CancelFunction,
    P11_C_CreateObject, P11_C_CopyObject, P11_C_DestroyObject, P11_C_GetObjectSize, P11_C_GetAttributeValue,
    P11_C_SetAttributeValue, P11_C_GenerateKey, P11_C_GenerateKeyPair, P11_C_WrapKey, P11_C_UnwrapKey, P11_C_DeriveKey,
    P11_C_SeedRandom, P11_C_GenerateRandom, P11_C_EncapsulateKey, P11_C_DecapsulateKey, P11_C_WrapKeyAuthenticated,
    P11_C_UnwrapKeyAuthenticated,
};

static unsigned function_of_kind(unsigned kind)
{
    unsigned count = 0;
    while (count < MOST_OF_KIND && of_kind[kind][count] != 0) { ++count; }
    return of_kind[kind][below(100) < 40 ? 0 : 1 + below(count - 1)];
}

/* focus: a few kinds and places that get most of the calls, for else hardly anything would get beyond its start. */
static step draw_step(const unsigned *kinds, unsigned kind_count, const unsigned *places, unsigned place_count,
                      int is_async)
{
    const unsigned what = below(200);
    step s = { 0, 0, ROOMY, 0, (unsigned)draw() };
    s.place = (unsigned char)(below(100) < 85 ? places[below(place_count)] : below(50) == 0 ? PLACES : below(PLACES));
    s.output = (unsigned char)(below(100) < 70 ? ROOMY : 1 + below(3));
    s.is_null = below(100) < 12;
    const unsigned kind = below(100) < 80 ? kinds[below(kind_count)] : below(KINDS);
    s.function = (unsigned char)(what < 134   ? function_of_kind(kind)
                                 : what < 148 ? PICK(duals)
                                 : what < 156 ? P11_C_SessionCancel
                                 : what < 168 ? PICK(sessions_calls)
                                 : what < 178 ? PICK(accounts)
                                 : what < 184 ? PICK(states)
                                 : is_async && what < 194 ? PICK(asyncs)
                                              : PICK(others));
    return s;
}

/* ---- Sequences ---- */

#define PROLOGUE 4 /* sessions that are opened at first */

static void draw_answers(sequence *q)
{
    static const CK_RV values[] = { CKR_OK, CKR_DEVICE_ERROR, CKR_DEVICE_ERROR, CKR_OPERATION_ACTIVE,
                                    CKR_OPERATION_NOT_INITIALIZED, CKR_FUNCTION_NOT_SUPPORTED,
                                    CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_TOKEN_NOT_PRESENT,
                                    CKR_DEVICE_REMOVED, CKR_PIN_LOCKED, CKR_OPERATION_CANCEL_FAILED,
                                    CKR_BUFFER_TOO_SMALL, CKR_SIGNATURE_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED,
                                    CKR_FUNCTION_FAILED, CKR_VENDOR_DEFINED | 1UL };
    size_t end = 0;
    for (unsigned orders = below(8); orders > 0; --orders) {
        const step s = q->steps[PROLOGUE + below(q->count - PROLOGUE)];
        const unsigned first = 1 + below(6);
        const CK_RV value = q->is_async && below(2) == 0 ? CKR_PENDING : PICK(values);
        end += (size_t)snprintf(q->answers + end, sizeof q->answers - end, "%s%s=0x%lx:%u-%u", end == 0 ? "" : ",",
                                p11_function_name(s.function), value, first, first + below(3));
    }
    if (end == 0) { strcpy(q->answers, "-"); }
}

void draw_sequence(sequence *q, uint64_t seed)
{
    static const char *const all_handles[] = { "reuse", "unique", "sparse" }, *const singles[] = { "", "7", "0,7" };
    unsigned kinds[4], places[3];
    random_state = seed;
    const unsigned kind_count = 1 + below(4), place_count = 1 + below(3);
    for (unsigned i = 0; i < 4; ++i) { kinds[i] = below(KINDS); }
    for (unsigned i = 0; i < 3; ++i) { places[i] = below(PLACES); }
    q->count = 60 + below(141);
    q->is_async = below(4) == 0;
    q->mixed = below(3) == 0;
    q->kills = below(3) == 0;
    strcpy(q->handles, PICK(all_handles));
    strcpy(q->single, PICK(singles));
    for (unsigned i = 0; i < q->count; ++i) {
        q->steps[i] = draw_step(kinds, kind_count, places, place_count, q->is_async);
        if (i < PROLOGUE) {
            q->steps[i].function = P11_C_OpenSession;
            q->steps[i].place = (unsigned char)(i < place_count ? places[i] : below(PLACES));
        }
    }
    draw_answers(q);
}
