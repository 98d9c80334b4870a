/* SPDX-License-Identifier: MIT */
/* Declarations that the files of the module share. permissive.c says what the module does and which options it has. */
#ifndef PERMISSIVE_H
#define PERMISSIVE_H

#define _DEFAULT_SOURCE 1

/* Protected: the lists name the functions of this module, even if the process has others of the same names. */
#define CK_DECLARE_FUNCTION(returnType, name) __attribute__((visibility("protected"))) returnType name
#include "pkcs11.h"

#include <stddef.h>
#include <stdint.h>

/* For tests. */
CK_ULONG permissive_calls(const char *name);
CK_ULONG permissive_concurrent(void);
void permissive_hold(CK_ULONG count);
CK_ULONG permissive_held(void);
void permissive_release(void);
void permissive_initialize_args(void **structure, void **reserved, void **extra);
CK_RV permissive_hello(CK_ULONG *answer);

/* Nothing else is exported. */
#pragma GCC visibility push(hidden)

#define MOST_SESSIONS 131072 /* memory that is not touched costs nothing */
#define MOST_OBJECTS 1024
#define VALUE_BYTES 64
#define SUM_BYTES 32
#define TAG_BYTES 8
#define SLOTS 2

/* A length was asked for: the caller is told CKR_OK, but unlike work that was done it changes nothing. */
#define ASKED (CKR_VENDOR_DEFINED | 0xA5CEDUL)

extern const CK_SLOT_ID slot_ids[SLOTS];
unsigned slot_of(CK_SLOT_ID id);

/* ---- data.c ---- */

/* Four FNV-1a sums of 64 bits side by side; the basis of each is one more than that of the one before. */
typedef struct { uint64_t lane[4]; } sum;

void sum_start(sum *s);
void sum_add(sum *s, const CK_BYTE *data, CK_ULONG length);
void sum_read(const sum *s, CK_BYTE *out, CK_ULONG bytes);
CK_RV compare(const sum *s, const CK_BYTE *given, CK_ULONG length, CK_ULONG expected);
void cipher(CK_BYTE key, sum *plain, int decrypts, const CK_BYTE *in, CK_ULONG length, CK_BYTE *out);
int is_readable(const CK_BYTE *data, CK_ULONG length);
CK_RV room(const CK_BYTE *out, CK_ULONG *out_length, CK_ULONG needed);
CK_RV give_bytes(CK_BYTE *out, CK_ULONG *out_length, const void *bytes, CK_ULONG count);

/* ---- objects.c ---- */

typedef struct {
    int exists;
    CK_OBJECT_CLASS object_class;
    CK_BYTE value[VALUE_BYTES];
} object;

extern object objects[MOST_OBJECTS];

void reset_objects(void);
object *object_of(CK_OBJECT_HANDLE handle);
CK_RV apply_template(object *o, const CK_ATTRIBUTE *attributes, CK_ULONG count);

/* ---- sessions.c ---- */

enum kind {
    FIND, ENCRYPT, DECRYPT, DIGEST, SIGN, SIGN_RECOVER, VERIFY, VERIFY_RECOVER, VERIFY_SIGNATURE,
    MESSAGE_ENCRYPT, MESSAGE_DECRYPT, MESSAGE_SIGN, MESSAGE_VERIFY, KINDS
};

#define BIT(kind) (1U << (kind))

typedef struct {
    CK_BYTE active;
    CK_BYTE parts; /* a part was fed; of a message-based kind: a message is open */
    CK_BYTE key;   /* the first byte of the key's value, which is all that is used of it */
    sum running;   /* the digest, the MAC, or the tag of the message that is open */
} operation;

typedef struct {
    operation of[KINDS];
    CK_BYTE signature[SUM_BYTES]; /* what C_VerifySignatureInit was given */
    CK_ULONG next_place;          /* where a search goes on */
    CK_ULONG wanted_class;        /* what it looks for, or CK_UNAVAILABLE_INFORMATION for everything */
} work;

