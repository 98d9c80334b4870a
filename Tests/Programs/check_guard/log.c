/* SPDX-License-Identifier: MIT */
/* Scenarios about what is in the log, and what never is. */
#include "check_guard.h"

/* What nobody but the module may see, under strict, where most of it is refused. */
static void secrets(void)
{
    static CK_BYTE pin[] = "PIN-7391", data[] = "DATA-of-the-customer";
    static CK_UTF8CHAR user[] = "USER-somebody";
    CK_BYTE value[64];
    CK_OBJECT_HANDLE made;
    CK_ATTRIBUTE attributes[] = { { CKA_VALUE, value, sizeof value } };
    memset(value, 'K', sizeof value);
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    REFUSED(C_Login, h, CKU_USER, pin, sizeof pin);
    REFUSED(C_LoginUser, h, CKU_USER, pin, sizeof pin, user, sizeof user);
    REFUSED(C_SetPIN, h, pin, sizeof pin, pin, sizeof pin);
    REFUSED(C_CreateObject, h, attributes, 1, &made);
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_EncryptUpdate, h, data, sizeof data, OUT);
    GOES(CKR_OK, C_DigestUpdate, h, data, sizeof data);
    REFUSED(C_Digest, h, data, sizeof data, OUT);
    finish();
}

/* The first refusal, whose line is compared as a whole. */
static void one_line(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    OK(feed(h, DIGEST));
    OK(start(h, ENCRYPT));
    ACTIVE(h);
    finish();
}

/* Nothing to say. */
static void silence(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    OK(end(h, DIGEST));
    finish();
}

/* One of each rule that can be broken often, to be counted in the last line. */
static void counted(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one(), other = open_one();
    OK(start(h, DIGEST));
    for (int i = 0; i < 3; ++i) { ACTIVE(h); }
    REFUSED(C_DigestInit, h, &mechanism);
    REFUSED(C_SignInit, h, &mechanism, KEY);
    REFUSED(C_DecryptInit, (OK(start(other, FIND)), other), &mechanism, KEY);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_SignUpdate, h, TEXT);
    finish();
    OK(f->C_Initialize(NULL)); /* a second time, with nothing to count */
    finish();
}

/* The log's place is /dev/full, a folder, a pipe without a reader or standard error without one: the host lives on. */
static void a_bad_log(void)
{
    const char *const standard_error = getenv("CHECK_GUARD_STDERR");
    const char *const way = standard_error == NULL ? "" : standard_error;
    int ends[2];
    if (strcmp(way, "closed") == 0) { close(2); }
    if (strcmp(way, "broken") == 0) {
        if (pipe(ends) != 0 || dup2(ends[1], 2) != 2) { abort(); }
        close(ends[0]);
        close(ends[1]);
    }
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    for (int i = 0; i < 50; ++i) { ACTIVE(h); }
    finish();
}

static void finish_at_exit(void)
{
    ACTIVE(1);
    finish();
    if (failed != 0) { _exit(1); }
}

/* C_Finalize when the process ends. */
static void at_exit(void)
{
    begin();
    OK(start(open_one(), DIGEST));
    atexit(finish_at_exit);
}

const scenario log_scenarios[] = {
    { "secrets", secrets }, { "a-bad-log", a_bad_log }, { "at-exit", at_exit }, { "one-line", one_line },
    { "silence", silence }, { "counted", counted }, { NULL, NULL },
};
