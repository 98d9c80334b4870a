/* SPDX-License-Identifier: MIT */
/* Runs operations from start to end in a session that no other thread uses meanwhile, and checks their results. */
#include "guard_threads.h"

#include <string.h>

CK_MECHANISM mechanism = { CKM_VENDOR_DEFINED | 0x11, NULL, 0 };

void some_data(worker *w, CK_BYTE *data, CK_ULONG length)
{
    for (CK_ULONG i = 0; i < length; ++i) { data[i] = (CK_BYTE)draw(w); }
}

CK_SESSION_HANDLE open_one(worker *w, CK_SLOT_ID slot)
{
    CK_SESSION_HANDLE h = CK_INVALID_HANDLE;
    OK(C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &h));
    return h;
}

void digest_whole(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[40], out[32], wanted[32];
    CK_ULONG length = sizeof out;
    some_data(w, data, sizeof data);
    expect_sum(wanted, 0, data, sizeof data);
    OK(C_DigestInit(h, &mechanism));
    OK(C_Digest(h, data, sizeof data, NULL, &length));
    OK(C_Digest(h, data, sizeof data, out, &length));
    right(w, length == sizeof out && memcmp(out, wanted, sizeof out) == 0, "a digest", 0);
}

/* Beside an encryption, with which it is a pair. */
static void digest_and_encrypt(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[40], out[40], sum[32], wanted[32];
    CK_ULONG length = sizeof out;
    int is_good = 1;
    some_data(w, data, sizeof data);
    expect_sum(wanted, 0, data, sizeof data);
    OK(C_DigestInit(h, &mechanism));
    OK(C_EncryptInit(h, &mechanism, KEY));
    if (!w->is_beside_login) {
        const CK_RV rv = CALL(C_SignInit(h, &mechanism, KEY));
        right(w, rv == CKR_OPERATION_ACTIVE, "what is no pair is refused", rv);
    }
    OK(C_DigestEncryptUpdate(h, data, 16, out, &length));
    OK(C_DigestUpdate(h, data + 16, 24));
    length = sizeof out - 16;
    OK(C_EncryptUpdate(h, data + 16, 24, out + 16, &length));
    for (unsigned i = 0; i < sizeof data; ++i) { is_good = is_good && out[i] == (data[i] ^ KEY_BYTE); }
    right(w, is_good, "an encryption", 0);
    length = sizeof sum;
    OK(C_DigestFinal(h, sum, &length));
    right(w, memcmp(sum, wanted, sizeof sum) == 0, "a digest in parts", 0);
    length = 0;
    OK(C_EncryptFinal(h, out, &length));
}

static void search(worker *w, CK_SESSION_HANDLE h)
{
    CK_OBJECT_HANDLE found[4];
    CK_ULONG count = 0;
    CK_BYTE random[8];
    OK(C_FindObjectsInit(h, NULL, 0));
    OK(C_FindObjects(h, found, 4, &count));
    right(w, count == 1 && found[0] == KEY, "a search", count);
    if (!w->is_beside_login) {
        const CK_RV rv = CALL(C_DigestInit(h, &mechanism));
        right(w, rv == CKR_OPERATION_ACTIVE, "a digest in a search is refused", rv);
    }
    OK(C_GenerateRandom(h, random, sizeof random));
    OK(C_FindObjectsFinal(h));
}

static void sign_and_verify(worker *w, CK_SESSION_HANDLE h)
{
    CK_BYTE data[24], signature[32];
    CK_ULONG length = sizeof signature;
    some_data(w, data, sizeof data);
    OK(C_SignInit(h, &mechanism, KEY));
    OK(C_Sign(h, data, sizeof data, signature, &length));
    OK(C_VerifyInit(h, &mechanism, KEY));
    OK(C_Verify(h, data, sizeof data, signature, length));
    OK(C_VerifyInit(h, &mechanism, KEY));
    OK(C_SessionCancel(h, CKF_VERIFY));
}

void do_something(worker *w, CK_SESSION_HANDLE h)
{
    static void (*const things[])(worker *, CK_SESSION_HANDLE) = { digest_whole, digest_and_encrypt, search,
                                                                   sign_and_verify };
    things[below(w, 4)](w, h);
}
