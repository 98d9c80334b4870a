/* SPDX-License-Identifier: MIT */
/*
 * A PKCS #11 module without rules: operations of all thirteen kinds may be active in one session at the same time, a
 * second Init silently starts that kind anew, and nothing is ever in the way of anything. Whoever stands in front of it
 * is the only one who can have refused. A call needs no more than that its own kind is where the standard wants it for
 * this call: started, not fed a part before a single-part call, inside a message for the next part of one.
 *
 *     cd Tests/Programs/permissive
 *     cc -std=c11 -shared -fPIC -I ../../../Sources/Generated/c/include *.c -o permissive.so
 *
 * With -DPERMISSIVE_240 it is a module of 2.40: no later function is exported, C_GetInterface and its list included.
 *
 * What it computes, with key: the first byte of the key's 64 bytes of value (object 1 is there from the start: 0x5A):
 *   encrypt, decrypt, signRecover, verifyRecover  each byte XOR key
 *   digest                           32 bytes: four FNV-1a sums side by side, see data.c
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
#include "permissive.h"

#include <string.h>

/* ---- The library ---- */

static struct { void *structure, *reserved, *extra; } initialize_args;

static CK_RV initialize(CK_C_INITIALIZE_ARGS *args)
{
    memset(&initialize_args, 0, sizeof initialize_args);
    if (args != NULL) {
        const int given = (args->CreateMutex != NULL) + (args->DestroyMutex != NULL) + (args->LockMutex != NULL)
                          + (args->UnlockMutex != NULL);
        initialize_args.structure = args;
        initialize_args.reserved = args->pReserved;
        if (options.reserved) { memcpy(&initialize_args.extra, args + 1, sizeof initialize_args.extra); }
        if (given != 0 && given != 4) { return CKR_ARGUMENTS_BAD; }
    }
    if (is_usable()) { return CKR_CRYPTOKI_ALREADY_INITIALIZED; }
    forget_sessions();
    reset_objects();
    mark_initialized(1);
    return CKR_OK;
}

static CK_RV finalize(const void *reserved)
{
    if (reserved != NULL) { return CKR_ARGUMENTS_BAD; }
    forget_sessions();
    mark_initialized(0);
    return CKR_OK;
}

void permissive_initialize_args(void **structure, void **reserved, void **extra)
{
    take_lock();
    if (structure != NULL) { *structure = initialize_args.structure; }
    if (reserved != NULL) { *reserved = initialize_args.reserved; }
    if (extra != NULL) { *extra = initialize_args.extra; }
    drop_lock();
}

static void blank(CK_UTF8CHAR *field, size_t size, const char *text)
{
    memset(field, ' ', size);
    memcpy(field, text, strlen(text));
}

static CK_RV library_info(CK_INFO *info)
{
    if (info == NULL) { return CKR_ARGUMENTS_BAD; }
    memset(info, 0, sizeof *info);
#ifdef PERMISSIVE_240
    info->cryptokiVersion = (CK_VERSION){ 2, 40 };
#else
    info->cryptokiVersion = (CK_VERSION){ 3, 2 };
#endif
    blank(info->manufacturerID, sizeof info->manufacturerID, "p11gen");
    blank(info->libraryDescription, sizeof info->libraryDescription, "Permissive");
    return CKR_OK;
}

/* ---- Slots and tokens ---- */

const CK_SLOT_ID slot_ids[SLOTS] = { 0, 7 };

unsigned slot_of(CK_SLOT_ID id)
{
    unsigned slot = 0;
    while (slot < SLOTS && slot_ids[slot] != id) { ++slot; }
    return slot;
}

static CK_RV give_list(CK_ULONG *out, CK_ULONG *count, const CK_ULONG *values, CK_ULONG length)
{
    const CK_RV rv = room((CK_BYTE *)out, count, length);
    if (rv == CKR_OK) { memcpy(out, values, length * sizeof *values); }
    return rv == ASKED ? CKR_OK : rv;
}

