/* SPDX-License-Identifier: MIT */
/* Two threads, each in a session of its own, then both in one. */
#include "drive_swift_token.h"

#include <pthread.h>

enum { ROUNDS = 300 };

static int is_bad;

static void *work_alone(void *unused)
{
    CK_SESSION_HANDLE own = 0;
    CK_BYTE out[64];
    CK_ULONG length;
    int round, is_right = p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &own) == CKR_OK;
    for (round = 0; round < ROUNDS; round++) {
        is_right &= p11->C_DigestInit(own, &sha256) == CKR_OK && p11->C_EncryptInit(own, &cbc, key128) == CKR_OK
                    && p11->C_DigestEncryptUpdate(own, plain, 64, out, (length = 64, &length)) == CKR_OK
                    && is(out, length, secret128, 64)
                    && p11->C_DigestFinal(own, out, (length = 64, &length)) == CKR_OK && is(out, length, of_plain, 32)
                    && p11->C_EncryptFinal(own, out, &length) == CKR_OK;
    }
    if (!is_right || p11->C_CloseSession(own) != CKR_OK) { __atomic_store_n(&is_bad, 1, __ATOMIC_RELAXED); }
    return unused;
}

/* Which of the two is served is left to chance; each answer is one that the rules have. */
static void *work_together(void *unused)
{
    CK_BYTE out[64];
    CK_ULONG length;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        const CK_RV start = p11->C_DigestInit(session, &sha256), part = p11->C_DigestUpdate(session, abc, 3);
        const CK_RV end = p11->C_DigestFinal(session, out, (length = 64, &length));
        if ((start != CKR_OK && start != CKR_OPERATION_ACTIVE)
            || (part != CKR_OK && part != CKR_OPERATION_NOT_INITIALIZED)
            || (end != CKR_OK && end != CKR_OPERATION_NOT_INITIALIZED)) {
            __atomic_store_n(&is_bad, 1, __ATOMIC_RELAXED);
        }
    }
    return unused;
}

static void run(const char *what, void *(*work)(void *))
{
    pthread_t first, second;
    pthread_create(&first, NULL, work, NULL);
    pthread_create(&second, NULL, work, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    check(what, !is_bad);
}

void threads(void)
{
    run("each in its own session", work_alone);
    run("both in one session", work_together);
}
