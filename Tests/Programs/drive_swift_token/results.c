/* SPDX-License-Identifier: MIT */
/* Results of operations, in one part and in many, alone and two at once. */
#include "drive_swift_token.h"

#include <string.h>

/* ---- Answers ---- */

static void check_whole_digest(const char *what, CK_BYTE *data, CK_ULONG data_length, const CK_BYTE *expected)
{
    CK_BYTE digest[32];
    CK_ULONG length = 32;
    check(what, p11->C_DigestInit(session, &sha256) == CKR_OK
                    && p11->C_Digest(session, data, data_length, digest, &length) == CKR_OK
                    && is(digest, length, expected, 32));
}

/* In parts of each size up to a block and more; the output takes the place of the input. */
static void check_cipher(const char *what, CK_OBJECT_HANDLE handle, int encrypts, CK_BYTE *from, const CK_BYTE *to)
{
    CK_BYTE out[64];
    CK_ULONG length = 64, size;
    int is_right = (encrypts ? p11->C_EncryptInit : p11->C_DecryptInit)(session, &cbc, handle) == CKR_OK
                   && (encrypts ? p11->C_Encrypt : p11->C_Decrypt)(session, from, 64, out, &length) == CKR_OK
                   && is(out, length, to, 64);
    for (size = 1; size <= 40; size++) {
        CK_ULONG done = 0, fed, last = 0;
        is_right &= (encrypts ? p11->C_EncryptInit : p11->C_DecryptInit)(session, &cbc, handle) == CKR_OK;
        for (fed = 0; fed < 64; fed += size) {
            CK_ULONG room = 64 - done;
            is_right &= (encrypts ? p11->C_EncryptUpdate : p11->C_DecryptUpdate)(
                            session, from + fed, size < 64 - fed ? size : 64 - fed, out + done, &room)
                        == CKR_OK;
            done += room;
        }
        is_right &= (encrypts ? p11->C_EncryptFinal : p11->C_DecryptFinal)(session, out, &last) == CKR_OK && last == 0
                    && is(out, done, to, 64);
    }
    memcpy(out, from, 64);
    length = 64;
    is_right &= (encrypts ? p11->C_EncryptInit : p11->C_DecryptInit)(session, &cbc, handle) == CKR_OK
                && (encrypts ? p11->C_Encrypt : p11->C_Decrypt)(session, out, 64, out, &length) == CKR_OK
                && is(out, length, to, 64);
    check(what, is_right);
}

void answers(void)
{
    CK_ULONG index;
    check_whole_digest("digest of nothing", NULL_PTR, 0, of_nothing);
    check_whole_digest("digest of abc", abc, 3, of_abc);
    check_whole_digest("digest of two blocks", two_blocks, 56, of_two_blocks);
    check_whole_digest("digest of a whole block", plain, 64, of_plain);
    p11->C_DigestInit(session, &sha256);
    for (index = 0; index < 56; index++) { p11->C_DigestUpdate(session, two_blocks + index, 1); }
    check_digest("digest byte by byte", of_two_blocks);
    p11->C_DigestInit(session, &sha256);
    p11->C_DigestUpdate(session, abc, 3);
    p11->C_DigestKey(session, key128);
    check_digest("digest with a key", of_both_parts);
    check_cipher("encryption, 128 bits", key128, 1, plain, secret128);
    check_cipher("decryption, 128 bits", key128, 0, secret128, plain);
    check_cipher("encryption, 256 bits", key256, 1, plain, secret256);
    check_cipher("decryption, 256 bits", key256, 0, secret256, plain);
}

/* ---- Two at once ---- */

void pairs(void)
{
    CK_BYTE out[64];
    CK_ULONG length, rest, last = 0;
    CALL(C_DigestEncryptUpdate, session, plain, 20, out, (length = 64, &length));
    CALL(C_DigestInit, session, &sha256);
    CALL(C_DigestEncryptUpdate, session, plain, 20, out, (length = 64, &length));
    CALL(C_EncryptInit, session, &cbc, key256);
    CALL(C_DigestEncryptUpdate, session, plain, 20, NULL_PTR, (length = 0, &length));
    check("length", length == 16);
    CALL(C_DigestEncryptUpdate, session, plain, 20, out, (length = 15, &length));
    check("length", length == 16);
    CALL(C_DigestEncryptUpdate, session, plain, 20, out, (length = 64, &length));
    CALL(C_DigestUpdate, session, plain + 20, 44);
    CALL(C_EncryptUpdate, session, plain + 20, 44, out + 16, (rest = 48, &rest));
    check("encryption", is(out, length + rest, secret256, 64));
    check_digest("digest", of_plain);
    CALL(C_EncryptFinal, session, out, &last);

    memcpy(out, secret128, 64);
    CALL(C_DecryptInit, session, &cbc, key128);
    CALL(C_DigestInit, session, &sha256);
    CALL(C_DecryptDigestUpdate, session, out, 64, NULL_PTR, (length = 0, &length));
    CALL(C_DecryptDigestUpdate, session, out, 64, out, (length = 63, &length));
    CALL(C_DecryptDigestUpdate, session, out, 64, out, (length = 64, &length));
    check("decryption", is(out, length, plain, 64));
    CALL(C_DecryptFinal, session, out, &last);
    check_digest("digest", of_plain);

    CALL(C_DigestInit, session, &sha256);
    CALL(C_EncryptInit, session, &cbc, key128);
    CALL(C_DigestEncryptUpdate, session, NULL_PTR, 20, out, (length = 64, &length));
    CALL(C_DigestFinal, session, out, (length = 64, &length));
    CALL(C_EncryptFinal, session, out, &last);
}
