// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// Keys for the experiments: objects of a session, none of which reaches the token.
///
/// A key is made when it is first asked for; making a pair of RSA keys takes time.
final class Keys {
    enum Kind: Hashable { case aes, des3, secret, rsaPublic, rsaPrivate }

    static let label = Array("p11probe".utf8)

    let token: Token
    let session: CK_SESSION_HANDLE
    /// Whether a key had to be a private object: a logout destroys those.
    private(set) var arePrivate = false
    private var handles: [Kind: CK_OBJECT_HANDLE?] = [:]
    /// Why the last key could not be made.
    private(set) var problem = ReturnValue.ok

    init(_ token: Token, _ session: CK_SESSION_HANDLE) {
        self.token = token
        self.session = session
    }

    subscript(kind: Kind) -> CK_OBJECT_HANDLE? {
        if let made = handles[kind] { return made }
        let handle: CK_OBJECT_HANDLE?
        switch kind {
        case .aes: handle = secret(CKK_AES, 16, .aesKeyGen, [CKA_ENCRYPT, CKA_DECRYPT])
        case .des3: handle = secret(CKK_DES3, 24, .des3KeyGen, [CKA_ENCRYPT, CKA_DECRYPT])
        case .secret:
            handle =
                secret(CKK_GENERIC_SECRET, 32, .genericSecretKeyGen, [CKA_SIGN, CKA_VERIFY])
                ?? secret(CKK_SHA256_HMAC, 32, .genericSecretKeyGen, [CKA_SIGN, CKA_VERIFY])
        case .rsaPublic, .rsaPrivate:
            let pair = pair()
            handles[.rsaPublic] = .some(pair?.publicKey)
            handles[.rsaPrivate] = .some(pair?.privateKey)
            return kind == .rsaPublic ? pair?.publicKey : pair?.privateKey
        }
        handles[kind] = .some(handle)
        return handle
    }

    /// Destroys what was made. The session's end would do so too, if the module keeps to the standard.
    func destroy() {
        for case let handle? in handles.values { _ = token.module.list.C_DestroyObject?(session, handle) }
        handles = [:]
    }

    // MARK: Making

    /// Public objects first: they outlive a logout, and need no login.
    private func attempt(_ make: (_ isPrivate: Bool) -> ReturnValue) -> Bool {
        for isPrivate in [false, true] {
            problem = make(isPrivate)
            if problem == .ok {
                if isPrivate { arePrivate = true }
                return true
            }
        }
        return false
    }

    private func object(_ kind: CK_OBJECT_CLASS, _ type: CK_KEY_TYPE) -> Template {
        Template().with(CKA_CLASS, number: kind).with(CKA_KEY_TYPE, number: type).with(CKA_TOKEN, false)
            .with(CKA_LABEL, Self.label)
    }

    /// A secret key of a known value, or where the token takes none, of any value.
    private func secret(
        _ type: CK_KEY_TYPE, _ length: Int, _ generation: Mechanism, _ uses: [CK_ATTRIBUTE_TYPE]
    ) -> CK_OBJECT_HANDLE? {
        let list = token.module.list
        var handle: CK_OBJECT_HANDLE = 0
        // Each byte has odd parity, as keys of DES want it.
        let value = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 2 + 2) }.map {
            $0.nonzeroBitCount % 2 == 0 ? $0 | 1 : $0
        }
        let template = object(CKO_SECRET_KEY, type).with(uses, true)
        let isMade =
            attempt { isPrivate in
                template.with(CKA_PRIVATE, isPrivate).with(CKA_VALUE, value).lent { attributes, count in
                    ReturnValue(list.C_CreateObject?(session, attributes, count, &handle) ?? notSupported)
                }
            }
            || attempt { isPrivate in
                var generated = template.with(CKA_PRIVATE, isPrivate)
                if type != CKK_DES3 { generated = generated.with(CKA_VALUE_LEN, number: CK_ULONG(length)) }
                return generated.lent { attributes, count in
                    MechanismValue(type: generation).lent { mechanism in
                        ReturnValue(
                            list.C_GenerateKey?(session, mechanism, attributes, count, &handle) ?? notSupported)
                    }
                }
            }
        return isMade ? handle : nil
    }

    private func pair() -> (publicKey: CK_OBJECT_HANDLE, privateKey: CK_OBJECT_HANDLE)? {
        let list = token.module.list
        var (publicKey, privateKey): (CK_OBJECT_HANDLE, CK_OBJECT_HANDLE) = (0, 0)
        func make(_ isPrivate: Bool, _ recovers: Bool) -> ReturnValue {
            let own = object(CKO_PUBLIC_KEY, CKK_RSA).with(CKA_PRIVATE, false)
                .with(CKA_MODULUS_BITS, number: 2048).with(CKA_PUBLIC_EXPONENT, [1, 0, 1])
                .with(recovers ? [CKA_VERIFY, CKA_VERIFY_RECOVER] : [CKA_VERIFY], true)
            let other = object(CKO_PRIVATE_KEY, CKK_RSA).with(CKA_PRIVATE, isPrivate)
                .with(recovers ? [CKA_SIGN, CKA_SIGN_RECOVER] : [CKA_SIGN], true)
            return own.lent { first, firstCount in
                other.lent { second, secondCount in
                    MechanismValue(type: .rsaPkcsKeyPairGen).lent { mechanism in
                        ReturnValue(
                            list.C_GenerateKeyPair?(
                                session, mechanism, first, firstCount, second, secondCount, &publicKey, &privateKey)
                                ?? notSupported)
                    }
                }
            }
        }
        // A token may refuse to hear of recovery.
        let isMade = attempt { make($0, true) } || attempt { make($0, false) }
        return isMade ? (publicKey, privateKey) : nil
    }
}
