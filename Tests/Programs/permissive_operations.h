/* SPDX-License-Identifier: MIT */
/*
 * What permissive.c does behind its entrances: objects and the thirteen kinds of operation. Nothing here looks at
 * another kind than the one that it is called for. Everything runs under the one mutex of permissive_entrance.h. The
 * functions are inline because a module of 2.40 does not use all of them.
 */
#ifndef PERMISSIVE_OPERATIONS_H
#define PERMISSIVE_OPERATIONS_H

#include "pkcs11.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#define MOST_SESSIONS 131072 /* memory that is not touched costs nothing */
#define MOST_OBJECTS 1024
#define VALUE_BYTES 64
#define SUM_BYTES 32
#define TAG_BYTES 8
#define SLOTS 2

/* A length was asked for: the caller is told CKR_OK, but unlike work that was done it changes nothing. */
#define ASKED (CKR_VENDOR_DEFINED | 0xA5CEDUL)

static const CK_SLOT_ID slot_ids[SLOTS] = { 0, 7 };

/* ---- Arithmetic ---- */

/* Four FNV-1a sums of 64 bits side by side; the basis of each is one more than that of the one before. */
typedef struct { uint64_t lane[4]; } sum;

static inline void sum_start(sum *s)
{
    for (unsigned i = 0; i < 4; ++i) { s->lane[i] = 0xCBF29CE484222325ULL + i; }
}

static inline void sum_add(sum *s, const CK_BYTE *data, CK_ULONG length)
{
    for (CK_ULONG at = 0; at < length; ++at) {
        for (unsigned i = 0; i < 4; ++i) { s->lane[i] = (s->lane[i] ^ data[at]) * 0x100000001B3ULL; }
    }
}

/* Big-endian, lane by lane. Reading a sum does not end it. */
static inline void sum_read(const sum *s, CK_BYTE *out, CK_ULONG bytes)
{
    for (CK_ULONG i = 0; i < bytes; ++i) { out[i] = (CK_BYTE)(s->lane[i / 8] >> (56 - 8 * (i % 8))); }
}

/* ---- Objects: a handle is a place in the table, counted from 1 ---- */

typedef struct {
    int exists;
    CK_OBJECT_CLASS object_class;
    CK_BYTE value[VALUE_BYTES];
} object;

static object objects[MOST_OBJECTS];

static inline object *object_of(CK_OBJECT_HANDLE handle)
{
    return handle >= 1 && handle <= MOST_OBJECTS && objects[handle - 1].exists ? &objects[handle - 1] : NULL;
}

static inline CK_RV apply_template(object *o, const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    if (attributes == NULL && count != 0) { return CKR_ARGUMENTS_BAD; }
    for (CK_ULONG i = 0; i < count; ++i) {
        const CK_ATTRIBUTE *const a = &attributes[i];
        if (a->type != CKA_CLASS && a->type != CKA_VALUE) { continue; }
        if (a->pValue == NULL || (a->type == CKA_CLASS && a->ulValueLen != sizeof o->object_class)
            || a->ulValueLen > VALUE_BYTES) {
            return CKR_ATTRIBUTE_VALUE_INVALID;
        }
        if (a->type == CKA_CLASS) {
            memcpy(&o->object_class, a->pValue, sizeof o->object_class);
        } else {
            memset(o->value, 0, VALUE_BYTES);
            memcpy(o->value, a->pValue, a->ulValueLen);
        }
    }
    return CKR_OK;
}

/* Makes an object in the first free place. Without a value given, each of its bytes is 0x40 + its handle. */
static inline CK_RV make_object(CK_OBJECT_CLASS object_class, const CK_BYTE *value, const CK_ATTRIBUTE *attributes,
                                CK_ULONG count, CK_OBJECT_HANDLE *handle)
{
    object made = { 1, object_class, { 0 } };
    CK_ULONG place = 0;
    if (handle == NULL) { return CKR_ARGUMENTS_BAD; }
    while (place < MOST_OBJECTS && objects[place].exists) { ++place; }
    if (place == MOST_OBJECTS) { return CKR_DEVICE_MEMORY; }
    memset(made.value, (int)(0x41 + place), VALUE_BYTES);
    if (value != NULL) { memcpy(made.value, value, VALUE_BYTES); }
    const CK_RV rv = apply_template(&made, attributes, count);
    if (rv != CKR_OK) { return rv; }
    objects[place] = made;
    *handle = place + 1;
    return CKR_OK;
}

