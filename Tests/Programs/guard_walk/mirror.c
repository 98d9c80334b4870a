/* SPDX-License-Identifier: MIT */
/*
 * Predicts the outcome of each call: keeps a state for each session by the generated C header, from an observer's
 * perspective, and follows the same calls as the guard.
 */
#include "guard_walk.h"

#include <string.h>

mirror mirrors[PLACES];
CK_SESSION_HANDLE handles[PLACES + 1]; /* by place; stale where the session is closed */
static const CK_SESSION_HANDLE never_one = 0xDEAD00;

/* ---- Policies ---- */

const char *const policy_names[] = { "usage-guide", "single", "per-kind", "strict", "auto" };
unsigned policy; /* AUTO: the one that suits the token */

static p11_rules rules_for(CK_FLAGS token_flags)
{
    const p11_rules rules = { policy == AUTO ? p11_policy_suiting(token_flags) : (p11_policy)policy,
                              P11_PERSPECTIVE_OBSERVER, P11_CONFLICT_REFUSE };
    return rules;
}

/* ---- Sessions ---- */

mirror *mirror_of(CK_SESSION_HANDLE handle)
{
    for (unsigned i = 0; i < PLACES; ++i) {
        if (mirrors[i].is_open && mirrors[i].handle == handle) { return &mirrors[i]; }
    }
    return NULL;
}

void mirror_open(unsigned place, CK_SESSION_HANDLE handle, CK_SLOT_ID slot, CK_FLAGS token_flags)
{
    mirror *const old = mirror_of(handle); /* the module gives the handle again: the session that had it is gone */
    if (old != NULL) { old->is_open = 0; }
    handles[place] = handle;
    if (handle == CK_INVALID_HANDLE) { return; }
    memset(&mirrors[place], 0, sizeof mirrors[place]);
    mirrors[place].is_open = 1;
    mirrors[place].handle = handle;
    mirrors[place].slot = slot;
    mirrors[place].rules = rules_for(token_flags);
}

void mirror_forget(void)
{
    memset(mirrors, 0, sizeof mirrors);
    memset(handles, 0, sizeof handles);
    handles[PLACES] = never_one;
}

/* ---- Calls ---- */

int is_in_session(step s) { return s.function != P11_C_OpenSession && s.function != P11_C_CloseAllSessions; }

static int is_async(step s) { return s.function >= P11_C_AsyncComplete && s.function <= P11_C_AsyncJoin; }

static unsigned named_function(step s) { return is_async(s) && !s.is_null ? p11_function_number(named_of(s)) : 0; }

/* Without anything pending the plain functions are used, as everybody does who offers no such sessions. */
p11_verdict mirror_admit(const mirror *m, step s)
{
    return m->pending.word == 0 ? p11_admit(m->rules, m->state, s.function, call_of(s))
                                : p11_admit_async(m->rules, m->state, m->pending, s.function, call_of(s));
}

/* concluded: the function whose outcome the answer is. */
static void mirror_complete_own(mirror *m, step s, unsigned concluded, CK_RV rv)
{
    const p11_state before = m->state;
    if (m->pending.word == 0 && rv != CKR_PENDING && !is_async(s)) {
        p11_complete(m->rules, &m->state, s.function, call_of(s), rv);
    } else {
        p11_complete_async(m->rules, &m->state, &m->pending, s.function, call_of(s), named_function(s), rv);
    }
    for (unsigned kind = 0; kind < KINDS; ++kind) {
        if (s.function == of_kind[kind][0] && rv == CKR_OK) { m->since[kind].again = m->calls; }
        const int was_active = p11_phase_of(before, (p11_operation)kind) != P11_PHASE_IDLE;
        if (was_active || p11_phase_of(m->state, (p11_operation)kind) == P11_PHASE_IDLE) { continue; }
        m->since[kind].function = concluded;
        m->since[kind].call = m->calls;
        m->since[kind].again = 0;
    }
}

/* own: NULL if the guard does not know the session, or if the call is in none. */
void mirror_complete(mirror *own, step s, CK_RV rv)
{
    p11_call call = call_of(s);
    unsigned function = s.function;
    if (own != NULL && s.function == P11_C_AsyncComplete && named_function(s) != 0
        && (unsigned)p11_pending_function(own->pending) == named_function(s)) {
        function = named_function(s); /* the outcome is that of the call that was pending */
        call = p11_pending_call(own->pending);
    }
    const p11_reach reach = p11_reach_of(function, call, rv);
    const int ends = p11_ends(function, call, rv);
    const int knows_slot = own != NULL || !is_in_session(s);
    const CK_SLOT_ID slot = own != NULL ? own->slot : slot_of(s);
    if (own != NULL) { mirror_complete_own(own, s, function, rv); }
    if (reach == P11_REACH_SESSION) {
        if (ends && own != NULL) { own->is_open = 0; }
        return;
    }
    for (mirror *m = mirrors; m < mirrors + PLACES; ++m) {
        if (!m->is_open) { continue; }
        if (reach == P11_REACH_TOKEN && knows_slot && m->slot != slot) { continue; }
        if (ends) {
            /* Of a session that the guard does not know the token is not known: nothing is given up for that. */
            if (reach == P11_REACH_LIBRARY || knows_slot) { m->is_open = 0; }
        } else if (m != own) {
            p11_complete(m->rules, &m->state, function, call, rv);
        }
    }
}
