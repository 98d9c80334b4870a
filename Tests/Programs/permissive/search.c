/* SPDX-License-Identifier: MIT */
/* The search for objects. */
#include "permissive.h"

static CK_RV start_search(session *s, const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    object like = { 0, CK_UNAVAILABLE_INFORMATION, { 0 } };
    const CK_RV rv = apply_template(&like, attributes, count);
    if (rv != CKR_OK) { return rv; }
    s->work.of[FIND].active = 1;
    s->work.next_place = 0;
    s->work.wanted_class = like.object_class; /* the only attribute that is compared */
    return CKR_OK;
}

static CK_RV search(session *s, CK_OBJECT_HANDLE *found, CK_ULONG most, CK_ULONG *count)
{
    work *const w = &s->work;
    if (!w->of[FIND].active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (count == NULL || (found == NULL && most != 0)) { return CKR_ARGUMENTS_BAD; }
    *count = 0;
    for (; *count < most && w->next_place < MOST_OBJECTS; ++w->next_place) {
        const object *const o = &objects[w->next_place];
        if (!o->exists) { continue; }
        if (w->wanted_class != CK_UNAVAILABLE_INFORMATION && w->wanted_class != o->object_class) { continue; }
        found[(*count)++] = w->next_place + 1;
    }
    return CKR_OK;
}

SESSION_CALL(C_FindObjectsInit, (H, TEMPLATE), start_search(s, pTemplate, ulCount))
SESSION_CALL(C_FindObjects, (H, CK_OBJECT_HANDLE_PTR phObject, CK_ULONG ulMaxObjectCount, CK_ULONG_PTR pulObjectCount),
             search(s, phObject, ulMaxObjectCount, pulObjectCount))
SESSION_CALL(C_FindObjectsFinal, (H), end(s, FIND))
