/* SPDX-License-Identifier: MIT */
/* Where a line may be written in a process that belongs to somebody else. Used by any thread at any time. */
#ifndef P11GUARD_LOG_H
#define P11GUARD_LOG_H

#include <sys/types.h>

#define LOG_HIDDEN __attribute__((visibility("hidden")))

/* Whether descriptor 2 is what it was when this library was loaded, and of a kind that nobody keeps data in: a terminal, a pipe, a
   file that is opened for appending, or the journal of a systemd service. */
LOG_HIDDEN int platform_has_standard_error(void);

/* Opens a file for lines to be added, or returns -1. It never waits; a new file is its owner's alone. Not opened are links, files
   of other users than this one and root, files that have another name as well, and pipes that nobody reads. */
LOG_HIDDEN int platform_open_log(const char *path);

/* Writes as write does, but SIGPIPE and SIGXFSZ do not come of it, and a full pipe that must not be waited for gets a second. */
LOG_HIDDEN ssize_t platform_write(int descriptor, const void *bytes, size_t count);

#endif
