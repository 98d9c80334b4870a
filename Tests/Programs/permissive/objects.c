/* SPDX-License-Identifier: MIT */
/* Objects, keys and random numbers: whatever is asked for, something is made. */
#include "permissive.h"

#include <string.h>

/* ---- Objects: a handle is a place in the table, counted from 1 ---- */

object objects[MOST_OBJECTS];

/* Object 1 is there from the start. */
void reset_objects(void)
{
    memset(objects, 0, sizeof objects);
    objects[0] = (object){ 1, CKO_SECRET_KEY, { 0 } };
    memset(objects[0].value, 0x5A, VALUE_BYTES);
}

object *object_of(CK_OBJECT_HANDLE handle)
{
    return handle >= 1 && handle <= MOST_OBJECTS && objects[handle - 1].exists ? &objects[handle - 1] : NULL;
}

CK_RV apply_template(object *o, const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    if (attributes == NULL && count != 0) { return CKR_ARGUMENTS_BAD; }
    for (CK_ULONG i = 0; i < count; ++i) {
        const CK_ATTRIBUTE *const a = &attributes[i];
        if (a->type != CKA_CLASS && a->type != CKA_VALUE) { continue; }
        if (a->pValue == NULL || (a->type == CKA_CLASS && a->ulValueLen != sizeof o->object_class)
            || a->ulValueLen > VALUE_BYTES) {
            return CKR_ATTRIBUTE_VALUE_INVALID;
        }
        if (a->type == CKA_CLASS) {
            memcpy(&o->object_class, a->pValue, sizeof o->object_class);
        } else {
            memset(o->value, 0, VALUE_BYTES);
            memcpy(o->value, a->pValue, a->ulValueLen);
        }
    }
    return CKR_OK;
}

/* Makes an object in the first free place. Without a value given, each of its bytes is 0x40 + its handle. */
static CK_RV make_object(CK_OBJECT_CLASS object_class, const CK_BYTE *value, const CK_ATTRIBUTE *attributes,
                         CK_ULONG count, CK_OBJECT_HANDLE *handle)
{
    object made = { 1, object_class, { 0 } };
    CK_ULONG place = 0;
    if (handle == NULL) { return CKR_ARGUMENTS_BAD; }
    while (place < MOST_OBJECTS && objects[place].exists) { ++place; }
    if (place == MOST_OBJECTS) { return CKR_DEVICE_MEMORY; }
    memset(made.value, (int)(0x41 + place), VALUE_BYTES);
    if (value != NULL) { memcpy(made.value, value, VALUE_BYTES); }
    const CK_RV rv = apply_template(&made, attributes, count);
    if (rv != CKR_OK) { return rv; }
    objects[place] = made;
    *handle = place + 1;
    return CKR_OK;
}

static CK_RV read_attributes(const object *o, CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    CK_RV rv = CKR_OK;
    if (attributes == NULL && count != 0) { return CKR_ARGUMENTS_BAD; }
    for (CK_ULONG i = 0; i < count; ++i) {
        CK_ATTRIBUTE *const a = &attributes[i];
        const void *const from = a->type == CKA_CLASS ? (const void *)&o->object_class : o->value;
        const CK_ULONG length = a->type == CKA_CLASS ? sizeof o->object_class : VALUE_BYTES;
        if (a->type != CKA_CLASS && a->type != CKA_VALUE) {
            a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
            rv = CKR_ATTRIBUTE_TYPE_INVALID;
        } else if (a->pValue != NULL && a->ulValueLen < length) {
            a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
            rv = CKR_BUFFER_TOO_SMALL;
        } else {
            if (a->pValue != NULL) { memcpy(a->pValue, from, length); }
            a->ulValueLen = length;
        }
    }
    return rv;
}

static CK_RV copy_object(CK_OBJECT_HANDLE from, const CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *to)
{
    const object *const o = object_of(from);
    return o == NULL ? CKR_OBJECT_HANDLE_INVALID : make_object(o->object_class, o->value, attributes, count, to);
}

static CK_RV change_object(object *o, const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    object changed = *o;
    const CK_RV rv = apply_template(&changed, attributes, count);
    if (rv == CKR_OK) { *o = changed; }
    return rv;
}

/* ---- Keys ---- */

static CK_RV generate_pair(const CK_ATTRIBUTE *of_public, CK_ULONG public_count, const CK_ATTRIBUTE *of_private,
                           CK_ULONG private_count, CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    if (public_key == NULL || private_key == NULL) { return CKR_ARGUMENTS_BAD; }
    CK_RV rv = make_object(CKO_PUBLIC_KEY, NULL, of_public, public_count, public_key);
    if (rv != CKR_OK) { return rv; }
    /* The same value, so that what one does the other can check. */
    rv = make_object(CKO_PRIVATE_KEY, object_of(*public_key)->value, of_private, private_count, private_key);
    if (rv != CKR_OK) { object_of(*public_key)->exists = 0; }
    return rv;
}

