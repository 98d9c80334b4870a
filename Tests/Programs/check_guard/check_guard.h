/* SPDX-License-Identifier: MIT */
/* Declarations that the files of check_guard share: checks, the guard and the module behind it, operations, threads. */
#ifndef CHECK_GUARD_H
#define CHECK_GUARD_H

#define _GNU_SOURCE 1
#include "pkcs11.h"
#include "../dynamic_library.h"
#include "../permissive_results.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The libraries that are loaded must not find these names. */
#pragma GCC visibility push(hidden)

/* ---- Scenarios: each file has a table of its own, which ends with a NULL name ---- */

typedef struct {
    const char *name;
    void (*run)(void);
} scenario;

extern const scenario rules_scenarios[], phases_scenarios[], out_of_phase_scenarios[], cancelling_scenarios[],
    messages_scenarios[], pending_scenarios[], lists_scenarios[], modules_scenarios[], loading_scenarios[],
    sessions_scenarios[], handles_scenarios[], threads_scenarios[], ending_threads_scenarios[], callbacks_scenarios[],
    processes_scenarios[], arguments_scenarios[], volume_scenarios[], log_scenarios[], standard_error_scenarios[],
    lost_lines_scenarios[];

/* ---- Checks: checks.c ---- */

extern atomic_uint checked, failed;

void note(int good, const char *file, int line, const char *what, const char *expected, const char *came);
void check_value(CK_RV expected, CK_RV came, const char *what, const char *file, int line);
void check_number(unsigned long expected, unsigned long came, const char *what, const char *file, int line);

#define CHECK(good) note((good) != 0, __FILE__, __LINE__, #good, "true", "false")
#define EQUAL(expected, came) check_number((unsigned long)(expected), (unsigned long)(came), #came, __FILE__, __LINE__)
#define ANSWERS(code, call) check_value((code), (call), #call, __FILE__, __LINE__)
#define OK(call) ANSWERS(CKR_OK, call)

/* The call reaches the module once, and this is the answer. */
#define GOES(code, name, ...)                                                                                          \
    do {                                                                                                               \
        const CK_ULONG before_ = calls(#name);                                                                         \
        check_value((code), f->name(__VA_ARGS__), #name "(" #__VA_ARGS__ ")", __FILE__, __LINE__);                     \
        check_number(before_ + 1, calls(#name), "how often the module was asked for " #name, __FILE__, __LINE__);      \
    } while (0)

/* The guard answers, and the module does not hear of it. */
#define REFUSED_WITH(code, name, ...)                                                                                  \
    do {                                                                                                               \
        const CK_ULONG before_ = calls(#name);                                                                         \
        check_value((code), f->name(__VA_ARGS__), #name "(" #__VA_ARGS__ ")", __FILE__, __LINE__);                     \
        check_number(before_, calls(#name), "how often the module was asked for " #name, __FILE__, __LINE__);          \
    } while (0)
#define REFUSED(name, ...) REFUSED_WITH(CKR_OPERATION_ACTIVE, name, __VA_ARGS__)

/* ---- The guard, and the module behind it: library.c ---- */

extern const char *guard_path, *module_path;
extern void *guard, *module;
extern CK_FUNCTION_LIST_3_2 *f;
extern CK_ULONG (*permissive_calls)(const char *name);
extern void (*hold)(CK_ULONG count);
extern CK_ULONG (*held)(void);
extern void (*release)(void);
extern CK_C_GetFunctionList get_list;
extern CK_C_GetInterface get_interface;
extern CK_C_GetInterfaceList get_interfaces;
extern CK_UTF8CHAR standard_name[8];
extern const char *const all_names[];
extern const size_t name_count;

CK_ULONG calls(const char *name);
void entrances(void *library);
CK_FUNCTION_LIST_3_2 *functions_of(void *library);
void take_functions(void);
void take_list(void);
int is_in(const char *path, void *function);
#define FUNCTION_IS_IN(path, pointer) is_in(path, *(void **)(void *)&(pointer))

void begin(void);
void finish(void);
CK_SESSION_HANDLE open_in(CK_SLOT_ID slot);
CK_SESSION_HANDLE open_one(void);

/* ---- Operations, and what is passed to them: operations.c ---- */

extern CK_MECHANISM mechanism;
extern CK_BYTE text[20];
#define LENGTH (sizeof text - 1)

extern _Thread_local CK_BYTE out[256];
extern _Thread_local CK_ULONG out_length;

CK_ULONG *room(void);

#define TEXT text, LENGTH
#define OUT out, room()

enum kind {
    FIND, ENCRYPT, DECRYPT, DIGEST, SIGN, SIGN_RECOVER, VERIFY, VERIFY_RECOVER, VERIFY_SIGNATURE,
    MESSAGE_ENCRYPT, MESSAGE_DECRYPT, MESSAGE_SIGN, MESSAGE_VERIFY, KINDS
};

extern const char *const start_names[KINDS];
extern const CK_FLAGS cancel_flags[KINDS];

CK_RV start_with(CK_SESSION_HANDLE h, enum kind kind, CK_MECHANISM *m);
CK_RV start(CK_SESSION_HANDLE h, enum kind kind);
CK_RV feed(CK_SESSION_HANDLE h, enum kind kind);
CK_RV fed(enum kind kind);
CK_RV end(CK_SESSION_HANDLE h, enum kind kind);
CK_RV ended(enum kind kind);
void be_refused_often(void);

/* What the guard believes: a search is in the way of all that is known to be active. */
#define ACTIVE(h) REFUSED(C_FindObjectsInit, h, NULL, 0)
#define NOT_ACTIVE(h)                                                                                                  \
    do {                                                                                                               \
        GOES(CKR_OK, C_FindObjectsInit, h, NULL, 0);                                                                   \
        GOES(CKR_OK, C_FindObjectsFinal, h);                                                                           \
    } while (0)

/* ---- Threads and child processes: tasks.c ---- */

typedef struct {
    CK_SESSION_HANDLE session, other;
    CK_RV answer;
    atomic_long thread; /* the kernel's number, once the thread runs */
} task;

void rest(long milliseconds);
int join(pthread_t thread);
pthread_t run_thread(void *(*body)(void *), void *argument);
void *digest_a_part(void *argument);
pthread_t inside(task *t);
int sleeps(const task *t);
pthread_t waiting_for_it(task *t);
void in_child(void (*body)(CK_SESSION_HANDLE), CK_SESSION_HANDLE h);

/* Waits for a condition, for five seconds at most: a test must not hang with what it tests. */
#define AWAIT(condition)                                                                                               \
    do {                                                                                                               \
        for (int i_ = 0; i_ < 5000 && !(condition); ++i_) { rest(1); }                                                 \
        CHECK(condition);                                                                                              \
    } while (0)

#define JOIN(thread) CHECK(join(thread))

/* ---- Open files: open_files.c ---- */

int count_files(void);
int count_lines(int descriptor);

#pragma GCC visibility pop

#endif /* CHECK_GUARD_H */