static inline CK_RV read_attributes(const object *o, CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    CK_RV rv = CKR_OK;
    if (attributes == NULL && count != 0) { return CKR_ARGUMENTS_BAD; }
    for (CK_ULONG i = 0; i < count; ++i) {
        CK_ATTRIBUTE *const a = &attributes[i];
        const void *const from = a->type == CKA_CLASS ? (const void *)&o->object_class : o->value;
        const CK_ULONG length = a->type == CKA_CLASS ? sizeof o->object_class : VALUE_BYTES;
        if (a->type != CKA_CLASS && a->type != CKA_VALUE) {
            a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
            rv = CKR_ATTRIBUTE_TYPE_INVALID;
        } else if (a->pValue != NULL && a->ulValueLen < length) {
            a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
            rv = CKR_BUFFER_TOO_SMALL;
        } else {
            if (a->pValue != NULL) { memcpy(a->pValue, from, length); }
            a->ulValueLen = length;
        }
    }
    return rv;
}

/* ---- Sessions ---- */

enum kind {
    FIND, ENCRYPT, DECRYPT, DIGEST, SIGN, SIGN_RECOVER, VERIFY, VERIFY_RECOVER, VERIFY_SIGNATURE,
    MESSAGE_ENCRYPT, MESSAGE_DECRYPT, MESSAGE_SIGN, MESSAGE_VERIFY, KINDS
};

#define BIT(kind) (1U << (kind))

/* What C_SessionCancel calls each kind. */
static const CK_FLAGS cancel_flags[KINDS] = {
    CKF_FIND_OBJECTS, CKF_ENCRYPT, CKF_DECRYPT, CKF_DIGEST, CKF_SIGN, CKF_SIGN_RECOVER, CKF_VERIFY, CKF_VERIFY_RECOVER,
    CKF_VERIFY, CKF_MESSAGE_ENCRYPT, CKF_MESSAGE_DECRYPT, CKF_MESSAGE_SIGN, CKF_MESSAGE_VERIFY
};

typedef struct {
    CK_BYTE active;
    CK_BYTE parts; /* a part was fed; of a message-based kind: a message is open */
    CK_BYTE key;   /* the first byte of the key's value, which is all that is used of it */
    sum running;   /* the digest, the MAC, or the tag of the message that is open */
} operation;

typedef struct {
    operation of[KINDS];
    CK_BYTE signature[SUM_BYTES]; /* what C_VerifySignatureInit was given */
    CK_ULONG next_place;          /* where a search goes on */
    CK_ULONG wanted_class;        /* what it looks for, or CK_UNAVAILABLE_INFORMATION for everything */
} work;

typedef struct {
    CK_SESSION_HANDLE handle; /* 0: the place is free */
    CK_ULONG birth;           /* tells two sessions with the same handle apart */
    unsigned slot;            /* a place in slot_ids */
    CK_FLAGS flags;
    CK_NOTIFY notify;
    CK_VOID_PTR application;
    work work;
} session;

static session sessions[MOST_SESSIONS];
static CK_ULONG places_used; /* no session stands at this place or behind it */

static inline session *session_of(CK_SESSION_HANDLE handle)
{
    /* Two of three ways to number sessions say where it is, and the third does as long as none was closed. */
    const CK_ULONG places[2] = { handle - 1, (handle - 0x7F0000000000UL) / 64 - 1 };
    for (unsigned i = 0; handle != CK_INVALID_HANDLE && i < 2; ++i) {
        if (places[i] < places_used && sessions[places[i]].handle == handle) { return &sessions[places[i]]; }
    }
    for (CK_ULONG i = 0; handle != CK_INVALID_HANDLE && i < places_used; ++i) {
        if (sessions[i].handle == handle) { return &sessions[i]; }
    }
    return NULL;
}

static inline unsigned active_kinds(const session *s)
{
    unsigned kinds = 0;
    for (unsigned kind = 0; kind < KINDS; ++kind) { kinds |= s->work.of[kind].active ? BIT(kind) : 0; }
    return kinds;
}

/* ---- Operations ---- */

static inline int is_readable(const CK_BYTE *data, CK_ULONG length)
{
    return length == 0 || (data != NULL && length <= LONG_MAX);
}

