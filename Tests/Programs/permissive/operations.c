/* SPDX-License-Identifier: MIT */
/* The kinds of operation, but search and messages. None looks at another kind than the one that it is called for. */
#include "permissive.h"

#include <string.h>

unsigned active_kinds(const session *s)
{
    unsigned kinds = 0;
    for (unsigned kind = 0; kind < KINDS; ++kind) { kinds |= s->work.of[kind].active ? BIT(kind) : 0; }
    return kinds;
}

/* What every call that may end an operation does last: a query and a small buffer change nothing, an error ends it. */
CK_RV settle(operation *o, CK_RV rv, int goes_on)
{
    if (rv == ASKED) { return CKR_OK; }
    if (rv == CKR_BUFFER_TOO_SMALL) { return rv; }
    o->active = rv == CKR_OK && goes_on;
    o->parts = o->active;
    return rv;
}

/* The same of a message: the operation itself goes on whatever happens. */
CK_RV settle_message(operation *o, CK_RV rv, int goes_on)
{
    if (rv == ASKED) { return CKR_OK; }
    if (rv != CKR_BUFFER_TOO_SMALL) { o->parts = rv == CKR_OK && goes_on; }
    return rv;
}

CK_RV start(session *s, enum kind kind, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    operation *const o = &s->work.of[kind];
    const object *const with = object_of(key);
    if (mechanism == NULL) { return settle(o, CKR_OK, 0); }
    if (with == NULL && kind != DIGEST) { return CKR_KEY_HANDLE_INVALID; }
    memset(o, 0, sizeof *o);
    o->active = 1;
    sum_start(&o->running);
    if (kind != DIGEST) {
        o->key = with->value[0];
        sum_add(&o->running, &o->key, 1);
    }
    return CKR_OK;
}

/* For the calls that end a kind and give nothing: a search, and the message-based kinds. */
CK_RV end(session *s, enum kind kind)
{
    return s->work.of[kind].active ? settle(&s->work.of[kind], CKR_OK, 0) : CKR_OPERATION_NOT_INITIALIZED;
}

