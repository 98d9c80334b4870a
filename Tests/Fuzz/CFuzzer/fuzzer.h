/* SPDX-License-Identifier: MIT */
/* What libFuzzer, which comes with the compiler, offers to harnesses. */
#ifndef P11GEN_FUZZER_H
#define P11GEN_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/* Changes the bytes in one of libFuzzer's own ways, and returns how many there are then. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

#endif
