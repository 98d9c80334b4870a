/* SPDX-License-Identifier: MIT */
/* Loads a library, and finds its functions. */
#ifndef DYNAMIC_LIBRARY_H
#define DYNAMIC_LIBRARY_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *load(const char *path)
{
    void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        printf("%s\n", dlerror());
        exit(2);
    }
    return library;
}

/* What dlsym gives is no pointer to a function for the language, so the bytes are copied. */
#define SYMBOL(variable, library, name)                                                                                \
    do {                                                                                                               \
        void *const found_ = dlsym(library, name);                                                                     \
        memcpy(&(variable), &found_, sizeof found_);                                                                   \
    } while (0)

#endif /* DYNAMIC_LIBRARY_H */
