/* SPDX-License-Identifier: MIT */
/* Results that the module permissive has to give, for the programs that use it. */
#ifndef PERMISSIVE_RESULTS_H
#define PERMISSIVE_RESULTS_H

#include "pkcs11.h"

#include <stddef.h>
#include <stdint.h>

#define KEY 1 /* there from the start */
#define KEY_BYTE 0x5A

/* The digest of the data, or with the key the signature. */
static inline void expect_sum(CK_BYTE out[32], int with_key, const void *data, size_t length)
{
    for (int lane = 0; lane < 4; ++lane) {
        uint64_t value = 0xCBF29CE484222325ULL + (uint64_t)lane;
        if (with_key) { value = (value ^ KEY_BYTE) * 0x100000001B3ULL; }
        for (size_t i = 0; i < length; ++i) { value = (value ^ ((const CK_BYTE *)data)[i]) * 0x100000001B3ULL; }
        for (int i = 0; i < 8; ++i) { out[8 * lane + i] = (CK_BYTE)(value >> (56 - 8 * i)); }
    }
}

#endif /* PERMISSIVE_RESULTS_H */
