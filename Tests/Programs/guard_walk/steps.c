/* SPDX-License-Identifier: MIT */
/* Makes a step through the guard and beside it and compares; and the steps at the end of a sequence. */
#include "guard_walk.h"

#include <stdio.h>
#include <string.h>

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

int make_step(step s)
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

int check_nothing_is_stuck(const sequence *q)
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
