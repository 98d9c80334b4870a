/* SPDX-License-Identifier: MIT */
/* keys.c: generating keys and random numbers. */
#include "token.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

/* Sets what every generated key says of itself. */
static CK_RV set_origin(object *o, CK_KEY_TYPE type, CK_MECHANISM_TYPE mechanism)
{
    const CK_BBOOL is_local = CK_TRUE;
    CK_RV rv = object_set(o, CKA_KEY_TYPE, &type, sizeof type);
    if (rv == CKR_OK) { rv = object_set(o, CKA_LOCAL, &is_local, sizeof is_local); }
    if (rv == CKR_OK) { rv = object_set(o, CKA_KEY_GEN_MECHANISM, &mechanism, sizeof mechanism); }
    return rv;
}

static CK_RV fill_aes(object *o)
{
    CK_BYTE value[32];
    CK_ULONG length;
    CK_RV rv;
    if (!object_number(o, CKA_VALUE_LEN, &length)) { return CKR_TEMPLATE_INCOMPLETE; }
    if (length != 16 && length != 24 && length != 32) { return CKR_ATTRIBUTE_VALUE_INVALID; }
    if (object_attribute(o, CKA_VALUE) != NULL) { return CKR_TEMPLATE_INCONSISTENT; }
    if (RAND_priv_bytes(value, (int)length) != 1) { return CKR_FUNCTION_FAILED; }
    rv = object_set(o, CKA_VALUE, value, length);
    OPENSSL_cleanse(value, sizeof value);
    return rv == CKR_OK ? set_origin(o, CKK_AES, CKM_AES_KEY_GEN) : rv;
}

static CK_RV generate(
    const session *s, const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *templ, CK_ULONG count,
    CK_OBJECT_HANDLE *handle)
{
    object *o;
    CK_RV rv;
    if (mechanism == NULL || handle == NULL) { return CKR_ARGUMENTS_BAD; }
    if (mechanism->mechanism != CKM_AES_KEY_GEN) { return CKR_MECHANISM_INVALID; }
    rv = object_create(s, CKO_SECRET_KEY, templ, count, &o);
    if (rv != CKR_OK) { return rv; }
    rv = fill_aes(o);
    if (rv == CKR_OK) {
        *handle = object_add(o);
    } else {
        object_free(o);
    }
    return rv;
}

CK_RV C_GenerateKey(
    CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount,
    CK_OBJECT_HANDLE_PTR phKey)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    rv = generate(s, pMechanism, pTemplate, ulCount, phKey);
    return session_leave(s, rv);
}

/* ---- RSA ---- */

static CK_RV make_pair(CK_ULONG bits, const CK_ATTRIBUTE *exponent, EVP_PKEY **key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *e = exponent == NULL ? BN_new() : BN_bin2bn(exponent->pValue, (int)exponent->ulValueLen, NULL);
    CK_RV rv = CKR_HOST_MEMORY;
    if (context != NULL && e != NULL && (exponent != NULL || BN_set_word(e, RSA_F4) == 1)) {
        rv = EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits) == 1
                     && EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e) == 1 && EVP_PKEY_generate(context, key) == 1
                 ? CKR_OK
                 : CKR_FUNCTION_FAILED;
    }
    BN_free(e);
    EVP_PKEY_CTX_free(context);
    return rv;
}

/* Sets an attribute to a public number of the key. */
static CK_RV set_number(object *o, CK_ATTRIBUTE_TYPE type, const EVP_PKEY *key, const char *name)
{
    CK_BYTE bytes[RSA_BITS_MAX / 8];
    BIGNUM *number = NULL;
    CK_RV rv = CKR_FUNCTION_FAILED;
    if (EVP_PKEY_get_bn_param(key, name, &number) == 1 && BN_num_bytes(number) <= (int)sizeof bytes) {
        rv = object_set(o, type, bytes, (CK_ULONG)BN_bn2bin(number, bytes));
    }
    BN_free(number);
    return rv;
}

