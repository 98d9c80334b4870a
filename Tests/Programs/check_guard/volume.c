/* SPDX-License-Identifier: MIT */
/* Scenarios of very many sessions and threads. */
#include "check_guard.h"

#include <time.h>

/* CHECK_GUARD_ROUNDS: fewer than what is usual. */
static int rounds_or(int usual)
{
    const char *const said = getenv("CHECK_GUARD_ROUNDS");
    return said == NULL || atoi(said) > usual ? usual : atoi(said);
}

/* A hundred thousand sessions, each of which has its own operation. */
static void many_sessions(void)
{
    enum { MOST = 100000 };
    static CK_SESSION_HANDLE many[MOST];
    const int count = rounds_or(MOST);
    unsigned wrong = 0;
    alarm(120);
    begin();
    for (int i = 0; i < count; ++i) {
        wrong += f->C_OpenSession(i % 3 == 0 ? 7 : 0, CKF_SERIAL_SESSION, NULL, NULL, &many[i]) != CKR_OK;
        if (i % 2 == 0) { wrong += f->C_DigestInit(many[i], &mechanism) != CKR_OK; }
    }
    EQUAL(0, wrong);
    const CK_ULONG before = calls("C_SignInit");
    for (int i = 0; i < count; i += 50) {
        ANSWERS(CKR_OPERATION_ACTIVE, f->C_SignInit(many[i], &mechanism, KEY));
        OK(f->C_SignInit(many[i + 1], &mechanism, KEY));
    }
    EQUAL(before + (CK_ULONG)count / 50, calls("C_SignInit"));
    /* Those of slot 7 go, in no order; the others stay as they are. */
    GOES(CKR_OK, C_CloseAllSessions, 7);
    for (int i = 0; i < count; ++i) {
        if (i % 3 == 0 || i % 2 != 0) { continue; }
        wrong += f->C_DigestUpdate(many[i], TEXT) != CKR_OK;
        wrong += i % 1000 < 6 && f->C_SignInit(many[i], &mechanism, KEY) != CKR_OPERATION_ACTIVE;
    }
    EQUAL(0, wrong);
    for (int i = count - 1; i >= 0; --i) {
        if (i % 3 != 0 && i % 7 == 0) { wrong += f->C_CloseSession(many[i]) != CKR_OK; }
    }
    EQUAL(0, wrong);
    ACTIVE(many[2]);
    finish();
}

static double processor_time(void) { return (double)clock() / CLOCKS_PER_SEC; }

/* Closing a session takes no longer because there are others: 50,000 ones, in the order in which they were opened. */
static void closing_many(void)
{
    enum { FEW = 500, MOST = 50000 };
    double seconds[2];
    CK_SESSION_HANDLE h[2] = { 0, 0 };
    unsigned wrong = 0;
    begin();
    for (int many = 0; many < 2; ++many) {
        const int size = many ? MOST : FEW, rounds = MOST / size;
        seconds[many] = 0;
        for (int round = 0; round < rounds; ++round) {
            for (int i = 0; i < size; ++i) {
                wrong += f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h[i == 0 ? 0 : 1]) != CKR_OK;
            }
            const double before = processor_time();
            for (int i = 0; i < size; ++i) { wrong += f->C_CloseSession(h[0] + (CK_SESSION_HANDLE)i) != CKR_OK; }
            seconds[many] += processor_time() - before;
        }
    }
    EQUAL(0, wrong);
    printf("closing %d sessions: %.3f s where %d are open, %.3f s where all are\n", MOST, seconds[0], FEW, seconds[1]);
    CHECK(seconds[1] < 10 * seconds[0] + 0.1);
    finish();
}

/* With fewer rounds, as under a sanitizer, which keeps what is freed, nothing is measured. */
static long resident(void)
{
    if (getenv("CHECK_GUARD_ROUNDS") != NULL) { return 0; }
    long pages = 0, kept = 0;
    FILE *const file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &pages, &kept) != 2) { abort(); }
    fclose(file);
    return kept * sysconf(_SC_PAGESIZE);
}

/* A million times: a session comes, works and goes. Nothing of it is left. */
static void churn(void)
{
    const long rounds = rounds_or(1000000);
    unsigned wrong = 0;
    long before = 0;
    alarm(120);
    begin();
    const CK_SESSION_HANDLE stays = open_one();
    OK(start(stays, DIGEST));
    for (long i = 0; i < rounds; ++i) {
        CK_SESSION_HANDLE h = 0;
        if (i == rounds / 10) { before = resident(); }
        wrong += f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h) != CKR_OK;
        if (i % 2 == 0) { wrong += f->C_DigestInit(h, &mechanism) != CKR_OK; }
        wrong += f->C_CloseSession(h) != CKR_OK;
    }
    EQUAL(0, wrong);
    const long more = resident() - before;
    if (more > 256 * 1024) { check_number(0, (unsigned long)more, "bytes more", __FILE__, __LINE__); }
    ACTIVE(stays);
    finish();
}

static void *one_session(void *argument)
{
    CK_SESSION_HANDLE h = 0;
    unsigned *const wrong = argument;
    *wrong += f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h) != CKR_OK;
    *wrong += f->C_DigestInit(h, &mechanism) != CKR_OK;
    *wrong += f->C_CloseSession(h) != CKR_OK;
    return NULL;
}

/* Ten thousand threads, one after the other, and then a thread whose stack is the smallest that there is. */
static void thread_churn(void)
{
    unsigned wrong = 0;
    long before = 0;
    alarm(120);
    begin();
    for (int i = 0; i < 10000; ++i) {
        if (i == 1000) { before = resident(); }
        pthread_join(run_thread(one_session, &wrong), NULL);
    }
    EQUAL(0, wrong);
    const long more = resident() - before;
    if (more > 256 * 1024) { check_number(0, (unsigned long)more, "bytes more", __FILE__, __LINE__); }
    finish();
}

const scenario volume_scenarios[] = {
    { "many-sessions", many_sessions }, { "closing-many", closing_many }, { "churn", churn },
    { "thread-churn", thread_churn }, { NULL, NULL },
};
