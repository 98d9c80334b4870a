/* SPDX-License-Identifier: MIT */
/* sign.c: signatures and their verification with CKM_SHA256_HMAC, CKM_RSA_PKCS and CKM_SHA256_RSA_PKCS. */
#include "token.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rsa.h>
#include <string.h>

#define PKCS1_PADDING 11UL /* bytes of the modulus that cannot hold data */

static CK_RV start_mac(struct signature *g, CK_OBJECT_HANDLE handle, bool signs)
{
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()
    };
    EVP_MAC *mac;
    object *key;
    const CK_ATTRIBUTE *value;
    CK_RV rv = key_for(handle, CKO_SECRET_KEY, CKK_GENERIC_SECRET, signs ? CKA_SIGN : CKA_VERIFY, &key);
    if (rv != CKR_OK) { return rv; }
    value = object_attribute(key, CKA_VALUE);
    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    g->mac = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac); /* the context has a reference of its own */
    if (g->mac == NULL) { return CKR_HOST_MEMORY; }
    return EVP_MAC_init(g->mac, value->pValue, value->ulValueLen, parameters) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

static CK_RV start_rsa(session *s, struct signature *g, CK_OBJECT_HANDLE handle, bool signs)
{
    object *key;
    CK_RV rv = key_for(
        handle, signs ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY, CKK_RSA, signs ? CKA_SIGN : CKA_VERIFY, &key);
    if (rv != CKR_OK) { return rv; }
    if (EVP_PKEY_up_ref(key->key) != 1) { return CKR_FUNCTION_FAILED; }
    g->key = key->key;
    return g->mechanism == CKM_SHA256_RSA_PKCS ? digest_start(&s->digest) : CKR_OK;
}

static CK_RV sign_start(
    session *s, struct signature *g, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE handle, bool signs)
{
    CK_RV rv;
    sign_end(s, g);
    if (mechanism == NULL) { return CKR_ARGUMENTS_BAD; }
    g->mechanism = mechanism->mechanism;
    switch (g->mechanism) {
    case CKM_SHA256_HMAC:
        rv = start_mac(g, handle, signs);
        break;
    case CKM_RSA_PKCS:
    case CKM_SHA256_RSA_PKCS:
        rv = start_rsa(s, g, handle, signs);
        break;
    default:
        rv = CKR_MECHANISM_INVALID;
    }
    if (rv == CKR_OK) {
        g->flags = OP_ACTIVE;
    } else {
        sign_end(s, g);
    }
    return rv;
}

static CK_ULONG signature_length(const struct signature *g)
{
    return g->mechanism == CKM_SHA256_HMAC ? SHA256_LENGTH : (CK_ULONG)EVP_PKEY_get_size(g->key);
}

CK_RV sign_feed(session *s, struct signature *g, const CK_BYTE *part, CK_ULONG length)
{
    if (part == NULL && length != 0) { return CKR_ARGUMENTS_BAD; }
    if (g->mechanism == CKM_SHA256_RSA_PKCS) { return digest_feed(&s->digest, part, length); }
    if (g->mechanism == CKM_SHA256_HMAC) {
        return EVP_MAC_update(g->mac, part, length) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
    }
    if (length > signature_length(g) - PKCS1_PADDING - g->length) { return CKR_DATA_LEN_RANGE; }
    if (length != 0) { memcpy(g->data + g->length, part, length); }
    g->length += length;
    return CKR_OK;
}

/* The private or public operation on what was fed, or on its hash. */
static CK_RV rsa_last(session *s, struct signature *g, CK_BYTE *signature, CK_ULONG length, bool signs)
{
    EVP_PKEY_CTX *context;
    size_t size = length;
    int done;
    CK_RV rv = CKR_FUNCTION_FAILED;
    if (g->mechanism == CKM_SHA256_RSA_PKCS) {
        if (digest_result(&s->digest, g->data) != CKR_OK) { return CKR_FUNCTION_FAILED; }
        g->length = SHA256_LENGTH;
    }
    context = EVP_PKEY_CTX_new(g->key, NULL);
    if (context == NULL) { return CKR_HOST_MEMORY; }
    if ((signs ? EVP_PKEY_sign_init(context) : EVP_PKEY_verify_init(context)) == 1
        && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        && (g->mechanism == CKM_RSA_PKCS || EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1)) {
        if (signs) {
            done = EVP_PKEY_sign(context, signature, &size, g->data, g->length);
        } else {
            done = EVP_PKEY_verify(context, signature, size, g->data, g->length);
        }
        rv = done == 1 ? CKR_OK : signs ? CKR_FUNCTION_FAILED : CKR_SIGNATURE_INVALID;
    }
    EVP_PKEY_CTX_free(context);
    return rv;
}

