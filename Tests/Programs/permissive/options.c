/* SPDX-License-Identifier: MIT */
/* Reads the module's options from the environment, and keeps the answers that tests order. */
#include "permissive.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options;

#define MOST_ANSWERS 64
static struct { unsigned function; CK_RV value; CK_ULONG first, last; } answers[MOST_ANSWERS];
static unsigned answer_count;
static char answers_text[2048];
static CK_ULONG calls_of_answers[FUNCTIONS];

#define CK_PKCS11_FUNCTION_INFO(name) #name,
static const char *const names[FUNCTIONS] = {
#include "pkcs11f.h"
};
#undef CK_PKCS11_FUNCTION_INFO

unsigned function_named(const char *name)
{
    unsigned function = 0;
    while (function < FUNCTIONS && strcmp(names[function], name) != 0) { ++function; }
    return function;
}

/* ---- Reading ---- */

static void fail_option(const char *option, const char *text)
{
    fprintf(stderr, "permissive: %s: cannot understand '%s'\n", option, text);
    abort();
}

static const char *text_of(const char *option)
{
    const char *const text = getenv(option);
    return text == NULL ? "" : text;
}

static int is_set(const char *option)
{
    const char *const text = text_of(option);
    if (strcmp(text, "") != 0 && strcmp(text, "0") != 0 && strcmp(text, "1") != 0) { fail_option(option, text); }
    return text[0] == '1';
}

static CK_ULONG number(const char *option, const char *text, char **end)
{
    const CK_ULONG value = strtoul(text, end, 0);
    if (*end == text || text[0] == '-') { fail_option(option, text); }
    return value;
}

static void read_answer(char *entry)
{
    char *end, *const equals = strchr(entry, '=');
    if (equals == NULL || answer_count == MOST_ANSWERS) { fail_option("PERMISSIVE_ANSWER", entry); }
    *equals = '\0';
    answers[answer_count].function = function_named(entry);
    if (answers[answer_count].function == FUNCTIONS) { fail_option("PERMISSIVE_ANSWER", entry); }
    answers[answer_count].value = number("PERMISSIVE_ANSWER", equals + 1, &end);
    answers[answer_count].first = *end == ':' ? number("PERMISSIVE_ANSWER", end + 1, &end) : 1;
    answers[answer_count].last = *end == '-' ? number("PERMISSIVE_ANSWER", end + 1, &end) : ULONG_MAX;
    if (*end != '\0') { fail_option("PERMISSIVE_ANSWER", end); }
    ++answer_count;
}

void read_options(void)
{
    char copy[sizeof answers_text], *end, *rest, *word;
    unsigned char is_null[FUNCTIONS] = { 0 };
    const char *const handles = text_of("PERMISSIVE_HANDLES"), *const slow = text_of("PERMISSIVE_SLOW");
    const char *const nulls = text_of("PERMISSIVE_NULL"), *const single = text_of("PERMISSIVE_SINGLE");
    const char *const answer = text_of("PERMISSIVE_ANSWER");

    options.unique = strcmp(handles, "unique") == 0;
    options.sparse = strcmp(handles, "sparse") == 0;
    if (!options.unique && !options.sparse && handles[0] != '\0' && strcmp(handles, "reuse") != 0) {
        fail_option("PERMISSIVE_HANDLES", handles);
    }
    options.mixed = is_set("PERMISSIVE_MIXED");
    options.logout_kills = is_set("PERMISSIVE_LOGOUT_KILLS");
    options.fork_safe = is_set("PERMISSIVE_FORK_SAFE");
    options.lies = is_set("PERMISSIVE_LIES_VERSION");
    options.callback = is_set("PERMISSIVE_CALLBACK");
    options.crash = is_set("PERMISSIVE_CRASH_BEFORE_INIT");
    options.reserved = is_set("PERMISSIVE_RESERVED");
    options.slow = slow[0] == '\0' ? 0 : (long)number("PERMISSIVE_SLOW", slow, &end);

    for (unsigned i = 0; i < SLOTS; ++i) { options.token_flags[i] = CKF_DUAL_CRYPTO_OPERATIONS; }
    for (const char *at = single; *at != '\0'; at = *end == ',' ? end + 1 : end) {
        const CK_ULONG slot = number("PERMISSIVE_SINGLE", at, &end);
        for (unsigned i = 0; i < SLOTS; ++i) { options.token_flags[i] &= slot == slot_ids[i] ? 0 : ~0UL; }
        if ((slot != 0 && slot != 7) || (*end != ',' && *end != '\0')) { fail_option("PERMISSIVE_SINGLE", at); }
    }
    if (strlen(nulls) >= sizeof copy) { fail_option("PERMISSIVE_NULL", nulls); }
    for (word = strtok_r(strcpy(copy, nulls), ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        if (function_named(word) == FUNCTIONS) { fail_option("PERMISSIVE_NULL", word); }
        is_null[function_named(word)] = 1;
    }
    if (strlen(answer) >= sizeof copy) { fail_option("PERMISSIVE_ANSWER", answer); }
    if (strcmp(answer, answers_text) != 0) {
        answer_count = 0;
        memset(calls_of_answers, 0, sizeof calls_of_answers);
        strcpy(answers_text, answer);
        strcpy(copy, answer);
        for (word = strtok_r(copy, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) { read_answer(word); }
    }
    fill_lists(is_null);
}

/* ---- Answers that were ordered ---- */

/* Counts the call, and returns whether a test ordered an answer for it, which is stored in *rv. */
int is_answered(unsigned function, CK_RV *rv)
{
    const CK_ULONG call = ++calls_of_answers[function];
    for (unsigned i = 0; i < answer_count; ++i) {
        if (answers[i].function == function && answers[i].first <= call && call <= answers[i].last) {
            *rv = answers[i].value;
            return 1;
        }
    }
    return 0;
}
