/* SPDX-License-Identifier: MIT */
/* The table of sessions, and logins. */
#include "permissive.h"

#include <string.h>

static session sessions[MOST_SESSIONS];
static CK_ULONG places_used; /* no session stands at this place or behind it */

#define NOBODY CK_UNAVAILABLE_INFORMATION

static CK_USER_TYPE users[SLOTS];
static CK_ULONG births, first_free, open_in_slot[SLOTS]; /* no place before first_free is free */

session *session_of(CK_SESSION_HANDLE handle)
{
    /* Two of three ways to number sessions say where it is, and the third does as long as none was closed. */
    const CK_ULONG places[2] = { handle - 1, (handle - 0x7F0000000000UL) / 64 - 1 };
    for (unsigned i = 0; handle != CK_INVALID_HANDLE && i < 2; ++i) {
        if (places[i] < places_used && sessions[places[i]].handle == handle) { return &sessions[places[i]]; }
    }
    for (CK_ULONG i = 0; handle != CK_INVALID_HANDLE && i < places_used; ++i) {
        if (sessions[i].handle == handle) { return &sessions[i]; }
    }
    return NULL;
}

void forget_sessions(void)
{
    memset(sessions, 0, places_used * sizeof *sessions);
    memset(open_in_slot, 0, sizeof open_in_slot);
    places_used = first_free = births = 0;
    users[0] = users[1] = NOBODY;
}

CK_ULONG count_sessions(unsigned slot, CK_FLAGS flags)
{
    CK_ULONG count = 0;
    for (CK_ULONG i = 0; i < places_used; ++i) {
        count += sessions[i].handle != 0 && sessions[i].slot == slot && (sessions[i].flags & flags) == flags;
    }
    return count;
}

static CK_SESSION_HANDLE handle_for(CK_ULONG place)
{
    return options.unique ? births : options.sparse ? 0x7F0000000000UL + 64 * (place + 1) : place + 1;
}

static CK_RV open_session(CK_SLOT_ID id, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *handle)
{
    const unsigned slot = slot_of(id);
    CK_ULONG place = first_free;
    if (slot == SLOTS) { return CKR_SLOT_ID_INVALID; }
    if (handle == NULL) { return CKR_ARGUMENTS_BAD; }
    if ((flags & CKF_SERIAL_SESSION) == 0) { return CKR_SESSION_PARALLEL_NOT_SUPPORTED; }
    if ((flags & CKF_RW_SESSION) == 0 && users[slot] == CKU_SO) { return CKR_SESSION_READ_WRITE_SO_EXISTS; }
    while (place < places_used && sessions[place].handle != CK_INVALID_HANDLE) { ++place; }
    if (place == MOST_SESSIONS) { return CKR_SESSION_COUNT; }
    if (place == places_used) { ++places_used; }
    first_free = place + 1;
    ++open_in_slot[slot];
    session *const s = &sessions[place];
    memset(s, 0, sizeof *s);
    s->birth = ++births;
    s->slot = slot;
    s->flags = flags;
    s->notify = notify;
    s->application = application;
    *handle = s->handle = handle_for(place);
    return CKR_OK;
}

/* The last session with a token takes the login with it. */
static CK_RV close_session(session *s)
{
    const unsigned slot = s->slot;
    const CK_ULONG place = (CK_ULONG)(s - sessions);
    memset(s, 0, sizeof *s);
    if (place < first_free) { first_free = place; }
    if (--open_in_slot[slot] == 0) { users[slot] = NOBODY; }
    return CKR_OK;
}

static CK_RV close_all(CK_SLOT_ID id)
{
    const unsigned slot = slot_of(id);
    if (slot == SLOTS) { return CKR_SLOT_ID_INVALID; }
    for (CK_ULONG i = 0; i < places_used; ++i) {
        if (sessions[i].handle != CK_INVALID_HANDLE && sessions[i].slot == slot) { close_session(&sessions[i]); }
    }
    return CKR_OK;
}

