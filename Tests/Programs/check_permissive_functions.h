/* SPDX-License-Identifier: MIT */
/* What check_permissive.c expects of messages, sessions, objects, interfaces, and most options. */
#ifndef CHECK_PERMISSIVE_FUNCTIONS_H
#define CHECK_PERMISSIVE_FUNCTIONS_H

static void check_messages(void)
{
    CK_BYTE out[64], first[64], sealed[64], tag[32], both[3 + LENGTH];
    CK_ULONG length = sizeof out, n;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    memcpy(both, "add", 3);
    memcpy(both + 3, text, LENGTH);
    expect_sum(tag, 1, both, sizeof both);

    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    OK(f->C_MessageEncryptInit(h, &mechanism, KEY));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageNext(h, NULL, 0, text, 1, out, &length, 0));
    /* In one part, twice, with a query in between. */
    CHECK(f->C_EncryptMessage(h, NULL, 0, both, 3, text, LENGTH, sealed, &length) == CKR_OK && length == LENGTH + 8);
    CHECK(memcmp(sealed, xored, LENGTH) == 0 && memcmp(sealed + LENGTH, tag, 8) == 0);
    CHECK(f->C_EncryptMessage(h, NULL, 0, both, 3, text, LENGTH, NULL, &length) == CKR_OK && length == LENGTH + 8);
    length = LENGTH;
    ANSWERS(CKR_BUFFER_TOO_SMALL, f->C_EncryptMessage(h, NULL, 0, both, 3, text, LENGTH, out, &length));
    OK(f->C_EncryptMessage(h, NULL, 0, NULL, 0, NULL, 0, out, &length));
    /* In parts: the same result. */
    OK(f->C_EncryptMessageBegin(h, NULL, 0, both, 3));
    length = sizeof out;
    ANSWERS(CKR_OPERATION_ACTIVE, f->C_EncryptMessage(h, NULL, 0, both, 3, text, LENGTH, out, &length));
    CHECK(f->C_EncryptMessageNext(h, NULL, 0, text, 4, first, &length, 0) == CKR_OK && length == 4);
    CHECK(f->C_EncryptMessageNext(h, NULL, 0, text + 4, LENGTH - 4, NULL, &length, CKF_END_OF_MESSAGE) == CKR_OK);
    CHECK(length == LENGTH - 4 + 8);
    OK(f->C_EncryptMessageNext(h, NULL, 0, text + 4, LENGTH - 4, first + 4, &length, CKF_END_OF_MESSAGE));
    CHECK(memcmp(first, sealed, LENGTH + 8) == 0);
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageNext(h, NULL, 0, text, 1, out, &length, 0));
    OK(f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    OK(f->C_EncryptMessageBegin(h, NULL, 0, NULL, 0));
    ANSWERS(CKR_ARGUMENTS_BAD, f->C_EncryptMessageNext(h, NULL, 0, NULL, 9, out, &length, 0));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_EncryptMessageNext(h, NULL, 0, text, 1, out, &length, 0));
    OK(f->C_MessageEncryptFinal(h));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_MessageEncryptFinal(h));

    OK(f->C_MessageDecryptInit(h, &mechanism, KEY));
    length = sizeof out;
    CHECK(f->C_DecryptMessage(h, NULL, 0, both, 3, sealed, LENGTH + 8, out, &length) == CKR_OK && length == LENGTH);
    CHECK(memcmp(out, text, LENGTH) == 0);
    length = sizeof out;
    ANSWERS(CKR_AEAD_DECRYPT_FAILED, f->C_DecryptMessage(h, NULL, 0, both, 2, sealed, LENGTH + 8, out, &length));
    ANSWERS(CKR_ENCRYPTED_DATA_LEN_RANGE, f->C_DecryptMessage(h, NULL, 0, both, 3, sealed, 7, out, &length));
    OK(f->C_DecryptMessageBegin(h, NULL, 0, both, 3));
    n = length = sizeof out;
    OK(f->C_DecryptMessageNext(h, NULL, 0, sealed, 6, out, &n, 0));
    OK(f->C_DecryptMessageNext(h, NULL, 0, sealed + 6, LENGTH + 2, out + n, &length, CKF_END_OF_MESSAGE));
    CHECK(n + length == LENGTH && memcmp(out, text, LENGTH) == 0);
    OK(f->C_MessageDecryptFinal(h));

    OK(f->C_MessageSignInit(h, &mechanism, KEY));
    CHECK(f->C_SignMessage(h, NULL, 0, text, LENGTH, NULL, &n) == CKR_OK && n == 8);
    CHECK(f->C_SignMessage(h, NULL, 0, text, LENGTH, out, &n) == CKR_OK && memcmp(out, mac, 8) == 0);
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_SignMessageNext(h, NULL, 0, text, LENGTH, NULL, NULL));
    OK(f->C_MessageSignFinal(h));
    OK(f->C_MessageVerifyInit(h, &mechanism, KEY));
    OK(f->C_VerifyMessage(h, NULL, 0, text, LENGTH, mac, 8));
    ANSWERS(CKR_SIGNATURE_INVALID, f->C_VerifyMessage(h, NULL, 0, text, LENGTH, digest, 8));
    OK(f->C_VerifyMessageBegin(h, NULL, 0));
    ANSWERS(CKR_SIGNATURE_LEN_RANGE, f->C_VerifyMessageNext(h, NULL, 0, text, LENGTH, mac, 9));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_VerifyMessageNext(h, NULL, 0, text, LENGTH, mac, 8));
    OK(f->C_MessageVerifyFinal(h));
    finish(NULL);
}

