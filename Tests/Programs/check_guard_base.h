/* SPDX-License-Identifier: MIT */
/*
 * What every scenario of check_guard.c needs: the guard and the module behind it, checks that say what was expected and
 * what came, and the thirteen kinds of operation with the calls that start, feed and end them.
 */
#ifndef CHECK_GUARD_BASE_H
#define CHECK_GUARD_BASE_H

#define _GNU_SOURCE 1
#include "p11_names.h"
#include "pkcs11.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Checks ---- */

static atomic_uint checked, failed;

static void note(int good, const char *file, int line, const char *what, const char *expected, const char *came)
{
    ++checked;
    if (good) { return; }
    ++failed;
    printf("%s:%d: %s: expected %s, came %s\n", file, line, what, expected, came);
    fflush(stdout);
}

static void check_value(CK_RV expected, CK_RV came, const char *what, const char *file, int line)
{
    char numbers[2][64];
    const CK_RV values[2] = { expected, came };
    for (int i = 0; i < 2; ++i) {
        snprintf(numbers[i], sizeof numbers[i], "%s (0x%lx)", p11_return_value_name(values[i]), values[i]);
    }
    note(expected == came, file, line, what, numbers[0], numbers[1]);
}

static void check_number(unsigned long expected, unsigned long came, const char *what, const char *file, int line)
{
    char numbers[2][32];
    snprintf(numbers[0], sizeof numbers[0], "%lu", expected);
    snprintf(numbers[1], sizeof numbers[1], "%lu", came);
    note(expected == came, file, line, what, numbers[0], numbers[1]);
}

#define CHECK(good) note((good) != 0, __FILE__, __LINE__, #good, "true", "false")
#define EQUAL(expected, came) check_number((unsigned long)(expected), (unsigned long)(came), #came, __FILE__, __LINE__)
#define ANSWERS(code, call) check_value((code), (call), #call, __FILE__, __LINE__)
#define OK(call) ANSWERS(CKR_OK, call)

