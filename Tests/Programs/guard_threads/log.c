/* SPDX-License-Identifier: MIT */
/* Reads the log: a pipe, since two threads in a session cause more lines than a disk can take. */
#include "guard_threads.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct seen seen;
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t seen_mark = PTHREAD_COND_INITIALIZER;
static int log_pipe, marks;
static char folder[256], log_path[320];

static void take_line(const char *line)
{
    pthread_mutex_lock(&seen_lock);
    if (strcmp(line, "mark") == 0) {
        ++marks;
        pthread_cond_signal(&seen_mark);
    } else if (strstr(line, "] ") != NULL && strstr(line, ": C_Finalize: ") != NULL) {
        ++seen.summaries;
    } else {
        ++seen.lines;
        seen.refused += strstr(line, ": refused ") != NULL;
        seen.two_threads += strstr(line, "; rule two-threads: ") != NULL;
        snprintf(seen.last, sizeof seen.last, "%.300s", line);
    }
    pthread_mutex_unlock(&seen_lock);
}

static void *read_log(void *nothing)
{
    static char bytes[65536];
    size_t kept = 0;
    ssize_t got;
    while ((got = read(log_pipe, bytes + kept, sizeof bytes - kept)) > 0) {
        char *line = bytes, *end;
        kept += (size_t)got;
        while ((end = memchr(line, '\n', kept - (size_t)(line - bytes))) != NULL) {
            *end = '\0';
            take_line(line);
            line = end + 1;
        }
        kept -= (size_t)(line - bytes);
        memmove(bytes, line, kept);
    }
    return nothing;
}

/* Makes the pipe and a thread that reads it. */
void open_log(void)
{
    pthread_t reader;
    const char *const temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/guard-threads-XXXXXX", temporary == NULL ? "/tmp" : temporary);
    if (mkdtemp(folder) == NULL) { fail(folder); }
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    if (mkfifo(log_path, 0600) != 0 || (log_pipe = open(log_path, O_RDWR | O_CLOEXEC)) < 0) { fail(log_path); }
    if (pthread_create(&reader, NULL, read_log, NULL) != 0) { fail("pthread_create"); }
    setenv("P11GUARD_LOG", log_path, 1);
}

void remove_log(void)
{
    unlink(log_path);
    rmdir(folder);
}

/* Returns when all that was written is counted. */
void read_all_of_log(void)
{
    if (write(log_pipe, "mark\n", 5) != 5) { fail("the log"); }
    pthread_mutex_lock(&seen_lock);
    while (marks == 0) { pthread_cond_wait(&seen_mark, &seen_lock); }
    marks = 0;
    pthread_mutex_unlock(&seen_lock);
}

void forget_log(void)
{
    pthread_mutex_lock(&seen_lock);
    memset(&seen, 0, sizeof seen);
    pthread_mutex_unlock(&seen_lock);
}
