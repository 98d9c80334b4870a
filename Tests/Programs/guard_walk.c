/* SPDX-License-Identifier: MIT */
/*
 * Makes random sequences of calls through the guard and checks each call against what the rules say of it.
 *
 *     guard_walk GUARD MODULE SEED COUNT POLICY
 *
 * MODULE is permissive's. It is loaded twice: behind the guard, and as a copy of the file, which is another module
 * with a state of its own. The copy gets exactly the calls that the guard has to let through, so that it says what the
 * guard has to answer and to write. Beside both stands the mirror, see guard_walk_mirror.h. Of each call has to hold:
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
#define _DEFAULT_SOURCE 1
#include "guard_walk_mirror.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[256], log_path[320], copy_path[320];
static const CK_FUNCTION_LIST_3_2 *guard, *beside;
static CK_ULONG (*calls_behind)(const char *), (*calls_beside)(const char *);
static int log_file, only_reports, has_said_unknown, is_printing;
static off_t log_end;
static unsigned long called, refused, noticed, violations, opened;
static results of_guard, of_beside;
static char difference[1024]; /* empty: none yet */

static int differ(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(difference, sizeof difference, format, arguments);
    va_end(arguments);
    return 0;
}

/* ---- Loading ---- */

static void fail(const char *what)
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

/* ---- The log ---- */

