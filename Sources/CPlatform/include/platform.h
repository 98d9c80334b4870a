/* SPDX-License-Identifier: MIT */
/*
 * What Embedded Swift has no module for: the C library and a few calls of Linux. Nothing here is the guard's own state: see state.h.
 */
#ifndef P11GUARD_PLATFORM_H
#define P11GUARD_PLATFORM_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PLATFORM_HIDDEN __attribute__((visibility("hidden")))
#define PLATFORM_NEVER_NULL __attribute__((returns_nonnull))

/* A regular file to be read; or that there is nothing of that name, that it is something else, or (-1) that errno says why not. */
enum { PLATFORM_MISSING = -2, PLATFORM_NO_FILE = -3 };
PLATFORM_HIDDEN int platform_open_file(const char *path);
static inline int platform_error(void) { return errno; }
/* What errno says, in English. */
PLATFORM_HIDDEN const char *platform_error_text(void);

PLATFORM_HIDDEN uint32_t platform_thread(void);

/* Zeroed pages, which take memory only where they are written; NULL if there are none. The first of them, as many bytes as are read
   often, are huge pages if that is enough for one: sessions in random order need fewer translations of addresses then. */
PLATFORM_HIDDEN void *platform_pages(size_t size, size_t often);

/* A variable of the environment; NULL in a program that has more rights than who called it. */
PLATFORM_HIDDEN const char *platform_environment(const char *name);

/* Which file is at an address, from where on, and which function, if that is known. */
typedef struct platform_place {
    const char *file;
    const char *function;
    uintptr_t start;
} platform_place;
PLATFORM_HIDDEN int platform_find_place(const void *address, platform_place *place);

/* The file of this library as it was found when it was loaded, whatever the process did since; NULL if that is not known. */
PLATFORM_HIDDEN const char *platform_own_path(void);

/* Whether platform_order_others can be used in this process; to be asked before its first use. */
PLATFORM_HIDDEN int platform_can_order_others(void);
/* Every other thread of the process has passed a memory barrier when it returns; 0 if that cannot be had. */
PLATFORM_HIDDEN int platform_order_others(void);

#endif