/* Feeds the rest and signs, or only says how long the signature is. */
static CK_RV sign_last(
    session *s, struct signature *g, const CK_BYTE *data, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    CK_RV rv;
    if (out_length == NULL) { return CKR_ARGUMENTS_BAD; }
    rv = fits(signature_length(g), out, out_length);
    if (rv != CKR_OK || out == NULL) { return rv; }
    rv = sign_feed(s, g, data, length);
    if (rv != CKR_OK) { return rv; }
    if (g->mechanism == CKM_SHA256_HMAC) {
        return EVP_MAC_final(g->mac, out, NULL, *out_length) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
    }
    return rsa_last(s, g, out, *out_length, true);
}

/* Feeds the rest and compares. */
static CK_RV verify_last(
    session *s, struct signature *g, const CK_BYTE *data, CK_ULONG length, CK_BYTE *signature, CK_ULONG signature_size)
{
    CK_BYTE expected[SHA256_LENGTH];
    CK_RV rv;
    if (signature == NULL) { return CKR_ARGUMENTS_BAD; }
    rv = sign_feed(s, g, data, length);
    if (rv != CKR_OK) { return rv; }
    if (signature_size != signature_length(g)) { return CKR_SIGNATURE_LEN_RANGE; }
    if (g->mechanism == CKM_SHA256_HMAC) {
        if (EVP_MAC_final(g->mac, expected, NULL, sizeof expected) != 1) { return CKR_FUNCTION_FAILED; }
        return CRYPTO_memcmp(expected, signature, sizeof expected) == 0 ? CKR_OK : CKR_SIGNATURE_INVALID;
    }
    return rsa_last(s, g, signature, signature_size, false);
}

void sign_end(session *s, struct signature *g)
{
    if (g->mechanism == CKM_SHA256_RSA_PKCS) { digest_end(&s->digest); }
    EVP_MAC_CTX_free(g->mac);
    EVP_PKEY_free(g->key);
    OPENSSL_cleanse(g, sizeof *g);
}

/* ---- Signatures ---- */

CK_RV C_SignInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    rv = sign_start(s, &s->sign, pMechanism, hKey, true);
    return session_leave(s, rv);
}

CK_RV C_Sign(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
    CK_ULONG_PTR pulSignatureLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->sign.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    if ((s->sign.flags & OP_PARTS) != 0) { return session_leave(s, CKR_FUNCTION_FAILED); }
    rv = sign_last(s, &s->sign, pData, ulDataLen, pSignature, pulSignatureLen);
    if (!goes_on(pSignature, rv)) { sign_end(s, &s->sign); }
    return session_leave(s, rv);
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->sign.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = sign_feed(s, &s->sign, pPart, ulPartLen);
    if (rv == CKR_OK) {
        s->sign.flags |= OP_PARTS;
    } else {
        sign_end(s, &s->sign);
    }
    return session_leave(s, rv);
}

CK_RV C_SignFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->sign.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = sign_last(s, &s->sign, NULL, 0, pSignature, pulSignatureLen);
    if (!goes_on(pSignature, rv)) { sign_end(s, &s->sign); }
    return session_leave(s, rv);
}

/* ---- Verification ---- */

CK_RV C_VerifyInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    rv = sign_start(s, &s->verify, pMechanism, hKey, false);
    return session_leave(s, rv);
}

CK_RV C_Verify(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->verify.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    if ((s->verify.flags & OP_PARTS) != 0) { return session_leave(s, CKR_FUNCTION_FAILED); }
    rv = verify_last(s, &s->verify, pData, ulDataLen, pSignature, ulSignatureLen);
    sign_end(s, &s->verify);
    return session_leave(s, rv);
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->verify.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = sign_feed(s, &s->verify, pPart, ulPartLen);
    if (rv == CKR_OK) {
        s->verify.flags |= OP_PARTS;
    } else {
        sign_end(s, &s->verify);
    }
    return session_leave(s, rv);
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->verify.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = verify_last(s, &s->verify, NULL, 0, pSignature, ulSignatureLen);
    sign_end(s, &s->verify);
    return session_leave(s, rv);
}
