// SPDX-License-Identifier: MIT
// The names of these functions, and what they do, are the standard's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CCryptoki
import CryptokiSession

// Functions that feed a part to two operations. What only asks for the length, or brings too small a buffer, feeds neither.

@c @implementation
public func C_DigestEncryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR?, _ ulPartLen: CK_ULONG, _ pEncryptedPart: CK_BYTE_PTR?,
    _ pulEncryptedPartLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_DigestEncryptUpdate) { session, _ throws(Failure) in
        let part = try bytes(pPart, ulPartLen)
        if try session.encryption!.step(part, into: Output(pEncryptedPart, pulEncryptedPartLen)) != nil {
            session.digest!.update(part)
        }
    } complete: {
        endAfterFailure(&$0, [.digest, .encrypt], $1)
        return rules.complete_C_DigestEncryptUpdate(&$0, pEncryptedPart: pEncryptedPart, returning: $1)
    }
}

@c @implementation
public func C_DecryptDigestUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedPart: CK_BYTE_PTR?, _ ulEncryptedPartLen: CK_ULONG,
    _ pPart: CK_BYTE_PTR?, _ pulPartLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_DecryptDigestUpdate) { session, _ throws(Failure) in
        let part = try bytes(pEncryptedPart, ulEncryptedPartLen)
        if let plain = try session.decryption!.step(part, into: Output(pPart, pulPartLen)) {
            session.digest!.update(plain)
        }
    } complete: {
        endAfterFailure(&$0, [.decrypt, .digest], $1)
        return rules.complete_C_DecryptDigestUpdate(&$0, pPart: pPart, returning: $1)
    }
}

/// What the failure of such a function does, the standard leaves open, so the rules do too. This token ends both operations.
private func endAfterFailure(
    _ session: inout SessionRules.Session, _ operations: [SessionRules.Operation], _ returnValue: CK_RV
) {
    if returnValue == CKR_OK || returnValue == CKR_BUFFER_TOO_SMALL { return }
    for operation in operations { session[operation] = .idle }
}
