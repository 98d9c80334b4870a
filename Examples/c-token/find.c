/* SPDX-License-Identifier: MIT */
/* find.c: searching for objects. */
#include "token.h"

#include <stdlib.h>
#include <string.h>

static bool matches(const object *o, const CK_ATTRIBUTE *templ, CK_ULONG count)
{
    for (CK_ULONG i = 0; i < count; i++) {
        const CK_ATTRIBUTE *a = object_attribute(o, templ[i].type);
        if (a == NULL || a->ulValueLen != templ[i].ulValueLen) { return false; }
        if (a->ulValueLen != 0 && memcmp(a->pValue, templ[i].pValue, a->ulValueLen) != 0) { return false; }
    }
    return true;
}

static CK_RV search_start(struct search *f, const CK_ATTRIBUTE *templ, CK_ULONG count)
{
    CK_ULONG total = 0;
    search_end(f);
    if (templ == NULL && count != 0) { return CKR_ARGUMENTS_BAD; }
    for (CK_ULONG i = 0; i < count; i++) {
        if (templ[i].pValue == NULL && templ[i].ulValueLen != 0) { return CKR_ATTRIBUTE_VALUE_INVALID; }
    }
    for (const object *o = token.objects; o != NULL; o = o->next) { total++; }
    f->handles = calloc(total + 1, sizeof *f->handles);
    if (f->handles == NULL) { return CKR_HOST_MEMORY; }
    for (const object *o = token.objects; o != NULL; o = o->next) {
        if (object_visible(o->handle) != NULL && matches(o, templ, count)) { f->handles[f->count++] = o->handle; }
    }
    f->flags = OP_ACTIVE;
    return CKR_OK;
}

static CK_RV search_next(struct search *f, CK_OBJECT_HANDLE *handles, CK_ULONG max, CK_ULONG *count)
{
    if (count == NULL || (handles == NULL && max != 0)) { return CKR_ARGUMENTS_BAD; }
    *count = 0;
    while (*count < max && f->next < f->count) {
        /* What was destroyed meanwhile is not found any more. */
        const CK_OBJECT_HANDLE handle = f->handles[f->next++];
        if (object_visible(handle) != NULL) { handles[(*count)++] = handle; }
    }
    return CKR_OK;
}

void search_end(struct search *f)
{
    free(f->handles);
    memset(f, 0, sizeof *f);
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    rv = search_start(&s->find, pTemplate, ulCount);
    return session_leave(s, rv);
}

CK_RV C_FindObjects(
    CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE_PTR phObject, CK_ULONG ulMaxObjectCount, CK_ULONG_PTR pulObjectCount)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->find.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    rv = search_next(&s->find, phObject, ulMaxObjectCount, pulObjectCount);
    return session_leave(s, rv);
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE hSession)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if ((s->find.flags & OP_ACTIVE) == 0) { return session_leave(s, CKR_OPERATION_NOT_INITIALIZED); }
    search_end(&s->find);
    return session_leave(s, CKR_OK);
}
