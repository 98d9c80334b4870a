/* SPDX-License-Identifier: MIT */
/* A library to be preloaded, which exports every C_ name: who calls one of its functions called the wrong one. */
#include <stdlib.h>

#define CK_PKCS11_FUNCTION_INFO(name)                                                                                  \
    void name(void);                                                                                                   \
    void name(void) { abort(); }
#include "pkcs11f.h"
