/* SPDX-License-Identifier: MIT */
/* What Swift's module of the C library leaves out: the GNU functions that start a program without side effects. */
#ifndef SPAWN_PROGRAM_H
#define SPAWN_PROGRAM_H

#include <sys/types.h>

/* Creates a pipe neither end of which a program inherits. Returns 0, or the number of an error. */
int open_pipe(int ends[2]);

/*
 * Starts the program of the path arguments[0] in a folder, and in a process group of its own. It has nothing open but an
 * empty standard input and the two descriptors. Returns 0, or the number of an error.
 */
int spawn_program(pid_t *child, char *const arguments[], char *const environment[], const char *folder, int output,
                  int errors);

#endif
