/* SPDX-License-Identifier: MIT */
/* Saves and restores operations, with a sum over them. A search and the kinds with recovery cannot be saved. */
#include "permissive.h"

#include <string.h>

#define UNSAVED (BIT(FIND) | BIT(SIGN_RECOVER) | BIT(VERIFY_RECOVER))

typedef struct {
    work work;
    sum check;
} saved_state;

static CK_RV save_state(const session *s, CK_BYTE *out, CK_ULONG *out_length)
{
    saved_state state;
    if ((active_kinds(s) & ~UNSAVED) == 0) { return CKR_OPERATION_NOT_INITIALIZED; }
    memset(&state, 0, sizeof state);
    memcpy(&state.work, &s->work, sizeof state.work);
    for (unsigned kind = 0; kind < KINDS; ++kind) {
        if ((UNSAVED & BIT(kind)) != 0) { memset(&state.work.of[kind], 0, sizeof state.work.of[kind]); }
    }
    sum_start(&state.check);
    sum_add(&state.check, (const CK_BYTE *)&state.work, sizeof state.work);
    return give_bytes(out, out_length, &state, sizeof state);
}

/* What was active before is gone, the kinds that cannot be saved included. The keys are in the state. */
static CK_RV restore_state(session *s, const CK_BYTE *in, CK_ULONG length)
{
    saved_state state;
    sum check;
    if (!is_readable(in, length)) { return CKR_ARGUMENTS_BAD; }
    if (length != sizeof state) { return CKR_SAVED_STATE_INVALID; }
    memcpy(&state, in, sizeof state);
    sum_start(&check);
    sum_add(&check, (const CK_BYTE *)&state.work, sizeof state.work);
    if (memcmp(&check, &state.check, sizeof check) != 0) { return CKR_SAVED_STATE_INVALID; }
    memcpy(&s->work, &state.work, sizeof s->work);
    return CKR_OK;
}

SESSION_CALL(C_GetOperationState, (H, OUT), save_state(s, pOut, pulOutLen))
SESSION_CALL(C_SetOperationState, (H, IN, CK_OBJECT_HANDLE hEncryptionKey, CK_OBJECT_HANDLE hAuthenticationKey),
             ((void)hEncryptionKey, (void)hAuthenticationKey, restore_state(s, pIn, ulInLen)))
