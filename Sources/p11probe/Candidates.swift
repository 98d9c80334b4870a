// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// With which mechanisms an operation is tried, the best first. Each is made when it is its turn: keys may take long.
extension Bench {
    typealias Candidate = () -> (any Driver)?

    func candidates(for operation: SessionOperation) -> [Candidate] {
        let list = token.module.list
        let data = testData(for: operation)
        switch operation {
        case .find: return [{ FindDriver(list: list) }]
        case .encrypt: return ciphers().map { value in { self.cipher(value, operation, data) } }
        case .decrypt: return ciphers().map { value in { self.decryption(value) } }
        case .digest: return [.sha256, .sha1].filter(has).map { value in { self.digest(value) } }
        case .sign: return signatures().map { value in { self.signature(value, data) } }
        case .verify, .verifySignature: return signatures().map { value in { self.check(value, operation) } }
        case .signRecover: return [{ self.recovery(operation, data.map { $0[0] }) }]
        case .verifyRecover: return [{ self.recoveryOfSigned() }]
        case .messageEncrypt: return [{ self.messageCipher(operation, data) }]
        case .messageDecrypt: return [{ self.messageDecryption() }]
        case .messageSign: return messageSignatures().map { value in { self.messageSignature(value, data) } }
        case .messageVerify: return messageSignatures().map { value in { self.messageCheck(value) } }
        }
    }

    private func has(_ mechanism: Mechanism) -> Bool { token.flags(of: mechanism) != nil }

    // MARK: Encryption and decryption

    private func ciphers() -> [(value: MechanismValue, key: Keys.Kind)] {
        let vector = { (length: Int) in (0..<length).map { UInt8($0) } }
        let all: [(MechanismValue, Keys.Kind)] = [
            (MechanismValue(type: .aesCbc, parameter: vector(16)), .aes), (MechanismValue(type: .aesEcb), .aes),
            (MechanismValue(type: .des3Cbc, parameter: vector(8)), .des3),
        ]
        return all.filter { has($0.0.type) }.map { (value: $0.0, key: $0.1) }
    }

    private func cipher(
        _ cipher: (value: MechanismValue, key: Keys.Kind), _ operation: SessionOperation, _ data: [[[UInt8]]]
    ) -> StreamDriver? {
        guard let key = keys[cipher.key] else { return nil }
        let list = token.module.list
        let encrypts = operation == .encrypt
        return StreamDriver(
            operation: operation, value: cipher.value, data: data,
            begin: {
                encrypts ? list.C_EncryptInit?($0, $1, key) : list.C_DecryptInit?($0, $1, key)
            },
            feeding: .inAndOut(encrypts ? list.C_EncryptUpdate : list.C_DecryptUpdate),
            last: encrypts ? list.C_EncryptFinal : list.C_DecryptFinal,
            whole: encrypts ? list.C_Encrypt : list.C_Decrypt, single: encrypts ? .C_Encrypt : .C_Decrypt)
    }

    private func decryption(_ value: (value: MechanismValue, key: Keys.Kind)) -> StreamDriver? {
        guard let encryption = cipher(value, .encrypt, testData(for: .decrypt)),
            let texts = results(of: encryption)
        else { return nil }
        return cipher(value, .decrypt, texts.map { [Array($0.prefix($0.count / 2)), Array($0.suffix($0.count / 2))] })
    }

    private func digest(_ mechanism: Mechanism) -> StreamDriver {
        let list = token.module.list
        return StreamDriver(
            operation: .digest, value: MechanismValue(type: mechanism), data: testData(for: .digest),
            begin: { list.C_DigestInit?($0, $1) }, feeding: .inOnly(list.C_DigestUpdate), last: list.C_DigestFinal,
            whole: list.C_Digest, single: .C_Digest)
    }

    // MARK: Signing and verification

    private typealias Signature = (value: MechanismValue, signing: Keys.Kind, verifying: Keys.Kind)

    private func signatures() -> [Signature] {
        let all: [Signature] = [
            (MechanismValue(type: .sha256Hmac), .secret, .secret),
            (MechanismValue(type: .sha256RsaPkcs), .rsaPrivate, .rsaPublic),
        ]
        return all.filter { has($0.value.type) }
    }

