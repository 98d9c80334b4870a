/* SPDX-License-Identifier: MIT */
/* Declarations that the files of six_at_once share. */
#ifndef SIX_AT_ONCE_H
#define SIX_AT_ONCE_H

#include "pkcs11.h"

/* The module that is loaded must not find these names. */
#pragma GCC visibility push(hidden)

/* ---- The module, its keys, and values: token.c ---- */

extern CK_FUNCTION_LIST_PTR p11;
extern CK_SESSION_HANDLE session;
extern CK_OBJECT_HANDLE aes, mac, public_key, private_key;
extern int is_quiet, is_wrong;

extern CK_BYTE vector[16];
extern CK_MECHANISM aes_cbc, sha256, hmac, sha256_rsa;

extern CK_BYTE plain[], secret[], abc_digest[], plain_digest[], plain_mac[], jefe_mac[], abc[], jefe[];

extern long allocations_left; /* of libcrypto; -1: as many as are asked for */

int load(const char *path);
CK_RV say(const char *call, CK_RV rv);
void check(const char *what, int is_right);
int is(const CK_BYTE *bytes, CK_ULONG length, const CK_BYTE *expected, CK_ULONG expected_length);

#define CALL(name, ...) say(#name, p11->name(__VA_ARGS__))

/* ---- Operations: alone.c ---- */

extern CK_RV (*const each[6])(void);

void all_can_be_done(void);

/* ---- Parts ---- */

void six(void);
void borrowed(void);
void dual(void);
void logout(void);
void lengths(void);
void order(void);
void memory(void);

#pragma GCC visibility pop

#endif /* SIX_AT_ONCE_H */