/* ---- Sessions ---- */

static void check_handles(const char *option, const CK_SESSION_HANDLE expected[4])
{
    begin("PERMISSIVE_HANDLES", option);
    OK(f->C_Initialize(NULL));
    CHECK(open_one() == expected[0]);
    CHECK(open_one() == expected[1]);
    OK(f->C_CloseSession(expected[0]));
    ANSWERS(CKR_SESSION_HANDLE_INVALID, f->C_CloseSession(expected[0]));
    CHECK(open_one() == expected[2]);
    CHECK(open_one() == expected[3]);
    OK(f->C_DigestInit(expected[3], &mechanism));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_DigestUpdate(expected[2], text, 1));
    finish("PERMISSIVE_HANDLES");
}

static void check_sessions(void)
{
    const CK_SESSION_HANDLE reuse[4] = { 1, 2, 1, 3 }, unique[4] = { 1, 2, 3, 4 };
    const CK_SESSION_HANDLE sparse[4] = { 0x7F0000000040, 0x7F0000000080, 0x7F0000000040, 0x7F00000000C0 };
    CK_SESSION_HANDLE read_only, elsewhere;
    CK_SESSION_INFO info;
    CK_TOKEN_INFO token;
    check_handles("reuse", reuse);
    check_handles("unique", unique);
    check_handles("sparse", sparse);

    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    ANSWERS(CKR_SLOT_ID_INVALID, f->C_OpenSession(3, CKF_SERIAL_SESSION, NULL, NULL, &read_only));
    ANSWERS(CKR_SESSION_PARALLEL_NOT_SUPPORTED, f->C_OpenSession(0, 0, NULL, NULL, &read_only));
    const CK_SESSION_HANDLE h = open_one();
    OK(f->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &read_only));
    OK(f->C_OpenSession(7, CKF_SERIAL_SESSION, NULL, NULL, &elsewhere));
    ANSWERS(CKR_SESSION_READ_ONLY_EXISTS, f->C_Login(h, CKU_SO, NULL, 0));
    OK(f->C_Login(h, CKU_USER, text, 4));
    ANSWERS(CKR_USER_ALREADY_LOGGED_IN, f->C_Login(read_only, CKU_USER, text, 4));
    CHECK(f->C_GetSessionInfo(h, &info) == CKR_OK && info.state == CKS_RW_USER_FUNCTIONS && info.slotID == 0);
    CHECK(f->C_GetSessionInfo(read_only, &info) == CKR_OK && info.state == CKS_RO_USER_FUNCTIONS);
    CHECK(f->C_GetSessionInfo(elsewhere, &info) == CKR_OK && info.state == CKS_RO_PUBLIC_SESSION && info.slotID == 7);
    start_all(h);
    OK(f->C_Logout(read_only));
    ANSWERS(CKR_USER_NOT_LOGGED_IN, f->C_Logout(h));
    CHECK(end_all(h) == 13);
    CHECK(f->C_GetTokenInfo(0, &token) == CKR_OK && token.ulSessionCount == 2 && token.ulRwSessionCount == 1);
    start_all(elsewhere);
    OK(f->C_CloseAllSessions(0));
    ANSWERS(CKR_SESSION_HANDLE_INVALID, f->C_DigestInit(h, &mechanism));
    CHECK(end_all(elsewhere) == 13);
    CHECK(open_one() == h);
    CHECK(end_all(h) == 0);
    OK(f->C_Finalize(NULL));
    ANSWERS(CKR_CRYPTOKI_NOT_INITIALIZED, f->C_DigestInit(h, &mechanism));
    OK(f->C_Initialize(NULL));
    ANSWERS(CKR_CRYPTOKI_ALREADY_INITIALIZED, f->C_Initialize(NULL));
    ANSWERS(CKR_SESSION_HANDLE_INVALID, f->C_DigestInit(h, &mechanism));
    finish(NULL);

    begin("PERMISSIVE_LOGOUT_KILLS", "1");
    OK(f->C_Initialize(NULL));
    CHECK(open_one() == 1 && open_one() == 2);
    OK(f->C_Login(1, CKU_SO, text, 4));
    start_all(2);
    OK(f->C_Logout(1));
    CHECK(end_all(2) == 0);
    finish("PERMISSIVE_LOGOUT_KILLS");
}

