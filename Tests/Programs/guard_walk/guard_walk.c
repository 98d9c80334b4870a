/* SPDX-License-Identifier: MIT */
/*
 * Makes random sequences of calls through the guard and checks each call against what the rules say of it.
 *
 *     guard_walk GUARD MODULE SEED COUNT POLICY
 *
 * MODULE is permissive's. It is loaded twice: behind the guard, and as a copy of the file, which is another module
 * with a state of its own. The copy gets exactly the calls that the guard has to let through, so that it says what the
 * guard has to answer and to write. Beside both stands the mirror, see mirror.c. Of each call has to hold:
 *   the mirror refuses it   the answer is the mirror's, the module was not called, nothing changes, the log has one
 *                           line more
 *   else                    the module was called once, answer and output are the copy's, and the log has a line more
 *                           only if the mirror notices something
 * and of the end of each sequence: when everything is cancelled every operation can be started, and the same in a
 * session that is opened instead; the line that C_Finalize writes counts right; no function of the module was called
 * more often than the copy's.
 *
 * A sequence that fails is shortened as long as it still fails, and printed. Variables of the environment that the
 * guard reads are left alone where they are set: P11GUARD_POLICY to see this program fail, P11GUARD_MODE=report,
 * P11GUARD_THREADS.
 * The last line: "N sequences, M calls, K refused, J noticed: D differences"; exits with 1 if there is a difference.
 */
#include "guard_walk.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256], log_path[320], copy_path[320];
const CK_FUNCTION_LIST_3_2 *guard, *beside;
CK_ULONG (*calls_behind)(const char *), (*calls_beside)(const char *);

int only_reports, has_said_unknown, is_printing;

unsigned long called, refused, noticed, violations, opened;
results of_guard, of_beside;
char difference[1024]; /* empty: none yet */

int differ(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(difference, sizeof difference, format, arguments);
    va_end(arguments);
    return 0;
}

/* ---- Loading ---- */

void fail(const char *what)
{
    const char *const why = dlerror();
    fprintf(stderr, "guard_walk: %s: %s\n", what, why == NULL ? "failed" : why);
    exit(2);
}

static void *symbol(void *library, const char *name)
{
    void *const found = dlsym(library, name);
    if (found == NULL) { fail(name); }
    return found;
}

static void *load(const char *path, const CK_FUNCTION_LIST_3_2 **list)
{
    CK_UTF8CHAR name[] = "PKCS 11";
    CK_VERSION version = { 3, 2 };
    CK_INTERFACE *interface = NULL;
    CK_C_GetInterface get;
    void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) { fail(path); }
    *(void **)&get = symbol(library, "C_GetInterface");
    if (list != NULL && get(name, &version, &interface, 0) != CKR_OK) { fail("C_GetInterface"); }
    if (list != NULL) { *list = interface->pFunctionList; }
    return library;
}

static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    FILE *const in = fopen(from, "rb"), *const out = fopen(to, "wb");
    size_t count;
    if (in == NULL || out == NULL) { fail(from); }
    while ((count = fread(bytes, 1, sizeof bytes, in)) > 0) { fwrite(bytes, 1, count, out); }
    if (fclose(in) != 0 || fclose(out) != 0) { fail(to); }
}

/* ---- A sequence ---- */

static int check_counts(const CK_ULONG *behind_before, const CK_ULONG *beside_before)
{
    for (unsigned i = 1; i < P11_FUNCTIONS_; ++i) {
        const char *const name = p11_function_name(i);
        const CK_ULONG behind = calls_behind(name) - behind_before[i], copy = calls_beside(name) - beside_before[i];
        /* Asked for by the guard when it wants the token's policy, and here to know it as well. */
        if (i != P11_C_GetTokenInfo && behind != copy) {
            return differ("%s was called %lu times instead of %lu", name, behind, copy);
        }
    }
    return 1;
}

static void put_options(const sequence *q)
{
    setenv("PERMISSIVE_ANSWER", q->answers[0] == '-' ? "" : q->answers, 1);
    setenv("PERMISSIVE_HANDLES", q->handles, 1);
    setenv("PERMISSIVE_SINGLE", q->single, 1);
    setenv("PERMISSIVE_MIXED", q->mixed ? "1" : "0", 1);
    setenv("PERMISSIVE_LOGOUT_KILLS", q->kills ? "1" : "0", 1);
}

static int run_steps(const sequence *q)
{
    for (unsigned i = 0; i < q->count; ++i) {
        if (!make_step(q->steps[i])) { return 0; }
    }
    return check_nothing_is_stuck(q);
}

