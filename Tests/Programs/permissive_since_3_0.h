/* SPDX-License-Identifier: MIT */
/* The functions of permissive.c that 2.40 does not have: interfaces, messages, and what came with 3.2. */
#ifndef PERMISSIVE_SINCE_3_0_H
#define PERMISSIVE_SINCE_3_0_H

/* ---- Interfaces ---- */

CK_RV permissive_hello(CK_ULONG *answer)
{
    if (answer == NULL) { return CKR_ARGUMENTS_BAD; }
    *answer = 42;
    return CKR_OK;
}

static CK_RV interface_list(CK_INTERFACE *out, CK_ULONG *count)
{
    const CK_RV rv = room((CK_BYTE *)out, count, INTERFACES);
    if (rv == CKR_OK) { memcpy(out, interfaces, sizeof interfaces); }
    return rv == ASKED ? CKR_OK : rv;
}

/* Of several that fit the first, which is the newest. */
static CK_RV interface(const CK_UTF8CHAR *name, const CK_VERSION *version, CK_INTERFACE **found, CK_FLAGS flags)
{
    if (found == NULL) { return CKR_ARGUMENTS_BAD; }
    for (unsigned i = 0; i < INTERFACES; ++i) {
        CK_INTERFACE *const one = &interfaces[i];
        const CK_VERSION *const its = one->pFunctionList; /* every list begins with its version */
        if (name != NULL && strcmp((const char *)name, (const char *)one->pInterfaceName) != 0) { continue; }
        if (version != NULL && (version->major != its->major || version->minor != its->minor)) { continue; }
        if ((one->flags & flags) != flags) { continue; }
        *found = one;
        return CKR_OK;
    }
    return CKR_FUNCTION_FAILED;
}

CALL(C_GetInterfaceList, (CK_INTERFACE_PTR pInterfacesList, CK_ULONG_PTR pulCount),
     interface_list(pInterfacesList, pulCount))
CALL(C_GetInterface, (CK_UTF8CHAR_PTR pInterfaceName, CK_VERSION_PTR pVersion, CK_INTERFACE_PTR_PTR ppInterface,
                      CK_FLAGS flags),
     interface(pInterfaceName, pVersion, ppInterface, flags))

/* ---- Sessions ---- */

static CK_RV cancel(session *s, CK_FLAGS flags)
{
    for (unsigned kind = 0; kind < KINDS; ++kind) {
        if ((flags & cancel_flags[kind]) != 0) { settle(&s->work.of[kind], CKR_OK, 0); }
    }
    return CKR_OK;
}

SESSION_CALL(C_LoginUser, (H, CK_USER_TYPE userType, IN, CK_UTF8CHAR_PTR pUsername, CK_ULONG ulUsernameLen),
             is_readable(pUsername, ulUsernameLen) ? login(s, userType, pIn, ulInLen) : CKR_ARGUMENTS_BAD)
SESSION_CALL(C_SessionCancel, (H, CK_FLAGS flags), cancel(s, flags))
SESSION_CALL(C_GetSessionValidationFlags, (H, CK_SESSION_VALIDATION_FLAGS_TYPE type, CK_FLAGS_PTR pFlags),
             pFlags == NULL ? CKR_ARGUMENTS_BAD : ((void)type, *pFlags = 0, CKR_OK))

/* Nothing is pending but what PERMISSIVE_ANSWER said, and of that nothing is known here: it is always done. */
SESSION_CALL(C_AsyncComplete, (H, CK_UTF8CHAR_PTR pFunctionName, CK_ASYNC_DATA_PTR pResult),
             pFunctionName == NULL || pResult == NULL
                 ? CKR_ARGUMENTS_BAD
                 : (*pResult = (CK_ASYNC_DATA){ pResult->ulVersion, NULL, 0, 0, 0 }, CKR_OK))
SESSION_CALL(C_AsyncGetID, (H, CK_UTF8CHAR_PTR pFunctionName, CK_ULONG_PTR pulID),
             pFunctionName == NULL || pulID == NULL ? CKR_ARGUMENTS_BAD : (*pulID = 1, CKR_OK))
SESSION_CALL(C_AsyncJoin, (H, CK_UTF8CHAR_PTR pFunctionName, CK_ULONG ulID, CK_BYTE_PTR pData, CK_ULONG ulData),
             pFunctionName == NULL || !is_readable(pData, ulData) ? CKR_ARGUMENTS_BAD
             : ulID == 1                                          ? CKR_OK
                                                                  : CKR_SAVED_STATE_INVALID)

/* ---- Messages ---- */

#define PARAMETER CK_VOID_PTR pParameter, CK_ULONG ulParameterLen
#define ASSOCIATED CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen
#define IS_PARAMETER is_readable(pParameter, ulParameterLen)

