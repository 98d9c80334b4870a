/* SPDX-License-Identifier: MIT */
/* Compares the lines of the log with those that are due. */
#include "guard_walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int log_file;
static off_t log_end;

void open_log(const char *path)
{
    log_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (log_file < 0) { fail(path); }
}

void empty_log(void)
{
    if (ftruncate(log_file, 0) != 0) { fail("ftruncate"); }
    log_end = 0;
}

/* ---- The line that is due ---- */

/* 0: a line may give its call a higher number than that of the calls in its session. */
#ifndef EXACT_NUMBERS
#define EXACT_NUMBERS 1
#endif

/* A start of an operation that was in doubt may be named as well as what made it active before.
   active: its name and phase, as they are in the line */
static int names_restart(const char *line, const mirror *m, unsigned kind, const char *active)
{
    char wanted[128];
    CK_ULONG call = 0;
    snprintf(wanted, sizeof wanted, "%s since %s, call ", active, p11_function_name(of_kind[kind][0]));
    const char *const at = strstr(line, wanted);
    if (at == NULL || sscanf(at + strlen(wanted), "%lu, thread ", &call) != 1) { return 0; }
    return call > m->since[kind].call && call <= m->since[kind].again;
}

/* NULL: the line is what it has to be. Else what it lacks. */
static const char *missing_in(const char *line, const char *verb, const mirror *m, p11_state before, step s,
                              p11_rule rule)
{
    static const char *const operations[KINDS] = { "find", "encrypt", "decrypt", "digest", "sign", "signRecover",
                                                   "verify", "verifyRecover", "verifySignature", "messageEncrypt",
                                                   "messageDecrypt", "messageSign", "messageVerify" };
    static const char *const phases[] = { "idle", "ready", "uncertain", "parts" };
    static char wanted[256], active[64];
    unsigned long number = 0;
    snprintf(wanted, sizeof wanted, ": %s %s in session 0x%lx, call ", verb, p11_function_name(s.function), m->handle);
    const char *const at = strstr(line, wanted);
    if (at == NULL || sscanf(at + strlen(wanted), "%lu; active: ", &number) != 1) { return wanted; }
    snprintf(wanted, sizeof wanted, ", call %lu; active: %s", m->calls, before.word == 0 ? "none;" : "");
    if (EXACT_NUMBERS ? strstr(line, wanted) == NULL : number < m->calls) { return wanted; }
    for (unsigned kind = 0; kind < KINDS; ++kind) {
        const p11_phase phase = p11_phase_of(before, (p11_operation)kind);
        snprintf(wanted, sizeof wanted, " %s (", operations[kind]);
        if ((strstr(line, wanted) != NULL) != (phase != P11_PHASE_IDLE)) { return wanted; }
        if (phase == P11_PHASE_IDLE) { continue; }
        snprintf(active, sizeof active, " %s (%s)", operations[kind], phases[phase]);
        snprintf(wanted, sizeof wanted, "%s since %s, call %lu, thread ", active,
                 p11_function_name(m->since[kind].function), m->since[kind].call);
        if (strstr(line, wanted) == NULL && !names_restart(line, m, kind, active)) { return wanted; }
    }
    snprintf(wanted, sizeof wanted, "; rule %s: ", p11_describe(rule).id);
    return strstr(line, wanted) == NULL ? wanted : NULL;
}

/* ---- The lines that are there ---- */

/* The next line without its end, or an empty one. */
const char *next_line(void)
{
    static char line[4096];
    const ssize_t count = pread(log_file, line, sizeof line - 1, log_end);
    line[count > 0 ? count : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    log_end += line[0] == '\0' ? 0 : (off_t)strlen(line) + 1;
    return line;
}

int expect_line(const char *verb, const mirror *m, p11_state before, step s, p11_rule rule)
{
    const char *const line = next_line(), *const lacks = missing_in(line, verb, m, before, s, rule);
    ++violations;
    if (line[0] == '\0') { return differ("the log has no line: '%s' was due for %s", verb, p11_describe(rule).id); }
    return lacks == NULL || differ("the line of the log is not right about '%s': %s", lacks, line);
}

int expect_no_line(void)
{
    const char *const line = next_line();
    return line[0] == '\0' || differ("the log has a line that is not due: %s", line);
}

int check_summary(void)
{
    char wanted[128];
    if (violations == 0 && !only_reports) { return expect_no_line(); }
    snprintf(wanted, sizeof wanted, "C_Finalize: %lu sessions, %lu violations", opened, violations);
    const char *const line = next_line();
    return strstr(line, wanted) != NULL ? expect_no_line() : differ("not '%s' but: %s", wanted, line);
}
