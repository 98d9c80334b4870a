/* SPDX-License-Identifier: MIT */
/*
 * six_at_once MODULE WHAT: what a session of Examples/c-token lets an application do. Each call is a line with what it
 * answered, each result another that says "right" or "wrong"; the answers are those of NIST SP 800-38A and RFC 4231.
 * Ends with 0 if nothing was wrong and WHAT could be done at all. WHAT is one of
 *   six       starts a search, encryption, decryption, digest, signature and verification in one session, feeds each a
 *             part, and finishes those that were started
 *   borrowed  digests while a signature is made that hashes: whose data is signed?
 *   dual      the four functions that feed two operations
 *   logout    another session logs out while operations are active; afterwards all can be started and finished
 *   lengths   asks for lengths and brings buffers that are too small, which changes nothing
 *   order     which of several faults is the answer
 *   memory    lets one allocation of libcrypto after the other fail: the operation has ended, and nothing is stuck
 */
#include "six_at_once.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*does)(void);
    } experiments[] = { { "six", six },         { "borrowed", borrowed }, { "dual", dual },    { "logout", logout },
                        { "lengths", lengths }, { "order", order },       { "memory", memory } };
    if (argc != 3 || !load(argv[1])) { return 2; }
    for (size_t i = 0; i < sizeof experiments / sizeof experiments[0]; i++) {
        if (strcmp(experiments[i].name, argv[2]) == 0) {
            experiments[i].does();
            p11->C_Finalize(NULL_PTR);
            return is_wrong;
        }
    }
    return printf("what is %s?\n", argv[2]), 2;
}
