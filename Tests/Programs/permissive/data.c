/* SPDX-License-Identifier: MIT */
/* Computes the module's results, and checks and fills the caller's buffers. */
#include "permissive.h"

#include <limits.h>
#include <string.h>

/* ---- Sums ---- */

void sum_start(sum *s)
{
    for (unsigned i = 0; i < 4; ++i) { s->lane[i] = 0xCBF29CE484222325ULL + i; }
}

void sum_add(sum *s, const CK_BYTE *data, CK_ULONG length)
{
    for (CK_ULONG at = 0; at < length; ++at) {
        for (unsigned i = 0; i < 4; ++i) { s->lane[i] = (s->lane[i] ^ data[at]) * 0x100000001B3ULL; }
    }
}

/* Big-endian, lane by lane. Reading a sum does not end it. */
void sum_read(const sum *s, CK_BYTE *out, CK_ULONG bytes)
{
    for (CK_ULONG i = 0; i < bytes; ++i) { out[i] = (CK_BYTE)(s->lane[i / 8] >> (56 - 8 * (i % 8))); }
}

CK_RV compare(const sum *s, const CK_BYTE *given, CK_ULONG length, CK_ULONG expected)
{
    CK_BYTE right[SUM_BYTES];
    if (!is_readable(given, length)) { return CKR_ARGUMENTS_BAD; }
    if (length != expected) { return CKR_SIGNATURE_LEN_RANGE; }
    sum_read(s, right, expected);
    return memcmp(right, given, expected) == 0 ? CKR_OK : CKR_SIGNATURE_INVALID;
}

/* XORs in with the key's byte; what of the two is plain goes through the sum first, if there is one. Works in place. */
void cipher(CK_BYTE key, sum *plain, int decrypts, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out)
{
    for (CK_ULONG i = 0; i < length; ++i) {
        const CK_BYTE turned = in[i] ^ key;
        if (plain != NULL) { sum_add(plain, decrypts ? &turned : &in[i], 1); }
        out[i] = turned;
    }
}

/* ---- Bytes of the caller ---- */

int is_readable(const CK_BYTE *data, CK_ULONG length)
{
    return length == 0 || (data != NULL && length <= LONG_MAX);
}

/* CKR_OK: so many bytes may be written, and their number is told already. */
CK_RV room(const CK_BYTE *out, CK_ULONG *out_length, CK_ULONG needed)
{
    if (out_length == NULL) { return CKR_ARGUMENTS_BAD; }
    const CK_ULONG offered = *out_length;
    *out_length = needed;
    return out == NULL ? ASKED : offered < needed ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

CK_RV give_bytes(CK_BYTE *out, CK_ULONG *out_length, const void *bytes, CK_ULONG count)
{
    const CK_RV rv = room(out, out_length, count);
    if (rv == CKR_OK) { memcpy(out, bytes, count); }
    return rv == ASKED ? CKR_OK : rv;
}
