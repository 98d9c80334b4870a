/* SPDX-License-Identifier: MIT */
/* Checks that print what was expected and what came. */
#include "check_guard.h"
#include "p11_names.h"

atomic_uint checked, failed;

void note(int good, const char *file, int line, const char *what, const char *expected, const char *came)
{
    ++checked;
    if (good) { return; }
    ++failed;
    printf("%s:%d: %s: expected %s, came %s\n", file, line, what, expected, came);
    fflush(stdout);
}

void check_value(CK_RV expected, CK_RV came, const char *what, const char *file, int line)
{
    char numbers[2][64];
    const CK_RV values[2] = { expected, came };
    for (int i = 0; i < 2; ++i) {
        snprintf(numbers[i], sizeof numbers[i], "%s (0x%lx)", p11_return_value_name(values[i]), values[i]);
    }
    note(expected == came, file, line, what, numbers[0], numbers[1]);
}

void check_number(unsigned long expected, unsigned long came, const char *what, const char *file, int line)
{
    char numbers[2][32];
    snprintf(numbers[0], sizeof numbers[0], "%lu", expected);
    snprintf(numbers[1], sizeof numbers[1], "%lu", came);
    note(expected == came, file, line, what, numbers[0], numbers[1]);
}
