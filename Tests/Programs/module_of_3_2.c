/* SPDX-License-Identifier: MIT */
/*
 * A PKCS #11 module with an interface of 3.2 around one of 2.40, named in REAL_MODULE: verification with the signature
 * first, and message-based signing and verification. A token that has them is hard to find.
 *
 * Messages are signed in a session of their own, so this operation knows nothing of the others. C_MessageVerifyInit cancels
 * when its mechanism is NULL; C_MessageSignInit follows the pointer.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "pkcs11.h"

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST_3_2 list;

/* ---- Verification, signature first ---- */

static CK_BYTE signature[512];
static CK_ULONG signatureLength;
static int isVerifying;

static CK_RV verifySignatureInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key,
                                 CK_BYTE_PTR given, CK_ULONG length)
{
    if (mechanism == NULL) return CKR_OPERATION_CANCEL_FAILED;
    if (length > sizeof signature) return CKR_SIGNATURE_LEN_RANGE;
    CK_RV value = real->C_VerifyInit(session, mechanism, key);
    if (value != CKR_OK) return value;
    memcpy(signature, given, length);
    signatureLength = length;
    isVerifying = 1;
    return CKR_OK;
}

static CK_RV verifySignatureUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG length)
{
    return isVerifying ? real->C_VerifyUpdate(session, part, length) : CKR_OPERATION_NOT_INITIALIZED;
}

static CK_RV verifySignatureFinal(CK_SESSION_HANDLE session)
{
    if (!isVerifying) return CKR_OPERATION_NOT_INITIALIZED;
    isVerifying = 0;
    return real->C_VerifyFinal(session, signature, signatureLength);
}

/* ---- Messages ---- */

typedef struct {
    CK_SESSION_HANDLE session;
    CK_MECHANISM mechanism;
    CK_OBJECT_HANDLE key;
} Process;

static Process signing, verifying;

static CK_RV begin(Process *process, CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
    CK_SESSION_INFO info;
    if (process->session != 0) return CKR_OPERATION_ACTIVE;
    CK_RV value = real->C_GetSessionInfo(session, &info);
    if (value == CKR_OK) value = real->C_OpenSession(info.slotID, CKF_SERIAL_SESSION, NULL, NULL, &process->session);
    process->mechanism = *mechanism;
    process->key = key;
    return value;
}

static CK_RV end(Process *process)
{
    if (process->session == 0) return CKR_OPERATION_NOT_INITIALIZED;
    CK_RV value = real->C_CloseSession(process->session);
    process->session = 0;
    return value;
}

static CK_RV messageSignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
    if (mechanism->mechanism != CKM_SHA256_HMAC) return CKR_MECHANISM_INVALID;
    return begin(&signing, session, mechanism, key);
}

static CK_RV signMessage(CK_SESSION_HANDLE session, CK_VOID_PTR parameter, CK_ULONG parameterLength, CK_BYTE_PTR data,
                         CK_ULONG length, CK_BYTE_PTR result, CK_ULONG_PTR resultLength)
{
    (void)session, (void)parameter, (void)parameterLength;
    if (signing.session == 0) return CKR_OPERATION_NOT_INITIALIZED;
    CK_RV value = real->C_SignInit(signing.session, &signing.mechanism, signing.key);
    return value == CKR_OK ? real->C_Sign(signing.session, data, length, result, resultLength) : value;
}

static CK_RV messageSignFinal(CK_SESSION_HANDLE session)
{
    (void)session;
    return end(&signing);
}

static CK_RV messageVerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
    if (mechanism != NULL) return begin(&verifying, session, mechanism, key);
    end(&verifying);
    return CKR_OK;
}

static CK_RV verifyMessage(CK_SESSION_HANDLE session, CK_VOID_PTR parameter, CK_ULONG parameterLength, CK_BYTE_PTR data,
                           CK_ULONG length, CK_BYTE_PTR given, CK_ULONG givenLength)
{
    (void)session, (void)parameter, (void)parameterLength;
    if (verifying.session == 0) return CKR_OPERATION_NOT_INITIALIZED;
    CK_RV value = real->C_VerifyInit(verifying.session, &verifying.mechanism, verifying.key);
    return value == CKR_OK ? real->C_Verify(verifying.session, data, length, given, givenLength) : value;
}

static CK_RV messageVerifyFinal(CK_SESSION_HANDLE session)
{
    (void)session;
    return end(&verifying);
}

static CK_RV sessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags)
{
    (void)session;
    if (flags & CKF_MESSAGE_SIGN) end(&signing);
    return flags & ~(CK_FLAGS)CKF_MESSAGE_SIGN ? CKR_OPERATION_CANCEL_FAILED : CKR_OK;
}

/* A session that is closed takes its operations with it; there is one at a time that has some. */
static CK_RV closeSession(CK_SESSION_HANDLE session)
{
    end(&signing);
    end(&verifying);
    isVerifying = 0;
    return real->C_CloseSession(session);
}

/* ---- The lists ---- */

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR result)
{
    const char *path = getenv("REAL_MODULE");
    void *library = path != NULL ? dlopen(path, RTLD_NOW) : NULL;
    if (library == NULL) return CKR_FUNCTION_FAILED;
    CK_C_GetFunctionList get;
    *(void **)&get = dlsym(library, "C_GetFunctionList");
    CK_RV value = get(&real);
    *result = real;
    return value;
}

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR interfaces, CK_ULONG_PTR count)
{
    static CK_UTF8CHAR name[] = "PKCS 11", vendor[] = "Vendor of something else";
    if (interfaces != NULL && *count < 3) return CKR_BUFFER_TOO_SMALL;
    *count = 3;
    if (interfaces == NULL) return CKR_OK;
    memcpy(&list, real, sizeof(CK_FUNCTION_LIST));
    list.version.major = 3;
    list.version.minor = 2;
    list.C_CloseSession = closeSession;
    list.C_SessionCancel = sessionCancel;
    list.C_VerifySignatureInit = verifySignatureInit;
    list.C_VerifySignatureUpdate = verifySignatureUpdate;
    list.C_VerifySignatureFinal = verifySignatureFinal;
    list.C_MessageSignInit = messageSignInit;
    list.C_SignMessage = signMessage;
    list.C_MessageSignFinal = messageSignFinal;
    list.C_MessageVerifyInit = messageVerifyInit;
    list.C_VerifyMessage = verifyMessage;
    list.C_MessageVerifyFinal = messageVerifyFinal;
    interfaces[0] = (CK_INTERFACE){ vendor, &list, 0 };
    interfaces[1] = (CK_INTERFACE){ name, real, 0 };
    interfaces[2] = (CK_INTERFACE){ name, &list, 0 };
    return CKR_OK;
}