/* CKR_OK: so many bytes may be written, and their number is told already. */
static inline CK_RV room(const CK_BYTE *out, CK_ULONG *out_length, CK_ULONG needed)
{
    if (out_length == NULL) { return CKR_ARGUMENTS_BAD; }
    const CK_ULONG offered = *out_length;
    *out_length = needed;
    return out == NULL ? ASKED : offered < needed ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

static inline CK_RV give_bytes(CK_BYTE *out, CK_ULONG *out_length, const void *bytes, CK_ULONG count)
{
    const CK_RV rv = room(out, out_length, count);
    if (rv == CKR_OK) { memcpy(out, bytes, count); }
    return rv == ASKED ? CKR_OK : rv;
}

/* What every call that may end an operation does last: a query and a small buffer change nothing, an error ends it. */
static inline CK_RV settle(operation *o, CK_RV rv, int goes_on)
{
    if (rv == ASKED) { return CKR_OK; }
    if (rv == CKR_BUFFER_TOO_SMALL) { return rv; }
    o->active = rv == CKR_OK && goes_on;
    o->parts = o->active;
    return rv;
}

/* The same of a message: the operation itself goes on whatever happens. */
static inline CK_RV settle_message(operation *o, CK_RV rv, int goes_on)
{
    if (rv == ASKED) { return CKR_OK; }
    if (rv != CKR_BUFFER_TOO_SMALL) { o->parts = rv == CKR_OK && goes_on; }
    return rv;
}

static inline CK_RV start(session *s, enum kind kind, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
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

/* XORs in with the key's byte; what of the two is plain goes through the sum first, if there is one. Works in place. */
static inline void cipher(CK_BYTE key, sum *plain, int decrypts, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out)
{
    for (CK_ULONG i = 0; i < length; ++i) {
        const CK_BYTE turned = in[i] ^ key;
        if (plain != NULL) { sum_add(plain, decrypts ? &turned : &in[i], 1); }
        out[i] = turned;
    }
}

/* A part, or all of it, through a kind that gives as much as it takes. refused: not after a part. */
static inline CK_RV cipher_call(session *s, enum kind kind, int is_part, int refused, const CK_BYTE *in,
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
static inline CK_RV dual_call(session *s, enum kind kind, enum kind summing, const CK_BYTE *in, CK_ULONG length,
                              CK_BYTE *out, CK_ULONG *out_length)
{
    operation *const o = &s->work.of[kind], *const other = &s->work.of[summing];
    if (!o->active || !other->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    const CK_RV rv = is_readable(in, length) ? room(out, out_length, length) : CKR_ARGUMENTS_BAD;
    if (rv == CKR_OK) { cipher(o->key, &other->running, kind == DECRYPT, in, length, out); }
    settle(other, rv, 1);
    return settle(o, rv, 1);
}

static inline CK_RV sum_part(session *s, enum kind kind, const CK_BYTE *in, CK_ULONG length)
{
    operation *const o = &s->work.of[kind];
    if (!o->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (!is_readable(in, length)) { return settle(o, CKR_ARGUMENTS_BAD, 0); }
    sum_add(&o->running, in, length);
    return settle(o, CKR_OK, 1);
}

/* The last part, or none, and then the sum. */
static inline CK_RV sum_end(session *s, enum kind kind, int refused, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out,
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

static inline CK_RV compare(const sum *s, const CK_BYTE *given, CK_ULONG length, CK_ULONG expected)
{
    CK_BYTE right[SUM_BYTES];
    if (!is_readable(given, length)) { return CKR_ARGUMENTS_BAD; }
    if (length != expected) { return CKR_SIGNATURE_LEN_RANGE; }
    sum_read(s, right, expected);
    return memcmp(right, given, expected) == 0 ? CKR_OK : CKR_SIGNATURE_INVALID;
}

static inline CK_RV check_end(session *s, enum kind kind, int refused, const CK_BYTE *in, CK_ULONG length,
                              const CK_BYTE *signature, CK_ULONG signature_length)
{
    operation *const o = &s->work.of[kind];
    if (!o->active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (refused && o->parts) { return CKR_OPERATION_ACTIVE; }
    if (!is_readable(in, length)) { return settle(o, CKR_ARGUMENTS_BAD, 0); }
    sum_add(&o->running, in, length);
    return settle(o, compare(&o->running, signature, signature_length, SUM_BYTES), 0);
}

/* ---- Messages ---- */

static inline CK_RV message_begin(operation *o, const CK_BYTE *associated, CK_ULONG length)
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
static inline CK_RV message_cipher(operation *o, int decrypts, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out,
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

static inline CK_RV message_sign(operation *o, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length,
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

static inline CK_RV message_check(operation *o, const CK_BYTE *in, CK_ULONG length, const CK_BYTE *signature,
                                  CK_ULONG signature_length, int last)
{
    if (!o->active || !o->parts) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (!is_readable(in, length)) { return settle_message(o, CKR_ARGUMENTS_BAD, 0); }
    sum_add(&o->running, in, length);
    return settle_message(o, last ? compare(&o->running, signature, signature_length, TAG_BYTES) : CKR_OK, !last);
}

#endif /* PERMISSIVE_OPERATIONS_H */
