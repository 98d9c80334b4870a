/* SPDX-License-Identifier: MIT */
/* What check_permissive.c expects of hosts: callbacks, threads, processes, NULL pointers, and the other two modules. */
#ifndef CHECK_PERMISSIVE_HOSTS_H
#define CHECK_PERMISSIVE_HOSTS_H

/* ---- Callbacks and threads ---- */

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

static void check_callback(void)
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

static void check_threads(void)
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

/* ---- Processes ---- */

/* What a child process that does this ends with: its exit code, or the negative number of the signal. */
static int in_child(int (*work)(void))
{
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) { _exit(99); }
        _exit(work());
    }
    if (child < 0 || waitpid(child, &status, 0) != child) { return 98; }
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int use_inherited(void)
{
    CK_BYTE out[64];
    CK_ULONG n = sizeof out;
    return f->C_DigestFinal(1, out, &n) == CKR_OK && memcmp(out, digest, 32) == 0 ? 0 : 1;
}

static int start_again(void)
{
    CK_SESSION_HANDLE h = 0;
    if (f->C_DigestUpdate(1, text, 1) != CKR_CRYPTOKI_NOT_INITIALIZED) { return 1; }
    if (f->C_GetSlotList(1, NULL, &h) != CKR_CRYPTOKI_NOT_INITIALIZED) { return 2; }
    if (f->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED) { return 3; }
    if (f->C_Initialize(NULL) != CKR_OK || f->C_DigestUpdate(1, text, 1) != CKR_SESSION_HANDLE_INVALID) { return 4; }
    return f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h) == CKR_OK && h == 1 ? 0 : 5;
}

static int ask_early(void)
{
    CK_FUNCTION_LIST *list = NULL;
    CK_SESSION_HANDLE h = 0;
    if (f->C_GetFunctionList(&list) != CKR_OK) { return 1; }
    f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h);
    return 2;
}

/* Forks while another thread is in and out of the module: the child never finds the mutex held. */
static atomic_int goes_on;

static void *ask_all_the_time(void *unused)
{
    CK_ULONG n;
    while (atomic_load(&goes_on)) { f->C_GetSlotList(CK_TRUE, NULL, &n); }
    return unused;
}

static int ask_once(void)
{
    CK_ULONG n = 0;
    alarm(20);
    return f->C_GetSlotList(CK_TRUE, NULL, &n) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
}

static void check_forks(void)
{
    pthread_t thread;
    int good = 0;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    atomic_store(&goes_on, 1);
    CHECK(pthread_create(&thread, NULL, ask_all_the_time, NULL) == 0);
    for (int i = 0; i < 50; ++i) { good += in_child(ask_once) == 0; }
    atomic_store(&goes_on, 0);
    CHECK(pthread_join(thread, NULL) == 0 && good == 50);
    finish(NULL);
}

static const char *wrong_option, *wrong_value;

static int use_wrong_option(void)
{
    begin(wrong_option, wrong_value);
    return 0;
}

static void check_processes(void)
{
    const char *const wrong[][2] = {
        { "PERMISSIVE_NULL", "C_Nothing" }, { "PERMISSIVE_ANSWER", "C_Digest" }, { "PERMISSIVE_ANSWER", "C_Digest=x" },
        { "PERMISSIVE_ANSWER", "C_Digest=1:2-" }, { "PERMISSIVE_ANSWER", "C_Digset=1" }, { "PERMISSIVE_SLOW", "-1" },
        { "PERMISSIVE_HANDLES", "new" }, { "PERMISSIVE_SINGLE", "1" }, { "PERMISSIVE_MIXED", "yes" },
    };
    for (int safe = 0; safe < 2; ++safe) {
        begin("PERMISSIVE_FORK_SAFE", safe ? "1" : "0");
        OK(f->C_Initialize(NULL));
        CHECK(open_one() == 1);
        OK(f->C_DigestInit(1, &mechanism));
        OK(f->C_DigestUpdate(1, text, LENGTH));
        CHECK(in_child(safe ? use_inherited : start_again) == 0);
        CHECK(use_inherited() == 0);
        finish("PERMISSIVE_FORK_SAFE");
    }
    begin("PERMISSIVE_CRASH_BEFORE_INIT", "1");
    CHECK(in_child(ask_early) == -SIGABRT);
    OK(f->C_Initialize(NULL));
    CHECK(in_child(ask_early) == 2);
    finish("PERMISSIVE_CRASH_BEFORE_INIT");
    begin(NULL, NULL);
    CHECK(in_child(ask_early) == 2);
    finish(NULL);
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        wrong_option = wrong[i][0];
        wrong_value = wrong[i][1];
        CHECK(in_child(use_wrong_option) == -SIGABRT);
    }
}

