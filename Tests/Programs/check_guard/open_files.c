/* SPDX-License-Identifier: MIT */
/* Counts the open files, and the lines in one of them. */
#include "check_guard.h"

#include <fcntl.h>

int count_files(void)
{
    int count = 0;
    for (int i = 0; i < 256; ++i) { count += fcntl(i, F_GETFD) != -1; }
    return count;
}

int count_lines(int descriptor)
{
    char bytes[4096];
    ssize_t count;
    int lines = 0;
    if (descriptor < 0) { return 0; }
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    lseek(descriptor, 0, SEEK_SET);
    while ((count = read(descriptor, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < count; ++i) { lines += bytes[i] == '\n'; }
    }
    return lines;
}
