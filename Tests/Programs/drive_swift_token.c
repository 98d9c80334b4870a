/* SPDX-License-Identifier: MIT */
/*
 * drive_swift_token MODULE WHAT: Examples/swift-token as an application finds it. Most calls are a line with what they
 * answered, each result another that says "right" or "wrong". The results are those of FIPS 180-4 and NIST SP 800-38A.
 * Ends with 0 if nothing was wrong. WHAT is one of
 *   answers   digests, encryption and decryption in one part and in many
 *   pairs     two operations at once, fed apart and by the functions that feed both
 *   refused   what may not stand beside what is active, which goes on
 *   lengths   asks for lengths and brings buffers that are too small, which changes nothing
 *   ends      failures, and starts without a mechanism, end an operation
 *   objects   templates, attributes and searches
 *   sessions  handles that are closed, and a library that is not initialised
 *   list      what is not supported says so
 *   threads   two threads, each in a session of its own, then both in one
 */
#include "drive_swift_token.h"
#include "drive_swift_token_library.h"

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

static void answers(void)
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

static void pairs(void)
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

/* ---- What is refused ---- */

static void refused(void)
{
    CK_BYTE out[64];
    CK_OBJECT_HANDLE found[4];
    CK_ULONG length = 64, rest = 0, last = 0, count = 0;
    CALL(C_EncryptInit, session, &cbc, key128);
    CALL(C_EncryptUpdate, session, plain, 20, out, &length);
    CALL(C_FindObjectsInit, session, NULL_PTR, 0);
    CALL(C_FindObjects, session, found, 4, &count);
    CALL(C_FindObjectsFinal, session);
    CALL(C_EncryptInit, session, &cbc, key256);
    CALL(C_DecryptInit, session, &cbc, key128);
    CALL(C_Encrypt, session, plain, 64, out, &last);
    CALL(C_DigestInit, session, &sha256);
    CALL(C_DigestInit, session, &sha256);
    CALL(C_DecryptInit, session, &cbc, key128);
    CALL(C_FindObjectsInit, session, NULL_PTR, 0);
    rest = 48;
    CALL(C_EncryptUpdate, session, plain + 20, 44, out + length, &rest);
    check("encryption", is(out, length + rest, secret128, 64));
    CALL(C_EncryptFinal, session, out, &last);
    CALL(C_DigestUpdate, session, abc, 3);
    CALL(C_Digest, session, abc, 3, out, (length = 64, &length));
    check_digest("digest", of_abc);

    CALL(C_FindObjectsInit, session, NULL_PTR, 0);
    CALL(C_FindObjectsInit, session, NULL_PTR, 0);
    CALL(C_DigestInit, session, &sha256);
    CALL(C_EncryptInit, session, &unknown, 0);
    CALL(C_FindObjects, session, found, 4, &count);
    check("search", count == 2 && found[0] + found[1] == key128 + key256);
    CALL(C_FindObjectsFinal, session);
}

/* ---- Lengths ---- */

static void lengths(void)
{
    CK_BYTE out[64];
    CK_ULONG length, rest;
    CALL(C_DigestInit, session, &sha256);
    CALL(C_Digest, session, abc, 3, NULL_PTR, (length = 0, &length));
    check("length", length == 32);
    CALL(C_Digest, session, abc, 3, out, (length = 31, &length));
    check("length", length == 32);
    CALL(C_DigestUpdate, session, abc, 3);
    CALL(C_DigestFinal, session, NULL_PTR, (length = 0, &length));
    CALL(C_DigestFinal, session, out, (length = 31, &length));
    CALL(C_DigestFinal, session, out, &length);
    check("digest", is(out, length, of_abc, 32));

    CALL(C_EncryptInit, session, &cbc, key128);
    CALL(C_Encrypt, session, plain, 64, NULL_PTR, (length = 0, &length));
    check("length", length == 64);
    CALL(C_Encrypt, session, plain, 64, out, (length = 63, &length));
    check("length", length == 64);
    CALL(C_EncryptUpdate, session, plain, 40, NULL_PTR, (length = 0, &length));
    check("length", length == 32);
    CALL(C_EncryptUpdate, session, plain, 40, out, (length = 31, &length));
    CALL(C_EncryptUpdate, session, plain, 40, out, &length);
    CALL(C_EncryptUpdate, session, plain + 40, 24, out + length, (rest = 31, &rest));
    check("length", rest == 32);
    CALL(C_EncryptUpdate, session, plain + 40, 24, out + length, &rest);
    check("encryption", is(out, length + rest, secret128, 64));
    CALL(C_EncryptFinal, session, NULL_PTR, (length = 9, &length));
    check("length", length == 0);
    CALL(C_EncryptFinal, session, out, &length);

    CALL(C_DecryptInit, session, &cbc, key128);
    CALL(C_Decrypt, session, secret128, 64, NULL_PTR, (length = 0, &length));
    CALL(C_Decrypt, session, secret128, 64, out, (length = 0, &length));
    CALL(C_Decrypt, session, secret128, 64, out, &length);
    check("decryption", is(out, length, plain, 64));
    CALL(C_DecryptFinal, session, out, &length);
}