/* The call reaches the module once, and this is the answer. */
#define GOES(code, name, ...)                                                                                          \
    do {                                                                                                               \
        const CK_ULONG before_ = calls(#name);                                                                         \
        check_value((code), f->name(__VA_ARGS__), #name "(" #__VA_ARGS__ ")", __FILE__, __LINE__);                     \
        check_number(before_ + 1, calls(#name), "how often the module was asked for " #name, __FILE__, __LINE__);      \
    } while (0)

/* The guard answers, and the module does not hear of it. */
#define REFUSED_WITH(code, name, ...)                                                                                  \
    do {                                                                                                               \
        const CK_ULONG before_ = calls(#name);                                                                         \
        check_value((code), f->name(__VA_ARGS__), #name "(" #__VA_ARGS__ ")", __FILE__, __LINE__);                     \
        check_number(before_, calls(#name), "how often the module was asked for " #name, __FILE__, __LINE__);          \
    } while (0)
#define REFUSED(name, ...) REFUSED_WITH(CKR_OPERATION_ACTIVE, name, __VA_ARGS__)

/* ---- The guard, and the module behind it ---- */

static const char *guard_path, *module_path;
static void *guard, *module;
static CK_FUNCTION_LIST_3_2 *f;
static CK_ULONG (*permissive_calls)(const char *name);
static void (*hold)(CK_ULONG count);
static CK_ULONG (*held)(void);
static void (*release)(void);

static CK_ULONG calls(const char *name) { return permissive_calls == NULL ? 0 : permissive_calls(name); }

/* What dlsym gives is no pointer to a function for the language, so the bytes are copied. */
#define SYMBOL(variable, library, name)                                                                                \
    do {                                                                                                               \
        void *const found_ = dlsym(library, name);                                                                     \
        memcpy(&(variable), &found_, sizeof found_);                                                                   \
    } while (0)

static void *load(const char *path)
{
    void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        printf("%s\n", dlerror());
        exit(2);
    }
    return library;
}

static CK_UTF8CHAR standard_name[] = "PKCS 11";

static CK_FUNCTION_LIST_3_2 *functions_of(void *library)
{
    CK_VERSION version = { 3, 2 };
    CK_INTERFACE *found = NULL;
    CK_C_GetInterface get = NULL;
    SYMBOL(get, library, "C_GetInterface");
    OK(get(standard_name, &version, &found, 0));
    return found == NULL ? NULL : found->pFunctionList;
}

/* The guard's functions, and a way to ask the module how often it was called. */
static void take_functions(void)
{
    guard = load(guard_path);
    f = functions_of(guard);
    if (f == NULL) { exit(2); }
    module = load(module_path);
    SYMBOL(permissive_calls, module, "permissive_calls");
    SYMBOL(hold, module, "permissive_hold");
    SYMBOL(held, module, "permissive_held");
    SYMBOL(release, module, "permissive_release");
}

static void begin(void)
{
    take_functions();
    OK(f->C_Initialize(NULL));
}

static void finish(void) { OK(f->C_Finalize(NULL)); }

static CK_SESSION_HANDLE open_in(CK_SLOT_ID slot)
{
    CK_SESSION_HANDLE h = CK_INVALID_HANDLE;
    OK(f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &h));
    return h;
}

static CK_SESSION_HANDLE open_one(void) { return open_in(0); }

/* ---- What is passed ---- */

#define KEY 1 /* there from the start */

static CK_MECHANISM mechanism = { CKM_VENDOR_DEFINED | 0x11, NULL, 0 };
static CK_BYTE text[] = "The quick brown fox";
#define LENGTH (sizeof text - 1)

static _Thread_local CK_BYTE out[256];
static _Thread_local CK_ULONG out_length;

static CK_ULONG *room(void)
{
    out_length = sizeof out;
    return &out_length;
}

#define TEXT text, LENGTH
#define OUT out, room()

/* ---- The kinds of operation ---- */

enum kind {
    FIND, ENCRYPT, DECRYPT, DIGEST, SIGN, SIGN_RECOVER, VERIFY, VERIFY_RECOVER, VERIFY_SIGNATURE,
    MESSAGE_ENCRYPT, MESSAGE_DECRYPT, MESSAGE_SIGN, MESSAGE_VERIFY, KINDS
};

static const char *const start_names[KINDS] = {
    "C_FindObjectsInit", "C_EncryptInit", "C_DecryptInit", "C_DigestInit", "C_SignInit", "C_SignRecoverInit",
    "C_VerifyInit", "C_VerifyRecoverInit", "C_VerifySignatureInit", "C_MessageEncryptInit", "C_MessageDecryptInit",
    "C_MessageSignInit", "C_MessageVerifyInit"
};

static const CK_FLAGS cancel_flags[KINDS] = { 0x40, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x2000,
                                              0x2,  0x4,   0x8,   0x10 };

static CK_RV start_with(CK_SESSION_HANDLE h, enum kind kind, CK_MECHANISM *m)
{
    switch (kind) {
    case FIND: return f->C_FindObjectsInit(h, NULL, 0);
    case ENCRYPT: return f->C_EncryptInit(h, m, KEY);
    case DECRYPT: return f->C_DecryptInit(h, m, KEY);
    case DIGEST: return f->C_DigestInit(h, m);
    case SIGN: return f->C_SignInit(h, m, KEY);
    case SIGN_RECOVER: return f->C_SignRecoverInit(h, m, KEY);
    case VERIFY: return f->C_VerifyInit(h, m, KEY);
    case VERIFY_RECOVER: return f->C_VerifyRecoverInit(h, m, KEY);
    case VERIFY_SIGNATURE: return f->C_VerifySignatureInit(h, m, KEY, out, 32);
    case MESSAGE_ENCRYPT: return f->C_MessageEncryptInit(h, m, KEY);
    case MESSAGE_DECRYPT: return f->C_MessageDecryptInit(h, m, KEY);
    case MESSAGE_SIGN: return f->C_MessageSignInit(h, m, KEY);
    case MESSAGE_VERIFY: return f->C_MessageVerifyInit(h, m, KEY);
    default: abort();
    }
}

static CK_RV start(CK_SESSION_HANDLE h, enum kind kind) { return start_with(h, kind, &mechanism); }

/* A part, or for a search a step; the recover kinds have none. For message kinds one whole message: see `fed`. */
static CK_RV feed(CK_SESSION_HANDLE h, enum kind kind)
{
    CK_OBJECT_HANDLE found;
    CK_ULONG count;
    CK_BYTE tag[64];
    switch (kind) {
    case FIND: return f->C_FindObjects(h, &found, 1, &count);
    case ENCRYPT: return f->C_EncryptUpdate(h, TEXT, OUT);
    case DECRYPT: return f->C_DecryptUpdate(h, TEXT, OUT);
    case DIGEST: return f->C_DigestUpdate(h, TEXT);
    case SIGN: return f->C_SignUpdate(h, TEXT);
    case VERIFY: return f->C_VerifyUpdate(h, TEXT);
    case VERIFY_SIGNATURE: return f->C_VerifySignatureUpdate(h, TEXT);
    case MESSAGE_ENCRYPT: return f->C_EncryptMessage(h, NULL, 0, NULL, 0, TEXT, OUT);
    case MESSAGE_DECRYPT: return f->C_DecryptMessage(h, NULL, 0, NULL, 0, TEXT, OUT);
    case MESSAGE_SIGN: return f->C_SignMessage(h, NULL, 0, TEXT, OUT);
    case MESSAGE_VERIFY: return f->C_VerifyMessage(h, NULL, 0, TEXT, tag, sizeof tag);
    default: return CKR_OK;
    }
}

/* What `feed` is answered: a text without a tag, and 64 bytes for a signature of 8, are wrong; the process goes on. */
static CK_RV fed(enum kind kind)
{
    return kind == MESSAGE_DECRYPT ? CKR_AEAD_DECRYPT_FAILED : kind == MESSAGE_VERIFY ? CKR_SIGNATURE_LEN_RANGE : CKR_OK;
}

/* Ends what was started, whatever the verdict. */
static CK_RV end(CK_SESSION_HANDLE h, enum kind kind)
{
    CK_BYTE signature[32] = { 0 };
    switch (kind) {
    case FIND: return f->C_FindObjectsFinal(h);
    case ENCRYPT: return f->C_EncryptFinal(h, OUT);
    case DECRYPT: return f->C_DecryptFinal(h, OUT);
    case DIGEST: return f->C_DigestFinal(h, OUT);
    case SIGN: return f->C_SignFinal(h, OUT);
    case SIGN_RECOVER: return f->C_SignRecover(h, TEXT, OUT);
    case VERIFY: return f->C_VerifyFinal(h, signature, sizeof signature);
    case VERIFY_RECOVER: return f->C_VerifyRecover(h, TEXT, OUT);
    case VERIFY_SIGNATURE: return f->C_VerifySignatureFinal(h);
    case MESSAGE_ENCRYPT: return f->C_MessageEncryptFinal(h);
    case MESSAGE_DECRYPT: return f->C_MessageDecryptFinal(h);
    case MESSAGE_SIGN: return f->C_MessageSignFinal(h);
    case MESSAGE_VERIFY: return f->C_MessageVerifyFinal(h);
    default: abort();
    }
}

static CK_RV ended(enum kind kind)
{
    return kind == VERIFY || kind == VERIFY_SIGNATURE ? CKR_SIGNATURE_INVALID : CKR_OK;
}

/* ---- What the guard believes: a search is in the way of all that is known to be active ---- */

#define ACTIVE(h) REFUSED(C_FindObjectsInit, h, NULL, 0)
#define NOT_ACTIVE(h)                                                                                                  \
    do {                                                                                                               \
        GOES(CKR_OK, C_FindObjectsInit, h, NULL, 0);                                                                   \
        GOES(CKR_OK, C_FindObjectsFinal, h);                                                                           \
    } while (0)

/* ---- Time ---- */

static void rest(long milliseconds)
{
    const struct timespec pause = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    nanosleep(&pause, NULL);
}

/* Waits until the thread has ended, for five seconds at most: a test must not hang with what it tests. */
static int join(pthread_t thread)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 5;
    return pthread_timedjoin_np(thread, NULL, &until) == 0;
}

static pthread_t run_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, argument) != 0) { abort(); }
    return thread;
}

#endif /* CHECK_GUARD_BASE_H */