static CK_RV session_info(const session *s, CK_SESSION_INFO *info)
{
    const int writes = (s->flags & CKF_RW_SESSION) != 0;
    if (info == NULL) { return CKR_ARGUMENTS_BAD; }
    info->slotID = slot_ids[s->slot];
    info->flags = s->flags;
    info->ulDeviceError = 0;
    info->state = users[s->slot] == CKU_SO     ? CKS_RW_SO_FUNCTIONS
                  : users[s->slot] == CKU_USER ? (writes ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS)
                                               : (writes ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION);
    return CKR_OK;
}

static CK_RV login(const session *s, CK_USER_TYPE user, const CK_BYTE *pin, CK_ULONG length)
{
    if (!is_readable(pin, length)) { return CKR_ARGUMENTS_BAD; }
    if (user == CKU_CONTEXT_SPECIFIC) { return active_kinds(s) != 0 ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED; }
    if (user != CKU_SO && user != CKU_USER) { return CKR_USER_TYPE_INVALID; }
    if (users[s->slot] == user) { return CKR_USER_ALREADY_LOGGED_IN; }
    if (users[s->slot] != NOBODY) { return CKR_USER_ANOTHER_ALREADY_LOGGED_IN; }
    if (user == CKU_SO && count_sessions(s->slot, 0) != count_sessions(s->slot, CKF_RW_SESSION)) {
        return CKR_SESSION_READ_ONLY_EXISTS;
    }
    users[s->slot] = user;
    return CKR_OK;
}

static CK_RV logout(const session *s)
{
    if (users[s->slot] == NOBODY) { return CKR_USER_NOT_LOGGED_IN; }
    users[s->slot] = NOBODY;
    for (CK_ULONG i = 0; options.logout_kills && i < places_used; ++i) {
        if (sessions[i].slot == s->slot) { memset(&sessions[i].work, 0, sizeof sessions[i].work); }
    }
    return CKR_OK;
}

/* ---- Functions ---- */

CALL(C_OpenSession, (CK_SLOT_ID slotID, CK_FLAGS flags, CK_VOID_PTR pApplication, CK_NOTIFY Notify,
                     CK_SESSION_HANDLE_PTR phSession),
     open_session(slotID, flags, pApplication, Notify, phSession))
SESSION_CALL(C_CloseSession, (H), close_session(s))
CALL(C_CloseAllSessions, (CK_SLOT_ID slotID), close_all(slotID))
SESSION_CALL(C_GetSessionInfo, (H, CK_SESSION_INFO_PTR pInfo), session_info(s, pInfo))

SESSION_CALL(C_Login, (H, CK_USER_TYPE userType, IN), login(s, userType, pIn, ulInLen))
SESSION_CALL(C_Logout, (H), logout(s))
SESSION_CALL(C_InitPIN, (H, IN), is_readable(pIn, ulInLen) ? CKR_OK : CKR_ARGUMENTS_BAD)
SESSION_CALL(C_SetPIN, (H, IN, CK_UTF8CHAR_PTR pNewPin, CK_ULONG ulNewLen),
             is_readable(pIn, ulInLen) && is_readable(pNewPin, ulNewLen) ? CKR_OK : CKR_ARGUMENTS_BAD)
SESSION_CALL(C_GetFunctionStatus, (H), CKR_FUNCTION_NOT_PARALLEL)
SESSION_CALL(C_CancelFunction, (H), CKR_FUNCTION_NOT_PARALLEL)

#ifndef PERMISSIVE_240

SESSION_CALL(C_LoginUser, (H, CK_USER_TYPE userType, IN, CK_UTF8CHAR_PTR pUsername, CK_ULONG ulUsernameLen),
             is_readable(pUsername, ulUsernameLen) ? login(s, userType, pIn, ulInLen) : CKR_ARGUMENTS_BAD)

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

#endif
