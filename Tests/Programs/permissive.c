/* SPDX-License-Identifier: MIT */
/*
 * A PKCS #11 module without rules: operations of all thirteen kinds may be active in one session at the same time, a
 * second Init silently starts that kind anew, and nothing is ever in the way of anything. Whoever stands in front of it
 * is the only one who can have refused. A call needs no more than that its own kind is where the standard wants it for
 * this call: started, not fed a part before a single-part call, inside a message for the next part of one.
 *
 *     cc -std=c11 -shared -fPIC -I Sources/Generated/c/include Tests/Programs/permissive.c -o permissive.so
 *
 * With -DPERMISSIVE_240 it is a module of 2.40: no later function is exported, C_GetInterface and its list included.
 *
 * What it computes, with key: the first byte of the key's 64 bytes of value (object 1 is there from the start: 0x5A):
 *   encrypt, decrypt, signRecover, verifyRecover  each byte XOR key
 *   digest                           32 bytes: four FNV-1a sums side by side, see permissive_operations.h
 *   sign, verify, verifySignature    the digest of the key byte and the data
 *   messages                         XOR as well; tag and signature are the first 8 bytes of the digest of the key
 *                                    byte, the associated data and the plain data. The tag ends the last part, all of
 *                                    it in that part. Parameters are not looked at.
 * Any mechanism is accepted, any PIN, CKF_ASYNC_SESSION too, though nothing is ever pending by itself. An error of an
 * update, a single-part or a final call ends its operation, of a dual-function call both, of a part of a message the
 * message; a message that begins inside another starts anew. Slots: 0 and 7. All objects are seen from everywhere.
 *
 * Options: environment variables, read at the first call of all and by each C_Initialize that is not one too many. What
 * cannot be understood aborts the process, so that no test is happy by a slip of the pen. =1 is for yes; 0, empty and
 * unset are for no.
 *   PERMISSIVE_HANDLES=reuse|unique|sparse
 *           session handles: the lowest free number (1, 2, ...), which is what is meant if unsaid; or 1, 2, ... and
 *           none twice before the next C_Initialize; or like pointers: n * 64 + 0x7F0000000000 for the lowest free n
 *   PERMISSIVE_MIXED=1
 *           a single-part call after a part does the last part, and a one-part message may stand inside another; if
 *           unsaid both answer CKR_OPERATION_ACTIVE and change nothing
 *   PERMISSIVE_LOGOUT_KILLS=1
 *           C_Logout ends every operation of the token's sessions; if unsaid they go on
 *   PERMISSIVE_SINGLE=0,7
 *           the slots whose token does not claim CKF_DUAL_CRYPTO_OPERATIONS; if unsaid both claim it
 *   PERMISSIVE_FORK_SAFE=1
 *           the interfaces of 3.x say CKF_INTERFACE_FORK_SAFE, and a child process uses what its parent opened; if
 *           unsaid the child is answered CKR_CRYPTOKI_NOT_INITIALIZED until it calls C_Initialize
 *   PERMISSIVE_NULL=C_Digest,C_EncryptUpdate
 *           these members are NULL in every function list
 *   PERMISSIVE_ANSWER=NAME=VALUE[:FIRST[-LAST]],...
 *           the function answers the value and does nothing, whatever its arguments: always, or from its FIRST call on,
 *           or from the FIRST to the LAST. Calls count from 1, and anew when the text changes. C_FindObjects=0x30:2
 *           fails from the second call on, C_Encrypt=0x204:1-3 three times. The first entry that applies holds.
 *   PERMISSIVE_LIES_VERSION=1
 *           the list of C_GetFunctionList says 3.0, but has the functions of 2.40 only, and the memory behind it cannot
 *           be read
 *   PERMISSIVE_CALLBACK=1
 *           calls that take data, length queries too, first call the session's Notify once with CKN_SURRENDER, if what
 *           they need is active. If that answers CKR_CANCEL the call answers CKR_FUNCTION_CANCELED, which ends what an
 *           error ends. Notify may call the module.
 *   PERMISSIVE_SLOW=MS
 *           the same calls sleep so long before; other threads go on meanwhile
 *   PERMISSIVE_CRASH_BEFORE_INIT=1
 *           before C_Initialize and after C_Finalize any other function but those that give lists aborts the process
 *   PERMISSIVE_RESERVED=1
 *           C_Initialize reads one word more than the structure it is given, where NSS passes one
 *
 * Exported for tests, not of PKCS #11:
 *   CK_ULONG permissive_calls(const char *name)
 *           how often the function was entered since the module was loaded; (CK_ULONG)-1: there is no such function
 *   CK_ULONG permissive_concurrent(void)
 *           how often a session was entered while another thread was inside it; where handles are used again it may be
 *           another session of the same handle
 *   void permissive_hold(CK_ULONG count)
 *           of the calls that PERMISSIVE_SLOW would make slow, so many more wait inside, before the callback, until
 *           permissive_release
 *   CK_ULONG permissive_held(void)
 *           how many of them wait now
 *   void permissive_release(void)
 *           those that wait go on
 *   void permissive_initialize_args(void **structure, void **pReserved, void **extra)
 *           what C_Initialize was given last: the pointer itself, pReserved, and with PERMISSIVE_RESERVED the word
 *           behind the structure
 *   CK_RV permissive_hello(CK_ULONG *answer)
 *           what the vendor interface has after its version, not in 2.40; the answer is 42
 */
