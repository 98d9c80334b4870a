// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// Message-based encryption and decryption in GCM: a part is a message of its own.
struct MessageCipherDriver: Driver {
    let operation: SessionOperation
    let data: [[[UInt8]]]
    let key: CK_OBJECT_HANDLE
    let list: CK_FUNCTION_LIST_3_0

    static let tagLength = 16
    let mechanism: Mechanism? = .aesGcm
    private var encrypts: Bool { operation == .messageEncrypt }

    func start(_ session: CK_SESSION_HANDLE, _ variant: Int) -> CK_RV {
        MechanismValue(type: .aesGcm).lent { begin(session, $0) } ?? notSupported
    }

    private func begin(_ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?) -> CK_RV? {
        encrypts
            ? list.C_MessageEncryptInit?(session, mechanism, key) : list.C_MessageDecryptInit?(session, mechanism, key)
    }

    /// The output of an encryption is the ciphertext and then the tag, and the input of a decryption likewise.
    func part(_ session: CK_SESSION_HANDLE, _ variant: Int, _ index: Int, _ output: inout [UInt8]) -> CK_RV {
        // The initialisation vector differs from message to message and is the same in every run.
        var vector = (0..<12).map { UInt8($0 + 16 * index + 64 * variant) }
        let input = data[variant][index]
        let isolated = encrypts ? input : Array(input.dropLast(Self.tagLength))
        var tag = encrypts ? [UInt8](repeating: 0, count: Self.tagLength) : Array(input.suffix(Self.tagLength))
        let value = vector.withUnsafeMutableBufferPointer { vector in
            tag.withUnsafeMutableBufferPointer { tag in
                var parameters = CK_GCM_MESSAGE_PARAMS(
                    pIv: vector.baseAddress, ulIvLen: CK_ULONG(vector.count), ulIvFixedBits: 0,
                    ivGenerator: CKG_NO_GENERATE, pTag: tag.baseAddress, ulTagBits: CK_ULONG(Self.tagLength * 8))
                let size = CK_ULONG(MemoryLayout<CK_GCM_MESSAGE_PARAMS>.size)
                return lend(isolated) { text, length in
                    collect(&output) { out, outLength in
                        encrypts
                            ? list.C_EncryptMessage?(session, &parameters, size, nil, 0, text, length, out, outLength)
                            : list.C_DecryptMessage?(session, &parameters, size, nil, 0, text, length, out, outLength)
                    }
                }
            }
        }
        if encrypts, value == CKR_OK { output += tag }
        return value
    }

    func end(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV {
        (encrypts ? list.C_MessageEncryptFinal?(session) : list.C_MessageDecryptFinal?(session)) ?? notSupported
    }

    func startWithoutMechanism(_ session: CK_SESSION_HANDLE) -> CK_RV? { begin(session, nil) }
}

/// Message-based signing and verification.
struct MessageSignDriver: Driver {
    let operation: SessionOperation
    let value: MechanismValue
    let data: [[[UInt8]]]
    /// One for each message of each variant, for verification.
    let signatures: [[[UInt8]]]
    let key: CK_OBJECT_HANDLE
    let list: CK_FUNCTION_LIST_3_0

    var mechanism: Mechanism? { value.type }
    private var signs: Bool { operation == .messageSign }

    func start(_ session: CK_SESSION_HANDLE, _ variant: Int) -> CK_RV {
        value.lent { begin(session, $0) } ?? notSupported
    }

    private func begin(_ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?) -> CK_RV? {
        signs ? list.C_MessageSignInit?(session, mechanism, key) : list.C_MessageVerifyInit?(session, mechanism, key)
    }

    func part(_ session: CK_SESSION_HANDLE, _ variant: Int, _ index: Int, _ output: inout [UInt8]) -> CK_RV {
        lend(data[variant][index]) { message, length in
            signs
                ? collect(&output) { list.C_SignMessage?(session, nil, 0, message, length, $0, $1) }
                : lend(signatures[variant][index]) { list.C_VerifyMessage?(session, nil, 0, message, length, $0, $1) }
        }
    }

    func end(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV {
        (signs ? list.C_MessageSignFinal?(session) : list.C_MessageVerifyFinal?(session)) ?? notSupported
    }

    func startWithoutMechanism(_ session: CK_SESSION_HANDLE) -> CK_RV? { begin(session, nil) }
}
