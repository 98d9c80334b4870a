/* SPDX-License-Identifier: MIT */
/* session.c: sessions, and who is logged in. */
#include "token.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* ---- Into a session and out again ---- */

CK_RV session_enter(CK_SESSION_HANDLE handle, session **found)
{
    CK_RV rv = library_enter();
    *found = NULL;
    if (rv != CKR_OK) { return rv; }
    for (*found = token.sessions; *found != NULL; *found = (*found)->next) {
        if ((*found)->handle == handle) { return CKR_OK; }
    }
    return library_leave(CKR_SESSION_HANDLE_INVALID);
}

CK_RV session_leave(session *s, CK_RV rv)
{
    (void)s;
    return library_leave(rv);
}

void session_end_operations(session *s)
{
    search_end(&s->find);
    cipher_end(&s->encrypt);
    cipher_end(&s->decrypt);
    sign_end(s, &s->sign);
    sign_end(s, &s->verify);
    digest_end(&s->digest);
}

/* ---- Opening and closing ---- */

CK_RV C_OpenSession(
    CK_SLOT_ID slotID, CK_FLAGS flags, CK_VOID_PTR pApplication, CK_NOTIFY Notify, CK_SESSION_HANDLE_PTR phSession)
{
    session *s;
    CK_RV rv = library_enter();
    (void)pApplication; /* nothing here takes so long that it would notify */
    (void)Notify;
    if (rv != CKR_OK) { return rv; }
    if (slotID != SLOT_ID) { return library_leave(CKR_SLOT_ID_INVALID); }
    if ((flags & CKF_SERIAL_SESSION) == 0) { return library_leave(CKR_SESSION_PARALLEL_NOT_SUPPORTED); }
    if (phSession == NULL) { return library_leave(CKR_ARGUMENTS_BAD); }
    if (token.user == CKU_SO && (flags & CKF_RW_SESSION) == 0) {
        return library_leave(CKR_SESSION_READ_WRITE_SO_EXISTS);
    }
    s = calloc(1, sizeof *s);
    if (s == NULL) { return library_leave(CKR_HOST_MEMORY); }
    s->handle = ++token.last_handle;
    s->flags = flags;
    s->next = token.sessions;
    token.sessions = s;
    *phSession = s->handle;
    return library_leave(CKR_OK);
}

static bool is_private(const object *o, CK_ULONG unused)
{
    (void)unused;
    return object_flag(o, CKA_PRIVATE);
}

static bool is_private_session_object(const object *o, CK_ULONG unused)
{
    return o->owner != 0 && is_private(o, unused);
}

static bool belongs_to(const object *o, CK_ULONG session_handle) { return o->owner == session_handle; }

static void session_close(session **link)
{
    session *s = *link;
    session_end_operations(s);
    objects_remove(belongs_to, s->handle);
    *link = s->next;
    OPENSSL_clear_free(s, sizeof *s);
    /* With its last session the application is logged out. */
    if (token.sessions == NULL) { token.user = NOBODY; }
}

void sessions_close_all(void)
{
    while (token.sessions != NULL) { session_close(&token.sessions); }
}

CK_RV C_CloseSession(CK_SESSION_HANDLE hSession)
{
    session *s, **link = &token.sessions;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    while (*link != s) { link = &(*link)->next; }
    session_close(link);
    return library_leave(CKR_OK);
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slotID)
{
    CK_RV rv = library_enter();
    if (rv != CKR_OK) { return rv; }
    if (slotID != SLOT_ID) { return library_leave(CKR_SLOT_ID_INVALID); }
    sessions_close_all();
    return library_leave(CKR_OK);
}

static CK_STATE state_of(const session *s)
{
    const bool writes = (s->flags & CKF_RW_SESSION) != 0;
    if (token.user == CKU_SO) { return CKS_RW_SO_FUNCTIONS; }
    if (token.user == CKU_USER) { return writes ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS; }
    return writes ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE hSession, CK_SESSION_INFO_PTR pInfo)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if (pInfo == NULL) {
        rv = CKR_ARGUMENTS_BAD;
    } else {
        *pInfo = (CK_SESSION_INFO){ SLOT_ID, state_of(s), s->flags, 0 };
    }
    return session_leave(s, rv);
}

/* ---- Login and logout, which are the application's: of all its sessions with the token ---- */

static bool is_read_only_session_open(void)
{
    for (const session *s = token.sessions; s != NULL; s = s->next) {
        if ((s->flags & CKF_RW_SESSION) == 0) { return true; }
    }
    return false;
}

static CK_RV login(CK_USER_TYPE user, const CK_BYTE *text, CK_ULONG length)
{
    const char *const pin = user == CKU_SO ? SO_PIN : USER_PIN;
    /* No key here asks for a login of its own. */
    if (user == CKU_CONTEXT_SPECIFIC) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (user != CKU_USER && user != CKU_SO) { return CKR_USER_TYPE_INVALID; }
    if (token.user == user) { return CKR_USER_ALREADY_LOGGED_IN; }
    if (token.user != NOBODY) { return CKR_USER_ANOTHER_ALREADY_LOGGED_IN; }
    if (user == CKU_SO && is_read_only_session_open()) { return CKR_SESSION_READ_ONLY_EXISTS; }
    if (text == NULL) { return CKR_ARGUMENTS_BAD; }
    if (length != strlen(pin) || CRYPTO_memcmp(pin, text, length) != 0) { return CKR_PIN_INCORRECT; }
    token.user = user;
    return CKR_OK;
}

CK_RV C_Login(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    rv = login(userType, pPin, ulPinLen);
    return session_leave(s, rv);
}

CK_RV C_Logout(CK_SESSION_HANDLE hSession)
{
    session *s;
    CK_RV rv = session_enter(hSession, &s);
    if (rv != CKR_OK) { return rv; }
    if (token.user == NOBODY) { return session_leave(s, CKR_USER_NOT_LOGGED_IN); }
    token.user = NOBODY;
    /* Private objects are out of reach from now on; so is what was started with them. */
    for (session *each = token.sessions; each != NULL; each = each->next) { session_end_operations(each); }
    objects_remove(is_private_session_object, 0);
    return session_leave(s, CKR_OK);
}