static void check_objects(void)
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

static void check_states(void)
{
    CK_BYTE state[4096], out[64];
    CK_ULONG size = 0, length = sizeof out;
    begin(NULL, NULL);
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one(), to = open_one();
    OK(f->C_FindObjectsInit(h, NULL, 0));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_GetOperationState(h, state, &size));
    OK(f->C_DigestInit(h, &mechanism));
    OK(f->C_DigestUpdate(h, text, 6));
    CHECK(f->C_GetOperationState(h, NULL, &size) == CKR_OK && size > 0 && size <= sizeof state);
    OK(f->C_GetOperationState(h, state, &size));
    start_all(to);
    ANSWERS(CKR_SAVED_STATE_INVALID, f->C_SetOperationState(to, state, size - 1, 0, 0));
    OK(f->C_SetOperationState(to, state, size, 0, 0));
    OK(f->C_DigestUpdate(to, text + 6, LENGTH - 6));
    CHECK(f->C_DigestFinal(to, out, &length) == CKR_OK && memcmp(out, digest, 32) == 0);
    CHECK(end_all(to) == 0);
    state[3] ^= 1;
    ANSWERS(CKR_SAVED_STATE_INVALID, f->C_SetOperationState(to, state, size, 0, 0));
    finish(NULL);
}

/* ---- Interfaces and options ---- */

typedef struct {
    CK_VERSION version;
    CK_RV (*hello)(CK_ULONG *answer);
} vendor_list;

static void check_interfaces(void)
{
    CK_INTERFACE list[8], *found = NULL;
    CK_FUNCTION_LIST *old = NULL;
    CK_VERSION version = { 3, 0 }, unknown = { 9, 9 };
    CK_UTF8CHAR vendor[] = "Vendor Permissive";
    CK_ULONG n = 0, answer = 0;
    CK_SLOT_ID slots[4];
    CK_MECHANISM_INFO info;
    begin("PERMISSIVE_FORK_SAFE", "1");
    CHECK(f->C_GetInterfaceList(NULL, &n) == CKR_OK && n == 4);
    n = 3;
    CHECK(f->C_GetInterfaceList(list, &n) == CKR_BUFFER_TOO_SMALL && n == 4);
    OK(f->C_GetInterfaceList(list, &n));
    CHECK(list[0].flags == CKF_INTERFACE_FORK_SAFE && list[1].flags == CKF_INTERFACE_FORK_SAFE && list[2].flags == 0);
    CHECK(f->C_GetInterface(NULL, NULL, &found, 0) == CKR_OK && found->pFunctionList == f);
    CHECK(f->C_GetInterface(NULL, &version, &found, 0) == CKR_OK && found->pFunctionList == list[1].pFunctionList);
    CHECK(((CK_FUNCTION_LIST_3_0 *)found->pFunctionList)->C_MessageVerifyFinal == f->C_MessageVerifyFinal);
    ANSWERS(CKR_FUNCTION_FAILED, f->C_GetInterface(NULL, &unknown, &found, 0));
    OK(f->C_GetInterface(vendor, NULL, &found, 0));
    CHECK(((vendor_list *)found->pFunctionList)->hello(&answer) == CKR_OK && answer == 42);
    CHECK(f->C_GetFunctionList(&old) == CKR_OK && old->version.major == 2 && old->version.minor == 40);
    CHECK(old->C_WaitForSlotEvent == f->C_WaitForSlotEvent);
    OK(f->C_Initialize(NULL));
    n = 4;
    CHECK(f->C_GetSlotList(CK_TRUE, slots, &n) == CKR_OK && n == 2 && slots[0] == 0 && slots[1] == 7);
    CHECK(f->C_GetMechanismInfo(0, CKM_SHA256, &info) == CKR_OK && info.flags == CKF_DIGEST);
    CHECK(f->C_GetMechanismInfo(7, CKM_AES_GCM, &info) == CKR_OK && (info.flags & CKF_MESSAGE_ENCRYPT) != 0);
    finish("PERMISSIVE_FORK_SAFE");
}

