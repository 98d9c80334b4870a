// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// A search for the probe's own keys, and in the other variant for secret ones.
struct FindDriver: Driver {
    let list: CK_FUNCTION_LIST
    let operation = SessionOperation.find
    let mechanism: Mechanism? = nil

    func start(_ session: CK_SESSION_HANDLE, _ variant: Int) -> CK_RV {
        let all = Template().with(CKA_LABEL, Keys.label)
        return (variant == 0 ? all : all.with(CKA_CLASS, number: CKO_SECRET_KEY)).lent {
            list.C_FindObjectsInit?(session, $0, $1) ?? notSupported
        }
    }

    func part(_ session: CK_SESSION_HANDLE, _ variant: Int, _ index: Int, _ output: inout [UInt8]) -> CK_RV {
        var (handle, count): (CK_OBJECT_HANDLE, CK_ULONG) = (0, 0)
        let value = list.C_FindObjects?(session, &handle, 1, &count) ?? notSupported
        if value == CKR_OK, count > 0 { output += withUnsafeBytes(of: handle) { Array($0) } }
        return value
    }

    func end(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV {
        list.C_FindObjectsFinal?(session) ?? notSupported
    }
}

/// Encryption, decryption, digesting and signing: parts go in, bytes come out on the way or at the end.
struct StreamDriver: Driver {
    /// How a part is fed.
    enum Feeding {
        case inAndOut(CK_C_EncryptUpdate?)
        case inOnly(CK_C_DigestUpdate?)
    }

    let operation: SessionOperation
    let value: MechanismValue
    let data: [[[UInt8]]]
    let begin: (CK_SESSION_HANDLE, UnsafeMutablePointer<CK_MECHANISM>?) -> CK_RV?
    let feeding: Feeding
    let last: CK_C_EncryptFinal?
    let whole: CK_C_Encrypt?
    let single: Function?

    var mechanism: Mechanism? { value.type }

    func start(_ session: CK_SESSION_HANDLE, _ variant: Int) -> CK_RV {
        value.lent { begin(session, $0) } ?? notSupported
    }

    func part(_ session: CK_SESSION_HANDLE, _ variant: Int, _ index: Int, _ output: inout [UInt8]) -> CK_RV {
        lend(data[variant][index]) { part, length in
            switch feeding {
            case .inAndOut(let update): collect(&output) { update?(session, part, length, $0, $1) }
            case .inOnly(let update): update?(session, part, length)
            }
        }
    }

    func end(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV {
        collect(&output) { last?(session, $0, $1) }
    }

    func single(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV {
        lend(data[variant][1]) { part, length in collect(&output) { whole?(session, part, length, $0, $1) } }
    }

    func startWithoutMechanism(_ session: CK_SESSION_HANDLE) -> CK_RV? { begin(session, nil) }
}

/// Both kinds of verification: the signature comes at the end, or at the start.
struct CheckDriver: Driver {
    let operation: SessionOperation
    let value: MechanismValue
    let data: [[[UInt8]]]
    let signatures: [[UInt8]]
    let key: CK_OBJECT_HANDLE
    let list: CK_FUNCTION_LIST
    let list32: CK_FUNCTION_LIST_3_2?

    var mechanism: Mechanism? { value.type }
    private var signatureIsFirst: Bool { operation == .verifySignature }

    func start(_ session: CK_SESSION_HANDLE, _ variant: Int) -> CK_RV {
        value.lent { mechanism in
            signatureIsFirst
                ? lend(signatures[variant]) { list32?.C_VerifySignatureInit?(session, mechanism, key, $0, $1) }
                : list.C_VerifyInit?(session, mechanism, key) ?? notSupported
        }
    }

    func part(_ session: CK_SESSION_HANDLE, _ variant: Int, _ index: Int, _ output: inout [UInt8]) -> CK_RV {
        lend(data[variant][index]) {
            signatureIsFirst ? list32?.C_VerifySignatureUpdate?(session, $0, $1) : list.C_VerifyUpdate?(session, $0, $1)
        }
    }

    func end(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV {
        signatureIsFirst
            ? list32?.C_VerifySignatureFinal?(session) ?? notSupported
            : lend(signatures[variant]) { list.C_VerifyFinal?(session, $0, $1) }
    }

    var single: Function? { signatureIsFirst ? .C_VerifySignature : .C_Verify }

    func single(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV {
        lend(data[variant][1]) { part, length in
            signatureIsFirst
                ? list32?.C_VerifySignature?(session, part, length)
                : lend(signatures[variant]) { list.C_Verify?(session, part, length, $0, $1) }
        }
    }

    func startWithoutMechanism(_ session: CK_SESSION_HANDLE) -> CK_RV? {
        signatureIsFirst
            ? lend(signatures[0]) { list32?.C_VerifySignatureInit?(session, nil, key, $0, $1) }
            : list.C_VerifyInit?(session, nil, key)
    }
}

/// Both operations with recovery: all in one call, so a part does nothing.
struct RecoveryDriver: Driver {
    let operation: SessionOperation
    let value: MechanismValue
    /// What goes in, for each variant.
    let inputs: [[UInt8]]
    let begin: (CK_SESSION_HANDLE, UnsafeMutablePointer<CK_MECHANISM>?) -> CK_RV?
    let whole: CK_C_SignRecover?

    var mechanism: Mechanism? { value.type }

    func start(_ session: CK_SESSION_HANDLE, _ variant: Int) -> CK_RV {
        value.lent { begin(session, $0) } ?? notSupported
    }

    func part(_ session: CK_SESSION_HANDLE, _ variant: Int, _ index: Int, _ output: inout [UInt8]) -> CK_RV { CKR_OK }

    func end(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV {
        lend(inputs[variant]) { input, length in collect(&output) { whole?(session, input, length, $0, $1) } }
    }

    func startWithoutMechanism(_ session: CK_SESSION_HANDLE) -> CK_RV? { begin(session, nil) }
}