/* A message in one part is begun in a copy, so that whatever becomes of it the operation is as before. */
static CK_RV copy_and_begin(const session *s, enum kind kind, operation *copy, const CK_BYTE *associated,
                            CK_ULONG length)
{
    *copy = s->work.of[kind];
    return copy->active && copy->parts && !options.mixed ? CKR_OPERATION_ACTIVE
                                                         : message_begin(copy, associated, length);
}

static CK_RV cipher_message(const session *s, enum kind kind, const CK_BYTE *associated, CK_ULONG associated_length,
                            const CK_BYTE *in, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    operation copy;
    const CK_RV rv = copy_and_begin(s, kind, &copy, associated, associated_length);
    return rv != CKR_OK ? rv : message_cipher(&copy, kind == MESSAGE_DECRYPT, in, length, out, out_length, 1);
}

static CK_RV sign_whole(const session *s, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length)
{
    operation copy;
    const CK_RV rv = copy_and_begin(s, MESSAGE_SIGN, &copy, NULL, 0);
    return rv != CKR_OK ? rv : message_sign(&copy, in, length, out, out_length, 1);
}

static CK_RV verify_whole(const session *s, const CK_BYTE *in, CK_ULONG length, const CK_BYTE *signature,
                          CK_ULONG signature_length)
{
    operation copy;
    const CK_RV rv = copy_and_begin(s, MESSAGE_VERIFY, &copy, NULL, 0);
    return rv != CKR_OK ? rv : message_check(&copy, in, length, signature, signature_length, 1);
}

/* A parameter that says it is somewhere, and is nowhere: before anything else, as an error of this very call. */
#define CHECKED(kind, does)                                                                                            \
    (IS_PARAMETER || !s->work.of[kind].active ? (does) : settle_message(&s->work.of[kind], CKR_ARGUMENTS_BAD, 0))

#define CIPHER_MESSAGE(name, kind)                                                                                     \
    PART_CALL(name, BIT(kind), (H, PARAMETER, ASSOCIATED, IN, OUT),                                                    \
              IS_PARAMETER ? cipher_message(s, kind, pAssociatedData, ulAssociatedDataLen, pIn, ulInLen, pOut,         \
                                            pulOutLen)                                                                 \
                           : CKR_ARGUMENTS_BAD)
#define CIPHER_BEGIN(name, kind)                                                                                       \
    SESSION_CALL(name, (H, PARAMETER, ASSOCIATED),                                                                     \
                 IS_PARAMETER ? message_begin(&s->work.of[kind], pAssociatedData, ulAssociatedDataLen)                 \
                              : CKR_ARGUMENTS_BAD)
#define CIPHER_NEXT(name, kind)                                                                                        \
    PART_CALL(name, BIT(kind), (H, PARAMETER, IN, OUT, CK_FLAGS flags),                                                \
              CHECKED(kind, message_cipher(&s->work.of[kind], kind == MESSAGE_DECRYPT, pIn, ulInLen, pOut, pulOutLen,  \
                                           (flags & CKF_END_OF_MESSAGE) != 0)))
#define BEGIN(name, kind)                                                                                              \
    SESSION_CALL(name, (H, PARAMETER), IS_PARAMETER ? message_begin(&s->work.of[kind], NULL, 0) : CKR_ARGUMENTS_BAD)

START(C_MessageEncryptInit, MESSAGE_ENCRYPT)
CIPHER_MESSAGE(C_EncryptMessage, MESSAGE_ENCRYPT)
CIPHER_BEGIN(C_EncryptMessageBegin, MESSAGE_ENCRYPT)
CIPHER_NEXT(C_EncryptMessageNext, MESSAGE_ENCRYPT)
SESSION_CALL(C_MessageEncryptFinal, (H), end(s, MESSAGE_ENCRYPT))
START(C_MessageDecryptInit, MESSAGE_DECRYPT)
CIPHER_MESSAGE(C_DecryptMessage, MESSAGE_DECRYPT)
CIPHER_BEGIN(C_DecryptMessageBegin, MESSAGE_DECRYPT)
CIPHER_NEXT(C_DecryptMessageNext, MESSAGE_DECRYPT)
SESSION_CALL(C_MessageDecryptFinal, (H), end(s, MESSAGE_DECRYPT))

/* The last part is the one where a length, or when verifying a signature, is given. */
START(C_MessageSignInit, MESSAGE_SIGN)
PART_CALL(C_SignMessage, BIT(MESSAGE_SIGN), (H, PARAMETER, IN, OUT),
          IS_PARAMETER ? sign_whole(s, pIn, ulInLen, pOut, pulOutLen) : CKR_ARGUMENTS_BAD)
BEGIN(C_SignMessageBegin, MESSAGE_SIGN)
PART_CALL(C_SignMessageNext, BIT(MESSAGE_SIGN), (H, PARAMETER, IN, OUT),
          CHECKED(MESSAGE_SIGN,
                  message_sign(&s->work.of[MESSAGE_SIGN], pIn, ulInLen, pOut, pulOutLen, pulOutLen != NULL)))
