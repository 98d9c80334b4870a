/* SPDX-License-Identifier: MIT */
/* Declarations that the files of check_permissive share. */
#ifndef CHECK_PERMISSIVE_H
#define CHECK_PERMISSIVE_H

#define _DEFAULT_SOURCE 1
#include "pkcs11.h"
#include "../dynamic_library.h"
#include "../permissive_results.h"

/* The modules that are loaded must not find these names. */
#pragma GCC visibility push(hidden)

/* ---- Checks and the module: module.c ---- */

#define CHECK(good) check((good) != 0, #good, __FILE__, __LINE__)
#define OK(call) check((call) == CKR_OK, #call " answers CKR_OK", __FILE__, __LINE__)
#define ANSWERS(code, call) check((call) == (code), #call " answers " #code, __FILE__, __LINE__)

void check(int good, const char *what, const char *file, int line);
int report(void);

extern const char *module_path;
extern void *module;
extern CK_FUNCTION_LIST_3_2 *f;
extern CK_ULONG (*calls)(const char *name);

void begin(const char *option, const char *value);
void finish(const char *option);
CK_SESSION_HANDLE open_with(CK_NOTIFY notify, void *application);
CK_SESSION_HANDLE open_one(void);

/* ---- Expected results: results.c ---- */

extern CK_BYTE text[20];
#define LENGTH (sizeof text - 1)

extern CK_MECHANISM mechanism;
extern CK_BYTE digest[32], mac[32], xored[LENGTH];

void prepare(void);
int is_xored(const CK_BYTE *a, const CK_BYTE *b, size_t length);

/* ---- Shared by several checks ---- */

void start_all(CK_SESSION_HANDLE h); /* operations.c */
int end_all(CK_SESSION_HANDLE h);

extern const unsigned function_count; /* arguments.c */
CK_RV call_with_nothing(unsigned function, CK_ULONG first);

/* ---- The checks ---- */

void check_all_at_once(void);
void check_restart(void);
void check_single_part(void);
void check_dual(void);
void check_messages(void);
void check_sessions(void);
void check_objects(void);
void check_states(void);
void check_interfaces(void);
void check_options(void);
void check_callback(void);
void check_threads(void);
void check_processes(void);
void check_forks(void);
void check_arguments(void);
void check_240(const char *path);
void check_null_module(const char *path);

#pragma GCC visibility pop

#endif /* CHECK_PERMISSIVE_H */
