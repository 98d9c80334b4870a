/* SPDX-License-Identifier: MIT */
/* Draws random numbers for a worker, and counts its calls and failures. */
#include "guard_threads.h"
#include "../splitmix64.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const CK_FUNCTION_LIST_3_2 *f;
int is_over; /* of this part */

int part_is_over(void) { return __atomic_load_n(&is_over, __ATOMIC_RELAXED); }

uint64_t draw(worker *w) { return splitmix64(&w->random); }

unsigned below(worker *w, unsigned end) { return (unsigned)(draw(w) % end); }

void fail(const char *what)
{
    const char *const why = dlerror();
    fprintf(stderr, "guard_threads: %s: %s\n", what, why != NULL ? why : strerror(errno));
    exit(2);
}

/* Says so of the first few only. */
int right(worker *w, int good, const char *what, CK_RV rv)
{
    static int said;
    if (good) { return 1; }
    ++w->wrong;
    if (__atomic_fetch_add(&said, 1, __ATOMIC_RELAXED) < 20) { printf("  wrong: %s: 0x%lx\n", what, rv); }
    return 0;
}

int is_ok(worker *w, CK_RV rv, const char *what) { return right(w, rv == CKR_OK, what, rv); }

void add(worker *sum, const worker *w)
{
    sum->made += w->made;
    sum->wrong += w->wrong;
}