/* Of the memory at an address, by what the system says of it. */
static int is_out_of_bounds(const void *address)
{
    unsigned long from, to, at = (unsigned long)(uintptr_t)address;
    char line[512], rights[8];
    int found = 0;
    FILE *const maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || at < from || at >= to) { continue; }
        found = strncmp(rights, "---", 3) == 0;
    }
    if (maps != NULL) { fclose(maps); }
    return found;
}

static void check_options(void)
{
    struct { CK_C_INITIALIZE_ARGS args; void *extra; } given = { { 0 }, NULL };
    void (*told)(void **, void **, void **) = NULL;
    void *structure = NULL, *reserved = NULL, *extra = NULL;
    CK_FUNCTION_LIST *old = NULL;
    CK_TOKEN_INFO token;
    CK_OBJECT_HANDLE found;
    CK_ULONG n = 0;

    begin("PERMISSIVE_NULL", "C_Digest,C_EncryptUpdate,C_SessionCancel");
    CHECK(f->C_GetFunctionList(&old) == CKR_OK && old->C_Digest == NULL && old->C_EncryptUpdate == NULL);
    CHECK(f->C_Digest == NULL && f->C_SessionCancel == NULL && f->C_Encrypt != NULL && symbol("C_Digest") != NULL);
    finish("PERMISSIVE_NULL");

    begin("PERMISSIVE_ANSWER", "C_FindObjects=0x30:2,C_Encrypt=0x204:1-3,C_SignInit=0,C_Encrypt=7:4");
    OK(f->C_Initialize(NULL));
    const CK_SESSION_HANDLE h = open_one();
    OK(f->C_FindObjectsInit(h, NULL, 0));
    OK(f->C_FindObjects(h, &found, 1, &n));
    ANSWERS(CKR_DEVICE_ERROR, f->C_FindObjects(h, &found, 1, &n));
    ANSWERS(CKR_DEVICE_ERROR, f->C_FindObjects(99, &found, 1, &n));
    OK(f->C_EncryptInit(h, &mechanism, KEY));
    for (int i = 0; i < 3; ++i) { ANSWERS(CKR_PENDING, f->C_Encrypt(h, text, LENGTH, NULL, &n)); }
    ANSWERS(CKR_ARGUMENTS_BAD, f->C_Encrypt(h, text, LENGTH, NULL, &n));
    OK(f->C_SignInit(h, &mechanism, KEY));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_SignUpdate(h, text, 1));
    CHECK(calls("C_FindObjects") == 3 && calls("C_Encrypt") == 4 && calls("C_SignInit") == 1);
    setenv("PERMISSIVE_ANSWER", "C_FindObjects=0xB3:2-2", 1);
    OK(f->C_Finalize(NULL));
    OK(f->C_Initialize(NULL));
    ANSWERS(CKR_SESSION_HANDLE_INVALID, f->C_FindObjects(h, &found, 1, &n));
    CHECK(open_one() == h);
    ANSWERS(CKR_SESSION_HANDLE_INVALID, f->C_FindObjects(h, &found, 1, &n));
    ANSWERS(CKR_OPERATION_NOT_INITIALIZED, f->C_FindObjects(h, &found, 1, &n));
    finish("PERMISSIVE_ANSWER");

    begin("PERMISSIVE_SINGLE", "7");
    OK(f->C_Initialize(NULL));
    CHECK(f->C_GetTokenInfo(0, &token) == CKR_OK && (token.flags & CKF_DUAL_CRYPTO_OPERATIONS) != 0);
    CHECK(f->C_GetTokenInfo(7, &token) == CKR_OK && (token.flags & CKF_DUAL_CRYPTO_OPERATIONS) == 0);
    finish("PERMISSIVE_SINGLE");

    begin("PERMISSIVE_LIES_VERSION", "1");
    CHECK(f->C_GetFunctionList(&old) == CKR_OK && old->version.major == 3 && old->version.minor == 0);
    CHECK(old->C_WaitForSlotEvent == f->C_WaitForSlotEvent);
    CHECK(!is_out_of_bounds((const char *)(old + 1) - 1) && is_out_of_bounds(old + 1));
    finish("PERMISSIVE_LIES_VERSION");

    begin("PERMISSIVE_RESERVED", "1");
    given.args.pReserved = &token;
    given.extra = &n;
    OK(f->C_Initialize(&given));
    SYMBOL(told, "permissive_initialize_args");
    told(&structure, &reserved, &extra);
    CHECK(structure == &given && reserved == &token && extra == &n);
    finish("PERMISSIVE_RESERVED");
}

#endif /* CHECK_PERMISSIVE_FUNCTIONS_H */
