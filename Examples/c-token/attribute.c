/* SPDX-License-Identifier: MIT */
/* attribute.c: the attributes of an object. */
#include "token.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static CK_ATTRIBUTE *find_attribute(const object *o, CK_ATTRIBUTE_TYPE type)
{
    for (CK_ULONG i = 0; i < o->count; i++) {
        if (o->attributes[i].type == type) { return &o->attributes[i]; }
    }
    return NULL;
}

const CK_ATTRIBUTE *object_attribute(const object *o, CK_ATTRIBUTE_TYPE type) { return find_attribute(o, type); }

bool object_flag(const object *o, CK_ATTRIBUTE_TYPE type)
{
    const CK_ATTRIBUTE *a = object_attribute(o, type);
    return a != NULL && a->ulValueLen == sizeof(CK_BBOOL) && *(const CK_BBOOL *)a->pValue != CK_FALSE;
}

bool object_number(const object *o, CK_ATTRIBUTE_TYPE type, CK_ULONG *number)
{
    const CK_ATTRIBUTE *a = object_attribute(o, type);
    if (a == NULL || a->ulValueLen != sizeof *number) { return false; }
    memcpy(number, a->pValue, sizeof *number);
    return true;
}

CK_RV object_set(object *o, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG length)
{
    CK_ATTRIBUTE *a = find_attribute(o, type);
    /* One byte more, so that an empty value is memory as well. */
    void *const copy = OPENSSL_zalloc(length + 1);
    if (copy == NULL) { return CKR_HOST_MEMORY; }
    if (length != 0) { memcpy(copy, value, length); }
    if (a == NULL) {
        CK_ATTRIBUTE *const more = realloc(o->attributes, (o->count + 1) * sizeof *more);
        if (more == NULL) {
            OPENSSL_clear_free(copy, length + 1);
            return CKR_HOST_MEMORY;
        }
        o->attributes = more;
        a = &more[o->count++];
        *a = (CK_ATTRIBUTE){ type, NULL, 0 };
    }
    if (a->pValue != NULL) { OPENSSL_clear_free(a->pValue, a->ulValueLen + 1); }
    a->pValue = copy;
    a->ulValueLen = length;
    return CKR_OK;
}

/* The values of these are one byte and one CK_ULONG; elsewhere that is relied upon. */
bool attribute_is_well_formed(const CK_ATTRIBUTE *a)
{
    if (a->pValue == NULL) { return a->ulValueLen == 0; }
    switch (a->type) {
    case CKA_TOKEN:
    case CKA_PRIVATE:
    case CKA_MODIFIABLE:
    case CKA_SENSITIVE:
    case CKA_EXTRACTABLE:
    case CKA_ENCRYPT:
    case CKA_DECRYPT:
    case CKA_SIGN:
    case CKA_VERIFY:
        return a->ulValueLen == sizeof(CK_BBOOL);
    case CKA_CLASS:
    case CKA_KEY_TYPE:
    case CKA_VALUE_LEN:
    case CKA_MODULUS_BITS:
        return a->ulValueLen == sizeof(CK_ULONG);
    default:
        return a->ulValueLen <= 1UL << 20;
    }
}
