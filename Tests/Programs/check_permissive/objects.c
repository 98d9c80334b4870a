/* SPDX-License-Identifier: MIT */
/* Checks of objects and keys. */
#include "check_permissive.h"

void check_objects(void)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE, read = 0;
    CK_BYTE value[64], out[64];
    CK_ATTRIBUTE make[] = { { CKA_CLASS, &class, sizeof class }, { CKA_VALUE, text, LENGTH } };
    CK_ATTRIBUTE see[] = { { CKA_CLASS, &read, sizeof read }, { CKA_VALUE, value, sizeof value } };
    CK_ATTRIBUTE bad = { 0x12345, NULL, 0 };
    CK_OBJECT_HANDLE made = 0, one = 0, other = 0, found[8];
    CK_ULONG n = 0, length = sizeof out;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    CHECK(f->C_CreateObject(h, make, 2, &made) == CKR_OK && made == 2);
    CHECK(f->C_GetAttributeValue(h, made, see, 2) == CKR_OK && read == class && memcmp(value, text, LENGTH) == 0);
    ANSWERS(CKR_ATTRIBUTE_TYPE_INVALID, f->C_GetAttributeValue(h, made, &bad, 1));
    CHECK(bad.ulValueLen == CK_UNAVAILABLE_INFORMATION);
    OK(f->C_GenerateKey(h, &mechanism, NULL, 0, &one));
    OK(f->C_EncryptInit(h, &mechanism, one));
    CHECK(one == 3 && f->C_Encrypt(h, text, 1, out, &length) == CKR_OK && out[0] == (text[0] ^ 0x43));
    OK(f->C_GenerateKeyPair(h, &mechanism, NULL, 0, NULL, 0, &one, &other));
    OK(f->C_SignInit(h, &mechanism, other));
    length = sizeof out;
    OK(f->C_Sign(h, text, LENGTH, out, &length));
    OK(f->C_VerifyInit(h, &mechanism, one));
    OK(f->C_Verify(h, text, LENGTH, out, length));
    OK(f->C_FindObjectsInit(h, make, 1));
    CHECK(f->C_FindObjects(h, found, 8, &n) == CKR_OK && n == 1 && found[0] == made);
    OK(f->C_FindObjectsFinal(h));
    OK(f->C_DestroyObject(h, made));
    ANSWERS(CKR_OBJECT_HANDLE_INVALID, f->C_GetAttributeValue(h, made, see, 2));
    finish(NULL);
}
