/* SPDX-License-Identifier: MIT */
/*
 * The way into every function of permissive.c: the options that its head describes, the function lists, the mutex, and
 * what is answered before a function does anything.
 */
#ifndef PERMISSIVE_ENTRANCE_H
#define PERMISSIVE_ENTRANCE_H

#include "permissive_operations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CK_PKCS11_FUNCTION_INFO(name) F_##name,
enum {
#include "pkcs11f.h"
    FUNCTIONS
};
#undef CK_PKCS11_FUNCTION_INFO
#define CK_PKCS11_FUNCTION_INFO(name) #name,
static const char *const names[FUNCTIONS] = {
#include "pkcs11f.h"
};
#undef CK_PKCS11_FUNCTION_INFO

/* ---- The lists ---- */

static CK_FUNCTION_LIST list_2_40 = { .version = { 2, 40 } }, *lying_list;
#ifndef PERMISSIVE_240
static CK_FUNCTION_LIST_3_0 list_3_0 = { .version = { 3, 0 } };
static CK_FUNCTION_LIST_3_2 list_3_2 = { .version = { 3, 2 } };

CK_RV permissive_hello(CK_ULONG *answer);
static struct {
    CK_VERSION version;
    CK_RV (*hello)(CK_ULONG *answer);
} list_vendor = { { 1, 0 }, permissive_hello };

static CK_UTF8CHAR name_pkcs11[] = "PKCS 11", name_vendor[] = "Vendor Permissive";

/* The first is the one that an application gets which does not say what it wants. */
#define INTERFACES 4
static CK_INTERFACE interfaces[INTERFACES] = {
    { name_pkcs11, &list_3_2, 0 }, { name_pkcs11, &list_3_0, 0 }, { name_pkcs11, &list_2_40, 0 },
    { name_vendor, &list_vendor, 0 },
};
#endif

static void fill_lists(const unsigned char *is_null)
{
#define CK_PKCS11_2_0_ONLY 1
#define CK_PKCS11_FUNCTION_INFO(name) list_2_40.name = is_null[F_##name] ? NULL : name;
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_2_0_ONLY
#ifndef PERMISSIVE_240
#define CK_PKCS11_3_0_ONLY 1
#define CK_PKCS11_FUNCTION_INFO(name) list_3_0.name = is_null[F_##name] ? NULL : name;
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_3_0_ONLY
#define CK_PKCS11_FUNCTION_INFO(name) list_3_2.name = is_null[F_##name] ? NULL : name;
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
#endif
    if (lying_list != NULL) {
        *lying_list = list_2_40;
        lying_list->version = (CK_VERSION){ 3, 0 };
    }
}

/* ---- Options ---- */

static struct {
    int unique, sparse, mixed, logout_kills, fork_safe, lies, callback, crash, reserved;
    CK_FLAGS token_flags[SLOTS];
    long slow;
} options;

#define MOST_ANSWERS 64
static struct { unsigned function; CK_RV value; CK_ULONG first, last; } answers[MOST_ANSWERS];
static unsigned answer_count;
static char answers_text[2048];
static CK_ULONG calls[FUNCTIONS], calls_of_answers[FUNCTIONS];

static void fail_option(const char *option, const char *text)
{
    fprintf(stderr, "permissive: %s: cannot understand '%s'\n", option, text);
    abort();
}

static const char *text_of(const char *option)
{
    const char *const text = getenv(option);
    return text == NULL ? "" : text;
}

static int is_set(const char *option)
{
    const char *const text = text_of(option);
    if (strcmp(text, "") != 0 && strcmp(text, "0") != 0 && strcmp(text, "1") != 0) { fail_option(option, text); }
    return text[0] == '1';
}

static CK_ULONG number(const char *option, const char *text, char **end)
{
    const CK_ULONG value = strtoul(text, end, 0);
    if (*end == text || text[0] == '-') { fail_option(option, text); }
    return value;
}

static unsigned function_named(const char *name)
{
    unsigned function = 0;
    while (function < FUNCTIONS && strcmp(names[function], name) != 0) { ++function; }
    return function;
}

static void read_answer(char *entry)
{
    char *end, *const equals = strchr(entry, '=');
    if (equals == NULL || answer_count == MOST_ANSWERS) { fail_option("PERMISSIVE_ANSWER", entry); }
    *equals = '\0';
    answers[answer_count].function = function_named(entry);
    if (answers[answer_count].function == FUNCTIONS) { fail_option("PERMISSIVE_ANSWER", entry); }
    answers[answer_count].value = number("PERMISSIVE_ANSWER", equals + 1, &end);
    answers[answer_count].first = *end == ':' ? number("PERMISSIVE_ANSWER", end + 1, &end) : 1;
    answers[answer_count].last = *end == '-' ? number("PERMISSIVE_ANSWER", end + 1, &end) : ULONG_MAX;
    if (*end != '\0') { fail_option("PERMISSIVE_ANSWER", end); }
    ++answer_count;
}