/* Makes one of the two a half of the pair. */
static CK_RV fill_rsa(object *o, EVP_PKEY *key)
{
    CK_RV rv = set_origin(o, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN);
    if (rv == CKR_OK) { rv = set_number(o, CKA_MODULUS, key, OSSL_PKEY_PARAM_RSA_N); }
    if (rv == CKR_OK) { rv = set_number(o, CKA_PUBLIC_EXPONENT, key, OSSL_PKEY_PARAM_RSA_E); }
    if (rv == CKR_OK && EVP_PKEY_up_ref(key) != 1) { rv = CKR_FUNCTION_FAILED; }
    if (rv == CKR_OK) { o->key = key; }
    return rv;
}

static CK_RV generate_pair(object *public_key, object *private_key)
{
    const CK_ATTRIBUTE *exponent = object_attribute(public_key, CKA_PUBLIC_EXPONENT);
    EVP_PKEY *key = NULL;
    CK_ULONG bits;
    CK_RV rv;
    if (!object_number(public_key, CKA_MODULUS_BITS, &bits)) { return CKR_TEMPLATE_INCOMPLETE; }
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || bits % 8 != 0) { return CKR_KEY_SIZE_RANGE; }
    if (exponent != NULL && exponent->ulValueLen > 8) { return CKR_ATTRIBUTE_VALUE_INVALID; }
    rv = make_pair(bits, exponent, &key);
    if (rv == CKR_OK) { rv = fill_rsa(public_key, key); }
    if (rv == CKR_OK) { rv = fill_rsa(private_key, key); }
    EVP_PKEY_free(key);
    return rv;
}

CK_RV C_GenerateKeyPair(
    CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_ATTRIBUTE_PTR pPublicKeyTemplate,
    CK_ULONG ulPublicKeyAttributeCount, CK_ATTRIBUTE_PTR pPrivateKeyTemplate, CK_ULONG ulPrivateKeyAttributeCount,
    CK_OBJECT_HANDLE_PTR phPublicKey, CK_OBJECT_HANDLE_PTR phPrivateKey)
{
    session *s;
    object *public_key = NULL, *private_key = NULL;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if (pMechanism == NULL || phPublicKey == NULL || phPrivateKey == NULL) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (pMechanism->mechanism != CKM_RSA_PKCS_KEY_PAIR_GEN) {
        rv = CKR_MECHANISM_INVALID;
    }
    if (rv == CKR_OK) {
        rv = object_create(s, CKO_PUBLIC_KEY, pPublicKeyTemplate, ulPublicKeyAttributeCount, &public_key);
    }
    if (rv == CKR_OK) {
        rv = object_create(s, CKO_PRIVATE_KEY, pPrivateKeyTemplate, ulPrivateKeyAttributeCount, &private_key);
    }
    if (rv == CKR_OK) { rv = generate_pair(public_key, private_key); }
    if (rv == CKR_OK) {
        *phPublicKey = object_add(public_key);
        *phPrivateKey = object_add(private_key);
    } else {
        if (public_key != NULL) { object_free(public_key); }
        if (private_key != NULL) { object_free(private_key); }
    }
    return session_leave(s, rv);
}

/* ---- Random numbers ---- */

CK_RV C_SeedRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSeed, CK_ULONG ulSeedLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((pSeed == NULL && ulSeedLen != 0) || ulSeedLen > INT_MAX) {
        rv = CKR_ARGUMENTS_BAD;
    } else {
        RAND_add(pSeed, (int)ulSeedLen, 0); /* nobody knows how random it is */
    }
    return session_leave(s, rv);
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR RandomData, CK_ULONG ulRandomLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((RandomData == NULL && ulRandomLen != 0) || ulRandomLen > INT_MAX) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (RAND_bytes(RandomData, (int)ulRandomLen) != 1) {
        rv = CKR_FUNCTION_FAILED;
    }
    return session_leave(s, rv);
}
