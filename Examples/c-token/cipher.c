/* SPDX-License-Identifier: MIT */
/* cipher.c: encryption and decryption with CKM_AES_CBC and CKM_AES_CBC_PAD. */
#include "token.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <string.h>

static const EVP_CIPHER *aes_cbc(CK_ULONG key_length)
{
    return key_length == 16 ? EVP_aes_128_cbc() : key_length == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
}

static CK_RV cipher_start(struct cipher *c, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE handle, bool encrypts)
{
    object *key;
    const CK_ATTRIBUTE *value;
    bool is_padded;
    CK_RV rv;
    cipher_end(c);
    if (mechanism == NULL) { return CKR_ARGUMENTS_BAD; }
    is_padded = mechanism->mechanism == CKM_AES_CBC_PAD;
    if (mechanism->mechanism != CKM_AES_CBC && !is_padded) { return CKR_MECHANISM_INVALID; }
    if (mechanism->pParameter == NULL || mechanism->ulParameterLen != AES_BLOCK) { return CKR_MECHANISM_PARAM_INVALID; }
    rv = key_for(handle, CKO_SECRET_KEY, CKK_AES, encrypts ? CKA_ENCRYPT : CKA_DECRYPT, &key);
    if (rv != CKR_OK) { return rv; }
    value = object_attribute(key, CKA_VALUE);
    c->context = EVP_CIPHER_CTX_new();
    if (c->context == NULL) { return CKR_HOST_MEMORY; }
    if (EVP_CipherInit_ex2(
            c->context, aes_cbc(value->ulValueLen), value->pValue, mechanism->pParameter, encrypts, NULL) != 1
        || EVP_CIPHER_CTX_set_padding(c->context, is_padded) != 1) {
        cipher_end(c);
        return CKR_FUNCTION_FAILED;
    }
    c->flags = OP_ACTIVE;
    return CKR_OK;
}

/* What a failure of the last step means: libcrypto says only that there was one. */
static CK_RV last_failed(const struct cipher *c, CK_ULONG length)
{
    if (EVP_CIPHER_CTX_is_encrypting(c->context)) { return CKR_DATA_LEN_RANGE; }
    return (c->total + length) % AES_BLOCK != 0 ? CKR_ENCRYPTED_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_INVALID;
}

/*
 * The next part, or the last. It is worked on in a copy of the context, which takes the context's place once the output
 * is handed over: so asking for the length, or bringing too small a buffer, leaves no trace, the length is exact, and
 * input and output may be in the same place.
 */
CK_RV cipher_step(
    struct cipher *c, const CK_BYTE *in, CK_ULONG length, bool is_last, CK_BYTE *out, CK_ULONG *out_length)
{
    EVP_CIPHER_CTX *next;
    CK_BYTE *buffer;
    int done = 0, rest = 0;
    CK_RV rv = CKR_OK;
    if (out_length == NULL || (in == NULL && length != 0)) { return CKR_ARGUMENTS_BAD; }
    if (length > INT_MAX - 2 * AES_BLOCK) { return CKR_DATA_LEN_RANGE; }
    next = EVP_CIPHER_CTX_new();
    buffer = OPENSSL_malloc(length + 2 * AES_BLOCK);
    if (next == NULL || buffer == NULL) {
        rv = CKR_HOST_MEMORY;
    } else if (EVP_CIPHER_CTX_copy(next, c->context) != 1
               || (length != 0 && EVP_CipherUpdate(next, buffer, &done, in, (int)length) != 1)) {
        rv = CKR_FUNCTION_FAILED;
    } else if (is_last && EVP_CipherFinal_ex(next, buffer + done, &rest) != 1) {
        rv = last_failed(c, length);
    }
    if (rv == CKR_OK) { rv = fits((CK_ULONG)(done + rest), out, out_length); }
    if (rv == CKR_OK && out != NULL) {
        EVP_CIPHER_CTX *const previous = c->context;
        memcpy(out, buffer, *out_length);
        c->context = next;
        c->total += length;
        next = previous;
    }
    EVP_CIPHER_CTX_free(next);
    OPENSSL_clear_free(buffer, length + 2 * AES_BLOCK);
    return rv;
}

void cipher_end(struct cipher *c)
{
    EVP_CIPHER_CTX_free(c->context);
    memset(c, 0, sizeof *c);
}

/* ---- Encryption ---- */

CK_RV C_EncryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    rv = cipher_start(&s->encrypt, pMechanism, hKey, true);
    return session_leave(s, rv);
}

CK_RV C_Encrypt(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pEncryptedData,
    CK_ULONG_PTR pulEncryptedDataLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->encrypt.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    if ((s->encrypt.flags & OP_PARTS) != 0) { return session_leave(s, CKR_FUNCTION_FAILED); }
    rv = cipher_step(&s->encrypt, pData, ulDataLen, true, pEncryptedData, pulEncryptedDataLen);
    if (!goes_on(pEncryptedData, rv)) { cipher_end(&s->encrypt); }
    return session_leave(s, rv);
}

CK_RV C_EncryptUpdate(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen, CK_BYTE_PTR pEncryptedPart,
    CK_ULONG_PTR pulEncryptedPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->encrypt.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = cipher_step(&s->encrypt, pPart, ulPartLen, false, pEncryptedPart, pulEncryptedPartLen);
    if (rv == CKR_OK) {
        if (pEncryptedPart != NULL) { s->encrypt.flags |= OP_PARTS; }
    } else if (rv != CKR_BUFFER_TOO_SMALL) {
        cipher_end(&s->encrypt);
    }
    return session_leave(s, rv);
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pLastEncryptedPart, CK_ULONG_PTR pulLastEncryptedPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->encrypt.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = cipher_step(&s->encrypt, NULL, 0, true, pLastEncryptedPart, pulLastEncryptedPartLen);
    if (!goes_on(pLastEncryptedPart, rv)) { cipher_end(&s->encrypt); }
    return session_leave(s, rv);
}

/* ---- Decryption ---- */

CK_RV C_DecryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    rv = cipher_start(&s->decrypt, pMechanism, hKey, false);
    return session_leave(s, rv);
}

CK_RV C_Decrypt(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedData, CK_ULONG ulEncryptedDataLen, CK_BYTE_PTR pData,
    CK_ULONG_PTR pulDataLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->decrypt.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    if ((s->decrypt.flags & OP_PARTS) != 0) { return session_leave(s, CKR_FUNCTION_FAILED); }
    rv = cipher_step(&s->decrypt, pEncryptedData, ulEncryptedDataLen, true, pData, pulDataLen);
    if (!goes_on(pData, rv)) { cipher_end(&s->decrypt); }
    return session_leave(s, rv);
}

CK_RV C_DecryptUpdate(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart, CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart,
    CK_ULONG_PTR pulPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->decrypt.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = cipher_step(&s->decrypt, pEncryptedPart, ulEncryptedPartLen, false, pPart, pulPartLen);
    if (rv == CKR_OK) {
        if (pPart != NULL) { s->decrypt.flags |= OP_PARTS; }
    } else if (rv != CKR_BUFFER_TOO_SMALL) {
        cipher_end(&s->decrypt);
    }
    return session_leave(s, rv);
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pLastPart, CK_ULONG_PTR pulLastPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->decrypt.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = cipher_step(&s->decrypt, NULL, 0, true, pLastPart, pulLastPartLen);
    if (!goes_on(pLastPart, rv)) { cipher_end(&s->decrypt); }
    return session_leave(s, rv);
}
