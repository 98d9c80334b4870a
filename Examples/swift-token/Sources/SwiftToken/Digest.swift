// SPDX-License-Identifier: MIT
// The names of these functions, and what they do, are the standard's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CCryptoki
import CryptokiSession

// CKM_SHA256.

@c @implementation
public func C_DigestInit(_ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR?) -> CK_RV {
    inSession(hSession) { session throws(SessionRules.Violation) in
        try rules.admit_C_DigestInit(session, pMechanism: pMechanism)
    } work: { session, _ throws(Failure) in
        // Without a mechanism the call cancels: it ends what is active by being completed.
        guard let pMechanism else { return }
        if pMechanism.pointee.mechanism != CKM_SHA256 { throw Failure(CKR_MECHANISM_INVALID) }
        session.digest = SHA256()
    } complete: {
        rules.complete_C_DigestInit(&$0, pMechanism: pMechanism, returning: $1)
    }
}

@c @implementation
public func C_Digest(
    _ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR?, _ ulDataLen: CK_ULONG, _ pDigest: CK_BYTE_PTR?,
    _ pulDigestLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_Digest) { session, _ throws(Failure) in
        let data = try bytes(pData, ulDataLen)
        let output = Output(pDigest, pulDigestLen)
        guard try output.wants(SHA256.size) else { return }
        session.digest!.update(data)
        output.give(session.digest!.digest)
    } complete: {
        rules.complete_C_Digest(&$0, pDigest: pDigest, returning: $1)
    }
}

@c @implementation
public func C_DigestUpdate(_ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR?, _ ulPartLen: CK_ULONG) -> CK_RV {
    inSession(hSession, rules.admit_C_DigestUpdate, rules.complete_C_DigestUpdate) { session, _ throws(Failure) in
        session.digest!.update(try bytes(pPart, ulPartLen))
    }
}

@c @implementation
public func C_DigestKey(_ hSession: CK_SESSION_HANDLE, _ hKey: CK_OBJECT_HANDLE) -> CK_RV {
    inSession(hSession, rules.admit_C_DigestKey, rules.complete_C_DigestKey) { session, keys throws(Failure) in
        guard let key = keys[hKey] else { throw Failure(CKR_KEY_HANDLE_INVALID) }
        session.digest!.update(key.value)
    }
}

@c @implementation
public func C_DigestFinal(
    _ hSession: CK_SESSION_HANDLE, _ pDigest: CK_BYTE_PTR?, _ pulDigestLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_DigestFinal) { session, _ throws(Failure) in
        let output = Output(pDigest, pulDigestLen)
        if try output.wants(SHA256.size) { output.give(session.digest!.digest) }
    } complete: {
        rules.complete_C_DigestFinal(&$0, pDigest: pDigest, returning: $1)
    }
}
