/* SPDX-License-Identifier: MIT */
/* library.c: the library, its slot and its token. */
#include "token.h"

#include <pthread.h>
#include <string.h>

struct token token;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

CK_RV library_enter(void)
{
    pthread_mutex_lock(&mutex);
    if (token.is_initialized) { return CKR_OK; }
    pthread_mutex_unlock(&mutex);
    return CKR_CRYPTOKI_NOT_INITIALIZED;
}

CK_RV library_leave(CK_RV rv)
{
    pthread_mutex_unlock(&mutex);
    return rv;
}

/* Text of the standard's structures ends in blanks. */
static void put(CK_UTF8CHAR *field, size_t size, const char *text)
{
    memset(field, ' ', size);
    memcpy(field, text, strlen(text));
}

#define PUT(field, text) put(field, sizeof field, text)

/* ---- The library ---- */

static CK_RV check_arguments(const CK_C_INITIALIZE_ARGS *arguments)
{
    int given;
    if (arguments == NULL) { return CKR_OK; }
    if (arguments->pReserved != NULL) { return CKR_ARGUMENTS_BAD; }
    given = (arguments->CreateMutex != NULL) + (arguments->DestroyMutex != NULL) + (arguments->LockMutex != NULL)
            + (arguments->UnlockMutex != NULL);
    if (given != 0 && given != 4) { return CKR_ARGUMENTS_BAD; }
    /* The system's mutexes are always used, which somebody who brings others has to agree to. */
    return given == 4 && (arguments->flags & CKF_OS_LOCKING_OK) == 0 ? CKR_CANT_LOCK : CKR_OK;
}

CK_RV C_Initialize(CK_VOID_PTR pInitArgs)
{
    CK_RV rv;
    pthread_mutex_lock(&mutex);
    rv = token.is_initialized ? CKR_CRYPTOKI_ALREADY_INITIALIZED : check_arguments(pInitArgs);
    if (rv == CKR_OK) {
        memset(&token, 0, sizeof token);
        token.user = NOBODY;
        token.is_initialized = true;
    }
    return library_leave(rv);
}

static bool every(const object *o, CK_ULONG unused)
{
    (void)o;
    (void)unused;
    return true;
}

CK_RV C_Finalize(CK_VOID_PTR pReserved)
{
    CK_RV rv = library_enter();
    if (rv != CKR_OK) { return rv; }
    if (pReserved != NULL) { return library_leave(CKR_ARGUMENTS_BAD); }
    sessions_close_all();
    objects_remove(every, 0);
    token.is_initialized = false;
    return library_leave(CKR_OK);
}

CK_RV C_GetInfo(CK_INFO_PTR pInfo)
{
    CK_RV rv = library_enter();
    if (rv != CKR_OK) { return rv; }
    if (pInfo == NULL) { return library_leave(CKR_ARGUMENTS_BAD); }
    memset(pInfo, 0, sizeof *pInfo);
    pInfo->cryptokiVersion = (CK_VERSION){ 2, 40 };
    PUT(pInfo->manufacturerID, "p11gen");
    PUT(pInfo->libraryDescription, "c-token, an example");
    pInfo->libraryVersion = (CK_VERSION){ 1, 0 };
    return library_leave(CKR_OK);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR ppFunctionList)
{
    static CK_FUNCTION_LIST list = {
        { 2, 40 },
#define CK_PKCS11_FUNCTION_INFO(name) name,
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
    };
    if (ppFunctionList == NULL) { return CKR_ARGUMENTS_BAD; }
    *ppFunctionList = &list;
    return CKR_OK;
}

/* ---- The slot ---- */

CK_RV C_GetSlotList(CK_BBOOL tokenPresent, CK_SLOT_ID_PTR pSlotList, CK_ULONG_PTR pulCount)
{
    CK_RV rv = library_enter();
    (void)tokenPresent; /* it always is */
    if (rv != CKR_OK) { return rv; }
    if (pulCount == NULL) { return library_leave(CKR_ARGUMENTS_BAD); }
    if (pSlotList != NULL && *pulCount < 1) {
        rv = CKR_BUFFER_TOO_SMALL;
    } else if (pSlotList != NULL) {
        pSlotList[0] = SLOT_ID;
    }
    *pulCount = 1;
    return library_leave(rv);
}