/* Yes: without a difference. */
static int run(const sequence *q)
{
    CK_ULONG behind_before[P11_FUNCTIONS_], beside_before[P11_FUNCTIONS_];
    difference[0] = '\0';
    /* Orders count from the first call after they change, and the same may have been there before. */
    setenv("PERMISSIVE_ANSWER", "C_GetInfo=0:9999", 1);
    if (guard->C_Initialize(NULL) != CKR_OK || beside->C_Initialize(NULL) != CKR_OK) {
        return differ("C_Initialize failed");
    }
    guard->C_Finalize(NULL);
    beside->C_Finalize(NULL);
    put_options(q);
    guard->C_Initialize(NULL);
    beside->C_Initialize(NULL);
    empty_log();
    has_said_unknown = 0;
    violations = opened = 0;
    mirror_forget();
    memset(&of_guard, 0, sizeof of_guard);
    memset(&of_beside, 0, sizeof of_beside);
    for (unsigned i = 1; i < P11_FUNCTIONS_; ++i) {
        behind_before[i] = calls_behind(p11_function_name(i));
        beside_before[i] = calls_beside(p11_function_name(i));
    }
    const int is_good = run_steps(q) && check_counts(behind_before, beside_before);
    const CK_RV rv = guard->C_Finalize(NULL);
    beside->C_Finalize(NULL);
    return is_good && (rv == CKR_OK || differ("C_Finalize answered %s", value_name(rv))) && check_summary();
}

/* Leaves out what the difference does not need. */
static void shorten(sequence *q)
{
    static sequence shorter;
    unsigned tries = 0;
    for (unsigned piece = q->count / 2; piece > 0; piece /= 2) {
        for (unsigned at = 0; at + piece <= q->count && tries < 3000; ++tries) {
            shorter = *q;
            shorter.count -= piece;
            memmove(shorter.steps + at, shorter.steps + at + piece, (q->count - at - piece) * sizeof *q->steps);
            if (run(&shorter)) { at += piece; } else { *q = shorter; }
        }
    }
}

static void show(sequence *q, uint64_t seed, unsigned long number)
{
    printf("sequence %lu, seed 0x%016llx, %u calls: %s\n", number, (unsigned long long)seed, q->count, difference);
    shorten(q);
    printf("PERMISSIVE_ANSWER=%s PERMISSIVE_HANDLES=%s PERMISSIVE_SINGLE=%s PERMISSIVE_MIXED=%d "
           "PERMISSIVE_LOGOUT_KILLS=%d\n", q->answers, q->handles, q->single, q->mixed, q->kills);
    is_printing = 1;
    run(q);
    is_printing = 0;
    printf("  difference: %s\n", difference);
}

/* ---- The program ---- */

static void prepare(char **arguments)
{
    const char *const temporary = getenv("TMPDIR"), *const mode = getenv("P11GUARD_MODE");
    snprintf(folder, sizeof folder, "%s/guard-walk-XXXXXX", temporary == NULL ? "/tmp" : temporary);
    if (mkdtemp(folder) == NULL) { fail(folder); }
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    snprintf(copy_path, sizeof copy_path, "%s/copy.so", folder);
    setenv("P11GUARD_MODULE", arguments[2], 1);
    setenv("P11GUARD_LOG", log_path, 1);
    setenv("P11GUARD_POLICY", arguments[5], 0);
    only_reports = mode != NULL && strcmp(mode, "report") == 0;
    open_log(log_path);
    copy_file(arguments[2], copy_path);
    *(void **)&calls_beside = symbol(load(copy_path, &beside), "permissive_calls");
    load(arguments[1], &guard);
    *(void **)&calls_behind = symbol(load(arguments[2], NULL), "permissive_calls");
}

int main(int count, char **arguments)
{
    static sequence q;
    unsigned long differences = 0, most = count == 6 ? strtoul(arguments[4], NULL, 0) : 0, number;
    while (count == 6 && policy <= AUTO && strcmp(policy_names[policy], arguments[5]) != 0) { ++policy; }
    if (count != 6 || policy > AUTO) {
        fprintf(stderr, "usage: guard_walk GUARD MODULE SEED COUNT usage-guide|single|per-kind|strict|auto\n");
        return 64;
    }
    prepare(arguments);
    /* One sequence alone is drawn from the seed that is printed of it. */
    for (number = 0; number < most && differences < 3; ++number) {
        const uint64_t seed = strtoull(arguments[3], NULL, 0) + number;
        draw_sequence(&q, seed);
        if (run(&q)) { continue; }
        ++differences;
        show(&q, seed, number);
    }
    unlink(log_path);
    unlink(copy_path);
    rmdir(folder);
    printf("%lu sequences, %lu calls, %lu refused, %lu noticed: %lu differences\n", number, called, refused, noticed,
           differences);
    return differences != 0;
}
