/* SPDX-License-Identifier: MIT */
/* dual.c: functions that feed a part to two operations. */
#include "token.h"

/* The same part goes to the encryption and, before that may overwrite it, to a digest or a signature. */
static CK_RV encrypt_too(session *s, bool signs, CK_BYTE *part, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    CK_ULONG needed = 0;
    CK_RV rv;
    if (out_length == NULL) { return CKR_ARGUMENTS_BAD; }
    rv = cipher_step(&s->encrypt, part, length, false, NULL, &needed);
    if (rv != CKR_OK) { return rv; }
    /* What only asks for the length, or finds too small a buffer, must not be digested. */
    if (out == NULL || *out_length < needed) { return fits(needed, out, out_length); }
    rv = signs ? sign_feed(s, &s->sign, part, length) : digest_feed(&s->digest, part, length);
    return rv == CKR_OK ? cipher_step(&s->encrypt, part, length, false, out, out_length) : rv;
}

/* What the decryption gives goes to a digest or a verification. */
static CK_RV decrypt_first(
    session *s, bool verifies, CK_BYTE *part, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    CK_RV rv = cipher_step(&s->decrypt, part, length, false, out, out_length);
    if (rv != CKR_OK || out == NULL) { return rv; }
    return verifies ? sign_feed(s, &s->verify, out, *out_length) : digest_feed(&s->digest, out, *out_length);
}

CK_RV C_DigestEncryptUpdate(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen, CK_BYTE_PTR pEncryptedPart,
    CK_ULONG_PTR pulEncryptedPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->digest.flags & s->encrypt.flags & OP_ACTIVE) == 0) {
        return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
    }
    rv = encrypt_too(s, false, pPart, ulPartLen, pEncryptedPart, pulEncryptedPartLen);
    if (rv == CKR_OK && pEncryptedPart != NULL) {
        s->digest.flags |= OP_PARTS;
        s->encrypt.flags |= OP_PARTS;
    } else if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL) {
        digest_end(&s->digest);
        cipher_end(&s->encrypt);
    }
    return session_leave(s, rv);
}

CK_RV C_DecryptDigestUpdate(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart, CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart,
    CK_ULONG_PTR pulPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->decrypt.flags & s->digest.flags & OP_ACTIVE) == 0) {
        return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
    }
    rv = decrypt_first(s, false, pEncryptedPart, ulEncryptedPartLen, pPart, pulPartLen);
    if (rv == CKR_OK && pPart != NULL) {
        s->decrypt.flags |= OP_PARTS;
        s->digest.flags |= OP_PARTS;
    } else if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL) {
        cipher_end(&s->decrypt);
        digest_end(&s->digest);
    }
    return session_leave(s, rv);
}

CK_RV C_SignEncryptUpdate(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen, CK_BYTE_PTR pEncryptedPart,
    CK_ULONG_PTR pulEncryptedPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->sign.flags & s->encrypt.flags & OP_ACTIVE) == 0) {
        return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
    }
    rv = encrypt_too(s, true, pPart, ulPartLen, pEncryptedPart, pulEncryptedPartLen);
    if (rv == CKR_OK && pEncryptedPart != NULL) {
        s->sign.flags |= OP_PARTS;
        s->encrypt.flags |= OP_PARTS;
    } else if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL) {
        sign_end(s, &s->sign);
        cipher_end(&s->encrypt);
    }
    return session_leave(s, rv);
}

CK_RV C_DecryptVerifyUpdate(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart, CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart,
    CK_ULONG_PTR pulPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->decrypt.flags & s->verify.flags & OP_ACTIVE) == 0) {
        return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
    }
    rv = decrypt_first(s, true, pEncryptedPart, ulEncryptedPartLen, pPart, pulPartLen);
    if (rv == CKR_OK && pPart != NULL) {
        s->decrypt.flags |= OP_PARTS;
        s->verify.flags |= OP_PARTS;
    } else if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL) {
        cipher_end(&s->decrypt);
        sign_end(s, &s->verify);
    }
    return session_leave(s, rv);
}
