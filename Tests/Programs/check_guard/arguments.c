/* SPDX-License-Identifier: MIT */
/* Scenario of invalid arguments: zeros, and unknown handles. */
#include "check_guard.h"
#include "p11_names.h"

typedef CK_RV (*anything)(CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG, CK_ULONG,
                          CK_ULONG);

/* Each of the 104 with nothing but zeros behind the handle; a NULL pointer is an argument like another. */
static void call_all(CK_SESSION_HANDLE h)
{
    for (size_t i = 0; i < name_count; ++i) {
        anything function = NULL;
        const char *const name = all_names[i];
        /* These do with zeros what they are for. */
        if (strcmp(name, "C_Finalize") == 0 || strcmp(name, "C_CloseAllSessions") == 0) { continue; }
        if (strcmp(name, "C_Initialize") == 0 || (h == 1 && strcmp(name, "C_CloseSession") == 0)) { continue; }
        SYMBOL(function, guard, name);
        /* Of these the first argument is a pointer. */
        const int is_general = strcmp(name, "C_GetInfo") == 0 || strcmp(name, "C_GetFunctionList") == 0
                               || strncmp(name, "C_GetInterface", 14) == 0;
        const CK_RV rv = function(is_general ? 0 : h, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        if (strncmp(p11_return_value_name(rv), "CKR_", 4) != 0) {
            note(0, __FILE__, __LINE__, name, "a value", "none");
        }
        ++checked;
    }
}

/* Before C_Initialize, with no session, with one, and after C_Finalize; handle 0, and handles that nobody gave out. */
static void nulls(void)
{
    static const CK_SESSION_HANDLE garbage[] = { 0, 2, 63, 64, 65, 0x7FFFFFFF, 0xFFFFFFFF, 0x8000000000000000, ~0UL,
                                                 ~0UL - 1 };
    take_functions();
    call_all(0);
    call_all(77);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    EQUAL(1, h);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; ++i) {
        call_all(garbage[i]);
        GOES(CKR_SESSION_HANDLE_INVALID, C_DigestInit, garbage[i], &mechanism);
        GOES(CKR_SESSION_HANDLE_INVALID, C_CloseSession, garbage[i]);
    }
    call_all(h);
    finish();
    call_all(h);
}

const scenario arguments_scenarios[] = {
    { "nulls", nulls }, { NULL, NULL },
};
