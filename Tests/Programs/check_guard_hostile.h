/* SPDX-License-Identifier: MIT */
/* Scenarios of programs that do what no program should, or very much of it. */
#ifndef CHECK_GUARD_HOSTILE_H
#define CHECK_GUARD_HOSTILE_H

#include "check_guard_processes.h"

typedef CK_RV (*anything)(CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG,
                          CK_ULONG);

/* Each of the 104 with nothing but zeros behind the handle; a NULL pointer is an argument like another. */
static void call_all(CK_SESSION_HANDLE h)
{
    for (size_t i = 0; i < FUNCTIONS; ++i) {
        anything function = NULL;
        const char *const name = all_names[i];
        /* These do with zeros what they are for. */
        if (strcmp(name, "C_Finalize") == 0 || strcmp(name, "C_CloseAllSessions") == 0) { continue; }
        if (strcmp(name, "C_Initialize") == 0 || (h == 1 && strcmp(name, "C_CloseSession") == 0)) { continue; }
        SYMBOL(function, guard, name);
        /* Of these the first argument is a pointer. */
        const int is_general = strcmp(name, "C_GetInfo") == 0 || strcmp(name, "C_GetFunctionList") == 0
                               || strncmp(name, "C_GetInterface", 14) == 0;
        const CK_RV rv = function(is_general ? 0 : h, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        if (strncmp(p11_return_value_name(rv), "CKR_", 4) != 0) { note(0, __FILE__, __LINE__, name, "a value", "none"); }
        ++checked;
    }
}

/* Before C_Initialize, with no session, with one, and after C_Finalize; handle 0, and handles that nobody gave out. */
static void nulls(void)
{
    static const CK_SESSION_HANDLE garbage[] = { 0, 2, 63, 64, 65, 0x7FFFFFFF, 0xFFFFFFFF, 0x8000000000000000, ~0UL, ~0UL - 1 };
    take_functions();
    call_all(0);
    call_all(77);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    EQUAL(1, h);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; ++i) {
        call_all(garbage[i]);
        GOES(CKR_SESSION_HANDLE_INVALID, C_DigestInit, garbage[i], &mechanism);
        GOES(CKR_SESSION_HANDLE_INVALID, C_CloseSession, garbage[i]);
    }
    call_all(h);
    finish();
    call_all(h);
}

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

static void *be_refused(void *argument)
{
    *(CK_RV *)argument = f->C_FindObjectsInit(1, NULL, 0);
    return NULL;
}

/* A refusal is written on the smallest stack that a thread can have. */
static void small_stack(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    CK_RV answer = CKR_OK;
    begin();
    OK(start(open_one(), DIGEST));
    pthread_attr_init(&attributes);
    EQUAL(0, pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN));
    EQUAL(0, pthread_create(&thread, &attributes, be_refused, &answer));
    JOIN(thread);
    ANSWERS(CKR_OPERATION_ACTIVE, answer);
    finish();
}

static pthread_key_t last_words;
static CK_RV last_answer;

static void use_session(void *argument)
{
    const CK_SESSION_HANDLE h = *(CK_SESSION_HANDLE *)argument;
    last_answer = f->C_DigestUpdate(h, TEXT);
    if (last_answer == CKR_OK) { last_answer = f->C_FindObjectsInit(h, NULL, 0); }
}

static void *with_last_words(void *argument)
{
    pthread_setspecific(last_words, argument);
    OK(f->C_DigestUpdate(*(CK_SESSION_HANDLE *)argument, TEXT));
    return NULL;
}

/* Calls while a thread ends, after the guard's own part of it may be gone; the key was made before the guard's. */
static void key_destructor(void)
{
    pthread_key_create(&last_words, use_session);
    begin();
    CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    for (int i = 0; i < 20; ++i) {
        last_answer = CKR_OK;
        JOIN(run_thread(with_last_words, &h));
        ANSWERS(CKR_OPERATION_ACTIVE, last_answer);
    }
    finish();
}

static pthread_barrier_t gate;
static atomic_int is_wrong;

static void *ask_for_list(void *argument)
{
    CK_FUNCTION_LIST *list = NULL;
    pthread_barrier_wait(&gate);
    if (get_list(&list) != CKR_OK || list == NULL) { is_wrong = 1; }
    *(CK_FUNCTION_LIST **)argument = list;
    return NULL;
}

/* Sixteen threads find the guard at the same time. */
static void loaded_by_many(void)
{
    pthread_t threads[16];
    CK_FUNCTION_LIST *lists[16];
    guard = load(guard_path);
    entrances(guard);
    pthread_barrier_init(&gate, NULL, 16);
    for (int i = 0; i < 16; ++i) { threads[i] = run_thread(ask_for_list, &lists[i]); }
    for (int i = 0; i < 16; ++i) { JOIN(threads[i]); }
    EQUAL(0, is_wrong);
    for (int i = 1; i < 16; ++i) { CHECK(lists[i] == lists[0]); }
}

static atomic_long refused_starts;

static void *storm(void *argument)
{
    unsigned seed = (unsigned)(size_t)argument;
    CK_SESSION_INFO information;
    while (!is_over) {
        const int slot = rand_r(&seed) % 2 == 0 ? 0 : 7;
        CK_SESSION_HANDLE h = 0;
        if (f->C_OpenSession((CK_SLOT_ID)slot, CKF_SERIAL_SESSION, NULL, NULL, &h) != CKR_OK) { is_wrong = 1; }
        for (int i = 0; i < 20; ++i) {
            /* Handles of others are used as well, and sometimes closed. */
            const CK_SESSION_HANDLE any = rand_r(&seed) % 4 == 0 ? 1 + (CK_SESSION_HANDLE)rand_r(&seed) % 8 : h;
            switch (rand_r(&seed) % 10) {
            case 0: f->C_DigestInit(any, &mechanism); break;
            case 1: refused_starts += f->C_SignInit(any, &mechanism, KEY) == CKR_OPERATION_ACTIVE; break;
            case 2: f->C_DigestUpdate(any, text, LENGTH); break;
            case 3: f->C_Login(any, CKU_USER, text, LENGTH); break;
            case 4: f->C_Logout(any); break;
            case 5: f->C_SessionCancel(any, 0x7FFF); break;
            case 6: if (rand_r(&seed) % 8 == 0) { f->C_CloseAllSessions((CK_SLOT_ID)slot); } break;
            case 7: f->C_CloseSession(any); break;
            default: f->C_GetSessionInfo(any, &information); break;
            }
        }
        f->C_CloseSession(h);
    }
    return NULL;
}

/* Six threads that respect nothing, for a second and a half; afterwards all is as in the beginning. */
static void a_storm(void)
{
    pthread_t threads[6];
    begin();
    for (size_t i = 0; i < 6; ++i) { threads[i] = run_thread(storm, (void *)(i + 1)); }
    rest(1500);
    is_over = 1;
    for (int i = 0; i < 6; ++i) { JOIN(threads[i]); }
    EQUAL(0, is_wrong);
    CHECK(refused_starts > 0);
    OK(f->C_CloseAllSessions(0));
    OK(f->C_CloseAllSessions(7));
    const CK_SESSION_HANDLE h = open_one();
    NOT_ACTIVE(h);
    OK(start(h, DIGEST));
    ACTIVE(h);
    finish();
}

#endif /* CHECK_GUARD_HOSTILE_H */
