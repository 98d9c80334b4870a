/* SPDX-License-Identifier: MIT */
/* Checks of callbacks and threads. */
#include "check_permissive.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

typedef struct { int count; CK_RV answer; CK_RV inside; CK_SESSION_HANDLE closes; } visit;

static CK_RV notify(CK_SESSION_HANDLE h, CK_NOTIFICATION event, void *application)
{
    visit *const v = application;
    CK_SESSION_INFO info;
    v->count += event == CKN_SURRENDER;
    v->inside = f->C_GetSessionInfo(h, &info);
    if (v->closes != CK_INVALID_HANDLE) {
        /* The handle comes again at once, but it is another session. */
        f->C_CloseSession(v->closes);
        f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h);
    }
    return v->answer;
}

void check_callback(void)
{
    visit v = { 0, CKR_OK, CKR_GENERAL_ERROR, CK_INVALID_HANDLE };
    CK_BYTE out[64];
    CK_ULONG n = sizeof out;
    begin("PERMISSIVE_CALLBACK", "1");
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_with(notify, &v);
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptUpdate(h, text, 1, out, &n));
    start_all(h);
    CHECK(v.count == 0);
    CHECK(f->C_EncryptUpdate(h, text, 1, out, &n) == CKR_OK && v.count == 1 && v.inside == CKR_OK);
    CHECK(f->C_DigestEncryptUpdate(h, text, 1, out, &n) == CKR_OK && v.count == 2);
    OK(f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    CHECK(v.count == 2);
    v.answer = CKR_CANCEL;
    ANSWERS(CKR_FUNCTION_CANCELED, f->C_EncryptMessageNext(h, NULL, 0, text, 1, out, &n, 0));
    ANSWERS(CKR_FUNCTION_CANCELED, f->C_SignEncryptUpdate(h, text, 1, out, &n));
    v.answer = CKR_OK;
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageNext(h, NULL, 0, text, 1, out, &n, 0));
    CHECK(end_all(h) == 11);
    OK(f->C_DigestInit(h, &mechanism));
    v.closes = h;
    ANSWERS(CKR_SESSION_CLOSED, f->C_DigestUpdate(h, text, 1));
    finish("PERMISSIVE_CALLBACK");
}

/* Waits for another callback to be there as well: the module holds nobody up meanwhile. Else this takes for ever. */
static CK_RV meet(CK_SESSION_HANDLE h, CK_NOTIFICATION event, void *application)
{
    (void)h, (void)event;
    pthread_barrier_wait(application);
    return CKR_OK;
}

typedef struct { pthread_t thread; pthread_barrier_t *barrier; int good; } worker;

static void *digest_in_parts(void *argument)
{
    worker *const w = argument;
    CK_BYTE out[32];
    CK_ULONG n = sizeof out;
    CK_SESSION_HANDLE h = 0;
    w->good = f->C_OpenSession(7, CKF_SERIAL_SESSION, w->barrier, meet, &h) == CKR_OK;
    w->good &= f->C_DigestInit(h, &mechanism) == CKR_OK;
    for (CK_ULONG i = 0; i < LENGTH; ++i) { w->good &= f->C_DigestUpdate(h, text + i, 1) == CKR_OK; }
    w->good &= f->C_DigestFinal(h, out, &n) == CKR_OK && memcmp(out, digest, 32) == 0;
    w->good &= f->C_CloseSession(h) == CKR_OK;
    return NULL;
}

void check_threads(void)
{
    worker workers[8];
    pthread_barrier_t barrier;
    struct timespec before, after;
    setenv("PERMISSIVE_CALLBACK", "1", 1);
    begin("PERMISSIVE_SLOW", "5");
    OK(f->C_Initialize(NULL));
    CHECK(pthread_barrier_init(&barrier, NULL, 8) == 0);
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (int i = 0; i < 8; ++i) {
        workers[i].barrier = &barrier;
        CHECK(pthread_create(&workers[i].thread, NULL, digest_in_parts, &workers[i]) == 0);
    }
    for (int i = 0; i < 8; ++i) { CHECK(pthread_join(workers[i].thread, NULL) == 0 && workers[i].good); }
    clock_gettime(CLOCK_MONOTONIC, &after);
    const long ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    CHECK(ms >= 5 * (long)LENGTH);
    CHECK(calls("C_DigestUpdate") == 8 * LENGTH);
    CHECK(pthread_barrier_destroy(&barrier) == 0);
    finish("PERMISSIVE_SLOW");
    unsetenv("PERMISSIVE_CALLBACK");
}
