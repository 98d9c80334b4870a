/* SPDX-License-Identifier: MIT */
/*
 * drive_swift_token MODULE WHAT: Examples/swift-token as an application finds it. Most calls are a line with what they
 * answered, each result another that says "right" or "wrong". The results are those of FIPS 180-4 and NIST SP 800-38A.
 * Ends with 0 if nothing was wrong. WHAT is one of
 *   answers   digests, encryption and decryption in one part and in many
 *   pairs     two operations at once, fed apart and by the functions that feed both
 *   refused   what may not stand beside what is active, which goes on
 *   lengths   asks for lengths and brings buffers that are too small, which changes nothing
 *   ends      failures, and starts without a mechanism, end an operation
 *   objects   templates, attributes and searches
 *   sessions  handles that are closed, and a library that is not initialised
 *   list      what is not supported says so
 *   threads   two threads, each in a session of its own, then both in one
 */
#include "drive_swift_token.h"

#include <dlfcn.h>
#include <string.h>

/* Not the module's, which must not mistake it for its own. The tests export it. */
CK_RV C_DigestInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism)
{
    (void)hSession, (void)pMechanism;
    return CKR_GENERAL_ERROR;
}

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        void (*function)(void);
    } all[] = {
        { "answers", answers }, { "pairs", pairs },     { "refused", refused },   { "lengths", lengths },
        { "ends", ends },       { "objects", objects }, { "sessions", sessions }, { "list", list },
        { "threads", threads },
    };
    CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR) = NULL_PTR;
    void *module = count == 3 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    size_t index;
    if (module != NULL) { *(void **)&get = dlsym(module, "C_GetFunctionList"); }
    if (get == NULL_PTR || get(&p11) != CKR_OK || p11->C_Initialize(NULL_PTR) != CKR_OK) { return 2; }
    p11->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL_PTR, NULL_PTR, &session);
    key128 = key(value128, 16);
    key256 = key(value256, 32);
    for (index = 0; index < sizeof all / sizeof *all; index++) {
        if (strcmp(arguments[2], all[index].name) == 0) {
            all[index].function();
            p11->C_Finalize(NULL_PTR);
            dlclose(module);
            /* The Swift runtime has seen its types, so it stays where it is. */
            if (dlopen(arguments[1], RTLD_NOW | RTLD_NOLOAD) == NULL) { check("still loaded", 0); }
            return is_wrong;
        }
    }
    return 2;
}