typedef struct {
    CK_SESSION_HANDLE handle; /* 0: the place is free */
    CK_ULONG birth;           /* tells two sessions with the same handle apart */
    unsigned slot;            /* a place in slot_ids */
    CK_FLAGS flags;
    CK_NOTIFY notify;
    CK_VOID_PTR application;
    work work;
} session;

session *session_of(CK_SESSION_HANDLE handle);
CK_ULONG count_sessions(unsigned slot, CK_FLAGS flags);
void forget_sessions(void);

/* ---- operations.c ---- */

unsigned active_kinds(const session *s);
CK_RV settle(operation *o, CK_RV rv, int goes_on);
CK_RV settle_message(operation *o, CK_RV rv, int goes_on);
CK_RV start(session *s, enum kind kind, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
CK_RV end(session *s, enum kind kind);

/* ---- options.c ---- */

enum {
#define CK_PKCS11_FUNCTION_INFO(name) F_##name,
#include "pkcs11f.h"
#undef CK_PKCS11_FUNCTION_INFO
    FUNCTIONS
};

struct options {
    int unique, sparse, mixed, logout_kills, fork_safe, lies, callback, crash, reserved;
    CK_FLAGS token_flags[SLOTS];
    long slow;
};

extern struct options options;

void read_options(void);
unsigned function_named(const char *name);
int is_answered(unsigned function, CK_RV *rv);

/* ---- lists.c ---- */

void fill_lists(const unsigned char *is_null);

/* ---- entrance.c ---- */

void take_lock(void);
void drop_lock(void);
CK_RV leave(CK_RV rv);
int is_usable(void);
void mark_initialized(int is);
CK_ULONG *come(unsigned function, CK_SESSION_HANDLE handle);
void go(CK_ULONG *own);
int enter(unsigned function, CK_RV *rv);
int enter_session(unsigned function, CK_SESSION_HANDLE handle, const CK_ULONG *own, session **s, CK_RV *rv);
int enter_part(unsigned function, CK_SESSION_HANDLE handle, unsigned kinds, const CK_ULONG *own, session **s,
               CK_RV *rv);

/* ---- Shapes of functions: what each does is the last argument, done with the mutex held ---- */

#define CALL(name, parameters, does)                                                                                   \
    CK_RV name parameters                                                                                              \
    {                                                                                                                  \
        CK_RV rv;                                                                                                      \
        if (enter(F_##name, &rv)) { rv = leave(does); }                                                                \
        return rv;                                                                                                     \
    }
#define SESSION_CALL(name, parameters, does)                                                                           \
    CK_RV name parameters                                                                                              \
    {                                                                                                                  \
        session *s;                                                                                                    \
        CK_RV rv;                                                                                                      \
        CK_ULONG *const own = come(F_##name, hSession);                                                                \
        if (enter_session(F_##name, hSession, own, &s, &rv)) { rv = leave(does); }                                     \
        go(own);                                                                                                       \
        return rv;                                                                                                     \
    }
#define PART_CALL(name, kinds, parameters, does)                                                                       \
    CK_RV name parameters                                                                                              \
    {                                                                                                                  \
        session *s;                                                                                                    \
        CK_RV rv;                                                                                                      \
        CK_ULONG *const own = come(F_##name, hSession);                                                                \
        if (enter_part(F_##name, hSession, kinds, own, &s, &rv)) { rv = leave(does); }                                 \
        go(own);                                                                                                       \
        return rv;                                                                                                     \
    }

#define H CK_SESSION_HANDLE hSession
#define TEMPLATE CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount
#define MECHANISM CK_MECHANISM_PTR pMechanism
#define KEY CK_OBJECT_HANDLE hKey
#define IN CK_BYTE_PTR pIn, CK_ULONG ulInLen
#define OUT CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen
#define SIGNATURE CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen
#define PARAMETER CK_VOID_PTR pParameter, CK_ULONG ulParameterLen
#define ASSOCIATED CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen

#define START(name, kind) SESSION_CALL(name, (H, MECHANISM, KEY), start(s, kind, pMechanism, hKey))

#pragma GCC visibility pop

#endif /* PERMISSIVE_H */
