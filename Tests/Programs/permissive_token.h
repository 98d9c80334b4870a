/* SPDX-License-Identifier: MIT */
/*
 * The library, its two tokens and its table of sessions, behind the entrances of permissive.c.
 */
#ifndef PERMISSIVE_TOKEN_H
#define PERMISSIVE_TOKEN_H

#include "permissive_entrance.h"

/* ---- The library ---- */

#define NOBODY CK_UNAVAILABLE_INFORMATION

static struct { void *structure, *reserved, *extra; } initialize_args;
static CK_USER_TYPE users[SLOTS];
static CK_ULONG births, first_free, open_in_slot[SLOTS]; /* no place before first_free is free */

static void forget_sessions(void)
{
    memset(sessions, 0, places_used * sizeof *sessions);
    memset(open_in_slot, 0, sizeof open_in_slot);
    places_used = first_free = 0;
}

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
    memset(objects, 0, sizeof objects);
    births = 0;
    users[0] = users[1] = NOBODY;
    objects[0] = (object){ 1, CKO_SECRET_KEY, { 0 } };
    memset(objects[0].value, 0x5A, VALUE_BYTES);
    is_initialized = 1;
    owner = getpid();
    return CKR_OK;
}

static CK_RV finalize(const void *reserved)
{
    if (reserved != NULL) { return CKR_ARGUMENTS_BAD; }
    forget_sessions();
    is_initialized = 0;
    return CKR_OK;
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

static CK_RV function_list(CK_FUNCTION_LIST **list)
{
    if (list == NULL) { return CKR_ARGUMENTS_BAD; }
    *list = options.lies ? lying_list : &list_2_40;
    return CKR_OK;
}

/* ---- Slots and tokens ---- */

static unsigned slot_of(CK_SLOT_ID id)
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

static CK_ULONG count_sessions(unsigned slot, CK_FLAGS flags)
{
    CK_ULONG count = 0;
    for (CK_ULONG i = 0; i < places_used; ++i) {
        count += sessions[i].handle != 0 && sessions[i].slot == slot && (sessions[i].flags & flags) == flags;
    }
    return count;
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

/* ---- Sessions ---- */

static CK_SESSION_HANDLE handle_for(CK_ULONG place)
{
    return options.unique ? births : options.sparse ? 0x7F0000000000UL + 64 * (place + 1) : place + 1;
}

static CK_RV open_session(CK_SLOT_ID id, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *handle)
{
    const unsigned slot = slot_of(id);
    CK_ULONG place = first_free;
    if (slot == SLOTS) { return CKR_SLOT_ID_INVALID; }
    if (handle == NULL) { return CKR_ARGUMENTS_BAD; }
    if ((flags & CKF_SERIAL_SESSION) == 0) { return CKR_SESSION_PARALLEL_NOT_SUPPORTED; }
    if ((flags & CKF_RW_SESSION) == 0 && users[slot] == CKU_SO) { return CKR_SESSION_READ_WRITE_SO_EXISTS; }
    while (place < places_used && sessions[place].handle != CK_INVALID_HANDLE) { ++place; }
    if (place == MOST_SESSIONS) { return CKR_SESSION_COUNT; }
    if (place == places_used) { ++places_used; }
    first_free = place + 1;
    ++open_in_slot[slot];
    session *const s = &sessions[place];
    memset(s, 0, sizeof *s);
    s->birth = ++births;
    s->slot = slot;
    s->flags = flags;
    s->notify = notify;
    s->application = application;
    *handle = s->handle = handle_for(place);
    return CKR_OK;
}

/* The last session with a token takes the login with it. */
static CK_RV close_session(session *s)
{
    const unsigned slot = s->slot;
    const CK_ULONG place = (CK_ULONG)(s - sessions);
    memset(s, 0, sizeof *s);
    if (place < first_free) { first_free = place; }
    if (--open_in_slot[slot] == 0) { users[slot] = NOBODY; }
    return CKR_OK;
}

static CK_RV close_all(CK_SLOT_ID id)
{
    const unsigned slot = slot_of(id);
    if (slot == SLOTS) { return CKR_SLOT_ID_INVALID; }
    for (CK_ULONG i = 0; i < places_used; ++i) {
        if (sessions[i].handle != CK_INVALID_HANDLE && sessions[i].slot == slot) { close_session(&sessions[i]); }
    }
    return CKR_OK;
}

static CK_RV session_info(const session *s, CK_SESSION_INFO *info)
{
    const int writes = (s->flags & CKF_RW_SESSION) != 0;
    if (info == NULL) { return CKR_ARGUMENTS_BAD; }
    info->slotID = slot_ids[s->slot];
    info->flags = s->flags;
    info->ulDeviceError = 0;
    info->state = users[s->slot] == CKU_SO     ? CKS_RW_SO_FUNCTIONS
                  : users[s->slot] == CKU_USER ? (writes ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS)
                                               : (writes ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION);
    return CKR_OK;
}

static CK_RV login(const session *s, CK_USER_TYPE user, const CK_BYTE *pin, CK_ULONG length)
{
    if (!is_readable(pin, length)) { return CKR_ARGUMENTS_BAD; }
    if (user == CKU_CONTEXT_SPECIFIC) { return active_kinds(s) != 0 ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED; }
    if (user != CKU_SO && user != CKU_USER) { return CKR_USER_TYPE_INVALID; }
    if (users[s->slot] == user) { return CKR_USER_ALREADY_LOGGED_IN; }
    if (users[s->slot] != NOBODY) { return CKR_USER_ANOTHER_ALREADY_LOGGED_IN; }
    if (user == CKU_SO && count_sessions(s->slot, 0) != count_sessions(s->slot, CKF_RW_SESSION)) {
        return CKR_SESSION_READ_ONLY_EXISTS;
    }
    users[s->slot] = user;
    return CKR_OK;
}

static CK_RV logout(const session *s)
{
    if (users[s->slot] == NOBODY) { return CKR_USER_NOT_LOGGED_IN; }
    users[s->slot] = NOBODY;
    for (CK_ULONG i = 0; options.logout_kills && i < places_used; ++i) {
        if (sessions[i].slot == s->slot) { memset(&sessions[i].work, 0, sizeof sessions[i].work); }
    }
    return CKR_OK;
}

/* ---- Saved states: what was saved, and a sum over it. A search and the kinds with recovery cannot be saved. ---- */

#define UNSAVED (BIT(FIND) | BIT(SIGN_RECOVER) | BIT(VERIFY_RECOVER))

typedef struct {
    work work;
    sum check;
} saved_state;

static CK_RV save_state(const session *s, CK_BYTE *out, CK_ULONG *out_length)
{
    saved_state state;
    if ((active_kinds(s) & ~UNSAVED) == 0) { return CKR_OPERATION_NOT_INITIALIZED; }
    memset(&state, 0, sizeof state);
    memcpy(&state.work, &s->work, sizeof state.work);
    for (unsigned kind = 0; kind < KINDS; ++kind) {
        if ((UNSAVED & BIT(kind)) != 0) { memset(&state.work.of[kind], 0, sizeof state.work.of[kind]); }
    }
    sum_start(&state.check);
    sum_add(&state.check, (const CK_BYTE *)&state.work, sizeof state.work);
    return give_bytes(out, out_length, &state, sizeof state);
}

/* What was active before is gone, the kinds that cannot be saved included. The keys are in the state. */
static CK_RV restore_state(session *s, const CK_BYTE *in, CK_ULONG length)
{
    saved_state state;
    sum check;
    if (!is_readable(in, length)) { return CKR_ARGUMENTS_BAD; }
    if (length != sizeof state) { return CKR_SAVED_STATE_INVALID; }
    memcpy(&state, in, sizeof state);
    sum_start(&check);
    sum_add(&check, (const CK_BYTE *)&state.work, sizeof state.work);
    if (memcmp(&check, &state.check, sizeof check) != 0) { return CKR_SAVED_STATE_INVALID; }
    memcpy(&s->work, &state.work, sizeof s->work);
    return CKR_OK;
}

/* ---- Objects and keys ---- */

static CK_RV copy_object(CK_OBJECT_HANDLE from, const CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *to)
{
    const object *const o = object_of(from);
    return o == NULL ? CKR_OBJECT_HANDLE_INVALID : make_object(o->object_class, o->value, attributes, count, to);
}

static CK_RV change_object(object *o, const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    object changed = *o;
    const CK_RV rv = apply_template(&changed, attributes, count);
    if (rv == CKR_OK) { *o = changed; }
    return rv;
}

static CK_RV generate_pair(const CK_ATTRIBUTE *of_public, CK_ULONG public_count, const CK_ATTRIBUTE *of_private,
                           CK_ULONG private_count, CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    if (public_key == NULL || private_key == NULL) { return CKR_ARGUMENTS_BAD; }
    CK_RV rv = make_object(CKO_PUBLIC_KEY, NULL, of_public, public_count, public_key);
    if (rv != CKR_OK) { return rv; }
    /* The same value, so that what one does the other can check. */
    rv = make_object(CKO_PRIVATE_KEY, object_of(*public_key)->value, of_private, private_count, private_key);
    if (rv != CKR_OK) { object_of(*public_key)->exists = 0; }
    return rv;
}

/* XORs the 64 bytes of a value with the first byte of another object's. */
static CK_RV wrap(CK_OBJECT_HANDLE with, CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *out_length)
{
    CK_BYTE wrapped[VALUE_BYTES];
    if (object_of(with) == NULL) { return CKR_WRAPPING_KEY_HANDLE_INVALID; }
    if (object_of(key) == NULL) { return CKR_KEY_HANDLE_INVALID; }
    cipher(object_of(with)->value[0], NULL, 0, object_of(key)->value, VALUE_BYTES, wrapped);
    return give_bytes(out, out_length, wrapped, VALUE_BYTES);
}

static CK_RV unwrap(CK_OBJECT_HANDLE with, const CK_BYTE *in, CK_ULONG length, const CK_ATTRIBUTE *attributes,
                    CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    CK_BYTE value[VALUE_BYTES];
    if (object_of(with) == NULL) { return CKR_UNWRAPPING_KEY_HANDLE_INVALID; }
    if (!is_readable(in, length)) { return CKR_ARGUMENTS_BAD; }
    if (length != VALUE_BYTES) { return CKR_WRAPPED_KEY_LEN_RANGE; }
    cipher(object_of(with)->value[0], NULL, 0, in, length, value);
    return make_object(CKO_SECRET_KEY, value, attributes, count, key);
}

#endif /* PERMISSIVE_TOKEN_H */
