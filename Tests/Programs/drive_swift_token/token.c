/* SPDX-License-Identifier: MIT */
/* The module under test, its keys, and the expected results. */
#include "drive_swift_token.h"
#include "p11_names.h"

#include <stdio.h>
#include <string.h>

CK_FUNCTION_LIST_PTR p11;
CK_SESSION_HANDLE session;
CK_OBJECT_HANDLE key128, key256;
int is_wrong;

/* ---- Values ---- */

CK_BYTE vector[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
CK_MECHANISM cbc = { CKM_AES_CBC, vector, 16 }, sha256 = { CKM_SHA256, NULL_PTR, 0 };
CK_MECHANISM generation = { CKM_AES_KEY_GEN, NULL_PTR, 0 }, unknown = { CKM_RSA_PKCS, NULL_PTR, 0 };

/* Keys, plain text and ciphertexts: NIST SP 800-38A, F.2.1 and F.2.5. */
CK_BYTE value128[] = "\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c";
CK_BYTE value256[] = "\x60\x3d\xeb\x10\x15\xca\x71\xbe\x2b\x73\xae\xf0\x85\x7d\x77\x81"
                     "\x1f\x35\x2c\x07\x3b\x61\x08\xd7\x2d\x98\x10\xa3\x09\x14\xdf\xf4";
CK_BYTE plain[] = "\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a"
                  "\xae\x2d\x8a\x57\x1e\x03\xac\x9c\x9e\xb7\x6f\xac\x45\xaf\x8e\x51"
                  "\x30\xc8\x1c\x46\xa3\x5c\xe4\x11\xe5\xfb\xc1\x19\x1a\x0a\x52\xef"
                  "\xf6\x9f\x24\x45\xdf\x4f\x9b\x17\xad\x2b\x41\x7b\xe6\x6c\x37\x10";
CK_BYTE secret128[] = "\x76\x49\xab\xac\x81\x19\xb2\x46\xce\xe9\x8e\x9b\x12\xe9\x19\x7d"
                      "\x50\x86\xcb\x9b\x50\x72\x19\xee\x95\xdb\x11\x3a\x91\x76\x78\xb2"
                      "\x73\xbe\xd6\xb8\xe3\xc1\x74\x3b\x71\x16\xe6\x9e\x22\x22\x95\x16"
                      "\x3f\xf1\xca\xa1\x68\x1f\xac\x09\x12\x0e\xca\x30\x75\x86\xe1\xa7";
CK_BYTE secret256[] = "\xf5\x8c\x4c\x04\xd6\xe5\xf1\xba\x77\x9e\xab\xfb\x5f\x7b\xfb\xd6"
                      "\x9c\xfc\x4e\x96\x7e\xdb\x80\x8d\x67\x9f\x77\x7b\xc6\x70\x2c\x7d"
                      "\x39\xf2\x33\x69\xa9\xd9\xba\xcf\xa5\x30\xe2\x63\x04\x23\x14\x61"
                      "\xb2\xeb\x05\xe2\xc3\x9b\xe9\xfc\xda\x6c\x19\x07\x8c\x6a\x9d\x1b";
/* SHA-256 of what their names say; both parts are "abc" and the value of the key of 128 bits. */
CK_BYTE of_nothing[] = "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24"
                       "\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55";
CK_BYTE of_abc[] = "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
                   "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad";
CK_BYTE of_two_blocks[] = "\x24\x8d\x6a\x61\xd2\x06\x38\xb8\xe5\xc0\x26\x93\x0c\x3e\x60\x39"
                          "\xa3\x3c\xe4\x59\x64\xff\x21\x67\xf6\xec\xed\xd4\x19\xdb\x06\xc1";
CK_BYTE of_plain[] = "\xd1\x96\x0c\x02\xa7\x24\xb5\x4b\xa5\x3d\xf3\xe4\xe6\xae\x97\xb8"
                     "\xd7\x2b\x87\x4e\x40\x07\x83\x9a\xaf\x37\xbf\x81\x12\x06\x7b\x9a";
CK_BYTE of_both_parts[] = "\x95\x73\xf1\x1a\x32\x6a\xe3\x2e\x2c\x4a\x43\x7f\x0d\x00\x23\x56"
                          "\x06\xb6\xa9\x08\x91\x2d\x9c\xea\xc1\x82\xf2\x30\x2e\x11\x3b\x1b";
CK_BYTE abc[] = "abc", two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

/* ---- Checks ---- */

CK_RV say(const char *call, CK_RV rv)
{
    printf("%s %s\n", call, p11_return_value_name(rv));
    return rv;
}

void check(const char *what, int is_right)
{
    printf("%s: %s\n", what, is_right ? "right" : "wrong");
    if (!is_right) { is_wrong = 1; }
}

int is(const CK_BYTE *bytes, CK_ULONG length, const CK_BYTE *expected, CK_ULONG expected_length)
{
    return length == expected_length && memcmp(bytes, expected, length) == 0;
}

CK_OBJECT_HANDLE key(CK_BYTE *value, CK_ULONG length)
{
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE handle = 0;
    CK_ATTRIBUTE template[] = {
        { CKA_CLASS, &kind, sizeof kind }, { CKA_KEY_TYPE, &type, sizeof type }, { CKA_VALUE, value, length },
        { CKA_LABEL, "drive", 5 },         { CKA_ENCRYPT, &yes, sizeof yes },    { CKA_DECRYPT, &yes, sizeof yes },
    };
    if (p11->C_CreateObject(session, template, 6, &handle) != CKR_OK) { check("key", 0); }
    return handle;
}

void check_digest(const char *what, const CK_BYTE *expected)
{
    CK_BYTE digest[32];
    CK_ULONG length = 32;
    check(what, p11->C_DigestFinal(session, digest, &length) == CKR_OK && is(digest, length, expected, 32));
}