    private func signature(_ signature: Signature, _ data: [[[UInt8]]]) -> StreamDriver? {
        guard let key = keys[signature.signing] else { return nil }
        let list = token.module.list
        return StreamDriver(
            operation: .sign, value: signature.value, data: data, begin: { list.C_SignInit?($0, $1, key) },
            feeding: .inOnly(list.C_SignUpdate), last: list.C_SignFinal, whole: list.C_Sign, single: .C_Sign)
    }

    private func check(_ signature: Signature, _ operation: SessionOperation) -> CheckDriver? {
        let data = testData(for: operation)
        guard operation == .verify || token.module.list32?.C_VerifySignatureInit != nil,
            let key = keys[signature.verifying],
            let signing = self.signature(signature, data), let signatures = results(of: signing)
        else { return nil }
        return CheckDriver(
            operation: operation, value: signature.value, data: data, signatures: signatures, key: key,
            list: token.module.list, list32: token.module.list32)
    }

    private func recovery(_ operation: SessionOperation, _ inputs: [[UInt8]]) -> RecoveryDriver? {
        let signs = operation == .signRecover
        // Asked before keys are made, which takes long.
        guard let flags = token.flags(of: .rsaPkcs), flags.contains(signs ? .signRecover : .verifyRecover),
            let key = keys[signs ? .rsaPrivate : .rsaPublic]
        else { return nil }
        let list = token.module.list
        return RecoveryDriver(
            operation: operation, value: MechanismValue(type: .rsaPkcs), inputs: inputs,
            begin: {
                signs ? list.C_SignRecoverInit?($0, $1, key) : list.C_VerifyRecoverInit?($0, $1, key)
            },
            whole: signs ? list.C_SignRecover : list.C_VerifyRecover)
    }

    private func recoveryOfSigned() -> RecoveryDriver? {
        guard let signing = recovery(.signRecover, testData(for: .verifyRecover).map { $0[0] }),
            let signatures = results(of: signing)
        else { return nil }
        return recovery(.verifyRecover, signatures)
    }

    // MARK: Messages

    private func messageCipher(_ operation: SessionOperation, _ data: [[[UInt8]]]) -> MessageCipherDriver? {
        guard let list = token.module.list30, list.C_MessageEncryptInit != nil, has(.aesGcm), let key = keys[.aes]
        else { return nil }
        return MessageCipherDriver(operation: operation, data: data, key: key, list: list)
    }

    private func messageDecryption() -> MessageCipherDriver? {
        guard let encryption = messageCipher(.messageEncrypt, testData(for: .messageDecrypt)),
            let texts = results(of: encryption)
        else { return nil }
        return messageCipher(
            .messageDecrypt, texts.map { [Array($0.prefix($0.count / 2)), Array($0.suffix($0.count / 2))] })
    }

    private func messageSignatures() -> [Signature] {
        guard let list = token.module.list30, list.C_MessageSignInit != nil else { return [] }
        // Without a salt the signature is the same every time.
        let parameters = CK_RSA_PKCS_PSS_PARAMS(hashAlg: Mechanism.sha256.rawValue, mgf: CKG_MGF1_SHA256, sLen: 0)
        let pss = MechanismValue(
            type: .sha256RsaPkcsPss, parameter: withUnsafeBytes(of: parameters) { Array($0) })
        let all = signatures() + (has(pss.type) ? [(pss, .rsaPrivate, .rsaPublic)] : [])
        // Those with the flag first; a token may support it without the flag.
        let says = { (signature: Signature) in
            self.token.flags(of: signature.value.type)?.contains(.messageSign) == true
        }
        return all.filter(says) + all.filter { !says($0) && $0.signing == .secret }
    }

    private func messageSignature(_ signature: Signature, _ data: [[[UInt8]]]) -> MessageSignDriver? {
        guard let list = token.module.list30, let key = keys[signature.signing] else { return nil }
        return MessageSignDriver(
            operation: .messageSign, value: signature.value, data: data, signatures: [], key: key, list: list)
    }

    private func messageCheck(_ signature: Signature) -> MessageSignDriver? {
        let data = testData(for: .messageVerify)
        guard let list = token.module.list30, let key = keys[signature.verifying],
            let signing = messageSignature(signature, data), let both = results(of: signing)
        else { return nil }
        return MessageSignDriver(
            operation: .messageVerify, value: signature.value, data: data,
            signatures: both.map { [Array($0.prefix($0.count / 2)), Array($0.suffix($0.count / 2))] }, key: key,
            list: list)
    }
}
