/* SPDX-License-Identifier: MIT */
/*
 * Scenarios about loading: by many threads, on a small stack, again, in several copies, by a relative path, and
 * beside a fork.
 */
#include "check_guard.h"

#include <limits.h>
#include <sys/wait.h>

/* ---- By threads ---- */

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

static void *ask_for_a_list(void *argument)
{
    (void)get_list(argument);
    return NULL;
}

/* The first call, which reads the configuration and loads the module, on a stack of 64 KiB; P11GUARD_POLICY may be
   wrong. */
static void loaded_on_a_small_stack(void)
{
    CK_FUNCTION_LIST *list = NULL;
    pthread_attr_t attributes;
    pthread_t thread;
    guard = load(guard_path);
    entrances(guard);
    pthread_attr_init(&attributes);
    EQUAL(0, pthread_attr_setstacksize(&attributes, 64 * 1024));
    EQUAL(0, pthread_create(&thread, &attributes, ask_for_a_list, &list));
    JOIN(thread);
    CHECK((list == NULL) == (getenv("P11GUARD_POLICY") != NULL));
}

/* ---- Again, and by another path ---- */

/* A thousand lines leave no file open; the library may be given back and taken again, and is the same. */
static void files_and_loading(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    ACTIVE(h);
    const int before = count_files();
    for (int i = 0; i < 999; ++i) { ACTIVE(h); }
    EQUAL(before, count_files());
    CK_FUNCTION_LIST_3_2 *const list = f;
    for (int i = 0; i < 100; ++i) {
        EQUAL(0, dlclose(guard));
        guard = load(guard_path);
    }
    CHECK(functions_of(guard) == list);
    ACTIVE(h);
    finish();
}

/* The guard is found by a relative path in CHECK_GUARD_FOLDER; when it is used the process is in CHECK_GUARD_OTHER. */
static void after_chdir(void)
{
    CK_FUNCTION_LIST *list = NULL;
    EQUAL(0, chdir(getenv("CHECK_GUARD_FOLDER")));
    guard = load(guard_path);
    EQUAL(0, chdir(getenv("CHECK_GUARD_OTHER")));
    entrances(guard);
    OK(get_list(&list));
    OK(list->C_Initialize(NULL));
    CK_SESSION_HANDLE h = 0;
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_EncryptInit(h, &mechanism, KEY)); /* policy: single */
    OK(list->C_Finalize(NULL));
}

/* ---- Several guards: each a copy of the file with a file of its own beside it ---- */

/* GUARD and GUARD_2 (environment) have different modules and policies; sessions have the same handles. */
static void two_guards(void)
{
    CK_SESSION_HANDLE h[2] = { 0, 0 };
    CK_FUNCTION_LIST *list[2] = { NULL, NULL };
    const char *const paths[2] = { guard_path, getenv("CHECK_GUARD_SECOND") };
    for (int i = 0; i < 2; ++i) {
        entrances(load(paths[i]));
        OK(get_list(&list[i]));
        CHECK(FUNCTION_IS_IN(paths[i], list[i]->C_DigestInit));
        OK(list[i]->C_Initialize(NULL));
        OK(list[i]->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h[i]));
    }
    CHECK(list[0]->C_DigestInit != list[1]->C_DigestInit);
    OK(list[0]->C_DigestInit(h[0], &mechanism)); /* usage-guide */
    OK(list[1]->C_DigestInit(h[1], &mechanism)); /* single */
    OK(list[0]->C_EncryptInit(h[0], &mechanism, KEY));
    ANSWERS(CKR_OPERATION_ACTIVE, list[1]->C_EncryptInit(h[1], &mechanism, KEY));
    OK(list[0]->C_Finalize(NULL));
    ANSWERS(CKR_OPERATION_ACTIVE, list[1]->C_EncryptInit(h[1], &mechanism, KEY));
    OK(list[1]->C_Finalize(NULL));
}

/* Thirty-two copies in one process: they all need a place among the variables of each thread. */
static void many_copies(void)
{
    const char *const folder = getenv("CHECK_GUARD_FOLDER");
    char path[PATH_MAX];
    for (int i = 0; i < 32; ++i) {
        CK_FUNCTION_LIST *list = NULL;
        CK_SESSION_HANDLE h = 0;
        snprintf(path, sizeof path, "%s/copy%d.so", folder, i);
        entrances(load(path));
        OK(get_list(&list));
        if (i == 0) { OK(list->C_Initialize(NULL)); }
        OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
        OK(list->C_DigestInit(h, &mechanism));
        ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(h, NULL, 0));
    }
}

/* ---- Beside a fork ---- */

static void use_list(CK_FUNCTION_LIST *list)
{
    CK_SESSION_HANDLE h = 0;
    OK(list->C_Initialize(NULL));
    OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
    OK(list->C_DigestInit(h, &mechanism));
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(h, NULL, 0));
}

static void nothing_more(CK_SESSION_HANDLE h) { (void)h; }

static void load_in_child(CK_SESSION_HANDLE h)
{
    CK_FUNCTION_LIST *list = NULL;
    (void)h;
    OK(get_list(&list));
    if (list == NULL) { return; }
    use_list(list);
    for (int i = 0; i < 3; ++i) { in_child(nothing_more, 0); }
    ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(1, NULL, 0));
}

/* ODD=slow: another thread is loading the module when the process forks; the child loads it itself, and forks. */
static void forked_while_loading(void)
{
    CK_FUNCTION_LIST *list = NULL;
    int (*odd_is_held)(void) = NULL;
    void (*odd_release)(void) = NULL;
    module = load(module_path);
    SYMBOL(odd_is_held, module, "odd_is_held");
    SYMBOL(odd_release, module, "odd_release");
    guard = load(guard_path);
    entrances(guard);
    const pthread_t loader = run_thread(ask_for_a_list, &list);
    AWAIT(odd_is_held());
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);
        failed = 0;
        odd_release();
        load_in_child(0);
        fflush(stdout);
        _exit(failed == 0 ? 0 : 1);
    }
    int status = 0;
    EQUAL(child, waitpid(child, &status, 0));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    odd_release();
    JOIN(loader);
    use_list(list);
    in_child(nothing_more, 0);
}

/* ODD=forking: the thread that loads the module forks meanwhile. Both go on with it. */
static void forked_by_the_module(void)
{
    CK_FUNCTION_LIST *list = NULL;
    const pid_t parent = getpid();
    int status = 0;
    alarm(10);
    guard = load(guard_path);
    entrances(guard);
    OK(get_list(&list));
    use_list(list);
    in_child(nothing_more, 0);
    fflush(stdout);
    if (getpid() != parent) { _exit(failed == 0 ? 0 : 1); }
    CHECK(wait(&status) > 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

const scenario loading_scenarios[] = {
    { "two-guards", two_guards }, { "loaded-by-many", loaded_by_many }, { "many-copies", many_copies },
    { "files-and-loading", files_and_loading }, { "after-chdir", after_chdir },
    { "forked-while-loading", forked_while_loading }, { "forked-by-the-module", forked_by_the_module },
    { "loaded-on-a-small-stack", loaded_on_a_small_stack }, { NULL, NULL },
};