/* XORs the 64 bytes of a value with the first byte of another object's. */
static CK_RV wrap(CK_OBJECT_HANDLE with, CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *out_length)
{
    CK_BYTE wrapped[VALUE_BYTES];
    if (object_of(with) == NULL) { return CKR_WRAPPING_KEY_HANDLE_INVALID; }
    if (object_of(key) == NULL) { return CKR_KEY_HANDLE_INVALID; }
    cipher(object_of(with)->value[0], NULL, 0, object_of(key)->value, VALUE_BYTES, wrapped);
    return give_bytes(out, out_length, wrapped, VALUE_BYTES);
}

static CK_RV unwrap(CK_OBJECT_HANDLE with, const CK_BYTE *in, CK_ULONG length, const CK_ATTRIBUTE *attributes,
                    CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    CK_BYTE value[VALUE_BYTES];
    if (object_of(with) == NULL) { return CKR_UNWRAPPING_KEY_HANDLE_INVALID; }
    if (!is_readable(in, length)) { return CKR_ARGUMENTS_BAD; }
    if (length != VALUE_BYTES) { return CKR_WRAPPED_KEY_LEN_RANGE; }
    cipher(object_of(with)->value[0], NULL, 0, in, length, value);
    return make_object(CKO_SECRET_KEY, value, attributes, count, key);
}

/* ---- Functions ---- */

#define NEEDS_MECHANISM(does) (pMechanism == NULL ? CKR_ARGUMENTS_BAD : (does))
#define NEEDS_OBJECT(handle, does) (object_of(handle) == NULL ? CKR_OBJECT_HANDLE_INVALID : (does))

SESSION_CALL(C_CreateObject, (H, TEMPLATE, CK_OBJECT_HANDLE_PTR phObject),
             make_object(CKO_DATA, NULL, pTemplate, ulCount, phObject))
SESSION_CALL(C_CopyObject, (H, CK_OBJECT_HANDLE hObject, TEMPLATE, CK_OBJECT_HANDLE_PTR phNewObject),
             copy_object(hObject, pTemplate, ulCount, phNewObject))
SESSION_CALL(C_DestroyObject, (H, CK_OBJECT_HANDLE hObject),
             NEEDS_OBJECT(hObject, (object_of(hObject)->exists = 0, CKR_OK)))
SESSION_CALL(C_GetObjectSize, (H, CK_OBJECT_HANDLE hObject, CK_ULONG_PTR pulSize),
             pulSize == NULL ? CKR_ARGUMENTS_BAD : NEEDS_OBJECT(hObject, (*pulSize = VALUE_BYTES, CKR_OK)))
SESSION_CALL(C_GetAttributeValue, (H, CK_OBJECT_HANDLE hObject, TEMPLATE),
             NEEDS_OBJECT(hObject, read_attributes(object_of(hObject), pTemplate, ulCount)))
SESSION_CALL(C_SetAttributeValue, (H, CK_OBJECT_HANDLE hObject, TEMPLATE),
             NEEDS_OBJECT(hObject, change_object(object_of(hObject), pTemplate, ulCount)))
SESSION_CALL(C_GenerateKey, (H, MECHANISM, TEMPLATE, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(make_object(CKO_SECRET_KEY, NULL, pTemplate, ulCount, phKey)))
SESSION_CALL(C_GenerateKeyPair, (H, MECHANISM, TEMPLATE, CK_ATTRIBUTE_PTR pPrivate, CK_ULONG ulPrivateCount,
                                 CK_OBJECT_HANDLE_PTR phPublicKey, CK_OBJECT_HANDLE_PTR phPrivateKey),
             NEEDS_MECHANISM(generate_pair(pTemplate, ulCount, pPrivate, ulPrivateCount, phPublicKey, phPrivateKey)))
SESSION_CALL(C_WrapKey, (H, MECHANISM, CK_OBJECT_HANDLE hWrappingKey, KEY, OUT),
             NEEDS_MECHANISM(wrap(hWrappingKey, hKey, pOut, pulOutLen)))
SESSION_CALL(C_UnwrapKey, (H, MECHANISM, KEY, IN, TEMPLATE, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(unwrap(hKey, pIn, ulInLen, pTemplate, ulCount, phKey)))
SESSION_CALL(C_DeriveKey, (H, MECHANISM, KEY, TEMPLATE, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(object_of(hKey) == NULL ? CKR_KEY_HANDLE_INVALID
                                                     : copy_object(hKey, pTemplate, ulCount, phKey)))
SESSION_CALL(C_SeedRandom, (H, IN), is_readable(pIn, ulInLen) ? CKR_OK : CKR_ARGUMENTS_BAD)
SESSION_CALL(C_GenerateRandom, (H, IN), /* the same bytes for everybody, so that results can be compared */
             !is_readable(pIn, ulInLen) ? CKR_ARGUMENTS_BAD : ulInLen == 0 ? CKR_OK : (memset(pIn, 4, ulInLen), CKR_OK))

#ifndef PERMISSIVE_240

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

#endif
