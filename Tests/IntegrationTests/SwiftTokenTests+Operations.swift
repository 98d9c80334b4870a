// SPDX-License-Identifier: MIT

import Testing

/// The operations of Examples/swift-token as an application finds them: alone, two at once, refused, and ended.
extension SwiftTokenTests {
    @Test func theRightAnswers() throws {
        let result = try application("answers")
        #expect(result.status == 0 && result.output.components(separatedBy: ": right\n").count == 11, "\(result)")
    }

    @Test func twoAtOnce() throws {
        try expect(
            "pairs",
            """
            C_DigestEncryptUpdate CKR_OPERATION_NOT_INITIALIZED
            C_DigestInit CKR_OK
            C_DigestEncryptUpdate CKR_OPERATION_NOT_INITIALIZED
            C_EncryptInit CKR_OK
            C_DigestEncryptUpdate CKR_OK
            length: right
            C_DigestEncryptUpdate CKR_BUFFER_TOO_SMALL
            length: right
            C_DigestEncryptUpdate CKR_OK
            C_DigestUpdate CKR_OK
            C_EncryptUpdate CKR_OK
            encryption: right
            digest: right
            C_EncryptFinal CKR_OK
            C_DecryptInit CKR_OK
            C_DigestInit CKR_OK
            C_DecryptDigestUpdate CKR_OK
            C_DecryptDigestUpdate CKR_BUFFER_TOO_SMALL
            C_DecryptDigestUpdate CKR_OK
            decryption: right
            C_DecryptFinal CKR_OK
            digest: right
            C_DigestInit CKR_OK
            C_EncryptInit CKR_OK
            C_DigestEncryptUpdate CKR_ARGUMENTS_BAD
            C_DigestFinal CKR_OPERATION_NOT_INITIALIZED
            C_EncryptFinal CKR_OPERATION_NOT_INITIALIZED
            """)
    }

    /// What is refused changes nothing: the encryption, the digest and the search give the right results afterwards.
    @Test func whatIsRefused() throws {
        try expect(
            "refused",
            """
            C_EncryptInit CKR_OK
            C_EncryptUpdate CKR_OK
            C_FindObjectsInit CKR_OPERATION_ACTIVE
            C_FindObjects CKR_OPERATION_NOT_INITIALIZED
            C_FindObjectsFinal CKR_OPERATION_NOT_INITIALIZED
            C_EncryptInit CKR_OPERATION_ACTIVE
            C_DecryptInit CKR_OPERATION_ACTIVE
            C_Encrypt CKR_OPERATION_ACTIVE
            C_DigestInit CKR_OK
            C_DigestInit CKR_OPERATION_ACTIVE
            C_DecryptInit CKR_OPERATION_ACTIVE
            C_FindObjectsInit CKR_OPERATION_ACTIVE
            C_EncryptUpdate CKR_OK
            encryption: right
            C_EncryptFinal CKR_OK
            C_DigestUpdate CKR_OK
            C_Digest CKR_OPERATION_ACTIVE
            digest: right
            C_FindObjectsInit CKR_OK
            C_FindObjectsInit CKR_OPERATION_ACTIVE
            C_DigestInit CKR_OPERATION_ACTIVE
            C_EncryptInit CKR_OPERATION_ACTIVE
            C_FindObjects CKR_OK
            search: right
            C_FindObjectsFinal CKR_OK
            """)
    }

    @Test func lengthsChangeNothing() throws {
        try expect(
            "lengths",
            """
            C_DigestInit CKR_OK
            C_Digest CKR_OK
            length: right
            C_Digest CKR_BUFFER_TOO_SMALL
            length: right
            C_DigestUpdate CKR_OK
            C_DigestFinal CKR_OK
            C_DigestFinal CKR_BUFFER_TOO_SMALL
            C_DigestFinal CKR_OK
            digest: right
            C_EncryptInit CKR_OK
            C_Encrypt CKR_OK
            length: right
            C_Encrypt CKR_BUFFER_TOO_SMALL
            length: right
            C_EncryptUpdate CKR_OK
            length: right
            C_EncryptUpdate CKR_BUFFER_TOO_SMALL
            C_EncryptUpdate CKR_OK
            C_EncryptUpdate CKR_BUFFER_TOO_SMALL
            length: right
            C_EncryptUpdate CKR_OK
            encryption: right
            C_EncryptFinal CKR_OK
            length: right
            C_EncryptFinal CKR_OK
            C_DecryptInit CKR_OK
            C_Decrypt CKR_OK
            C_Decrypt CKR_BUFFER_TOO_SMALL
            C_Decrypt CKR_OK
            decryption: right
            C_DecryptFinal CKR_OPERATION_NOT_INITIALIZED
            """)
    }

    @Test func whatEndsAnOperation() throws {
        try expect(
            "ends",
            """
            C_DigestInit CKR_OK
            C_DigestUpdate CKR_ARGUMENTS_BAD
            C_DigestFinal CKR_OPERATION_NOT_INITIALIZED
            C_DigestInit CKR_OK
            C_Digest CKR_ARGUMENTS_BAD
            C_Digest CKR_OPERATION_NOT_INITIALIZED
            C_EncryptInit CKR_OK
            C_Encrypt CKR_DATA_LEN_RANGE
            C_EncryptUpdate CKR_OPERATION_NOT_INITIALIZED
            C_DecryptInit CKR_OK
            C_DecryptUpdate CKR_OK
            C_DecryptFinal CKR_ENCRYPTED_DATA_LEN_RANGE
            C_DecryptFinal CKR_OPERATION_NOT_INITIALIZED
            C_EncryptInit CKR_MECHANISM_INVALID
            C_EncryptInit CKR_MECHANISM_PARAM_INVALID
            C_EncryptInit CKR_KEY_HANDLE_INVALID
            C_EncryptUpdate CKR_OPERATION_NOT_INITIALIZED
            C_DigestInit CKR_MECHANISM_INVALID
            C_FindObjectsInit CKR_ARGUMENTS_BAD
            C_FindObjectsFinal CKR_OPERATION_NOT_INITIALIZED
            C_DigestInit CKR_OK
            C_EncryptInit CKR_OK
            C_EncryptInit CKR_OK
            C_EncryptUpdate CKR_OPERATION_NOT_INITIALIZED
            C_DigestUpdate CKR_OK
            C_DecryptInit CKR_OK
            digest: right
            """)
    }
}