#define _DEFAULT_SOURCE 1

/* Protected: the lists name the functions of this file, even if the process has others of the same names. */
#define CK_DECLARE_FUNCTION(returnType, name) __attribute__((visibility("protected"))) returnType name
#include "permissive_token.h"


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

/* ---- For tests ---- */

CK_ULONG permissive_calls(const char *name);
CK_ULONG permissive_concurrent(void);
void permissive_hold(CK_ULONG count);
CK_ULONG permissive_held(void);
void permissive_release(void);
void permissive_initialize_args(void **structure, void **reserved, void **extra);

void permissive_hold(CK_ULONG count) { to_hold = count; }
CK_ULONG permissive_held(void) { return held; }
void permissive_release(void) { ++releases; }

CK_ULONG permissive_calls(const char *name)
{
    const unsigned function = name == NULL ? FUNCTIONS : function_named(name);
    take_lock();
    return leave(function == FUNCTIONS ? (CK_ULONG)-1 : calls[function]);
}

CK_ULONG permissive_concurrent(void) { return __atomic_load_n(&concurrent, __ATOMIC_RELAXED); }

void permissive_initialize_args(void **structure, void **reserved, void **extra)
{
    take_lock();
    if (structure != NULL) { *structure = initialize_args.structure; }
    if (reserved != NULL) { *reserved = initialize_args.reserved; }
    if (extra != NULL) { *extra = initialize_args.extra; }
    drop_lock();
}

/* ---- Library, slots, tokens ---- */

CALL(C_Initialize, (CK_VOID_PTR pInitArgs), initialize(pInitArgs))
CALL(C_Finalize, (CK_VOID_PTR pReserved), finalize(pReserved))
CALL(C_GetInfo, (CK_INFO_PTR pInfo), library_info(pInfo))
CALL(C_GetFunctionList, (CK_FUNCTION_LIST_PTR_PTR ppFunctionList), function_list(ppFunctionList))
CALL(C_GetSlotList, (CK_BBOOL present, CK_SLOT_ID_PTR pSlotList, CK_ULONG_PTR pulCount),
     ((void)present, give_list(pSlotList, pulCount, slot_ids, SLOTS)))
CALL(C_GetSlotInfo, (CK_SLOT_ID slotID, CK_SLOT_INFO_PTR pInfo), slot_info(slotID, pInfo))
CALL(C_GetTokenInfo, (CK_SLOT_ID slotID, CK_TOKEN_INFO_PTR pInfo), token_info(slotID, pInfo))
CALL(C_GetMechanismList, (CK_SLOT_ID slotID, CK_MECHANISM_TYPE_PTR pList, CK_ULONG_PTR pulCount),
     slot_of(slotID) == SLOTS ? CKR_SLOT_ID_INVALID : give_list(pList, pulCount, mechanisms, MECHANISMS))
CALL(C_GetMechanismInfo, (CK_SLOT_ID slotID, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR pInfo),
     mechanism_info(slotID, type, pInfo))
CALL(C_InitToken, (CK_SLOT_ID slotID, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen, CK_UTF8CHAR_PTR pLabel),
     slot_of(slotID) == SLOTS                         ? CKR_SLOT_ID_INVALID
     : !is_readable(pPin, ulPinLen) || pLabel == NULL ? CKR_ARGUMENTS_BAD
     : count_sessions(slot_of(slotID), 0) != 0        ? CKR_SESSION_EXISTS
                                                      : CKR_OK)