SESSION_CALL(C_MessageSignFinal, (H), end(s, MESSAGE_SIGN))
START(C_MessageVerifyInit, MESSAGE_VERIFY)
PART_CALL(C_VerifyMessage, BIT(MESSAGE_VERIFY), (H, PARAMETER, IN, SIGNATURE),
          IS_PARAMETER ? verify_whole(s, pIn, ulInLen, pSignature, ulSignatureLen) : CKR_ARGUMENTS_BAD)
BEGIN(C_VerifyMessageBegin, MESSAGE_VERIFY)
PART_CALL(C_VerifyMessageNext, BIT(MESSAGE_VERIFY), (H, PARAMETER, IN, SIGNATURE),
          CHECKED(MESSAGE_VERIFY, message_check(&s->work.of[MESSAGE_VERIFY], pIn, ulInLen, pSignature, ulSignatureLen,
                                                pSignature != NULL)))
SESSION_CALL(C_MessageVerifyFinal, (H), end(s, MESSAGE_VERIFY))

/* ---- The signature first ---- */

static CK_RV start_with_signature(session *s, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
                                  const CK_BYTE *signature, CK_ULONG length)
{
    if (mechanism != NULL && !is_readable(signature, length)) { return CKR_ARGUMENTS_BAD; }
    if (mechanism != NULL && length != SUM_BYTES) { return CKR_SIGNATURE_LEN_RANGE; }
    const CK_RV rv = start(s, VERIFY_SIGNATURE, mechanism, key);
    if (mechanism != NULL && rv == CKR_OK) { memcpy(s->work.signature, signature, SUM_BYTES); }
    return rv;
}

SESSION_CALL(C_VerifySignatureInit, (H, MECHANISM, KEY, SIGNATURE),
             start_with_signature(s, pMechanism, hKey, pSignature, ulSignatureLen))
PART_CALL(C_VerifySignature, BIT(VERIFY_SIGNATURE), (H, IN),
          check_end(s, VERIFY_SIGNATURE, !options.mixed, pIn, ulInLen, s->work.signature, SUM_BYTES))
SUM_PART(C_VerifySignatureUpdate, VERIFY_SIGNATURE)
SESSION_CALL(C_VerifySignatureFinal, (H),
             check_end(s, VERIFY_SIGNATURE, 0, NULL, 0, s->work.signature, SUM_BYTES))

/* ---- Keys ---- */

/* What is encapsulated is the value of the key that encapsulates, in the clear. */
static CK_RV encapsulate(CK_OBJECT_HANDLE with, const CK_ATTRIBUTE *attributes, CK_ULONG count, CK_BYTE *out,
                         CK_ULONG *out_length, CK_OBJECT_HANDLE *key)
{
    const object *const o = object_of(with);
    if (o == NULL) { return CKR_KEY_HANDLE_INVALID; }
    if (key == NULL) { return CKR_ARGUMENTS_BAD; }
    const CK_RV rv = give_bytes(out, out_length, o->value, VALUE_BYTES);
    return rv != CKR_OK || out == NULL ? rv : make_object(CKO_SECRET_KEY, o->value, attributes, count, key);
}

static CK_RV decapsulate(CK_OBJECT_HANDLE with, const CK_ATTRIBUTE *attributes, CK_ULONG count, const CK_BYTE *in,
                         CK_ULONG length, CK_OBJECT_HANDLE *key)
{
    if (object_of(with) == NULL) { return CKR_KEY_HANDLE_INVALID; }
    if (!is_readable(in, length)) { return CKR_ARGUMENTS_BAD; }
    return length == VALUE_BYTES ? make_object(CKO_SECRET_KEY, in, attributes, count, key)
                                 : CKR_WRAPPED_KEY_LEN_RANGE;
}

SESSION_CALL(C_EncapsulateKey, (H, MECHANISM, KEY, TEMPLATE, OUT, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(encapsulate(hKey, pTemplate, ulCount, pOut, pulOutLen, phKey)))
SESSION_CALL(C_DecapsulateKey, (H, MECHANISM, KEY, TEMPLATE, IN, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(decapsulate(hKey, pTemplate, ulCount, pIn, ulInLen, phKey)))
SESSION_CALL(C_WrapKeyAuthenticated, (H, MECHANISM, CK_OBJECT_HANDLE hWrappingKey, KEY, ASSOCIATED, OUT),
             NEEDS_MECHANISM(is_readable(pAssociatedData, ulAssociatedDataLen)
                                 ? wrap(hWrappingKey, hKey, pOut, pulOutLen) : CKR_ARGUMENTS_BAD))
SESSION_CALL(C_UnwrapKeyAuthenticated, (H, MECHANISM, KEY, IN, TEMPLATE, ASSOCIATED, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(is_readable(pAssociatedData, ulAssociatedDataLen)
                                 ? unwrap(hKey, pIn, ulInLen, pTemplate, ulCount, phKey) : CKR_ARGUMENTS_BAD))

#endif /* PERMISSIVE_SINCE_3_0_H */