/* ---- What ends an operation ---- */

static void ends(void)
{
    CK_BYTE out[64];
    CK_ULONG length = 64;
    CK_MECHANISM short_vector = { CKM_AES_CBC, vector, 15 };
    CALL(C_DigestInit, session, &sha256);
    CALL(C_DigestUpdate, session, NULL_PTR, 3);
    CALL(C_DigestFinal, session, out, &length);
    CALL(C_DigestInit, session, &sha256);
    CALL(C_Digest, session, abc, 3, out, NULL_PTR);
    CALL(C_Digest, session, abc, 3, out, &length);

    CALL(C_EncryptInit, session, &cbc, key128);
    CALL(C_Encrypt, session, plain, 63, out, &length);
    CALL(C_EncryptUpdate, session, plain, 16, out, &length);
    CALL(C_DecryptInit, session, &cbc, key128);
    CALL(C_DecryptUpdate, session, secret128, 17, out, (length = 64, &length));
    CALL(C_DecryptFinal, session, out, &length);
    CALL(C_DecryptFinal, session, out, &length);

    /* What fails to start is not active. */
    CALL(C_EncryptInit, session, &unknown, key128);
    CALL(C_EncryptInit, session, &short_vector, key128);
    CALL(C_EncryptInit, session, &cbc, 0);
    CALL(C_EncryptUpdate, session, plain, 16, out, &length);
    CALL(C_DigestInit, session, &unknown);
    CALL(C_FindObjectsInit, session, NULL_PTR, 1);
    CALL(C_FindObjectsFinal, session);

    /* A start without a mechanism cancels, one of a pair too. */
    CALL(C_DigestInit, session, &sha256);
    CALL(C_EncryptInit, session, &cbc, key128);
    CALL(C_EncryptInit, session, NULL_PTR, 0);
    CALL(C_EncryptUpdate, session, plain, 16, out, &length);
    CALL(C_DigestUpdate, session, abc, 3);
    CALL(C_DecryptInit, session, NULL_PTR, 0);
    check_digest("digest", of_abc);
}

/* Not the module's, which must not mistake it for its own. The tests export it. */
CK_RV C_DigestInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism)
{
    (void)hSession, (void)pMechanism;
    return CKR_GENERAL_ERROR;
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        void (*function)(void);
    } all[] = {
        { "answers", answers }, { "pairs", pairs },     { "refused", refused },   { "lengths", lengths },
        { "ends", ends },       { "objects", objects }, { "sessions", sessions }, { "list", list },
        { "threads", threads },
    };
    CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR) = NULL_PTR;
    void *module = count == 3 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    size_t index;
    if (module != NULL) { *(void **)&get = dlsym(module, "C_GetFunctionList"); }
    if (get == NULL_PTR || get(&p11) != CKR_OK || p11->C_Initialize(NULL_PTR) != CKR_OK) { return 2; }
    p11->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL_PTR, NULL_PTR, &session);
    key128 = key(value128, 16);
    key256 = key(value256, 32);
    for (index = 0; index < sizeof all / sizeof *all; index++) {
        if (strcmp(arguments[2], all[index].name) == 0) {
            all[index].function();
            p11->C_Finalize(NULL_PTR);
            dlclose(module);
            /* The Swift runtime has seen its types, so it stays where it is. */
            if (dlopen(arguments[1], RTLD_NOW | RTLD_NOLOAD) == NULL) { check("still loaded", 0); }
            return is_wrong;
        }
    }
    return 2;
}