CALL(C_WaitForSlotEvent, (CK_FLAGS flags, CK_SLOT_ID_PTR pSlot, CK_VOID_PTR pReserved),
     pSlot == NULL || pReserved != NULL ? CKR_ARGUMENTS_BAD
     : (flags & CKF_DONT_BLOCK) != 0    ? CKR_NO_EVENT
                                        : CKR_FUNCTION_NOT_SUPPORTED)

/* ---- Sessions ---- */

#define H CK_SESSION_HANDLE hSession
#define TEMPLATE CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount
#define MECHANISM CK_MECHANISM_PTR pMechanism
#define KEY CK_OBJECT_HANDLE hKey
#define IN CK_BYTE_PTR pIn, CK_ULONG ulInLen
#define OUT CK_BYTE_PTR pOut, CK_ULONG_PTR pulOutLen
#define SIGNATURE CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen

CALL(C_OpenSession, (CK_SLOT_ID slotID, CK_FLAGS flags, CK_VOID_PTR pApplication, CK_NOTIFY Notify,
                     CK_SESSION_HANDLE_PTR phSession),
     open_session(slotID, flags, pApplication, Notify, phSession))
SESSION_CALL(C_CloseSession, (H), close_session(s))
CALL(C_CloseAllSessions, (CK_SLOT_ID slotID), close_all(slotID))
SESSION_CALL(C_GetSessionInfo, (H, CK_SESSION_INFO_PTR pInfo), session_info(s, pInfo))
SESSION_CALL(C_GetOperationState, (H, OUT), save_state(s, pOut, pulOutLen))
SESSION_CALL(C_SetOperationState, (H, IN, CK_OBJECT_HANDLE hEncryptionKey, CK_OBJECT_HANDLE hAuthenticationKey),
             ((void)hEncryptionKey, (void)hAuthenticationKey, restore_state(s, pIn, ulInLen)))
SESSION_CALL(C_Login, (H, CK_USER_TYPE userType, IN), login(s, userType, pIn, ulInLen))
SESSION_CALL(C_Logout, (H), logout(s))
SESSION_CALL(C_InitPIN, (H, IN), is_readable(pIn, ulInLen) ? CKR_OK : CKR_ARGUMENTS_BAD)
SESSION_CALL(C_SetPIN, (H, IN, CK_UTF8CHAR_PTR pNewPin, CK_ULONG ulNewLen),
             is_readable(pIn, ulInLen) && is_readable(pNewPin, ulNewLen) ? CKR_OK : CKR_ARGUMENTS_BAD)
SESSION_CALL(C_GetFunctionStatus, (H), CKR_FUNCTION_NOT_PARALLEL)
SESSION_CALL(C_CancelFunction, (H), CKR_FUNCTION_NOT_PARALLEL)

/* ---- Objects and keys: whatever is asked for, something is made ---- */

#define NEEDS_MECHANISM(does) (pMechanism == NULL ? CKR_ARGUMENTS_BAD : (does))
#define NEEDS_OBJECT(handle, does) (object_of(handle) == NULL ? CKR_OBJECT_HANDLE_INVALID : (does))

SESSION_CALL(C_CreateObject, (H, TEMPLATE, CK_OBJECT_HANDLE_PTR phObject),
             make_object(CKO_DATA, NULL, pTemplate, ulCount, phObject))
SESSION_CALL(C_CopyObject, (H, CK_OBJECT_HANDLE hObject, TEMPLATE, CK_OBJECT_HANDLE_PTR phNewObject),
             copy_object(hObject, pTemplate, ulCount, phNewObject))
SESSION_CALL(C_DestroyObject, (H, CK_OBJECT_HANDLE hObject),
             NEEDS_OBJECT(hObject, (object_of(hObject)->exists = 0, CKR_OK)))
SESSION_CALL(C_GetObjectSize, (H, CK_OBJECT_HANDLE hObject, CK_ULONG_PTR pulSize),
             pulSize == NULL ? CKR_ARGUMENTS_BAD : NEEDS_OBJECT(hObject, (*pulSize = VALUE_BYTES, CKR_OK)))