/* A part, or all of it, through a kind that gives as much as it takes. refused: not after a part. */
static CK_RV cipher_call(session *s, enum kind kind, int is_part, int refused, const CK_BYTE *in,
                         CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    operation *const o = &s->work.of[kind];
    if (!o->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (refused && o->parts) { return CKR_OPERATION_ACTIVE; }
    const CK_RV rv = is_readable(in, length) ? room(out, out_length, length) : CKR_ARGUMENTS_BAD;
    if (rv == CKR_OK) { cipher(o->key, NULL, 0, in, length, out); }
    return settle(o, rv, is_part);
}

/* A part through two kinds at once. */
static CK_RV dual_call(session *s, enum kind kind, enum kind summing, const CK_BYTE *in, CK_ULONG length,
                       CK_BYTE *out, CK_ULONG *out_length)
{
    operation *const o = &s->work.of[kind], *const other = &s->work.of[summing];
    if (!o->active || !other->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    const CK_RV rv = is_readable(in, length) ? room(out, out_length, length) : CKR_ARGUMENTS_BAD;
    if (rv == CKR_OK) { cipher(o->key, &other->running, kind == DECRYPT, in, length, out); }
    settle(other, rv, 1);
    return settle(o, rv, 1);
}

static CK_RV sum_part(session *s, enum kind kind, const CK_BYTE *in, CK_ULONG length)
{
    operation *const o = &s->work.of[kind];
    if (!o->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (!is_readable(in, length)) { return settle(o, CKR_ARGUMENTS_BAD, 0); }
    sum_add(&o->running, in, length);
    return settle(o, CKR_OK, 1);
}

/* The last part, or none, and then the sum. */
static CK_RV sum_end(session *s, enum kind kind, int refused, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out,
                     CK_ULONG *out_length)
{
    operation *const o = &s->work.of[kind];
    if (!o->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (refused && o->parts) { return CKR_OPERATION_ACTIVE; }
    const CK_RV rv = is_readable(in, length) ? room(out, out_length, SUM_BYTES) : CKR_ARGUMENTS_BAD;
    if (rv == CKR_OK) {
        sum_add(&o->running, in, length);
        sum_read(&o->running, out, SUM_BYTES);
    }
    return settle(o, rv, 0);
}

static CK_RV check_end(session *s, enum kind kind, int refused, const CK_BYTE *in, CK_ULONG length,
                       const CK_BYTE *signature, CK_ULONG signature_length)
{
    operation *const o = &s->work.of[kind];
    if (!o->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (refused && o->parts) { return CKR_OPERATION_ACTIVE; }
    if (!is_readable(in, length)) { return settle(o, CKR_ARGUMENTS_BAD, 0); }
    sum_add(&o->running, in, length);
    return settle(o, compare(&o->running, signature, signature_length, SUM_BYTES), 0);
}

static CK_RV digest_key(session *s, CK_OBJECT_HANDLE key)
{
    const object *const o = object_of(key);
    if (!s->work.of[DIGEST].active) { return CKR_OPERATION_NOT_INITIALIZED; }
    return o == NULL ? settle(&s->work.of[DIGEST], CKR_KEY_HANDLE_INVALID, 0)
                     : sum_part(s, DIGEST, o->value, VALUE_BYTES);
}

/* ---- Functions ---- */

#define WHOLE(name, kind)                                                                                              \
    PART_CALL(name, BIT(kind), (H, IN, OUT), cipher_call(s, kind, 0, !options.mixed, pIn, ulInLen, pOut, pulOutLen))
#define PART(name, kind)                                                                                               \
    PART_CALL(name, BIT(kind), (H, IN, OUT), cipher_call(s, kind, 1, 0, pIn, ulInLen, pOut, pulOutLen))
#define LAST(name, kind) SESSION_CALL(name, (H, OUT), cipher_call(s, kind, 0, 0, NULL, 0, pOut, pulOutLen))
#define SUM_WHOLE(name, kind)                                                                                          \
    PART_CALL(name, BIT(kind), (H, IN, OUT), sum_end(s, kind, !options.mixed, pIn, ulInLen, pOut, pulOutLen))
#define SUM_PART(name, kind) PART_CALL(name, BIT(kind), (H, IN), sum_part(s, kind, pIn, ulInLen))
#define SUM_LAST(name, kind) SESSION_CALL(name, (H, OUT), sum_end(s, kind, 0, NULL, 0, pOut, pulOutLen))
#define DUAL(name, kind, summing)                                                                                      \
    PART_CALL(name, BIT(kind) | BIT(summing), (H, IN, OUT),                                                            \
              dual_call(s, kind, summing, pIn, ulInLen, pOut, pulOutLen))

START(C_EncryptInit, ENCRYPT)
WHOLE(C_Encrypt, ENCRYPT)
PART(C_EncryptUpdate, ENCRYPT)
LAST(C_EncryptFinal, ENCRYPT)
START(C_DecryptInit, DECRYPT)
WHOLE(C_Decrypt, DECRYPT)
PART(C_DecryptUpdate, DECRYPT)
LAST(C_DecryptFinal, DECRYPT)
SESSION_CALL(C_DigestInit, (H, MECHANISM), start(s, DIGEST, pMechanism, CK_INVALID_HANDLE))
SUM_WHOLE(C_Digest, DIGEST)
SUM_PART(C_DigestUpdate, DIGEST)
PART_CALL(C_DigestKey, BIT(DIGEST), (H, KEY), digest_key(s, hKey))
SUM_LAST(C_DigestFinal, DIGEST)
START(C_SignInit, SIGN)
SUM_WHOLE(C_Sign, SIGN)
SUM_PART(C_SignUpdate, SIGN)
SUM_LAST(C_SignFinal, SIGN)
START(C_SignRecoverInit, SIGN_RECOVER)
WHOLE(C_SignRecover, SIGN_RECOVER)
START(C_VerifyInit, VERIFY)
PART_CALL(C_Verify, BIT(VERIFY), (H, IN, SIGNATURE),
          check_end(s, VERIFY, !options.mixed, pIn, ulInLen, pSignature, ulSignatureLen))
SUM_PART(C_VerifyUpdate, VERIFY)
SESSION_CALL(C_VerifyFinal, (H, SIGNATURE), check_end(s, VERIFY, 0, NULL, 0, pSignature, ulSignatureLen))
START(C_VerifyRecoverInit, VERIFY_RECOVER)
WHOLE(C_VerifyRecover, VERIFY_RECOVER)
DUAL(C_DigestEncryptUpdate, ENCRYPT, DIGEST)
DUAL(C_DecryptDigestUpdate, DECRYPT, DIGEST)
DUAL(C_SignEncryptUpdate, ENCRYPT, SIGN)
DUAL(C_DecryptVerifyUpdate, DECRYPT, VERIFY)

#ifndef PERMISSIVE_240

/* ---- With the signature first ---- */

static CK_RV start_with_signature(session *s, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
                                  const CK_BYTE *signature, CK_ULONG length)
{
    if (mechanism != NULL && !is_readable(signature, length)) { return CKR_ARGUMENTS_BAD; }
    if (mechanism != NULL && length != SUM_BYTES) { return CKR_SIGNATURE_LEN_RANGE; }
    const CK_RV rv = start(s, VERIFY_SIGNATURE, mechanism, key);
    if (mechanism != NULL && rv == CKR_OK) { memcpy(s->work.signature, signature, SUM_BYTES); }
    return rv;
}

SESSION_CALL(C_VerifySignatureInit, (H, MECHANISM, KEY, SIGNATURE),
             start_with_signature(s, pMechanism, hKey, pSignature, ulSignatureLen))
PART_CALL(C_VerifySignature, BIT(VERIFY_SIGNATURE), (H, IN),
          check_end(s, VERIFY_SIGNATURE, !options.mixed, pIn, ulInLen, s->work.signature, SUM_BYTES))
SUM_PART(C_VerifySignatureUpdate, VERIFY_SIGNATURE)
SESSION_CALL(C_VerifySignatureFinal, (H),
             check_end(s, VERIFY_SIGNATURE, 0, NULL, 0, s->work.signature, SUM_BYTES))

/* ---- Cancelling ---- */

/* What C_SessionCancel calls each kind. */
static const CK_FLAGS cancel_flags[KINDS] = {
    CKF_FIND_OBJECTS, CKF_ENCRYPT, CKF_DECRYPT, CKF_DIGEST, CKF_SIGN, CKF_SIGN_RECOVER, CKF_VERIFY, CKF_VERIFY_RECOVER,
    CKF_VERIFY, CKF_MESSAGE_ENCRYPT, CKF_MESSAGE_DECRYPT, CKF_MESSAGE_SIGN, CKF_MESSAGE_VERIFY
};

static CK_RV cancel(session *s, CK_FLAGS flags)
{
    for (unsigned kind = 0; kind < KINDS; ++kind) {
        if ((flags & cancel_flags[kind]) != 0) { settle(&s->work.of[kind], CKR_OK, 0); }
    }
    return CKR_OK;
}

SESSION_CALL(C_SessionCancel, (H, CK_FLAGS flags), cancel(s, flags))

#endif
