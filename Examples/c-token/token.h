/* SPDX-License-Identifier: MIT */
/*
 * token.h: what the sources of this token share. It is a small PKCS #11 token over libcrypto: one slot, whose objects
 * live in the memory of the process, from C_Initialize to C_Finalize.
 *
 * One mutex is held from the start of a call to its end: session_enter or library_enter take it, session_leave and
 * library_leave give it back. What is declared here is for those who hold it.
 */
#ifndef TOKEN_H
#define TOKEN_H

/* Only the functions of the standard are exported. */
#define CK_DECLARE_FUNCTION(returnType, name) __attribute__((visibility("default"))) returnType name
#include "pkcs11.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#define SLOT_ID 1UL
#define USER_PIN "1234"
#define SO_PIN "12345678"
#define AES_BLOCK 16UL
#define SHA256_LENGTH 32UL
#define RSA_BITS_MIN 2048UL
#define RSA_BITS_MAX 4096UL

/* ---- Objects ---- */

typedef struct object {
    struct object *next;
    CK_OBJECT_HANDLE handle;
    CK_SESSION_HANDLE owner; /* the session that takes the object with it; 0: the token's own */
    CK_ATTRIBUTE *attributes;
    CK_ULONG count;
    EVP_PKEY *key; /* of an RSA key; the value of a secret key is an attribute */
} object;

/* ---- Sessions: one context for each kind of operation ---- */

#define OP_ACTIVE 1u /* it was started */
#define OP_PARTS 2u  /* and was fed a part */

struct search {
    unsigned flags;
    CK_OBJECT_HANDLE *handles; /* what was found when the search started */
    CK_ULONG count, next;
};

struct cipher {
    unsigned flags;
    EVP_CIPHER_CTX *context;
    CK_ULONG total; /* the length of what was put in */
};

struct digest {
    unsigned flags;
    EVP_MD_CTX *context;
};

/* A signature, or its verification. CKM_SHA256_RSA_PKCS digests in the session's digest context. */
struct signature {
    unsigned flags;
    CK_MECHANISM_TYPE mechanism;
    EVP_MAC_CTX *mac;               /* CKM_SHA256_HMAC */
    EVP_PKEY *key;                  /* CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS */
    CK_BYTE data[RSA_BITS_MAX / 8]; /* CKM_RSA_PKCS: what is to be signed */
    CK_ULONG length;
};

typedef struct session {
    struct session *next;
    CK_SESSION_HANDLE handle;
    CK_FLAGS flags;
    struct search find;
    struct cipher encrypt, decrypt;
    struct digest digest;
    struct signature sign, verify;
} session;

/* ---- The token ---- */

#define NOBODY ((CK_USER_TYPE)-1)

struct token {
    bool is_initialized; /* C_Initialize was called */
    CK_USER_TYPE user; /* who is logged in: CKU_USER, CKU_SO or NOBODY */
    session *sessions;
    object *objects;
    CK_ULONG last_handle; /* of sessions and objects */
};

extern struct token token;

/* library.c */
CK_RV library_enter(void);
CK_RV library_leave(CK_RV rv);

/* session.c */
CK_RV session_enter(CK_SESSION_HANDLE handle, session **found);
CK_RV session_leave(session *s, CK_RV rv);
void session_end_operations(session *s);
void sessions_close_all(void);

/* attribute.c */
const CK_ATTRIBUTE *object_attribute(const object *o, CK_ATTRIBUTE_TYPE type);
bool object_flag(const object *o, CK_ATTRIBUTE_TYPE type);
bool object_number(const object *o, CK_ATTRIBUTE_TYPE type, CK_ULONG *number);
CK_RV object_set(object *o, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG length);
bool attribute_is_well_formed(const CK_ATTRIBUTE *a);

/* object.c */
CK_RV object_create(const session *s, CK_OBJECT_CLASS kind, const CK_ATTRIBUTE *templ, CK_ULONG count, object **made);
CK_OBJECT_HANDLE object_add(object *o);
object *object_visible(CK_OBJECT_HANDLE handle);
void object_free(object *o);
void objects_remove(bool (*doomed)(const object *o, CK_ULONG argument), CK_ULONG argument);
CK_RV key_for(CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS kind, CK_KEY_TYPE type, CK_ATTRIBUTE_TYPE use, object **key);

/* find.c */
void search_end(struct search *f);

/* cipher.c */
CK_RV cipher_step(
    struct cipher *c, const CK_BYTE *in, CK_ULONG length, bool is_last, CK_BYTE *out, CK_ULONG *out_length);
void cipher_end(struct cipher *c);

/* digest.c */
CK_RV digest_start(struct digest *d);
CK_RV digest_feed(struct digest *d, const CK_BYTE *part, CK_ULONG length);
CK_RV digest_result(struct digest *d, CK_BYTE result[SHA256_LENGTH]);
void digest_end(struct digest *d);

/* sign.c */
CK_RV sign_feed(session *s, struct signature *g, const CK_BYTE *part, CK_ULONG length);
void sign_end(session *s, struct signature *g);

/* Output as section 5.2 of the standard wants it: the length is always said, NULL asks for no more than that. */
CK_RV fits(CK_ULONG length, const CK_BYTE *out, CK_ULONG *out_length);

/* Whether an operation survives its last call: only the length was asked for, or the buffer is too small. */
static inline bool goes_on(const CK_BYTE *out, CK_RV rv)
{
    return rv == CKR_BUFFER_TOO_SMALL || (rv == CKR_OK && out == NULL);
}

#endif
