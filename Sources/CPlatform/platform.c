/* SPDX-License-Identifier: MIT */
/* What only GNU's C library has is used here and not in the header: Swift's own modules are built without it. */
#define _GNU_SOURCE
#include "platform.h"

#include <linux/membarrier.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

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
