/* SPDX-License-Identifier: MIT */
/* Scenarios about messages (3.0). */
#include "check_guard.h"

#define NEXT(h, flags) h, NULL, 0, TEXT, OUT, flags

/* A message in parts, one in one call, and the end inside a message: in order. */
static void messages(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, MESSAGE_ENCRYPT));
    GOES(CKR_OK, C_EncryptMessageBegin, h, NULL, 0, NULL, 0);
    GOES(CKR_OK, C_EncryptMessageNext, NEXT(h, 0));
    GOES(CKR_OK, C_EncryptMessageNext, NEXT(h, CKF_END_OF_MESSAGE));
    GOES(CKR_OK, C_EncryptMessage, h, NULL, 0, NULL, 0, TEXT, OUT);
    ACTIVE(h);
    GOES(CKR_OK, C_EncryptMessageBegin, h, NULL, 0, NULL, 0);
    GOES(CKR_OK, C_MessageEncryptFinal, h); /* S4 */
    NOT_ACTIVE(h);
    OK(start(h, MESSAGE_SIGN));
    GOES(CKR_OK, C_SignMessageBegin, h, NULL, 0);
    GOES(CKR_OK, C_SignMessageNext, h, NULL, 0, TEXT, NULL, NULL);
    GOES(CKR_OK, C_SignMessageNext, h, NULL, 0, TEXT, NULL, room()); /* a length query */
    GOES(CKR_OK, C_SignMessageNext, h, NULL, 0, TEXT, OUT);
    GOES(CKR_OK, C_SignMessageBegin, h, NULL, 0);
    GOES(CKR_OK, C_MessageSignFinal, h);
    OK(start(h, MESSAGE_VERIFY));
    GOES(CKR_OK, C_VerifyMessageBegin, h, NULL, 0);
    GOES(CKR_OK, C_VerifyMessageNext, h, NULL, 0, TEXT, NULL, 0);
    GOES(CKR_SIGNATURE_INVALID, C_VerifyMessageNext, h, NULL, 0, TEXT, text, 8);
    ACTIVE(h); /* a wrong signature ends the message, not the process */
    GOES(CKR_OK, C_VerifyMessageBegin, h, NULL, 0);
    GOES(CKR_OK, C_MessageVerifyFinal, h);
    NOT_ACTIVE(h);
    finish();
}

/* Six times out of phase; a module without PERMISSIVE_MIXED. */
static void messages_out_of_phase(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, MESSAGE_DECRYPT));
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DecryptMessageNext, NEXT(h, 0)); /* no message is open */
    GOES(CKR_OK, C_DecryptMessageBegin, h, NULL, 0, NULL, 0);
    GOES(CKR_OK, C_DecryptMessageBegin, h, NULL, 0, NULL, 0);                             /* S3 */
    GOES(CKR_OPERATION_ACTIVE, C_DecryptMessage, h, NULL, 0, NULL, 0, TEXT, OUT);         /* inside a message */
    GOES(CKR_OK, C_DecryptMessageNext, NEXT(h, 0));                                       /* which goes on */
    GOES(CKR_ARGUMENTS_BAD, C_DecryptMessageNext, h, NULL, 0, NULL, 5, OUT, 0);           /* ends the message */
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DecryptMessageNext, NEXT(h, 0));
    GOES(CKR_OK, C_MessageDecryptFinal, h);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_DecryptMessageBegin, h, NULL, 0, NULL, 0);
    GOES(CKR_OPERATION_NOT_INITIALIZED, C_MessageDecryptFinal, h);
    finish();
}

/* strict refuses the same; a second begin with CKR_OPERATION_ACTIVE. */
static void messages_refused(void)
{
    begin();
    const CK_SESSION_HANDLE h = open_one();
    OK(start(h, MESSAGE_DECRYPT));
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_DecryptMessageNext, NEXT(h, 0));
    GOES(CKR_OK, C_DecryptMessageBegin, h, NULL, 0, NULL, 0);
    REFUSED(C_DecryptMessageBegin, h, NULL, 0, NULL, 0);
    REFUSED(C_DecryptMessage, h, NULL, 0, NULL, 0, TEXT, OUT);
    GOES(CKR_OK, C_DecryptMessageNext, NEXT(h, 0));
    GOES(CKR_OK, C_MessageDecryptFinal, h);
    REFUSED_WITH(CKR_OPERATION_NOT_INITIALIZED, C_MessageDecryptFinal, h);
    finish();
}

const scenario messages_scenarios[] = {
    { "messages", messages }, { "messages-out-of-phase", messages_out_of_phase },
    { "messages-refused", messages_refused }, { NULL, NULL },
};
