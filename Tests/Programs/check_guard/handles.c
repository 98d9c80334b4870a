/* SPDX-License-Identifier: MIT */
/* Scenarios about session handles: reused ones, and ones that have much in common. */
#include "check_guard.h"

/* PERMISSIVE_HANDLES=reuse: the same number is another session. */
static void handles_again(void)
{
    begin();
    for (int round = 0; round < 200; ++round) {
        const CK_SESSION_HANDLE h = open_one();
        EQUAL(1, h);
        OK(start(h, DIGEST));
        if (round % 2 == 0) { OK(feed(h, DIGEST)); }
        if (round % 3 == 0) {
            OK(f->C_CloseAllSessions(0));
        } else {
            OK(f->C_CloseSession(h));
        }
    }
    const CK_SESSION_HANDLE h = open_one();
    GOES(CKR_OK, C_EncryptInit, h, &mechanism, KEY);
    OK(f->C_CloseSession(h));
    GOES(CKR_SESSION_HANDLE_INVALID, C_EncryptInit, h, &mechanism, KEY);
    GOES(CKR_SESSION_HANDLE_INVALID, C_CloseSession, h);
    finish();
}

/*
 * odd_module.c with ODD_HANDLES: sessions whose handles have much in common, while another thread is in each of them in turn. All
 * are started in their own right, by the thread that was in the session before, and by one that was in none.
 */
static void *start_digest(void *argument)
{
    task *const t = argument;
    t->answer = f->C_DigestInit(t->session, &mechanism);
    return NULL;
}

static void related_handles(void)
{
    enum { MOST = 8 };
    CK_SESSION_HANDLE handles[MOST];
    const int count = atoi(getenv("CHECK_GUARD_COUNT"));
    take_list();
    OK(f->C_Initialize(NULL));
    for (int i = 0; i < count; ++i) {
        handles[i] = open_one();
        OK(f->C_SignInit(handles[i], &mechanism, KEY)); /* it is the thread's last session when the next one is opened */
        OK(f->C_SignFinal(handles[i], OUT));
    }
    for (int from = 0; from < count; ++from) {
        for (int to = 0; to < count; ++to) {
            task t = { .session = handles[to] };
            if (from == to) { continue; }
            OK(start(handles[from], SIGN));
            OK(start(handles[to], DIGEST)); /* a first start, whatever the other session is doing */
            OK(end(handles[to], DIGEST));
            JOIN(run_thread(start_digest, &t));
            ANSWERS(CKR_OK, t.answer);
            OK(end(handles[to], DIGEST));
            ANSWERS(CKR_OPERATION_ACTIVE, f->C_SignInit(handles[from], &mechanism, KEY));
            OK(end(handles[from], SIGN));
        }
        OK(f->C_DigestInit(handles[from], &mechanism));
        f->C_DigestInit(0, &mechanism); /* nobody's; whatever it does, it does to nobody */
        f->C_DigestFinal(0, OUT);
        ANSWERS(CKR_OPERATION_ACTIVE, f->C_DigestInit(handles[from], &mechanism));
        OK(f->C_DigestFinal(handles[from], OUT));
    }
    /* What is closed is nobody's, and its handle is free for the next one. */
    for (int i = 0; i < count; ++i) { OK(f->C_CloseSession(handles[i])); }
    finish();
}

const scenario handles_scenarios[] = {
    { "handles-again", handles_again }, { "related-handles", related_handles }, { NULL, NULL },
};
