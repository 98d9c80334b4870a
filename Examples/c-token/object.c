/* SPDX-License-Identifier: MIT */
/* object.c: objects, and the functions that make, read and change them. */
#include "token.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* ---- Objects ---- */

static CK_RV set_defaults(object *o, CK_OBJECT_CLASS kind)
{
    static const CK_ATTRIBUTE_TYPE flags[] = { CKA_TOKEN, CKA_PRIVATE, CKA_MODIFIABLE, CKA_SENSITIVE, CKA_EXTRACTABLE };
    const bool is_secret = kind == CKO_SECRET_KEY || kind == CKO_PRIVATE_KEY;
    const CK_BBOOL values[] = {
        CK_FALSE, is_secret, CK_TRUE, kind == CKO_PRIVATE_KEY, kind == CKO_SECRET_KEY
    };
    CK_RV rv = object_set(o, CKA_CLASS, &kind, sizeof kind);
    for (size_t i = 0; i < (is_secret ? 5 : 3) && rv == CKR_OK; i++) { rv = object_set(o, flags[i], &values[i], 1); }
    if (rv == CKR_OK) { rv = object_set(o, CKA_LABEL, NULL, 0); }
    if (rv == CKR_OK) { rv = object_set(o, CKA_ID, NULL, 0); }
    return rv;
}

static CK_RV check_rights(const session *s, const object *o)
{
    if (object_flag(o, CKA_PRIVATE) && token.user != CKU_USER) { return CKR_USER_NOT_LOGGED_IN; }
    if (object_flag(o, CKA_TOKEN) && (s->flags & CKF_RW_SESSION) == 0) { return CKR_SESSION_READ_ONLY; }
    return CKR_OK;
}

/* An object of a template, which object_add makes known. */
CK_RV object_create(const session *s, CK_OBJECT_CLASS kind, const CK_ATTRIBUTE *templ, CK_ULONG count, object **made)
{
    object *o;
    CK_OBJECT_CLASS said;
    CK_RV rv;
    if (templ == NULL && count != 0) { return CKR_ARGUMENTS_BAD; }
    o = calloc(1, sizeof *o);
    if (o == NULL) { return CKR_HOST_MEMORY; }
    rv = set_defaults(o, kind);
    for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
        rv = attribute_is_well_formed(&templ[i]) ? object_set(o, templ[i].type, templ[i].pValue, templ[i].ulValueLen)
                                                 : CKR_ATTRIBUTE_VALUE_INVALID;
    }
    if (rv == CKR_OK && (!object_number(o, CKA_CLASS, &said) || said != kind)) { rv = CKR_TEMPLATE_INCONSISTENT; }
    if (rv == CKR_OK) { rv = check_rights(s, o); }
    if (rv != CKR_OK) {
        object_free(o);
        return rv;
    }
    o->owner = object_flag(o, CKA_TOKEN) ? 0 : s->handle;
    *made = o;
    return CKR_OK;
}

CK_OBJECT_HANDLE object_add(object *o)
{
    o->handle = ++token.last_handle;
    o->next = token.objects;
    token.objects = o;
    return o->handle;
}

/* The object, if it is there for who is logged in. */
object *object_visible(CK_OBJECT_HANDLE handle)
{
    for (object *o = token.objects; o != NULL; o = o->next) {
        if (o->handle == handle) { return object_flag(o, CKA_PRIVATE) && token.user != CKU_USER ? NULL : o; }
    }
    return NULL;
}

void object_free(object *o)
{
    for (CK_ULONG i = 0; i < o->count; i++) {
        OPENSSL_clear_free(o->attributes[i].pValue, o->attributes[i].ulValueLen + 1);
    }
    free(o->attributes);
    EVP_PKEY_free(o->key);
    free(o);
}

void objects_remove(bool (*doomed)(const object *o, CK_ULONG argument), CK_ULONG argument)
{
    object **link = &token.objects;
    while (*link != NULL) {
        object *const o = *link;
        if (doomed(o, argument)) {
            *link = o->next;
            object_free(o);
        } else {
            link = &o->next;
        }
    }
}

CK_RV key_for(CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS kind, CK_KEY_TYPE type, CK_ATTRIBUTE_TYPE use, object **key)
{
    CK_ULONG its_kind = 0, its_type = 0;
    object *o = object_visible(handle);
    if (o == NULL) { return CKR_KEY_HANDLE_INVALID; }
    if (!object_number(o, CKA_CLASS, &its_kind) || its_kind != kind) { return CKR_KEY_TYPE_INCONSISTENT; }
    if (!object_number(o, CKA_KEY_TYPE, &its_type) || its_type != type) { return CKR_KEY_TYPE_INCONSISTENT; }
    if (!object_flag(o, use)) { return CKR_KEY_FUNCTION_NOT_PERMITTED; }
    *key = o;
    return CKR_OK;
}

/* ---- Functions ---- */

