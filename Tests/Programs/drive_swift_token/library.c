/* SPDX-License-Identifier: MIT */
/* Objects, sessions, and the function list. */
#include "drive_swift_token.h"

#include <string.h>

/* ---- Objects ---- */

void objects(void)
{
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY, other_kind = CKO_DATA, read_kind = 0;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE, encrypts = CK_TRUE;
    CK_ULONG size = 32, odd_size = 24, count = 0;
    CK_BYTE read[32], out[64];
    CK_OBJECT_HANDLE made = 0, found[4];
    CK_ATTRIBUTE whole[] = {
        { CKA_CLASS, &kind, sizeof kind }, { CKA_KEY_TYPE, &type, sizeof type }, { CKA_VALUE, value128, 16 },
        { CKA_TOKEN, &no, sizeof no },     { CKA_MODULUS, value128, 16 },
    };
    CK_ATTRIBUTE sized[] = {
        { CKA_VALUE_LEN, &size, sizeof size }, { CKA_LABEL, "made", 4 }, { CKA_DECRYPT, &yes, sizeof yes },
    };
    CK_ATTRIBUTE wanted[] = {
        { CKA_CLASS, &read_kind, sizeof read_kind }, { CKA_VALUE, read, 32 },        { CKA_MODULUS, read, 32 },
        { CKA_ENCRYPT, &encrypts, sizeof encrypts }, { CKA_VALUE_LEN, NULL_PTR, 0 },
    };
    CALL(C_CreateObject, session, whole, 5, &made);
    CALL(C_CreateObject, session, whole, 2, &made);
    CALL(C_CreateObject, session, whole + 1, 2, &made);
    CALL(C_CreateObject, session, NULL_PTR, 2, &made);
    whole[3].pValue = &yes;
    CALL(C_CreateObject, session, whole, 4, &made);
    whole[3] = whole[2];
    CALL(C_CreateObject, session, whole, 4, &made);
    whole[2].ulValueLen = 15;
    CALL(C_CreateObject, session, whole, 3, &made);
    whole[0].pValue = &other_kind;
    CALL(C_CreateObject, session, whole, 3, &made);
    sized[0].pValue = &odd_size;
    CALL(C_GenerateKey, session, &generation, sized, 3, &made);
    CALL(C_GenerateKey, session, &generation, sized + 1, 2, &made);
    CALL(C_GenerateKey, session, &unknown, sized, 3, &made);
    sized[0].pValue = &size;
    CALL(C_GenerateKey, session, &generation, sized, 3, &made);

    CALL(C_FindObjectsInit, session, sized + 1, 1);
    CALL(C_FindObjects, session, found, 4, &count);
    check("found", count == 1 && found[0] == made);
    CALL(C_GetAttributeValue, session, made, wanted, 5);
    check("class and length", read_kind == CKO_SECRET_KEY && wanted[1].ulValueLen == 32);
    check("what there is not", wanted[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
    check("what was not asked for", encrypts == CK_FALSE && wanted[4].ulValueLen == sizeof(CK_ULONG));
    CALL(C_GetAttributeValue, session, made, (wanted[1].ulValueLen = 31, wanted), 2);
    CALL(C_FindObjects, session, found, 4, &count);
    check("no more", count == 0);
    CALL(C_FindObjectsFinal, session);
    CALL(C_EncryptInit, session, &cbc, made);

    /* What is active goes on without its key. */
    CALL(C_DecryptInit, session, &cbc, key128);
    CALL(C_DestroyObject, session, key128);
    CALL(C_DestroyObject, session, key128);
    CALL(C_Decrypt, session, secret128, 64, out, (size = 64, &size));
    check("decryption", is(out, size, plain, 64));
    CALL(C_DecryptInit, session, &cbc, key128);

    /* A search gives each object once, whatever is asked for at a time. */
    CALL(C_FindObjectsInit, session, whole + 1, 1);
    p11->C_FindObjects(session, found, 1, &count);
    p11->C_FindObjects(session, found + 1, 0, &size);
    check("none of them", count == 1 && size == 0);
    p11->C_FindObjects(session, found + 1, 3, &count);
    check("all of them", count == 1 && found[0] + found[1] == key256 + made);
    CALL(C_FindObjectsFinal, session);
}

/* ---- Sessions ---- */

void sessions(void)
{
    CK_SESSION_HANDLE other = 0, closed = session;
    CK_SESSION_INFO info;
    CK_OBJECT_HANDLE found;
    CK_ULONG count = 1;
    CK_C_INITIALIZE_ARGS arguments;
    CALL(C_DigestInit, session, &sha256);
    CALL(C_OpenSession, 7, CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &other);
    CALL(C_OpenSession, 1, 0, NULL_PTR, NULL_PTR, &other);
    CALL(C_OpenSession, 1, CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &other);
    CALL(C_GetSessionInfo, other, &info);
    check("read-only", info.slotID == 1 && info.state == CKS_RO_PUBLIC_SESSION && info.flags == CKF_SERIAL_SESSION);
    CALL(C_GetSessionInfo, session, &info);
    check("read-write", info.state == CKS_RW_PUBLIC_SESSION);

    /* What is active in one session is nothing to another, which can use its keys while it is open. */
    CALL(C_DigestUpdate, other, abc, 3);
    CALL(C_EncryptInit, other, &cbc, key128);
    CALL(C_CloseSession, session);
    CALL(C_CloseSession, session);
    CALL(C_DigestUpdate, session, abc, 3);
    CALL(C_DigestInit, session, NULL_PTR);
    CALL(C_FindObjectsInit, other, NULL_PTR, 0);
    CALL(C_EncryptInit, other, NULL_PTR, 0);
    CALL(C_FindObjectsInit, other, NULL_PTR, 0);
    CALL(C_FindObjects, other, &found, 1, &count);
    check("keys are gone", count == 0);
    CALL(C_CloseAllSessions, 7);
    CALL(C_CloseAllSessions, 1);
    CALL(C_FindObjectsFinal, other);
    CALL(C_OpenSession, 1, CKF_SERIAL_SESSION, NULL_PTR, NULL_PTR, &session);
    check("new handle", session != closed && session != other);
    CALL(C_DigestUpdate, session, abc, 3);

    CALL(C_Initialize, NULL_PTR);
    CALL(C_Finalize, &arguments);
    CALL(C_Finalize, NULL_PTR);
    CALL(C_Finalize, NULL_PTR);
    CALL(C_DigestInit, session, &sha256);
    CALL(C_GetSlotList, CK_TRUE, NULL_PTR, &count);
    memset(&arguments, 0, sizeof arguments);
    arguments.pReserved = &arguments;
    CALL(C_Initialize, &arguments);
    arguments.pReserved = NULL_PTR;
    arguments.flags = CKF_OS_LOCKING_OK;
    CALL(C_Initialize, &arguments);
    CALL(C_DigestInit, session, &sha256);
}

/* ---- The list ---- */

void list(void)
{
    CK_SLOT_ID slots[2] = { 0, 0 };
    CK_MECHANISM_TYPE mechanisms[3];
    CK_ULONG count = 0;
    CK_BYTE random[64] = { 0 }, zeros[64] = { 0 };
    const CK_BYTE *const bytes = (const CK_BYTE *)p11;
    size_t offset;
    int is_whole = 1;
    for (offset = sizeof(void *); offset < sizeof *p11; offset += sizeof(void *)) {
        is_whole &= memcmp(bytes + offset, zeros, sizeof(void *)) != 0;
    }
    check("no member is NULL", is_whole && p11->version.major == 2 && p11->version.minor == 40);
    CALL(C_Login, session, CKU_USER, NULL_PTR, 0);
    CALL(C_SignInit, session, &sha256, key128);
    CALL(C_SignEncryptUpdate, session, plain, 16, random, &count);
    CALL(C_SeedRandom, session, random, 1);
    CALL(C_GetOperationState, session, NULL_PTR, &count);
    CALL(C_WaitForSlotEvent, 0, slots, NULL_PTR);
    CALL(C_GetFunctionStatus, session);
    CALL(C_CancelFunction, session);
    CALL(C_GetSlotList, CK_TRUE, slots, (count = 0, &count));
    CALL(C_GetSlotList, CK_TRUE, slots, &count);
    check("slots", count == 1 && slots[0] == 1 && slots[1] == 0);
    CALL(C_GetMechanismList, 1, mechanisms, (count = 2, &count));
    CALL(C_GetMechanismList, 1, mechanisms, &count);
    check("mechanisms", count == 3);
    CALL(C_GetMechanismList, 2, mechanisms, &count);
    CALL(C_GenerateRandom, session, random, 64);
    check("random", memcmp(random, zeros, 64) != 0);
}
