/* SPDX-License-Identifier: MIT */
/* Loads the module, makes its keys, and lets memory of libcrypto run out when it is told to. */
#include "six_at_once.h"
#include "p11_names.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CK_FUNCTION_LIST_PTR p11;
CK_SESSION_HANDLE session;
CK_OBJECT_HANDLE aes, mac, public_key, private_key;
int is_quiet, is_wrong;

/* ---- Values ---- */

CK_BYTE vector[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
CK_MECHANISM aes_cbc = { CKM_AES_CBC, vector, 16 }, sha256 = { CKM_SHA256, NULL_PTR, 0 };
CK_MECHANISM hmac = { CKM_SHA256_HMAC, NULL_PTR, 0 }, sha256_rsa = { CKM_SHA256_RSA_PKCS, NULL_PTR, 0 };
static CK_BYTE aes_value[] = "\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c";
CK_BYTE plain[] = "\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a"
                  "\xae\x2d\x8a\x57\x1e\x03\xac\x9c\x9e\xb7\x6f\xac\x45\xaf\x8e\x51";
CK_BYTE secret[] = "\x76\x49\xab\xac\x81\x19\xb2\x46\xce\xe9\x8e\x9b\x12\xe9\x19\x7d"
                   "\x50\x86\xcb\x9b\x50\x72\x19\xee\x95\xdb\x11\x3a\x91\x76\x78\xb2";
CK_BYTE abc_digest[] = "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
                       "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad";
CK_BYTE plain_digest[] = "\xb9\xa9\xc6\x36\xa2\x55\x3a\xd6\xa8\x26\xbe\x94\x75\x5d\xc5\x5a"
                         "\xa7\x01\x3c\x9f\xb2\x3a\xbd\xc0\xb6\x14\x99\xce\x32\xdd\x6f\xd5";
CK_BYTE plain_mac[] = "\x01\x79\x46\x44\xc0\x81\x13\x91\x49\x23\x63\x3d\x3b\x00\xda\xaa"
                      "\x20\x8b\xf3\x14\xf2\x4f\xc8\xc9\x99\xd1\x57\x26\xb9\xe7\xb7\xec";
CK_BYTE jefe_mac[] = "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
                     "\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43";
CK_BYTE abc[] = "abc", jefe[] = "what do ya want for nothing?";

/* ---- Printing ---- */

CK_RV say(const char *call, CK_RV rv)
{
    if (!is_quiet) { printf("%s %s\n", call, p11_return_value_name(rv)); }
    return rv;
}

void check(const char *what, int is_right)
{
    if (!is_quiet || !is_right) { printf("%s: %s\n", what, is_right ? "right" : "wrong"); }
    if (!is_right) { is_wrong = 1; }
}

int is(const CK_BYTE *bytes, CK_ULONG length, const CK_BYTE *expected, CK_ULONG expected_length)
{
    return length == expected_length && memcmp(bytes, expected, length) == 0;
}

/* ---- Memory of libcrypto ---- */

long allocations_left = -1; /* -1: as many as are asked for */

static int is_refused(void)
{
    if (allocations_left == 0) { return 1; }
    if (allocations_left > 0) { allocations_left--; }
    return 0;
}

static void *allocate(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return is_refused() ? NULL : malloc(size);
}

static void *allocate_again(void *memory, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return is_refused() ? NULL : realloc(memory, size);
}

static void release(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    free(memory);
}

/* ---- The module ---- */

static CK_OBJECT_HANDLE create(CK_KEY_TYPE type, CK_BYTE *value, CK_ULONG length)
{
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_BYTE label[] = "six";
    CK_ATTRIBUTE templ[] = {
        { CKA_CLASS, &kind, sizeof kind }, { CKA_KEY_TYPE, &type, sizeof type }, { CKA_VALUE, value, length },
        { CKA_LABEL, label, 3 }, { CKA_ENCRYPT, &yes, 1 }, { CKA_DECRYPT, &yes, 1 }, { CKA_SIGN, &yes, 1 },
        { CKA_VERIFY, &yes, 1 }, { CKA_PRIVATE, &no, 1 },
    };
    CK_OBJECT_HANDLE made = 0;
    check("a key", p11->C_CreateObject(session, templ, sizeof templ / sizeof templ[0], &made) == CKR_OK);
    return made;
}

static void create_pair(void)
{
    CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL_PTR, 0 };
    CK_ULONG bits = 2048;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE own[] = { { CKA_MODULUS_BITS, &bits, sizeof bits }, { CKA_VERIFY, &yes, 1 } };
    CK_ATTRIBUTE other[] = { { CKA_SIGN, &yes, 1 }, { CKA_PRIVATE, &no, 1 } };
    check("a pair",
          p11->C_GenerateKeyPair(session, &mechanism, own, 2, other, 2, &public_key, &private_key) == CKR_OK);
}

/* Loads the module and makes the keys. */
int load(const char *path)
{
    CK_C_GetFunctionList get_list = NULL;
    CK_BYTE pin[] = "1234";
    int (*set_memory)(
        void *(*)(size_t, const char *, int), void *(*)(void *, size_t, const char *, int),
        void (*)(void *, const char *, int));
    void *module = dlopen(path, RTLD_NOW);
    if (module == NULL) { return printf("cannot load: %s\n", dlerror()), 0; }
    *(void **)&get_list = dlsym(module, "C_GetFunctionList");
    *(void **)&set_memory = dlsym(module, "CRYPTO_set_mem_functions"); /* of libcrypto, which the module needs */
    if (get_list == NULL || set_memory == NULL) { return printf("not the module that is meant\n"), 0; }
    if (set_memory(allocate, allocate_again, release) != 1) { return printf("libcrypto is in use already\n"), 0; }
    if (get_list(&p11) != CKR_OK || p11->C_Initialize(NULL_PTR) != CKR_OK) { return 0; }
    if (p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &session) != CKR_OK) { return 0; }
    if (p11->C_Login(session, CKU_USER, pin, 4) != CKR_OK) { return 0; }
    is_quiet = 1;
    aes = create(CKK_AES, aes_value, 16);
    mac = create(CKK_GENERIC_SECRET, (CK_BYTE *)"Jefe", 4);
    create_pair();
    is_quiet = 0;
    return !is_wrong;
}