/* What an application may bring: secret keys, and what is only kept. */
static CK_RV check_created(object *o, CK_OBJECT_CLASS kind)
{
    CK_KEY_TYPE type;
    CK_ULONG length;
    const CK_ATTRIBUTE *value = object_attribute(o, CKA_VALUE);
    if (kind == CKO_DATA || kind == CKO_CERTIFICATE) { return CKR_OK; }
    if (kind != CKO_SECRET_KEY) { return CKR_TEMPLATE_INCONSISTENT; }
    if (value == NULL || !object_number(o, CKA_KEY_TYPE, &type)) { return CKR_TEMPLATE_INCOMPLETE; }
    length = value->ulValueLen;
    if (type == CKK_AES && length != 16 && length != 24 && length != 32) { return CKR_ATTRIBUTE_VALUE_INVALID; }
    if ((type != CKK_AES && type != CKK_GENERIC_SECRET) || length == 0) { return CKR_ATTRIBUTE_VALUE_INVALID; }
    return object_set(o, CKA_VALUE_LEN, &length, sizeof length);
}

static CK_RV create(const session *s, const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_HANDLE *handle)
{
    CK_OBJECT_CLASS kind = CKO_VENDOR_DEFINED;
    object *o;
    CK_RV rv;
    if (templ == NULL || handle == NULL) { return CKR_ARGUMENTS_BAD; }
    for (CK_ULONG i = 0; i < count; i++) {
        if (templ[i].type == CKA_CLASS && templ[i].pValue != NULL && templ[i].ulValueLen == sizeof kind) {
            memcpy(&kind, templ[i].pValue, sizeof kind);
        }
    }
    if (kind == CKO_VENDOR_DEFINED) { return CKR_TEMPLATE_INCOMPLETE; }
    rv = object_create(s, kind, templ, count, &o);
    if (rv != CKR_OK) { return rv; }
    rv = check_created(o, kind);
    if (rv == CKR_OK) {
        *handle = object_add(o);
    } else {
        object_free(o);
    }
    return rv;
}

CK_RV C_CreateObject(
    CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount, CK_OBJECT_HANDLE_PTR phObject)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    rv = create(s, pTemplate, ulCount, phObject);
    return session_leave(s, rv);
}

static bool has_handle(const object *o, CK_ULONG handle) { return o->handle == handle; }

CK_RV C_DestroyObject(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject)
{
    session *s;
    object *o;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    o = object_visible(hObject);
    rv = o == NULL ? CKR_OBJECT_HANDLE_INVALID : check_rights(s, o);
    if (rv == CKR_OK) { objects_remove(has_handle, hObject); }
    return session_leave(s, rv);
}

/* One attribute, as C_GetAttributeValue gives it: every one of them is looked at, whatever becomes of the others. */
static CK_RV get(const object *o, CK_ATTRIBUTE *wanted)
{
    const CK_ATTRIBUTE *a = object_attribute(o, wanted->type);
    const bool is_hidden = object_flag(o, CKA_SENSITIVE) || !object_flag(o, CKA_EXTRACTABLE);
    CK_OBJECT_CLASS kind = 0;
    CK_RV rv = a == NULL ? CKR_ATTRIBUTE_TYPE_INVALID : CKR_OK;
    if (wanted->type == CKA_VALUE && object_number(o, CKA_CLASS, &kind) && kind == CKO_SECRET_KEY && is_hidden) {
        rv = CKR_ATTRIBUTE_SENSITIVE;
    } else if (rv == CKR_OK && wanted->pValue != NULL && wanted->ulValueLen < a->ulValueLen) {
        rv = CKR_BUFFER_TOO_SMALL;
    } else if (rv == CKR_OK && wanted->pValue != NULL) {
        memcpy(wanted->pValue, a->pValue, a->ulValueLen);
    }
    wanted->ulValueLen = rv == CKR_OK ? a->ulValueLen : CK_UNAVAILABLE_INFORMATION;
    return rv;
}

CK_RV C_GetAttributeValue(
    CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount)
{
    session *s;
    const object *o;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    o = object_visible(hObject);
    if (o == NULL) {
        rv = CKR_OBJECT_HANDLE_INVALID;
    } else if (pTemplate == NULL) {
        rv = CKR_ARGUMENTS_BAD;
    } else {
        for (CK_ULONG i = 0; i < ulCount; i++) {
            const CK_RV one = get(o, &pTemplate[i]);
            if (rv == CKR_OK) { rv = one; }
        }
    }
    return session_leave(s, rv);
}

static CK_RV set(const session *s, object *o, const CK_ATTRIBUTE *templ, CK_ULONG count)
{
    CK_RV rv = check_rights(s, o);
    for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
        if (templ[i].type != CKA_LABEL && templ[i].type != CKA_ID) { return CKR_ATTRIBUTE_READ_ONLY; }
        if (!attribute_is_well_formed(&templ[i])) { return CKR_ATTRIBUTE_VALUE_INVALID; }
    }
    if (rv == CKR_OK && !object_flag(o, CKA_MODIFIABLE)) { rv = CKR_ACTION_PROHIBITED; }
    for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
        rv = object_set(o, templ[i].type, templ[i].pValue, templ[i].ulValueLen);
    }
    return rv;
}

CK_RV C_SetAttributeValue(
    CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount)
{
    session *s;
    object *o;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    o = object_visible(hObject);
    rv = o == NULL ? CKR_OBJECT_HANDLE_INVALID : pTemplate == NULL ? CKR_ARGUMENTS_BAD : set(s, o, pTemplate, ulCount);
    return session_leave(s, rv);
}
