// SPDX-License-Identifier: MIT
// The names of these functions, and what they do, are the standard's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CCryptoki
import CryptokiSession

// CKM_AES_CBC.

/// What an operation works with once it is started, or nil where the call cancels: that has no mechanism, and ends what is
/// active by being completed.
private func start(
    _ mechanism: CK_MECHANISM_PTR?, _ handle: CK_OBJECT_HANDLE, _ keys: Keys, encrypts: Bool
) throws(Failure) -> CBC? {
    guard let mechanism = mechanism?.pointee else { return nil }
    if mechanism.mechanism != CKM_AES_CBC { throw Failure(CKR_MECHANISM_INVALID) }
    guard let key = keys[handle] else { throw Failure(CKR_KEY_HANDLE_INVALID) }
    if !key.may(encrypts ? CKA_ENCRYPT : CKA_DECRYPT) { throw Failure(CKR_KEY_FUNCTION_NOT_PERMITTED) }
    return try CBC(mechanism, key: key.value, encrypts: encrypts)
}

// MARK: - Encryption

@c @implementation
public func C_EncryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR?, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    inSession(hSession) { session throws(SessionRules.Violation) in
        try rules.admit_C_EncryptInit(session, pMechanism: pMechanism)
    } work: { session, keys throws(Failure) in
        session.encryption = try start(pMechanism, hKey, keys, encrypts: true)
    } complete: {
        rules.complete_C_EncryptInit(&$0, pMechanism: pMechanism, returning: $1)
    }
}

@c @implementation
public func C_Encrypt(
    _ hSession: CK_SESSION_HANDLE, _ pData: CK_BYTE_PTR?, _ ulDataLen: CK_ULONG,
    _ pEncryptedData: CK_BYTE_PTR?, _ pulEncryptedDataLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_Encrypt) { session, _ throws(Failure) in
        let data = try bytes(pData, ulDataLen)
        try session.encryption!.step(data, isLast: true, into: Output(pEncryptedData, pulEncryptedDataLen))
    } complete: {
        rules.complete_C_Encrypt(&$0, pEncryptedData: pEncryptedData, returning: $1)
    }
}

@c @implementation
public func C_EncryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pPart: CK_BYTE_PTR?, _ ulPartLen: CK_ULONG,
    _ pEncryptedPart: CK_BYTE_PTR?, _ pulEncryptedPartLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_EncryptUpdate) { session, _ throws(Failure) in
        let part = try bytes(pPart, ulPartLen)
        try session.encryption!.step(part, into: Output(pEncryptedPart, pulEncryptedPartLen))
    } complete: {
        rules.complete_C_EncryptUpdate(&$0, pEncryptedPart: pEncryptedPart, returning: $1)
    }
}

@c @implementation
public func C_EncryptFinal(
    _ hSession: CK_SESSION_HANDLE, _ pLastEncryptedPart: CK_BYTE_PTR?, _ pulLastEncryptedPartLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_EncryptFinal) { session, _ throws(Failure) in
        try session.encryption!.step([], isLast: true, into: Output(pLastEncryptedPart, pulLastEncryptedPartLen))
    } complete: {
        rules.complete_C_EncryptFinal(&$0, pLastEncryptedPart: pLastEncryptedPart, returning: $1)
    }
}

// MARK: - Decryption

@c @implementation
public func C_DecryptInit(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR?, _ hKey: CK_OBJECT_HANDLE
) -> CK_RV {
    inSession(hSession) { session throws(SessionRules.Violation) in
        try rules.admit_C_DecryptInit(session, pMechanism: pMechanism)
    } work: { session, keys throws(Failure) in
        session.decryption = try start(pMechanism, hKey, keys, encrypts: false)
    } complete: {
        rules.complete_C_DecryptInit(&$0, pMechanism: pMechanism, returning: $1)
    }
}

@c @implementation
public func C_Decrypt(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedData: CK_BYTE_PTR?, _ ulEncryptedDataLen: CK_ULONG,
    _ pData: CK_BYTE_PTR?, _ pulDataLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_Decrypt) { session, _ throws(Failure) in
        let data = try bytes(pEncryptedData, ulEncryptedDataLen)
        try session.decryption!.step(data, isLast: true, into: Output(pData, pulDataLen))
    } complete: {
        rules.complete_C_Decrypt(&$0, pData: pData, returning: $1)
    }
}

@c @implementation
public func C_DecryptUpdate(
    _ hSession: CK_SESSION_HANDLE, _ pEncryptedPart: CK_BYTE_PTR?, _ ulEncryptedPartLen: CK_ULONG,
    _ pPart: CK_BYTE_PTR?, _ pulPartLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_DecryptUpdate) { session, _ throws(Failure) in
        let part = try bytes(pEncryptedPart, ulEncryptedPartLen)
        try session.decryption!.step(part, into: Output(pPart, pulPartLen))
    } complete: {
        rules.complete_C_DecryptUpdate(&$0, pPart: pPart, returning: $1)
    }
}

@c @implementation
public func C_DecryptFinal(
    _ hSession: CK_SESSION_HANDLE, _ pLastPart: CK_BYTE_PTR?, _ pulLastPartLen: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_DecryptFinal) { session, _ throws(Failure) in
        try session.decryption!.step([], isLast: true, into: Output(pLastPart, pulLastPartLen))
    } complete: {
        rules.complete_C_DecryptFinal(&$0, pLastPart: pLastPart, returning: $1)
    }
}
