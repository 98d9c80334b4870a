/* SPDX-License-Identifier: MIT */
/* Starts, feeds and ends each of the thirteen kinds of operation. */
#include "check_guard.h"

CK_MECHANISM mechanism = { CKM_VENDOR_DEFINED | 0x11, NULL, 0 };
CK_BYTE text[] = "The quick brown fox";
_Thread_local CK_BYTE out[256];
_Thread_local CK_ULONG out_length;

CK_ULONG *room(void)
{
    out_length = sizeof out;
    return &out_length;
}

const char *const start_names[KINDS] = {
    "C_FindObjectsInit", "C_EncryptInit", "C_DecryptInit", "C_DigestInit", "C_SignInit", "C_SignRecoverInit",
    "C_VerifyInit", "C_VerifyRecoverInit", "C_VerifySignatureInit", "C_MessageEncryptInit", "C_MessageDecryptInit",
    "C_MessageSignInit", "C_MessageVerifyInit"
};

const CK_FLAGS cancel_flags[KINDS] = { 0x40, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x2000,
                                       0x2,  0x4,   0x8,   0x10 };

CK_RV start_with(CK_SESSION_HANDLE h, enum kind kind, CK_MECHANISM *m)
{
    switch (kind) {
    case FIND: return f->C_FindObjectsInit(h, NULL, 0);
    case ENCRYPT: return f->C_EncryptInit(h, m, KEY);
    case DECRYPT: return f->C_DecryptInit(h, m, KEY);
    case DIGEST: return f->C_DigestInit(h, m);
    case SIGN: return f->C_SignInit(h, m, KEY);
    case SIGN_RECOVER: return f->C_SignRecoverInit(h, m, KEY);
    case VERIFY: return f->C_VerifyInit(h, m, KEY);
    case VERIFY_RECOVER: return f->C_VerifyRecoverInit(h, m, KEY);
    case VERIFY_SIGNATURE: return f->C_VerifySignatureInit(h, m, KEY, out, 32);
    case MESSAGE_ENCRYPT: return f->C_MessageEncryptInit(h, m, KEY);
    case MESSAGE_DECRYPT: return f->C_MessageDecryptInit(h, m, KEY);
    case MESSAGE_SIGN: return f->C_MessageSignInit(h, m, KEY);
    case MESSAGE_VERIFY: return f->C_MessageVerifyInit(h, m, KEY);
    default: abort();
    }
}

CK_RV start(CK_SESSION_HANDLE h, enum kind kind) { return start_with(h, kind, &mechanism); }

/* A part, or for a search a step; the recover kinds have none. For message kinds one whole message: see `fed`. */
CK_RV feed(CK_SESSION_HANDLE h, enum kind kind)
{
    CK_OBJECT_HANDLE found;
    CK_ULONG count;
    CK_BYTE tag[64];
    switch (kind) {
    case FIND: return f->C_FindObjects(h, &found, 1, &count);
    case ENCRYPT: return f->C_EncryptUpdate(h, TEXT, OUT);
    case DECRYPT: return f->C_DecryptUpdate(h, TEXT, OUT);
    case DIGEST: return f->C_DigestUpdate(h, TEXT);
    case SIGN: return f->C_SignUpdate(h, TEXT);
    case VERIFY: return f->C_VerifyUpdate(h, TEXT);
    case VERIFY_SIGNATURE: return f->C_VerifySignatureUpdate(h, TEXT);
    case MESSAGE_ENCRYPT: return f->C_EncryptMessage(h, NULL, 0, NULL, 0, TEXT, OUT);
    case MESSAGE_DECRYPT: return f->C_DecryptMessage(h, NULL, 0, NULL, 0, TEXT, OUT);
    case MESSAGE_SIGN: return f->C_SignMessage(h, NULL, 0, TEXT, OUT);
    case MESSAGE_VERIFY: return f->C_VerifyMessage(h, NULL, 0, TEXT, tag, sizeof tag);
    default: return CKR_OK;
    }
}

/* What `feed` is answered: a text without a tag, and 64 bytes for a signature of 8, are wrong; the process goes on. */
CK_RV fed(enum kind kind)
{
    return kind == MESSAGE_DECRYPT ? CKR_AEAD_DECRYPT_FAILED : kind == MESSAGE_VERIFY ? CKR_SIGNATURE_LEN_RANGE : CKR_OK;
}

/* Ends what was started, whatever the verdict. */
CK_RV end(CK_SESSION_HANDLE h, enum kind kind)
{
    CK_BYTE signature[32] = { 0 };
    switch (kind) {
    case FIND: return f->C_FindObjectsFinal(h);
    case ENCRYPT: return f->C_EncryptFinal(h, OUT);
    case DECRYPT: return f->C_DecryptFinal(h, OUT);
    case DIGEST: return f->C_DigestFinal(h, OUT);
    case SIGN: return f->C_SignFinal(h, OUT);
    case SIGN_RECOVER: return f->C_SignRecover(h, TEXT, OUT);
    case VERIFY: return f->C_VerifyFinal(h, signature, sizeof signature);
    case VERIFY_RECOVER: return f->C_VerifyRecover(h, TEXT, OUT);
    case VERIFY_SIGNATURE: return f->C_VerifySignatureFinal(h);
    case MESSAGE_ENCRYPT: return f->C_MessageEncryptFinal(h);
    case MESSAGE_DECRYPT: return f->C_MessageDecryptFinal(h);
    case MESSAGE_SIGN: return f->C_MessageSignFinal(h);
    case MESSAGE_VERIFY: return f->C_MessageVerifyFinal(h);
    default: abort();
    }
}

CK_RV ended(enum kind kind)
{
    return kind == VERIFY || kind == VERIFY_SIGNATURE ? CKR_SIGNATURE_INVALID : CKR_OK;
}

/* Five refusals and C_Finalize: six lines. */
void be_refused_often(void)
{
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, DIGEST));
    for (int i = 0; i < 5; ++i) { ACTIVE(h); }
    finish();
}