SESSION_CALL(C_GetAttributeValue, (H, CK_OBJECT_HANDLE hObject, TEMPLATE),
             NEEDS_OBJECT(hObject, read_attributes(object_of(hObject), pTemplate, ulCount)))
SESSION_CALL(C_SetAttributeValue, (H, CK_OBJECT_HANDLE hObject, TEMPLATE),
             NEEDS_OBJECT(hObject, change_object(object_of(hObject), pTemplate, ulCount)))
SESSION_CALL(C_GenerateKey, (H, MECHANISM, TEMPLATE, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(make_object(CKO_SECRET_KEY, NULL, pTemplate, ulCount, phKey)))
SESSION_CALL(C_GenerateKeyPair, (H, MECHANISM, TEMPLATE, CK_ATTRIBUTE_PTR pPrivate, CK_ULONG ulPrivateCount,
                                 CK_OBJECT_HANDLE_PTR phPublicKey, CK_OBJECT_HANDLE_PTR phPrivateKey),
             NEEDS_MECHANISM(generate_pair(pTemplate, ulCount, pPrivate, ulPrivateCount, phPublicKey, phPrivateKey)))
SESSION_CALL(C_WrapKey, (H, MECHANISM, CK_OBJECT_HANDLE hWrappingKey, KEY, OUT),
             NEEDS_MECHANISM(wrap(hWrappingKey, hKey, pOut, pulOutLen)))
SESSION_CALL(C_UnwrapKey, (H, MECHANISM, KEY, IN, TEMPLATE, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(unwrap(hKey, pIn, ulInLen, pTemplate, ulCount, phKey)))
SESSION_CALL(C_DeriveKey, (H, MECHANISM, KEY, TEMPLATE, CK_OBJECT_HANDLE_PTR phKey),
             NEEDS_MECHANISM(object_of(hKey) == NULL ? CKR_KEY_HANDLE_INVALID
                                                     : copy_object(hKey, pTemplate, ulCount, phKey)))
SESSION_CALL(C_SeedRandom, (H, IN), is_readable(pIn, ulInLen) ? CKR_OK : CKR_ARGUMENTS_BAD)
SESSION_CALL(C_GenerateRandom, (H, IN), /* the same bytes for everybody, so that results can be compared */
             !is_readable(pIn, ulInLen) ? CKR_ARGUMENTS_BAD : ulInLen == 0 ? CKR_OK : (memset(pIn, 4, ulInLen), CKR_OK))

/* ---- Search ---- */

static CK_RV start_search(session *s, const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    object like = { 0, CK_UNAVAILABLE_INFORMATION, { 0 } };
    const CK_RV rv = apply_template(&like, attributes, count);
    if (rv != CKR_OK) { return rv; }
    s->work.of[FIND].active = 1;
    s->work.next_place = 0;
    s->work.wanted_class = like.object_class; /* the only attribute that is compared */
    return CKR_OK;
}

static CK_RV search(session *s, CK_OBJECT_HANDLE *found, CK_ULONG most, CK_ULONG *count)
{
    work *const w = &s->work;
    if (!w->of[FIND].active) { return CKR_OPERATION_NOT_INITIALIZED; }
    if (count == NULL || (found == NULL && most != 0)) { return CKR_ARGUMENTS_BAD; }
    *count = 0;
    for (; *count < most && w->next_place < MOST_OBJECTS; ++w->next_place) {
        const object *const o = &objects[w->next_place];
        if (!o->exists) { continue; }
        if (w->wanted_class != CK_UNAVAILABLE_INFORMATION && w->wanted_class != o->object_class) { continue; }
        found[(*count)++] = w->next_place + 1;
    }
    return CKR_OK;
}

/* For the calls that end a kind and give nothing: a search, and the message-based kinds. */
static CK_RV end(session *s, enum kind kind)
{
    return s->work.of[kind].active ? settle(&s->work.of[kind], CKR_OK, 0) : CKR_OPERATION_NOT_INITIALIZED;
}

SESSION_CALL(C_FindObjectsInit, (H, TEMPLATE), start_search(s, pTemplate, ulCount))
SESSION_CALL(C_FindObjects, (H, CK_OBJECT_HANDLE_PTR phObject, CK_ULONG ulMaxObjectCount, CK_ULONG_PTR pulObjectCount),
             search(s, phObject, ulMaxObjectCount, pulObjectCount))
SESSION_CALL(C_FindObjectsFinal, (H), end(s, FIND))

/* ---- Operations ---- */

#define START(name, kind) SESSION_CALL(name, (H, MECHANISM, KEY), start(s, kind, pMechanism, hKey))
#define WHOLE(name, kind)                                                                                              \
    PART_CALL(name, BIT(kind), (H, IN, OUT), cipher_call(s, kind, 0, !options.mixed, pIn, ulInLen, pOut, pulOutLen))
#define PART(name, kind)                                                                                               \
    PART_CALL(name, BIT(kind), (H, IN, OUT), cipher_call(s, kind, 1, 0, pIn, ulInLen, pOut, pulOutLen))
#define LAST(name, kind) SESSION_CALL(name, (H, OUT), cipher_call(s, kind, 0, 0, NULL, 0, pOut, pulOutLen))
#define SUM_WHOLE(name, kind)                                                                                          \
    PART_CALL(name, BIT(kind), (H, IN, OUT), sum_end(s, kind, !options.mixed, pIn, ulInLen, pOut, pulOutLen))
#define SUM_PART(name, kind) PART_CALL(name, BIT(kind), (H, IN), sum_part(s, kind, pIn, ulInLen))
#define SUM_LAST(name, kind) SESSION_CALL(name, (H, OUT), sum_end(s, kind, 0, NULL, 0, pOut, pulOutLen))
#define DUAL(name, kind, summing)                                                                                      \
    PART_CALL(name, BIT(kind) | BIT(summing), (H, IN, OUT),                                                            \
              dual_call(s, kind, summing, pIn, ulInLen, pOut, pulOutLen))

static CK_RV digest_key(session *s, CK_OBJECT_HANDLE key)
{
    const object *const o = object_of(key);
    if (!s->work.of[DIGEST].active) { return CKR_OPERATION_NOT_INITIALIZED; }
    return o == NULL ? settle(&s->work.of[DIGEST], CKR_KEY_HANDLE_INVALID, 0)
                     : sum_part(s, DIGEST, o->value, VALUE_BYTES);
}

START(C_EncryptInit, ENCRYPT)
WHOLE(C_Encrypt, ENCRYPT)
PART(C_EncryptUpdate, ENCRYPT)
LAST(C_EncryptFinal, ENCRYPT)
START(C_DecryptInit, DECRYPT)
WHOLE(C_Decrypt, DECRYPT)
PART(C_DecryptUpdate, DECRYPT)
LAST(C_DecryptFinal, DECRYPT)
SESSION_CALL(C_DigestInit, (H, MECHANISM), start(s, DIGEST, pMechanism, CK_INVALID_HANDLE))
SUM_WHOLE(C_Digest, DIGEST)
SUM_PART(C_DigestUpdate, DIGEST)
PART_CALL(C_DigestKey, BIT(DIGEST), (H, KEY), digest_key(s, hKey))
SUM_LAST(C_DigestFinal, DIGEST)
START(C_SignInit, SIGN)
SUM_WHOLE(C_Sign, SIGN)
SUM_PART(C_SignUpdate, SIGN)
SUM_LAST(C_SignFinal, SIGN)
START(C_SignRecoverInit, SIGN_RECOVER)
WHOLE(C_SignRecover, SIGN_RECOVER)
START(C_VerifyInit, VERIFY)
PART_CALL(C_Verify, BIT(VERIFY), (H, IN, SIGNATURE),
          check_end(s, VERIFY, !options.mixed, pIn, ulInLen, pSignature, ulSignatureLen))
SUM_PART(C_VerifyUpdate, VERIFY)
SESSION_CALL(C_VerifyFinal, (H, SIGNATURE), check_end(s, VERIFY, 0, NULL, 0, pSignature, ulSignatureLen))
START(C_VerifyRecoverInit, VERIFY_RECOVER)
WHOLE(C_VerifyRecover, VERIFY_RECOVER)
DUAL(C_DigestEncryptUpdate, ENCRYPT, DIGEST)
DUAL(C_DecryptDigestUpdate, DECRYPT, DIGEST)
DUAL(C_SignEncryptUpdate, ENCRYPT, SIGN)
DUAL(C_DecryptVerifyUpdate, DECRYPT, VERIFY)

#ifndef PERMISSIVE_240
#include "permissive_since_3_0.h"
#endif
