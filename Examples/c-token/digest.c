/* SPDX-License-Identifier: MIT */
/* digest.c: CKM_SHA256, for applications and for signatures that hash. */
#include "token.h"

#include <string.h>

CK_RV digest_start(struct digest *d)
{
    digest_end(d);
    d->context = EVP_MD_CTX_new();
    if (d->context == NULL) { return CKR_HOST_MEMORY; }
    if (EVP_DigestInit_ex2(d->context, EVP_sha256(), NULL) == 1) { return CKR_OK; }
    digest_end(d);
    return CKR_FUNCTION_FAILED;
}

CK_RV digest_feed(struct digest *d, const CK_BYTE *part, CK_ULONG length)
{
    if (part == NULL && length != 0) { return CKR_ARGUMENTS_BAD; }
    /* Whoever borrowed the context may have given it back meanwhile. */
    if (d->context == NULL) { return CKR_FUNCTION_FAILED; }
    return EVP_DigestUpdate(d->context, part, length) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV digest_result(struct digest *d, CK_BYTE result[SHA256_LENGTH])
{
    if (d->context == NULL) { return CKR_FUNCTION_FAILED; }
    return EVP_DigestFinal_ex(d->context, result, NULL) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

void digest_end(struct digest *d)
{
    EVP_MD_CTX_free(d->context);
    memset(d, 0, sizeof *d);
}

/* Feeds the rest and gives the result, or only says how long it is. */
static CK_RV digest_last(struct digest *d, const CK_BYTE *data, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    CK_RV rv;
    if (out_length == NULL) { return CKR_ARGUMENTS_BAD; }
    rv = fits(SHA256_LENGTH, out, out_length);
    if (rv != CKR_OK || out == NULL) { return rv; }
    rv = digest_feed(d, data, length);
    return rv == CKR_OK ? digest_result(d, out) : rv;
}

CK_RV C_DigestInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if (pMechanism == NULL) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (pMechanism->mechanism != CKM_SHA256) {
        rv = CKR_MECHANISM_INVALID;
    } else {
        rv = digest_start(&s->digest);
    }
    if (rv == CKR_OK) { s->digest.flags = OP_ACTIVE; }
    return session_leave(s, rv);
}

CK_RV C_Digest(
    CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pDigest, CK_ULONG_PTR pulDigestLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->digest.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    if ((s->digest.flags & OP_PARTS) != 0) { return session_leave(s, CKR_FUNCTION_FAILED); }
    rv = digest_last(&s->digest, pData, ulDataLen, pDigest, pulDigestLen);
    if (!goes_on(pDigest, rv)) { digest_end(&s->digest); }
    return session_leave(s, rv);
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->digest.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = digest_feed(&s->digest, pPart, ulPartLen);
    if (rv == CKR_OK) {
        s->digest.flags |= OP_PARTS;
    } else {
        digest_end(&s->digest);
    }
    return session_leave(s, rv);
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pDigest, CK_ULONG_PTR pulDigestLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->digest.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = digest_last(&s->digest, NULL, 0, pDigest, pulDigestLen);
    if (!goes_on(pDigest, rv)) { digest_end(&s->digest); }
    return session_leave(s, rv);
}
