/* SPDX-License-Identifier: MIT */
/* What only GNU's C library has is used here and not in the header: Swift's own modules are built without it. */
#define _GNU_SOURCE
#include "platform.h"

#include <linux/membarrier.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

pthread_mutex_t platform_loading = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t platform_sessions = PTHREAD_MUTEX_INITIALIZER;
const platform_self *platform_holder;
pthread_cond_t platform_left = PTHREAD_COND_INITIALIZER;

/* A session at the start of which, where a handle would be, is 0, which is none; somebody is in it, so that nobody enters. */
static const uint64_t nobody[64] __attribute__((aligned(64))) = { 0, 0, 1 };

platform_seat platform_stool = { nobody, 0, 1, NULL };
__thread platform_self platform_own = { &platform_stool, 0, 0, 0, 0, 0 };

/* A shift by 63 of a product with 0. */
const void *const platform_empty_table[5] = { NULL, (const void *)63, NULL, NULL, nobody };

const void *platform_table_in_use = platform_empty_table;

void *platform_list[PLATFORM_LIST_SIZE / sizeof(void *)];
void *platform_whole_list[PLATFORM_LIST_SIZE / sizeof(void *)];
uint32_t platform_counts[256];

/* CKR_FUNCTION_NOT_SUPPORTED, whatever the arguments: on every system with a dlopen the caller takes them away again. */
static unsigned long not_supported(void) { return 0x54; }

void platform_fill_whole_list(void)
{
    size_t i;
    for (i = 0; i < PLATFORM_LIST_SIZE / sizeof(void *); ++i) {
        void *const function = platform_list[i] != NULL ? platform_list[i] : (void *)not_supported;
        if (platform_whole_list[i] != function) { platform_whole_list[i] = function; }
    }
}

void *platform_pages(size_t size, size_t often)
{
    const size_t huge = (size_t)2 << 20;
    const size_t room = often < huge ? 0 : huge; /* to begin where a huge page does */
    char *pages = mmap(NULL, size + room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) { return NULL; }
    if (room != 0) {
        pages += -(uintptr_t)pages & (huge - 1);
        madvise(pages, often & ~(huge - 1), MADV_HUGEPAGE);
    }
    return pages;
}

uint32_t platform_thread(void) { return (uint32_t)syscall(SYS_gettid); }

int platform_can_order_others(void)
{
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

int platform_order_others(void) { return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0; }

void platform_lock_for_fork(void)
{
    if (platform_own.is_locking) { return; }
    platform_lock();
    platform_own.has_for_fork = 1;
}

void platform_unlock_in_parent(void)
{
    if (!platform_own.has_for_fork) { return; }
    platform_own.has_for_fork = 0;
    platform_unlock();
}

int platform_renew_locks_in_child(void)
{
    const uint32_t was_free = platform_own.has_for_fork;
    if (!platform_own.is_loading) { pthread_mutex_init(&platform_loading, NULL); }
    if (was_free) {
        pthread_cond_init(&platform_left, NULL);
        platform_own.has_for_fork = platform_own.is_locking = 0;
    }
    if (was_free || (platform_holder != NULL && platform_holder != &platform_own)) {
        pthread_mutex_init(&platform_sessions, NULL);
        platform_holder = NULL;
    }
    return (int)was_free;
}

struct timespec platform_in_a_minute(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += 60;
    return time;
}

int platform_wait(const struct timespec *until)
{
    const int cancellation = platform_defer_cancellation();
    int problem;
    platform_holder = NULL;
    problem = pthread_cond_clockwait(&platform_left, &platform_sessions, CLOCK_MONOTONIC, until);
    platform_holder = &platform_own;
    platform_restore_cancellation(cancellation);
    return problem == ETIMEDOUT;
}

const char *platform_environment(const char *name) { return secure_getenv(name); }

int platform_find_place(const void *address, platform_place *place)
{
    Dl_info information;
    if (dladdr(address, &information) == 0 || information.dli_fname == NULL) { return 0; }
    place->file = information.dli_fname;
    place->function = information.dli_sname;
    place->start = (uintptr_t)information.dli_fbase;
    return 1;
}

/* A relative path means another file after chdir, and its configuration names code: so the folder is noted at once. */
static char *own_path;

__attribute__((constructor)) static void note_own_path(void)
{
    platform_place place;
    char *folder;
    if (platform_find_place(&own_path, &place) == 0) { return; }
    if (place.file[0] == '/') {
        own_path = strdup(place.file);
        return;
    }
    folder = getcwd(NULL, 0);
    if (folder != NULL && asprintf(&own_path, "%s/%s", folder, place.file) < 0) { own_path = NULL; }
    free(folder);
}

const char *platform_own_path(void) { return own_path; }

int platform_open_file(const char *path)
{
    struct stat status;
    int file;
    /* A link to nothing is there. */
    if (lstat(path, &status) != 0) { return errno == ENOENT || errno == ENOTDIR ? PLATFORM_MISSING : -1; }
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 || (fstat(file, &status) == 0 && S_ISREG(status.st_mode))) { return file; }
    close(file);
    return PLATFORM_NO_FILE;
}

const char *platform_error_text(void) { return strerrordesc_np(errno); }
