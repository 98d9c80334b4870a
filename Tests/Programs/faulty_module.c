/* SPDX-License-Identifier: MIT */
/*
 * A PKCS #11 module that is another one, named in REAL_MODULE, but for one fault, named in FAULT. It stands in for
 * tokens that nobody has at hand.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "pkcs11.h"

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST list;
static int sessions, wasRefused, wasFed;

static int is(const char *fault)
{
    const char *chosen = getenv("FAULT");
    return chosen != NULL && strcmp(chosen, fault) == 0;
}

static CK_RV openSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                         CK_SESSION_HANDLE_PTR session)
{
    CK_RV value = is("one-session") && sessions > 0 ? CKR_SESSION_COUNT
                                                    : real->C_OpenSession(slot, flags, application, notify, session);
    if (value == CKR_OK) sessions++;
    return value;
}

static CK_RV closeSession(CK_SESSION_HANDLE session)
{
    CK_RV value = real->C_CloseSession(session);
    if (value == CKR_OK) sessions--;
    return value;
}

static CK_RV digestInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism)
{
    wasRefused = wasFed = 0;
    if (is("crash")) abort();
    CK_RV value = real->C_DigestInit(session, mechanism);
    if (value != CKR_OPERATION_ACTIVE || !is("restarts")) return value;
    CK_BYTE buffer[64];
    CK_ULONG length = sizeof buffer;
    real->C_DigestFinal(session, buffer, &length);
    return real->C_DigestInit(session, mechanism);
}

static CK_RV encryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
    CK_RV value = real->C_EncryptInit(session, mechanism, key);
    if (value != CKR_OPERATION_ACTIVE) return value;
    wasRefused = 1;
    if (is("drops")) {
        CK_BYTE buffer[64];
        CK_ULONG length = sizeof buffer;
        real->C_DigestFinal(session, buffer, &length);
        return real->C_EncryptInit(session, mechanism, key);
    }
    return is("vain") ? CKR_OK : value;
}

static CK_RV digestFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR digest, CK_ULONG_PTR length)
{
    CK_RV value = real->C_DigestFinal(session, digest, length);
    if (value == CKR_OK && digest != NULL && wasRefused && is("wrong")) digest[0] ^= 1;
    if (value == CKR_OPERATION_NOT_INITIALIZED && is("restarts")) {
        memset(digest, 0, *length = 32);
        return CKR_OK;
    }
    return value;
}

static CK_RV digestUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG length)
{
    wasFed = 1;
    CK_RV value = real->C_DigestUpdate(session, part, length);
    /* It never says that there is no digest. */
    return value == CKR_OPERATION_NOT_INITIALIZED && is("restarts") ? CKR_OK : value;
}

/* The one call that ends a digest after a part is refused, as the standard asks. */
static CK_RV digest(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR result, CK_ULONG_PTR size)
{
    return wasFed ? CKR_OPERATION_ACTIVE : real->C_Digest(session, data, length, result, size);
}

/* A token of long ago. */
static CK_RV getMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR mechanisms, CK_ULONG_PTR count)
{
    static const CK_MECHANISM_TYPE old[] = { CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_SHA256_RSA_PKCS, CKM_DES3_CBC, CKM_SHA_1 };
    if (!is("old")) return real->C_GetMechanismList(slot, mechanisms, count);
    if (mechanisms != NULL) memcpy(mechanisms, old, sizeof old);
    *count = sizeof old / sizeof *old;
    return CKR_OK;
}

/* A token that wants to make its keys, or to keep them private. */
static CK_RV createObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count,
                          CK_OBJECT_HANDLE_PTR object)
{
    if (is("makes-keys")) return CKR_FUNCTION_NOT_SUPPORTED;
    for (CK_ULONG i = 0; i < count && is("private-keys"); i++) {
        if (attributes[i].type == CKA_PRIVATE && *(CK_BBOOL *)attributes[i].pValue == CK_FALSE) {
            return CKR_TEMPLATE_INCONSISTENT;
        }
    }
    return real->C_CreateObject(session, attributes, count, object);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR result)
{
    if (is("list-fails")) return CKR_GENERAL_ERROR;
    if (is("list-missing")) return CKR_OK;
    const char *path = getenv("REAL_MODULE");
    void *library = path != NULL ? dlopen(path, RTLD_NOW) : NULL;
    if (library == NULL) return CKR_FUNCTION_FAILED;
    CK_C_GetFunctionList get;
    *(void **)&get = dlsym(library, "C_GetFunctionList");
    CK_RV value = get(&real);
    if (value != CKR_OK) return value;
    list = *real;
    list.C_OpenSession = openSession;
    list.C_CloseSession = closeSession;
    list.C_DigestInit = digestInit;
    list.C_DigestFinal = digestFinal;
    list.C_EncryptInit = encryptInit;
    list.C_GetMechanismList = getMechanismList;
    list.C_CreateObject = createObject;
    list.C_DigestUpdate = digestUpdate;
    if (is("clean")) {
        list.C_Digest = digest;
        list.C_EncryptInit = NULL;
        list.C_DecryptInit = NULL;
    }
    if (is("no-members")) {
        memset(&list, 0, sizeof list);
        list.version = real->version;
    }
    if (is("fewer-members")) {
        list.C_EncryptInit = NULL;
        list.C_SignUpdate = NULL;
        list.C_GetInfo = NULL;
        list.C_DestroyObject = NULL;
    }
    *result = &list;
    return CKR_OK;
}
