/* SPDX-License-Identifier: MIT */
/* Scenarios about the log: what is in it, what never is, and where it goes. */
#ifndef CHECK_GUARD_LOG_H
#define CHECK_GUARD_LOG_H

#include "check_guard_lists.h"

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

/* Thirty-two copies in one process: they all need a place among the variables of each thread. */
static void many_copies(void)
{
    const char *const folder = getenv("CHECK_GUARD_FOLDER");
    char path[PATH_MAX];
    for (int i = 0; i < 32; ++i) {
        CK_FUNCTION_LIST *list = NULL;
        CK_SESSION_HANDLE h = 0;
        snprintf(path, sizeof path, "%s/copy%d.so", folder, i);
        entrances(load(path));
        OK(get_list(&list));
        if (i == 0) { OK(list->C_Initialize(NULL)); }
        OK(list->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h));
        OK(list->C_DigestInit(h, &mechanism));
        ANSWERS(CKR_OPERATION_ACTIVE, list->C_FindObjectsInit(h, NULL, 0));
    }
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

static int count_files(void)
{
    int count = 0;
    for (int i = 0; i < 256; ++i) { count += fcntl(i, F_GETFD) != -1; }
    return count;
}

/* A thousand lines leave no file open; the library may be given back and taken again, and is the same. */
static void files_and_loading(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    ACTIVE(h);
    const int before = count_files();
    for (int i = 0; i < 999; ++i) { ACTIVE(h); }
    EQUAL(before, count_files());
    CK_FUNCTION_LIST_3_2 *const list = f;
    for (int i = 0; i < 100; ++i) {
        EQUAL(0, dlclose(guard));
        guard = load(guard_path);
    }
    CHECK(functions_of(guard) == list);
    ACTIVE(h);
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

#endif /* CHECK_GUARD_LOG_H */
