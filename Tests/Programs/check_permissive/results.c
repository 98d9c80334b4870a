/* SPDX-License-Identifier: MIT */
/* Expected results. */
#include "check_permissive.h"

CK_BYTE text[] = "The quick brown fox";
CK_MECHANISM mechanism = { CKM_VENDOR_DEFINED | 0x11, NULL, 0 };
CK_BYTE digest[32], mac[32], xored[LENGTH];

int is_xored(const CK_BYTE *a, const CK_BYTE *b, size_t length)
{
    for (size_t i = 0; i < length; ++i) {
        if ((a[i] ^ KEY_BYTE) != b[i]) { return 0; }
    }
    return 1;
}

void prepare(void)
{
    /* FNV-1a of "a" is in the literature: the first lane of the digest. */
    const CK_BYTE known[8] = { 0xAF, 0x63, 0xDC, 0x4C, 0x86, 0x01, 0xEC, 0x8C };
    expect_sum(digest, 0, "a", 1);
    CHECK(memcmp(digest, known, 8) == 0);
    expect_sum(digest, 0, text, LENGTH);
    expect_sum(mac, 1, text, LENGTH);
    for (size_t i = 0; i < LENGTH; ++i) { xored[i] = text[i] ^ KEY_BYTE; }
}