static void read_options(void)
{
    char copy[sizeof answers_text], *end, *rest, *word;
    unsigned char is_null[FUNCTIONS] = { 0 };
    const char *const handles = text_of("PERMISSIVE_HANDLES"), *const slow = text_of("PERMISSIVE_SLOW");
    const char *const nulls = text_of("PERMISSIVE_NULL"), *const single = text_of("PERMISSIVE_SINGLE");
    const char *const answer = text_of("PERMISSIVE_ANSWER");

    options.unique = strcmp(handles, "unique") == 0;
    options.sparse = strcmp(handles, "sparse") == 0;
    if (!options.unique && !options.sparse && handles[0] != '\0' && strcmp(handles, "reuse") != 0) {
        fail_option("PERMISSIVE_HANDLES", handles);
    }
    options.mixed = is_set("PERMISSIVE_MIXED");
    options.logout_kills = is_set("PERMISSIVE_LOGOUT_KILLS");
    options.fork_safe = is_set("PERMISSIVE_FORK_SAFE");
    options.lies = is_set("PERMISSIVE_LIES_VERSION");
    options.callback = is_set("PERMISSIVE_CALLBACK");
    options.crash = is_set("PERMISSIVE_CRASH_BEFORE_INIT");
    options.reserved = is_set("PERMISSIVE_RESERVED");
    options.slow = slow[0] == '\0' ? 0 : (long)number("PERMISSIVE_SLOW", slow, &end);

    for (unsigned i = 0; i < SLOTS; ++i) { options.token_flags[i] = CKF_DUAL_CRYPTO_OPERATIONS; }
    for (const char *at = single; *at != '\0'; at = *end == ',' ? end + 1 : end) {
        const CK_ULONG slot = number("PERMISSIVE_SINGLE", at, &end);
        for (unsigned i = 0; i < SLOTS; ++i) { options.token_flags[i] &= slot == slot_ids[i] ? 0 : ~0UL; }
        if ((slot != 0 && slot != 7) || (*end != ',' && *end != '\0')) { fail_option("PERMISSIVE_SINGLE", at); }
    }
    if (strlen(nulls) >= sizeof copy) { fail_option("PERMISSIVE_NULL", nulls); }
    for (word = strtok_r(strcpy(copy, nulls), ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        if (function_named(word) == FUNCTIONS) { fail_option("PERMISSIVE_NULL", word); }
        is_null[function_named(word)] = 1;
    }
    if (strlen(answer) >= sizeof copy) { fail_option("PERMISSIVE_ANSWER", answer); }
    if (strcmp(answer, answers_text) != 0) {
        answer_count = 0;
        memset(calls_of_answers, 0, sizeof calls_of_answers);
        strcpy(answers_text, answer);
        strcpy(copy, answer);
        for (word = strtok_r(copy, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) { read_answer(word); }
    }
    if (options.lies && lying_list == NULL) {
        const size_t page = (size_t)sysconf(_SC_PAGESIZE);
        char *const pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0) { abort(); }
        lying_list = (CK_FUNCTION_LIST *)(void *)(pages + page - sizeof *lying_list);
    }
#ifndef PERMISSIVE_240
    for (unsigned i = 0; i < 2; ++i) { interfaces[i].flags = options.fork_safe ? CKF_INTERFACE_FORK_SAFE : 0; }
#endif
    fill_lists(is_null);
}

/* ---- Who is inside ---- */

/* The sessions in which a thread is. Relaxed, so that counting puts no order between threads for a tool that looks for
   races among them. */
#define MOST_INSIDE 64
static CK_ULONG inside[MOST_INSIDE], concurrent;
static __thread unsigned depth; /* a callback may call the module: its thread is inside already */

/* Closing is no visit: it may end a call of another thread. */
static CK_ULONG *come(unsigned function, CK_SESSION_HANDLE handle)
{
    if (depth++ != 0 || function == F_C_CloseSession || handle == CK_INVALID_HANDLE) { return NULL; }
    for (unsigned i = 0; i < MOST_INSIDE; ++i) {
        CK_ULONG nobody = CK_INVALID_HANDLE;
        const int got = __atomic_compare_exchange_n(&inside[i], &nobody, handle, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
        if (got) { return &inside[i]; }
    }
    return NULL;
}

/* Counts if another thread is inside the session, which exists. */
static void meet(const CK_ULONG *own)
{
    const CK_ULONG handle = own == NULL ? CK_INVALID_HANDLE : __atomic_load_n(own, __ATOMIC_RELAXED);
    for (unsigned i = 0; own != NULL && i < MOST_INSIDE; ++i) {
        if (&inside[i] == own || __atomic_load_n(&inside[i], __ATOMIC_RELAXED) != handle) { continue; }
        __atomic_fetch_add(&concurrent, 1, __ATOMIC_RELAXED);
        return;
    }
}

static void go(CK_ULONG *own)
{
    --depth;
    if (own != NULL) { __atomic_store_n(own, CK_INVALID_HANDLE, __ATOMIC_RELAXED); }
}

/* ---- The entrance of every function ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_ready, is_initialized;
static pid_t owner; /* the process that called C_Initialize */

static void take_lock(void) { pthread_mutex_lock(&lock); }
static void drop_lock(void) { pthread_mutex_unlock(&lock); }

static CK_RV leave(CK_RV rv)
{
    drop_lock();
    return rv;
}

static int is_usable(void) { return is_initialized && (options.fork_safe || owner == getpid()); }

static int may_come_first(unsigned function)
{
    return function == F_C_Initialize || function == F_C_GetFunctionList || function == F_C_GetInterfaceList
           || function == F_C_GetInterface;
}

/* No: *rv is the answer, and the mutex is not held. */
static int enter(unsigned function, CK_RV *rv)
{
    take_lock();
    if (!is_ready) { pthread_atfork(take_lock, drop_lock, drop_lock); }
    if (!is_ready || (function == F_C_Initialize && !is_usable())) { read_options(); }
    is_ready = 1;
    ++calls[function];
    ++calls_of_answers[function];
    if (options.crash && !is_initialized && !may_come_first(function)) { abort(); }
    for (unsigned i = 0; i < answer_count; ++i) {
        const CK_ULONG call = calls_of_answers[function];
        if (answers[i].function == function && answers[i].first <= call && call <= answers[i].last) {
            *rv = leave(answers[i].value);
            return 0;
        }
    }
    if (is_usable() || may_come_first(function)) { return 1; }
    *rv = leave(CKR_CRYPTOKI_NOT_INITIALIZED);
    return 0;
}

static int enter_session(unsigned function, CK_SESSION_HANDLE handle, const CK_ULONG *own, session **s, CK_RV *rv)
{
    if (!enter(function, rv)) { return 0; }
    *s = session_of(handle);
    if (*s != NULL) {
        meet(own);
        return 1;
    }
    *rv = leave(CKR_SESSION_HANDLE_INVALID);
    return 0;
}

/* ---- The gate: calls that stay inside until a test lets them go on ---- */

static atomic_ulong to_hold, held, releases;

/* Takes one of the places at the gate, if there is one. */
static int must_stay(void)
{
    CK_ULONG left = to_hold;
    while (left != 0) {
        if (atomic_compare_exchange_weak(&to_hold, &left, left - 1)) { return 1; }
    }
    return 0;
}

static void one_fewer(void *unused)
{
    (void)unused;
    --held;
}

/* Waits at the gate. A thread may be cancelled there. */
static void stay(void)
{
    const CK_ULONG before = releases;
    const struct timespec pause = { 0, 1000000 };
    ++held;
    pthread_cleanup_push(one_fewer, NULL);
    while (releases == before) { nanosleep(&pause, NULL); }
    pthread_cleanup_pop(1);
}

/* For calls that take data, with what they need active. Sleep, gate and callback come without the mutex. */
static int enter_part(unsigned function, CK_SESSION_HANDLE handle, unsigned kinds, const CK_ULONG *own, session **s,
                      CK_RV *rv)
{
    if (!enter_session(function, handle, own, s, rv)) { return 0; }
    const int stays = (active_kinds(*s) & kinds) == kinds && must_stay();
    if ((active_kinds(*s) & kinds) != kinds || (options.slow == 0 && !options.callback && !stays)) { return 1; }
    const session before = **s;
    const struct timespec pause = { options.slow / 1000, options.slow % 1000 * 1000000 };
    const int calls_back = options.callback && before.notify != NULL;
    drop_lock();
    nanosleep(&pause, NULL);
    if (stays) { stay(); }
    const int cancels = calls_back && before.notify(handle, CKN_SURRENDER, before.application) == CKR_CANCEL;
    take_lock();
    *s = session_of(handle);
    *rv = !is_usable()                               ? CKR_CRYPTOKI_NOT_INITIALIZED
          : *s == NULL || (*s)->birth != before.birth ? CKR_SESSION_CLOSED
          : cancels                                  ? CKR_FUNCTION_CANCELED
                                                     : CKR_OK;
    if (*rv == CKR_OK) { return 1; }
    for (unsigned kind = 0; *rv == CKR_FUNCTION_CANCELED && kind < KINDS; ++kind) {
        operation *const o = &(*s)->work.of[kind];
        if ((kinds & BIT(kind)) != 0) { (kind < MESSAGE_ENCRYPT ? settle : settle_message)(o, *rv, 0); }
    }
    leave(*rv);
    return 0;
}

#endif /* PERMISSIVE_ENTRANCE_H */
