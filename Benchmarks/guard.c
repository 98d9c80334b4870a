/* SPDX-License-Identifier: MIT */
/*
 * guard MODULE THREADS SESSIONS COUNT [ORDER]: each thread calls C_EncryptInit, C_EncryptUpdate and C_EncryptFinal COUNT times,
 * each time in the next of its sessions. They are visited in turn, as they were opened, or with the order "random" in a random
 * order that is the same in each run. Prints the nanoseconds of one of these calls, of C_OpenSession and of C_CloseSession.
 */
#include "pkcs11.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static CK_FUNCTION_LIST *list;
static pthread_barrier_t barrier;
static long count, sessions;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

typedef struct worker {
    pthread_t thread;
    CK_SESSION_HANDLE *handles;
    double nanoseconds;
    CK_RV failures;
} worker;

static void *work(void *argument)
{
    worker *const own = argument;
    CK_MECHANISM mechanism = { CKM_AES_CBC, NULL, 0 };
    CK_BYTE data[16] = { 0 }, output[32];
    CK_ULONG length;
    CK_RV failures = 0;
    double start = 0;
    long round, i, next = 0;
    for (round = 0; round < 2; ++round) { /* the first round warms up */
        const long rounds = round == 0 ? (count < sessions ? count : sessions) : count;
        pthread_barrier_wait(&barrier);
        start = now();
        for (i = 0; i < rounds; ++i) {
            const CK_SESSION_HANDLE session = own->handles[next];
            if (++next == sessions) { next = 0; }
            failures |= list->C_EncryptInit(session, &mechanism, 1);
            length = sizeof output;
            failures |= list->C_EncryptUpdate(session, data, sizeof data, output, &length);
            length = sizeof output;
            failures |= list->C_EncryptFinal(session, output, &length);
        }
    }
    own->nanoseconds = (now() - start) / (3.0 * (double)count);
    own->failures = failures;
    return NULL;
}

static void shuffle(CK_SESSION_HANDLE *handles, long number)
{
    unsigned long random = 1;
    long i;
    for (i = number - 1; i > 0; --i) {
        CK_SESSION_HANDLE *other;
        CK_SESSION_HANDLE own;
        random = random * 6364136223846793005UL + 1442695040888963407UL;
        other = &handles[(random >> 33) % (unsigned long)(i + 1)];
        own = handles[i];
        handles[i] = *other;
        *other = own;
    }
}

int main(int argc, char **argv)
{
    void *const module = argc == 5 || argc == 6 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    CK_C_GetFunctionList get = NULL;
    CK_SLOT_ID slots[16];
    CK_ULONG slot_count = 16;
    worker workers[16];
    double nanoseconds = 0, opening, closing;
    long threads, i, j;
    if (module != NULL) { *(void **)&get = dlsym(module, "C_GetFunctionList"); }
    if (get == NULL || get(&list) != CKR_OK || list->C_Initialize(NULL) != CKR_OK) { return 2; }
    if (list->C_GetSlotList(CK_TRUE, slots, &slot_count) != CKR_OK || slot_count == 0) { return 3; }
    threads = atol(argv[2]);
    sessions = atol(argv[3]) / threads;
    count = atol(argv[4]);
    if (threads < 1 || threads > 16 || sessions < 1) { return 4; }
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (i = 0; i < threads; ++i) {
        workers[i].handles = malloc((size_t)sessions * sizeof(CK_SESSION_HANDLE));
        memset(workers[i].handles, 0xFF, (size_t)sessions * sizeof(CK_SESSION_HANDLE)); /* no page is new later */
    }
    opening = now();
    for (j = 0; j < sessions; ++j) {
        for (i = 0; i < threads; ++i) {
            if (list->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &workers[i].handles[j]) != CKR_OK) { return 5; }
        }
    }
    opening = (now() - opening) / (double)(sessions * threads);
    if (argc == 6 && strcmp(argv[5], "random") == 0) {
        for (i = 0; i < threads; ++i) { shuffle(workers[i].handles, sessions); }
    }
    for (i = 1; i < threads; ++i) { pthread_create(&workers[i].thread, NULL, work, &workers[i]); }
    work(&workers[0]);
    for (i = 1; i < threads; ++i) { pthread_join(workers[i].thread, NULL); }
    for (i = 0; i < threads; ++i) {
        if (workers[i].failures != 0) { return 6; }
        nanoseconds += workers[i].nanoseconds / (double)threads;
    }
    closing = now();
    for (i = 0; i < threads; ++i) {
        for (j = 0; j < sessions; ++j) {
            if (list->C_CloseSession(workers[i].handles[j]) != CKR_OK) { return 7; }
        }
    }
    closing = (now() - closing) / (double)(sessions * threads);
    printf("%.3f %.3f %.3f\n", nanoseconds, opening, closing);
    return 0;
}
