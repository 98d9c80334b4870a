/* SPDX-License-Identifier: MIT */
/* Declarations that the files of drive_swift_token share. */
#ifndef DRIVE_SWIFT_TOKEN_H
#define DRIVE_SWIFT_TOKEN_H

#include "pkcs11.h"

/* The module that is loaded must not find these names. */
#pragma GCC visibility push(hidden)

/* ---- The module, its keys, and values: token.c ---- */

extern CK_FUNCTION_LIST_PTR p11;
extern CK_SESSION_HANDLE session;
extern CK_OBJECT_HANDLE key128, key256;
extern int is_wrong;

extern CK_BYTE vector[16];
extern CK_MECHANISM cbc, sha256, generation, unknown;

extern CK_BYTE value128[], value256[], plain[], secret128[], secret256[];
extern CK_BYTE of_nothing[], of_abc[], of_two_blocks[], of_plain[], of_both_parts[];
extern CK_BYTE abc[], two_blocks[];

CK_RV say(const char *call, CK_RV rv);
void check(const char *what, int is_right);
int is(const CK_BYTE *bytes, CK_ULONG length, const CK_BYTE *expected, CK_ULONG expected_length);
CK_OBJECT_HANDLE key(CK_BYTE *value, CK_ULONG length);
void check_digest(const char *what, const CK_BYTE *expected);

#define CALL(name, ...) say(#name, p11->name(__VA_ARGS__))

/* ---- Parts ---- */

void answers(void);
void pairs(void);
void refused(void);
void lengths(void);
void ends(void);
void objects(void);
void sessions(void);
void list(void);
void threads(void);

#pragma GCC visibility pop

#endif /* DRIVE_SWIFT_TOKEN_H */