static CK_RV slot_info(CK_SLOT_ID id, CK_SLOT_INFO *info)
{
    if (slot_of(id) == SLOTS) { return CKR_SLOT_ID_INVALID; }
    if (info == NULL) { return CKR_ARGUMENTS_BAD; }
    memset(info, 0, sizeof *info);
    blank(info->slotDescription, sizeof info->slotDescription, id == 0 ? "Slot 0" : "Slot 7");
    blank(info->manufacturerID, sizeof info->manufacturerID, "p11gen");
    info->flags = CKF_TOKEN_PRESENT;
    return CKR_OK;
}

static CK_RV token_info(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
    const unsigned slot = slot_of(id);
    if (slot == SLOTS) { return CKR_SLOT_ID_INVALID; }
    if (info == NULL) { return CKR_ARGUMENTS_BAD; }
    memset(info, 0, sizeof *info);
    blank(info->label, sizeof info->label, id == 0 ? "Permissive 0" : "Permissive 7");
    blank(info->manufacturerID, sizeof info->manufacturerID, "p11gen");
    blank(info->model, sizeof info->model, "Permissive");
    blank(info->serialNumber, sizeof info->serialNumber, id == 0 ? "0000" : "0007");
    blank(info->utcTime, sizeof info->utcTime, "");
    info->flags = CKF_RNG | CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED | CKF_ASYNC_SESSION_SUPPORTED
                  | options.token_flags[slot];
    info->ulMaxSessionCount = info->ulMaxRwSessionCount = MOST_SESSIONS;
    info->ulSessionCount = count_sessions(slot, 0);
    info->ulRwSessionCount = count_sessions(slot, CKF_RW_SESSION);
    info->ulMaxPinLen = 255;
    info->ulTotalPublicMemory = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
    return CKR_OK;
}

#define MECHANISMS 6
static const CK_MECHANISM_TYPE mechanisms[MECHANISMS] = { CKM_VENDOR_DEFINED | 0x11, CKM_AES_CBC, CKM_SHA256,
                                                          CKM_SHA256_HMAC, CKM_RSA_PKCS, CKM_AES_GCM };
static const CK_MECHANISM_INFO mechanism_infos[MECHANISMS] = {
    { 8, 512, CKF_ENCRYPT | CKF_DECRYPT | CKF_DIGEST | CKF_SIGN | CKF_SIGN_RECOVER | CKF_VERIFY | CKF_VERIFY_RECOVER
                  | CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY
                  | CKF_MULTI_MESSAGE | CKF_GENERATE | CKF_GENERATE_KEY_PAIR | CKF_WRAP | CKF_UNWRAP | CKF_DERIVE },
    { 16, 32, CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP },
    { 0, 0, CKF_DIGEST },
    { 8, 512, CKF_SIGN | CKF_VERIFY },
    { 1024, 4096, CKF_ENCRYPT | CKF_DECRYPT | CKF_SIGN | CKF_SIGN_RECOVER | CKF_VERIFY | CKF_VERIFY_RECOVER },
    { 16, 32, CKF_ENCRYPT | CKF_DECRYPT | CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE },
};

static CK_RV mechanism_info(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
    if (slot_of(id) == SLOTS) { return CKR_SLOT_ID_INVALID; }
    if (info == NULL) { return CKR_ARGUMENTS_BAD; }
    for (unsigned i = 0; i < MECHANISMS; ++i) {
        if (mechanisms[i] != type) { continue; }
        *info = mechanism_infos[i];
        return CKR_OK;
    }
    return CKR_MECHANISM_INVALID;
}

/* ---- Functions ---- */

CALL(C_Initialize, (CK_VOID_PTR pInitArgs), initialize(pInitArgs))
CALL(C_Finalize, (CK_VOID_PTR pReserved), finalize(pReserved))
CALL(C_GetInfo, (CK_INFO_PTR pInfo), library_info(pInfo))

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
