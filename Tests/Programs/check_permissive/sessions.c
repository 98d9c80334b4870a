/* SPDX-License-Identifier: MIT */
/* Checks of sessions: their handles, logins, and saved states. */
#include "check_permissive.h"

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

void check_sessions(void)
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

void check_states(void)
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