/* The next line without its end, or an empty one. */
static const char *next_line(void)
{
    static char line[4096];
    const ssize_t count = pread(log_file, line, sizeof line - 1, log_end);
    line[count > 0 ? count : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    log_end += line[0] == '\0' ? 0 : (off_t)strlen(line) + 1;
    return line;
}

static int expect_line(const char *verb, const mirror *m, p11_state before, step s, p11_rule rule)
{
    const char *const line = next_line(), *const lacks = missing_in(line, verb, m, before, s, rule);
    ++violations;
    if (line[0] == '\0') { return differ("the log has no line: '%s' was due for %s", verb, p11_describe(rule).id); }
    return lacks == NULL || differ("the line of the log is not right about '%s': %s", lacks, line);
}

static int expect_no_line(void)
{
    const char *const line = next_line();
    return line[0] == '\0' || differ("the log has a line that is not due: %s", line);
}

/* ---- A step ---- */

static int open_step(step s, unsigned place)
{
    static const CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
    /* Where the module says that it opened a session and does not say which: none, or one that is there already. */
    const CK_SESSION_HANDLE before = (s.flavour & 2) != 0 ? handles[(place + 1) % PLACES] : CK_INVALID_HANDLE;
    CK_SESSION_HANDLE got = before, wanted = before;
    CK_TOKEN_INFO info;
    if (mirrors[place].is_open) { return 1; }
    ++called;
    const CK_RV rv = guard->C_OpenSession(slot_of(s), flags, NULL, NULL, &got);
    const CK_RV expected = beside->C_OpenSession(slot_of(s), flags, NULL, NULL, &wanted);
    if (is_printing) { print_step(s, 0); printf(" answers %s, session 0x%lx\n", value_name(rv), got); }
    if (rv != expected || got != wanted) {
        return differ("C_OpenSession answered %s and 0x%lx instead of %s and 0x%lx", value_name(rv), got,
                      value_name(expected), wanted);
    }
    if (rv == CKR_OK) {
        beside->C_GetTokenInfo(slot_of(s), &info);
        mirror_open(place, got, slot_of(s), info.flags);
        opened += got != CK_INVALID_HANDLE;
    } else {
        mirror_complete(NULL, s, rv);
    }
    return expect_no_line();
}

static int session_step(step s, CK_SESSION_HANDLE h)
{
    const char *const name = p11_function_name(s.function);
    mirror *const m = is_in_session(s) ? mirror_of(h) : NULL;
    const p11_verdict nothing = { 0, P11_RULE_NONE }, verdict = m == NULL ? nothing : mirror_admit(m, s);
    const p11_state before = m == NULL ? (p11_state){ 0 } : m->state;
    const int is_refused = verdict.rv != 0 && !only_reports;
    const CK_ULONG calls_before = calls_behind(name);
    CK_RV expected = verdict.rv;
    if (m != NULL) { ++m->calls; }
    ++called;
    const CK_RV rv = make(guard, s, h, &of_guard);
    const CK_ULONG grown = calls_behind(name) - calls_before;
    if (!is_refused) { expected = make(beside, s, h, &of_beside); }
    if (is_printing) {
        print_step(s, h);
        printf(" answers %s%s%s\n", value_name(rv), verdict.rule == P11_RULE_NONE ? "" : "; rule ",
               p11_describe(verdict.rule).id);
    }
    if (rv != expected) {
        return differ("%s answered %s instead of %s (%s)", name, value_name(rv), value_name(expected),
                      p11_describe(verdict.rule).id);
    }
    if (grown != !is_refused) { return differ("%s reached the module %lu times", name, grown); }
    refused += is_refused;
    noticed += verdict.rule != P11_RULE_NONE && !is_refused;
    if (verdict.rule != P11_RULE_NONE) {
        const char *const verb = is_refused ? "refused" : verdict.rv != 0 ? "would refuse" : "noticed";
        if (!expect_line(verb, m, before, s, verdict.rule)) { return 0; }
    }
    if (is_refused) { return expect_no_line(); }
    if (memcmp(of_guard.out, of_beside.out, sizeof of_guard.out) != 0 || of_guard.length != of_beside.length
        || of_guard.more != of_beside.more) {
        return differ("%s wrote something else than the module does", name);
    }
    mirror_complete(m, s, rv);
    if (m == NULL && is_in_session(s) && rv == CKR_OK && h != CK_INVALID_HANDLE && !has_said_unknown
        && !p11_ends(s.function, (p11_call){ 0, 0 }, CKR_OK)) {
        has_said_unknown = 1;
        if (strstr(next_line(), "not opened by way of this guard") == NULL) {
            return differ("%s in an unknown session is no news", name);
        }
    }
    return expect_no_line();
}

static int make_step(step s)
{
    return s.function == P11_C_OpenSession ? open_step(s, s.place % PLACES) : session_step(s, handles[s.place]);
}

/* ---- The end of a sequence: nothing is stuck ---- */

static int start_all(unsigned place, int cancels, int by_null)
{
    for (unsigned kind = 0; kind < KINDS; ++kind) {
        const step cancel = { P11_C_SessionCancel, (unsigned char)place, ROOMY, 0, 0 };
        const step start = { of_kind[kind][0], (unsigned char)place, ROOMY, 0, 0xFFFF };
        /* A search has no mechanism that could be NULL. */
        const unsigned char ends = kind == 0 ? P11_C_FindObjectsFinal : of_kind[kind][0];
        const step end = { ends, (unsigned char)place, ROOMY, 1, 0xFFFF };
        if (cancels && !make_step(cancel)) { return 0; }
        if (!mirrors[place].is_open) { return 1; } /* the answer was that it is gone */
        if (mirror_admit(&mirrors[place], start).rv != 0) {
            return differ("%s is refused although everything was cancelled", p11_function_name(start.function));
        }
        if (!make_step(start) || (by_null && !make_step(end))) { return 0; }
    }
    return 1;
}

static int check_nothing_is_stuck(const sequence *q)
{
    for (unsigned place = 0; place < PLACES; ++place) {
        const step close = { P11_C_CloseSession, (unsigned char)place, ROOMY, 0, 0 };
        const step open = { P11_C_OpenSession, (unsigned char)place, ROOMY, 0, 0 };
        if (!mirrors[place].is_open) { continue; }
        /* What may be pending is not always cancelled, and an answer that was ordered may come here too. */
        if (!q->is_async && !start_all(place, 1, 0)) { return 0; }
        if (!make_step(close) || !make_step(open)) { return 0; }
        if (mirrors[place].is_open && q->answers[0] == '-' && !start_all(place, 0, 1)) { return 0; }
    }
    return 1;
}

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

/* ---- A sequence ---- */

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

static int check_summary(void)
{
    char wanted[128];
    if (violations == 0 && !only_reports) { return expect_no_line(); }
    snprintf(wanted, sizeof wanted, "C_Finalize: %lu sessions, %lu violations", opened, violations);
    const char *const line = next_line();
    return strstr(line, wanted) != NULL ? expect_no_line() : differ("not '%s' but: %s", wanted, line);
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
    if (ftruncate(log_file, 0) != 0) { fail(log_path); }
    log_end = 0;
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
    log_file = open(log_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (log_file < 0) { fail(log_path); }
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
