/* SPDX-License-Identifier: MIT */
/* The work of the threads, done until their part is over. */
#include "guard_threads.h"

#include <string.h>
#include <unistd.h>

CK_SESSION_HANDLE shared[SHARED];
unsigned long started;
static pthread_mutex_t handing = PTHREAD_MUTEX_INITIALIZER;

/* Sometimes with many sessions, so that the guard's table grows, moves and finds some far from their place. Where there
   are logins there may be somebody who closes all sessions with the other token. */
void *work_in_own(void *argument)
{
    worker *const w = argument;
    CK_SESSION_HANDLE opened[48];
    while (!part_is_over()) {
        const unsigned count = below(w, 16) == 0 ? 48 : 1 + below(w, 4);
        const CK_SLOT_ID slot = w->is_beside_login || below(w, 2) == 0 ? 0 : 7;
        for (unsigned i = 0; i < count; ++i) { opened[i] = open_one(w, slot); }
        for (unsigned i = 0; i < 4; ++i) { do_something(w, opened[below(w, count)]); }
        for (unsigned i = 0; i < count; ++i) { OK(C_CloseSession(opened[i])); }
    }
    return NULL;
}

static int may_be(CK_RV rv)
{
    return rv == CKR_OK || rv == CKR_OPERATION_ACTIVE || rv == CKR_OPERATION_NOT_INITIALIZED
           || rv == CKR_FUNCTION_FAILED || rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_SESSION_CLOSED;
}

/* A digest that is not refused is right, whoever started it: nobody feeds this session a part. */
static void digest_in_shared(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[24], out[32], wanted[32];
    CK_ULONG length = sizeof out;
    some_data(w, data, sizeof data);
    expect_sum(wanted, 0, data, sizeof data);
    CK_RV rv = CALL(C_DigestInit(h, &mechanism));
    right(w, may_be(rv), "C_DigestInit in a shared session", rv);
    rv = CALL(C_Digest(h, data, sizeof data, out, &length));
    right(w, may_be(rv), "C_Digest in a shared session", rv);
    if (rv == CKR_OK) { right(w, memcmp(out, wanted, sizeof out) == 0, "a digest in a shared session", 0); }
}

static CK_RV anything(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[8] = { 0 }, out[64];
    CK_ULONG length = sizeof out;
    CK_OBJECT_HANDLE found[2];
    switch (below(w, 12)) {
    case 0: return CALL(C_DigestInit(h, &mechanism));
    case 1: return CALL(C_DigestUpdate(h, data, sizeof data));
    case 2: return CALL(C_DigestFinal(h, out, &length));
    case 3: return CALL(C_EncryptInit(h, &mechanism, KEY));
    case 4: return CALL(C_EncryptUpdate(h, data, sizeof data, out, &length));
    case 5: return CALL(C_EncryptFinal(h, out, &length));
    case 6: return CALL(C_FindObjectsInit(h, NULL, 0));
    case 7: return CALL(C_FindObjects(h, found, 2, &length));
    case 8: return CALL(C_FindObjectsFinal(h));
    case 9: return CALL(C_SessionCancel(h, CKF_DIGEST | CKF_ENCRYPT | CKF_FIND_OBJECTS));
    case 10: return CALL(C_DigestEncryptUpdate(h, data, sizeof data, out, &length));
    default: return CALL(C_GenerateRandom(h, out, sizeof out));
    }
}

void *work_in_shared(void *argument)
{
    worker *const w = argument;
    while (!part_is_over()) {
        const unsigned which = below(w, SHARED);
        const CK_SESSION_HANDLE h = __atomic_load_n(&shared[which], __ATOMIC_ACQUIRE);
        if (w->number < 2 && below(w, 100) == 0) {
            const CK_RV rv = CALL(C_CloseSession(h));
            right(w, may_be(rv), "C_CloseSession of a shared session", rv);
            if (rv == CKR_OK) { __atomic_store_n(&shared[which], open_one(w, 0), __ATOMIC_RELEASE); }
        } else if (which == 0) {
            digest_in_shared(w, h);
        } else {
            const CK_RV rv = anything(w, h);
            right(w, may_be(rv), "a call in a shared session", rv);
        }
    }
    return NULL;
}

static void *work_shortly(void *argument)
{
    worker *const w = argument;
    const CK_SESSION_HANDLE h = open_one(w, 0);
    do_something(w, h);
    if (below(w, 8) != 0) { OK(C_CloseSession(h)); } else { OK(C_SessionCancel(h, CKF_DIGEST)); }
    return NULL;
}

/* Some sessions stay open; C_CloseAllSessions or C_Finalize end them. */
void *start_short_ones(void *argument)
{
    worker *const w = argument;
    worker others[4];
    while (!part_is_over() && __atomic_load_n(&started, __ATOMIC_RELAXED) < 20000) {
        memset(others, 0, sizeof others);
        for (unsigned i = 0; i < 4; ++i) {
            others[i].random = draw(w);
            others[i].is_beside_login = w->is_beside_login;
            if (pthread_create(&others[i].thread, NULL, work_shortly, &others[i]) != 0) { fail("pthread_create"); }
        }
        for (unsigned i = 0; i < 4; ++i) {
            pthread_join(others[i].thread, NULL);
            add(w, &others[i]);
        }
        __atomic_fetch_add(&started, 4, __ATOMIC_RELAXED);
    }
    return NULL;
}

void *log_in_and_out(void *argument)
{
    worker *const w = argument;
    const CK_SESSION_HANDLE h = open_one(w, 0);
    CK_UTF8CHAR pin[] = "1234";
    while (!part_is_over()) {
        OK(C_Login(h, CKU_USER, pin, sizeof pin - 1));
        usleep(below(w, 200));
        OK(C_Logout(h));
    }
    OK(C_CloseSession(h));
    return NULL;
}

/* Each thread does one call of a digest in parts, or a few, and hands the session on. */
void *work_in_handed(void *argument)
{
    static CK_BYTE data[64];
    static CK_ULONG fed;
    static int is_started;
    worker *const w = argument;
    CK_BYTE out[32], wanted[32];
    CK_ULONG length = sizeof out;
    while (!part_is_over()) {
        pthread_mutex_lock(&handing);
        const CK_SESSION_HANDLE h = *w->handed;
        if (!is_started) {
            is_started = OK(C_DigestInit(h, &mechanism));
            fed = 0;
        } else if (fed + 8 <= sizeof data) {
            some_data(w, data + fed, 8);
            OK(C_DigestUpdate(h, data + fed, 8));
            fed += 8;
        } else {
            expect_sum(wanted, 0, data, fed);
            OK(C_DigestFinal(h, out, &length));
            right(w, memcmp(out, wanted, sizeof out) == 0, "a digest of several threads", 0);
            is_started = 0;
            if (below(w, 4) == 0) {
                OK(C_CloseSession(h));
                *w->handed = open_one(w, 0);
            }
        }
        pthread_mutex_unlock(&handing);
    }
    pthread_mutex_lock(&handing);
    if (is_started) { OK(C_SessionCancel(*w->handed, CKF_DIGEST)); }
    is_started = 0;
    pthread_mutex_unlock(&handing);
    return NULL;
}

void *close_all(void *argument)
{
    worker *const w = argument;
    while (!part_is_over()) {
        for (unsigned i = below(w, 20); i > 0; --i) { open_one(w, 7); }
        OK(C_CloseAllSessions(7));
        usleep(below(w, 500));
    }
    return NULL;
}
