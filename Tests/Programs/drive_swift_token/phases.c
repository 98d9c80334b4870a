/* SPDX-License-Identifier: MIT */
/* Calls that are refused beside an operation, that leave it unchanged, and that end it. */
#include "drive_swift_token.h"

/* ---- What is refused ---- */

void refused(void)
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

void lengths(void)
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

void ends(void)
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