static CK_RV enter_slot(CK_SLOT_ID slot, const void *out)
{
    CK_RV rv = library_enter();
    if (rv != CKR_OK) { return rv; }
    if (slot != SLOT_ID) { return library_leave(CKR_SLOT_ID_INVALID); }
    return out == NULL ? library_leave(CKR_ARGUMENTS_BAD) : CKR_OK;
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slotID, CK_SLOT_INFO_PTR pInfo)
{
    CK_RV rv = enter_slot(slotID, pInfo);
    if (rv != CKR_OK) { return rv; }
    memset(pInfo, 0, sizeof *pInfo);
    PUT(pInfo->slotDescription, "c-token");
    PUT(pInfo->manufacturerID, "p11gen");
    pInfo->flags = CKF_TOKEN_PRESENT;
    return library_leave(CKR_OK);
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slotID, CK_TOKEN_INFO_PTR pInfo)
{
    CK_RV rv = enter_slot(slotID, pInfo);
    if (rv != CKR_OK) { return rv; }
    memset(pInfo, 0, sizeof *pInfo);
    PUT(pInfo->label, "c-token");
    PUT(pInfo->manufacturerID, "p11gen");
    PUT(pInfo->model, "c-token");
    PUT(pInfo->serialNumber, "1");
    pInfo->flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_RNG
                   | CKF_DUAL_CRYPTO_OPERATIONS;
    pInfo->ulMaxSessionCount = pInfo->ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
    for (const session *s = token.sessions; s != NULL; s = s->next) {
        pInfo->ulSessionCount++;
        if (s->flags & CKF_RW_SESSION) { pInfo->ulRwSessionCount++; }
    }
    pInfo->ulMinPinLen = sizeof USER_PIN - 1;
    pInfo->ulMaxPinLen = sizeof SO_PIN - 1;
    pInfo->ulTotalPublicMemory = pInfo->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    pInfo->ulTotalPrivateMemory = pInfo->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
    PUT(pInfo->utcTime, "");
    return library_leave(CKR_OK);
}

/* ---- Mechanisms ---- */

static const struct {
    CK_MECHANISM_TYPE type;
    CK_MECHANISM_INFO info;
} mechanisms[] = {
    { CKM_AES_KEY_GEN, { 16, 32, CKF_GENERATE } },
    { CKM_AES_CBC, { 16, 32, CKF_ENCRYPT | CKF_DECRYPT } },
    { CKM_AES_CBC_PAD, { 16, 32, CKF_ENCRYPT | CKF_DECRYPT } },
    { CKM_SHA256, { 0, 0, CKF_DIGEST } },
    { CKM_SHA256_HMAC, { 1, 512, CKF_SIGN | CKF_VERIFY } },
    { CKM_RSA_PKCS_KEY_PAIR_GEN, { RSA_BITS_MIN, RSA_BITS_MAX, CKF_GENERATE_KEY_PAIR } },
    { CKM_RSA_PKCS, { RSA_BITS_MIN, RSA_BITS_MAX, CKF_SIGN | CKF_VERIFY } },
    { CKM_SHA256_RSA_PKCS, { RSA_BITS_MIN, RSA_BITS_MAX, CKF_SIGN | CKF_VERIFY } },
};

#define MECHANISMS (sizeof mechanisms / sizeof mechanisms[0])

CK_RV C_GetMechanismList(CK_SLOT_ID slotID, CK_MECHANISM_TYPE_PTR pMechanismList, CK_ULONG_PTR pulCount)
{
    CK_RV rv = enter_slot(slotID, pulCount);
    if (rv != CKR_OK) { return rv; }
    if (pMechanismList != NULL && *pulCount < MECHANISMS) {
        rv = CKR_BUFFER_TOO_SMALL;
    } else if (pMechanismList != NULL) {
        for (size_t i = 0; i < MECHANISMS; i++) { pMechanismList[i] = mechanisms[i].type; }
    }
    *pulCount = MECHANISMS;
    return library_leave(rv);
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slotID, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR pInfo)
{
    CK_RV rv = enter_slot(slotID, pInfo);
    if (rv != CKR_OK) { return rv; }
    for (size_t i = 0; i < MECHANISMS; i++) {
        if (mechanisms[i].type == type) {
            *pInfo = mechanisms[i].info;
            return library_leave(CKR_OK);
        }
    }
    return library_leave(CKR_MECHANISM_INVALID);
}

/* ---- Output ---- */

CK_RV fits(CK_ULONG length, const CK_BYTE *out, CK_ULONG *out_length)
{
    const bool is_small = out != NULL && *out_length < length;
    *out_length = length;
    return is_small ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}
