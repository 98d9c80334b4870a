/* SPDX-License-Identifier: MIT */
/* Checks that say what is not so, and the module that they are about. */
#include "check_permissive.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Checks ---- */

static unsigned checked, failed;

void check(int good, const char *what, const char *file, int line)
{
    ++checked;
    if (good) { return; }
    ++failed;
    printf("%s:%d: not so: %s\n", file, line, what);
}

int report(void)
{
    printf("%u checks, %u failed\n", checked, failed);
    return failed != 0;
}

/* ---- The module ---- */

const char *module_path;
void *module;
CK_FUNCTION_LIST_3_2 *f;
CK_ULONG (*calls)(const char *name);

/* Loads the module afresh, with one option or none. */
void begin(const char *option, const char *value)
{
    CK_C_GetInterface get = NULL;
    CK_INTERFACE *found = NULL;
    CK_VERSION version = { 3, 2 };
    CK_UTF8CHAR name[] = "PKCS 11";
    if (option != NULL) { setenv(option, value, 1); }
    module = load(module_path);
    SYMBOL(get, module, "C_GetInterface");
    SYMBOL(calls, module, "permissive_calls");
    OK(get(name, &version, &found, 0));
    f = found->pFunctionList;
}

void finish(const char *option)
{
    f->C_Finalize(NULL);
    CHECK(dlclose(module) == 0);
    if (option != NULL) { unsetenv(option); }
}

CK_SESSION_HANDLE open_with(CK_NOTIFY notify, void *application)
{
    CK_SESSION_HANDLE h = CK_INVALID_HANDLE;
    OK(f->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION, application, notify, &h));
    return h;
}

CK_SESSION_HANDLE open_one(void) { return open_with(NULL, NULL); }
