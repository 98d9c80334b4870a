/* SPDX-License-Identifier: MIT */
/* The message-based kinds of operation. */
#include "permissive.h"

#include <string.h>

#ifndef PERMISSIVE_240

/* ---- Parts of a message ---- */

static CK_RV message_begin(operation *o, const CK_BYTE *associated, CK_ULONG length)
{
    if (!o->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (!is_readable(associated, length)) { return CKR_ARGUMENTS_BAD; }
    sum_start(&o->running);
    sum_add(&o->running, &o->key, 1);
    sum_add(&o->running, associated, length);
    o->parts = 1;
    return CKR_OK;
}

/* The last part of what is encrypted ends with the tag, whole. Nothing is written before the tag was found right. */
static CK_RV message_cipher(operation *o, int decrypts, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out,
                            CK_ULONG *out_length, int last)
{
    sum after;
    if (!o->active || !o->parts) { return CKR_OPERATION_NOT_INITIALIZED; }
    after = o->running;
    const CK_ULONG tag = last ? TAG_BYTES : 0, taken = decrypts ? length - tag : length;
    CK_RV rv = !is_readable(in, length)   ? CKR_ARGUMENTS_BAD
               : decrypts && length < tag ? CKR_ENCRYPTED_DATA_LEN_RANGE
                                          : room(out, out_length, decrypts ? taken : length + tag);
    if (rv == CKR_OK && decrypts) {
        for (CK_ULONG i = 0; i < taken; ++i) { sum_add(&after, &(CK_BYTE){ in[i] ^ o->key }, 1); }
        if (last && compare(&after, in + taken, tag, tag) != CKR_OK) { rv = CKR_AEAD_DECRYPT_FAILED; }
        if (rv == CKR_OK) { cipher(o->key, NULL, 1, in, taken, out); }
    } else if (rv == CKR_OK) {
        cipher(o->key, &after, 0, in, length, out);
        sum_read(&after, out + length, tag);
    }
    if (rv == CKR_OK) { o->running = after; }
    return settle_message(o, rv, !last);
}

static CK_RV message_sign(operation *o, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length,
                          int last)
{
    if (!o->active || !o->parts) { return CKR_OPERATION_NOT_INITIALIZED; }
    const CK_RV rv = !is_readable(in, length) ? CKR_ARGUMENTS_BAD : last ? room(out, out_length, TAG_BYTES) : CKR_OK;
    if (rv == CKR_OK) {
        sum_add(&o->running, in, length);
        if (last) { sum_read(&o->running, out, TAG_BYTES); }
    }
    return settle_message(o, rv, !last);
}

static CK_RV message_check(operation *o, const CK_BYTE *in, CK_ULONG length, const CK_BYTE *signature,
                           CK_ULONG signature_length, int last)
{
    if (!o->active || !o->parts) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (!is_readable(in, length)) { return settle_message(o, CKR_ARGUMENTS_BAD, 0); }
    sum_add(&o->running, in, length);
    return settle_message(o, last ? compare(&o->running, signature, signature_length, TAG_BYTES) : CKR_OK, !last);
}

/* ---- A message in one part ---- */

/* A message in one part is begun in a copy, so that whatever becomes of it the operation is as before. */
static CK_RV copy_and_begin(const session *s, enum kind kind, operation *copy, const CK_BYTE *associated,
                            CK_ULONG length)
{
    *copy = s->work.of[kind];
    return copy->active && copy->parts && !options.mixed ? CKR_OPERATION_ACTIVE
                                                         : message_begin(copy, associated, length);
}

static CK_RV cipher_message(const session *s, enum kind kind, const CK_BYTE *associated, CK_ULONG associated_length,
                            const CK_BYTE *in, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    operation copy;
    const CK_RV rv = copy_and_begin(s, kind, &copy, associated, associated_length);
    return rv != CKR_OK ? rv : message_cipher(&copy, kind == MESSAGE_DECRYPT, in, length, out, out_length, 1);
}

static CK_RV sign_whole(const session *s, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    operation copy;
    const CK_RV rv = copy_and_begin(s, MESSAGE_SIGN, &copy, NULL, 0);
    return rv != CKR_OK ? rv : message_sign(&copy, in, length, out, out_length, 1);
}

static CK_RV verify_whole(const session *s, const CK_BYTE *in, CK_ULONG length, const CK_BYTE *signature,
                          CK_ULONG signature_length)
{
    operation copy;
    const CK_RV rv = copy_and_begin(s, MESSAGE_VERIFY, &copy, NULL, 0);
    return rv != CKR_OK ? rv : message_check(&copy, in, length, signature, signature_length, 1);
}

/* ---- Functions ---- */

#define IS_PARAMETER is_readable(pParameter, ulParameterLen)

/* A parameter that says it is somewhere, and is nowhere: before anything else, as an error of this very call. */
#define CHECKED(kind, does)                                                                                            \
    (IS_PARAMETER || !s->work.of[kind].active ? (does) : settle_message(&s->work.of[kind], CKR_ARGUMENTS_BAD, 0))

#define CIPHER_MESSAGE(name, kind)                                                                                     \
    PART_CALL(name, BIT(kind), (H, PARAMETER, ASSOCIATED, IN, OUT),                                                    \
              IS_PARAMETER ? cipher_message(s, kind, pAssociatedData, ulAssociatedDataLen, pIn, ulInLen, pOut,         \
                                            pulOutLen)                                                                 \
                           : CKR_ARGUMENTS_BAD)
#define CIPHER_BEGIN(name, kind)                                                                                       \
    SESSION_CALL(name, (H, PARAMETER, ASSOCIATED),                                                                     \
                 IS_PARAMETER ? message_begin(&s->work.of[kind], pAssociatedData, ulAssociatedDataLen)                 \
                              : CKR_ARGUMENTS_BAD)
#define CIPHER_NEXT(name, kind)                                                                                        \
    PART_CALL(name, BIT(kind), (H, PARAMETER, IN, OUT, CK_FLAGS flags),                                                \
              CHECKED(kind, message_cipher(&s->work.of[kind], kind == MESSAGE_DECRYPT, pIn, ulInLen, pOut, pulOutLen,  \
                                           (flags & CKF_END_OF_MESSAGE) != 0)))
#define BEGIN(name, kind)                                                                                              \
    SESSION_CALL(name, (H, PARAMETER), IS_PARAMETER ? message_begin(&s->work.of[kind], NULL, 0) : CKR_ARGUMENTS_BAD)

START(C_MessageEncryptInit, MESSAGE_ENCRYPT)
CIPHER_MESSAGE(C_EncryptMessage, MESSAGE_ENCRYPT)
CIPHER_BEGIN(C_EncryptMessageBegin, MESSAGE_ENCRYPT)
CIPHER_NEXT(C_EncryptMessageNext, MESSAGE_ENCRYPT)
SESSION_CALL(C_MessageEncryptFinal, (H), end(s, MESSAGE_ENCRYPT))
START(C_MessageDecryptInit, MESSAGE_DECRYPT)
CIPHER_MESSAGE(C_DecryptMessage, MESSAGE_DECRYPT)
CIPHER_BEGIN(C_DecryptMessageBegin, MESSAGE_DECRYPT)
CIPHER_NEXT(C_DecryptMessageNext, MESSAGE_DECRYPT)
SESSION_CALL(C_MessageDecryptFinal, (H), end(s, MESSAGE_DECRYPT))

/* The last part is the one where a length, or when verifying a signature, is given. */
START(C_MessageSignInit, MESSAGE_SIGN)
PART_CALL(C_SignMessage, BIT(MESSAGE_SIGN), (H, PARAMETER, IN, OUT),
          IS_PARAMETER ? sign_whole(s, pIn, ulInLen, pOut, pulOutLen) : CKR_ARGUMENTS_BAD)
BEGIN(C_SignMessageBegin, MESSAGE_SIGN)
PART_CALL(C_SignMessageNext, BIT(MESSAGE_SIGN), (H, PARAMETER, IN, OUT),
          CHECKED(MESSAGE_SIGN,
                  message_sign(&s->work.of[MESSAGE_SIGN], pIn, ulInLen, pOut, pulOutLen, pulOutLen != NULL)))
SESSION_CALL(C_MessageSignFinal, (H), end(s, MESSAGE_SIGN))
START(C_MessageVerifyInit, MESSAGE_VERIFY)
PART_CALL(C_VerifyMessage, BIT(MESSAGE_VERIFY), (H, PARAMETER, IN, SIGNATURE),
          IS_PARAMETER ? verify_whole(s, pIn, ulInLen, pSignature, ulSignatureLen) : CKR_ARGUMENTS_BAD)
BEGIN(C_VerifyMessageBegin, MESSAGE_VERIFY)
PART_CALL(C_VerifyMessageNext, BIT(MESSAGE_VERIFY), (H, PARAMETER, IN, SIGNATURE),
          CHECKED(MESSAGE_VERIFY, message_check(&s->work.of[MESSAGE_VERIFY], pIn, ulInLen, pSignature, ulSignatureLen,
                                                pSignature != NULL)))
SESSION_CALL(C_MessageVerifyFinal, (H), end(s, MESSAGE_VERIFY))

#endif