/* ---- NULL pointers ---- */

#define CK_PKCS11_FUNCTION_INFO(name) #name,
static const char *const names[] = {
#include "pkcs11f.h"
};
#undef CK_PKCS11_FUNCTION_INFO
#define FUNCTIONS (sizeof names / sizeof *names)

/* No function has more parameters than these ten; one that has fewer does not look at the rest. */
typedef CK_RV (*any)(CK_ULONG, void *, void *, void *, void *, void *, void *, void *, void *, void *);

static CK_RV call_with_nothing(unsigned function, CK_ULONG first)
{
    any call;
    memcpy(&call, (const char *)f + offsetof(CK_FUNCTION_LIST_3_2, C_Initialize) + function * sizeof call, sizeof call);
    return call(first, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
}

static void start_all_with_messages(CK_SESSION_HANDLE h)
{
    start_all(h);
    OK(f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    OK(f->C_DecryptMessageBegin(h, NULL, 0, NULL, 0));
    OK(f->C_SignMessageBegin(h, NULL, 0));
    OK(f->C_VerifyMessageBegin(h, NULL, 0));
}

static void check_arguments(void)
{
    const char *const without_number[] = { "C_Initialize", "C_Finalize", "C_GetInfo", "C_GetFunctionList",
                                           "C_GetInterfaceList", "C_GetInterface" };
    CK_BYTE out[64];
    CK_ULONG n = sizeof out;
    CK_ATTRIBUTE hollow = { CKA_VALUE, NULL, 5 };
    CK_OBJECT_HANDLE made;
    begin(NULL, NULL);
    for (unsigned i = 0; i < FUNCTIONS; ++i) {
        int by_number = 1;
        for (unsigned k = 0; k < 6; ++k) { by_number &= strcmp(names[i], without_number[k]) != 0; }
        for (CK_ULONG first = 0; first < 2; ++first) {
            f->C_Finalize(NULL);
            f->C_Initialize(NULL);
            start_all(open_one());
            const CK_ULONG before = calls(names[i]);
            if (by_number || first == 0) { CHECK(call_with_nothing(i, first) != CKR_GENERAL_ERROR); }
            CHECK(calls(names[i]) == before + (by_number || first == 0));
        }
    }
    f->C_Finalize(NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
#define BAD(call) (start_all_with_messages(h), check(f->call == CKR_ARGUMENTS_BAD, #call, __FILE__, __LINE__))
    BAD(C_Encrypt(h, NULL, 5, out, &n));
    BAD(C_Encrypt(h, text, 5, out, NULL));
    BAD(C_Decrypt(h, NULL, 5, out, &n));
    BAD(C_Digest(h, NULL, 5, out, &n));
    BAD(C_Digest(h, text, 5, out, NULL));
    BAD(C_DigestUpdate(h, NULL, 5));
    BAD(C_SignUpdate(h, NULL, 5));
    BAD(C_SignRecover(h, NULL, 5, out, &n));
    BAD(C_Verify(h, NULL, 5, out, 32));
    BAD(C_Verify(h, text, 5, NULL, 32));
    BAD(C_VerifyFinal(h, NULL, 32));
    BAD(C_VerifyRecover(h, NULL, 5, out, &n));
    BAD(C_DecryptVerifyUpdate(h, NULL, 5, out, &n));
    BAD(C_VerifySignatureInit(h, &mechanism, KEY, NULL, 32));
    BAD(C_VerifySignature(h, NULL, 5));
    BAD(C_EncryptMessageBegin(h, NULL, 0, NULL, 5));
    BAD(C_EncryptMessageNext(h, NULL, 7, text, 5, out, &n, 0));
    BAD(C_EncryptMessageNext(h, NULL, 0, text, 5, out, NULL, 0));
    BAD(C_DecryptMessageNext(h, NULL, 0, NULL, 25, out, &n, CKF_END_OF_MESSAGE));
    BAD(C_SignMessageNext(h, NULL, 0, NULL, 5, out, &n));
    BAD(C_VerifyMessageNext(h, NULL, 0, NULL, 5, NULL, 0));
    BAD(C_CreateObject(h, NULL, 5, &made));
    BAD(C_FindObjectsInit(h, NULL, 5));
    BAD(C_FindObjects(h, NULL, 5, &n));
    BAD(C_GetAttributeValue(h, KEY, NULL, 5));
    BAD(C_Login(h, CKU_USER, NULL, 5));
    BAD(C_SetOperationState(h, NULL, 5, 0, 0));
    BAD(C_GenerateRandom(h, NULL, 5));
    BAD(C_UnwrapKey(h, &mechanism, KEY, NULL, 64, NULL, 0, &made));
#undef BAD
    ANSWERS(CKR_ATTRIBUTE_VALUE_INVALID, f->C_CreateObject(h, &hollow, 1, &made));
    OK(f->C_Digest(h, NULL, 0, NULL, &n));
    finish(NULL);
}

/* ---- The other two modules ---- */

static void check_240(const char *path)
{
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *list = NULL;
    CK_INFO info;
    CK_ULONG n = 64;
    CK_SESSION_HANDLE h = 0;
    CK_BYTE out[64];
    load(path);
    CHECK(symbol("C_GetInterfaceList") == NULL && symbol("C_GetInterface") == NULL);
    CHECK(symbol("C_SessionCancel") == NULL && symbol("C_Digest") != NULL);
    SYMBOL(get, "C_GetFunctionList");
    CHECK(get(&list) == CKR_OK && list->version.major == 2 && list->version.minor == 40);
    OK(list->C_Initialize(NULL));
    CHECK(list->C_GetInfo(&info) == CKR_OK && info.cryptokiVersion.major == 2);
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    CHECK(list->C_Digest(h, text, LENGTH, out, &n) == CKR_OK && memcmp(out, digest, 32) == 0);
    OK(list->C_Finalize(NULL));
    CHECK(dlclose(module) == 0);
}

static void check_null_module(const char *path)
{
    CK_C_GetInterface get = NULL;
    CK_C_GetFunctionList get_old = NULL;
    CK_INTERFACE *found = NULL;
    CK_FUNCTION_LIST *old = NULL;
    CK_VERSION version = { 3, 0 };
    CK_TOKEN_INFO token;
    CK_SLOT_ID slot = 9;
    CK_ULONG n = 1;
    int good = 0;
    load(path);
    SYMBOL(get, "C_GetInterface");
    SYMBOL(get_old, "C_GetFunctionList");
    CHECK(get_old(&old) == CKR_OK && old->version.major == 2 && old->version.minor == 40);
    CHECK(get(NULL, &version, &found, 0) == CKR_OK && ((CK_VERSION *)found->pFunctionList)->minor == 0);
    OK(get(NULL, NULL, &found, 0));
    f = found->pFunctionList;
    CHECK(f->version.major == 3 && f->version.minor == 2);
    CHECK(open_one() == 1 && open_one() == 2 && open_one() == 3);
    CHECK(f->C_GetTokenInfo(0, &token) == CKR_OK && token.flags == 0);
    CHECK(f->C_GetSlotList(CK_TRUE, &slot, &n) == CKR_OK && n == 1 && slot == 0);
    for (unsigned i = 0; i < FUNCTIONS; ++i) {
        const CK_RV rv = call_with_nothing(i, 0);
        good += rv == CKR_OK || rv == CKR_ARGUMENTS_BAD;
    }
    CHECK(good == FUNCTIONS);
    CHECK(f->C_EncryptUpdate(1, text, 1, NULL, NULL) == CKR_OK && f->C_VerifySignatureFinal(77) == CKR_OK);
    CHECK(dlclose(module) == 0);
}

#endif /* CHECK_PERMISSIVE_HOSTS_H */
