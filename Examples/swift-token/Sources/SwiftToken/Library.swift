// SPDX-License-Identifier: MIT
// The names of these functions, and what they do, are the standard's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CCryptoki

// The library, its slot and what the token in it can do.

@c @implementation
public func C_Initialize(_ pInitArgs: CK_VOID_PTR?) -> CK_RV {
    if let arguments = pInitArgs?.assumingMemoryBound(to: CK_C_INITIALIZE_ARGS.self).pointee {
        let given = [
            arguments.CreateMutex != nil, arguments.DestroyMutex != nil, arguments.LockMutex != nil,
            arguments.UnlockMutex != nil,
        ]
        if arguments.pReserved != nil || Set(given).count > 1 { return CKR_ARGUMENTS_BAD }
        // The lock here is the system's, and no other can be used.
        if given[0], arguments.flags & CKF_OS_LOCKING_OK == 0 { return CKR_CANT_LOCK }
    }
    return library.withLock { token in
        if token != nil { return CKR_CRYPTOKI_ALREADY_INITIALIZED }
        token = Token()
        return CKR_OK
    }
}

@c @implementation
public func C_Finalize(_ pReserved: CK_VOID_PTR?) -> CK_RV {
    if pReserved != nil { return CKR_ARGUMENTS_BAD }
    return library.withLock { token in
        token.take() == nil ? CKR_CRYPTOKI_NOT_INITIALIZED : CKR_OK
    }
}

@c @implementation
public func C_GetInfo(_ pInfo: CK_INFO_PTR?) -> CK_RV {
    inLibrary { _ throws(Failure) in
        guard let pInfo else { throw Failure(CKR_ARGUMENTS_BAD) }
        var info = CK_INFO()
        info.cryptokiVersion = CK_VERSION(major: 2, minor: 40)
        fill(&info.manufacturerID, with: "p11gen")
        fill(&info.libraryDescription, with: "Example of a token in Swift")
        info.libraryVersion = CK_VERSION(major: 1, minor: 0)
        pInfo.pointee = info
    }
}

// MARK: - The slot

@c @implementation
public func C_GetSlotList(
    _ tokenPresent: CK_BBOOL, _ pSlotList: CK_SLOT_ID_PTR?, _ pulCount: CK_ULONG_PTR?
) -> CK_RV {
    inLibrary { _ throws(Failure) in try give([Token.slot], pSlotList, pulCount) }
}

@c @implementation
public func C_GetSlotInfo(_ slotID: CK_SLOT_ID, _ pInfo: CK_SLOT_INFO_PTR?) -> CK_RV {
    inLibrary { _ throws(Failure) in
        if slotID != Token.slot { throw Failure(CKR_SLOT_ID_INVALID) }
        guard let pInfo else { throw Failure(CKR_ARGUMENTS_BAD) }
        var info = CK_SLOT_INFO()
        fill(&info.slotDescription, with: "A slot in memory")
        fill(&info.manufacturerID, with: "p11gen")
        info.flags = CKF_TOKEN_PRESENT
        pInfo.pointee = info
    }
}

// MARK: - The token

@c @implementation
public func C_GetTokenInfo(_ slotID: CK_SLOT_ID, _ pInfo: CK_TOKEN_INFO_PTR?) -> CK_RV {
    inLibrary { token throws(Failure) in
        if slotID != Token.slot { throw Failure(CKR_SLOT_ID_INVALID) }
        guard let pInfo else { throw Failure(CKR_ARGUMENTS_BAD) }
        var info = CK_TOKEN_INFO()
        fill(&info.label, with: "swift-token")
        fill(&info.manufacturerID, with: "p11gen")
        fill(&info.model, with: "swift-token")
        fill(&info.serialNumber, with: "1")
        fill(&info.utcTime, with: "")
        info.flags = CKF_RNG | CKF_TOKEN_INITIALIZED | CKF_DUAL_CRYPTO_OPERATIONS
        info.ulMaxSessionCount = CK_EFFECTIVELY_INFINITE
        info.ulSessionCount = CK_ULONG(token.sessions.count)
        info.ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE
        info.ulRwSessionCount = CK_ULONG(token.sessions.values.filter { $0.flags & CKF_RW_SESSION != 0 }.count)
        info.ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION
        info.ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION
        info.ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION
        info.ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION
        pInfo.pointee = info
    }
}

private let mechanisms: [(type: CK_MECHANISM_TYPE, info: CK_MECHANISM_INFO)] = [
    (CKM_SHA256, CK_MECHANISM_INFO(ulMinKeySize: 0, ulMaxKeySize: 0, flags: CKF_DIGEST)),
    (CKM_AES_CBC, CK_MECHANISM_INFO(ulMinKeySize: 16, ulMaxKeySize: 32, flags: CKF_ENCRYPT | CKF_DECRYPT)),
    (CKM_AES_KEY_GEN, CK_MECHANISM_INFO(ulMinKeySize: 16, ulMaxKeySize: 32, flags: CKF_GENERATE)),
]

@c @implementation
public func C_GetMechanismList(
    _ slotID: CK_SLOT_ID, _ pMechanismList: CK_MECHANISM_TYPE_PTR?, _ pulCount: CK_ULONG_PTR?
) -> CK_RV {
    inLibrary { _ throws(Failure) in
        if slotID != Token.slot { throw Failure(CKR_SLOT_ID_INVALID) }
        try give(mechanisms.map(\.type), pMechanismList, pulCount)
    }
}

@c @implementation
public func C_GetMechanismInfo(
    _ slotID: CK_SLOT_ID, _ type: CK_MECHANISM_TYPE, _ pInfo: CK_MECHANISM_INFO_PTR?
) -> CK_RV {
    inLibrary { _ throws(Failure) in
        if slotID != Token.slot { throw Failure(CKR_SLOT_ID_INVALID) }
        guard let pInfo else { throw Failure(CKR_ARGUMENTS_BAD) }
        guard let found = mechanisms.first(where: { $0.type == type }) else { throw Failure(CKR_MECHANISM_INVALID) }
        pInfo.pointee = found.info
    }
}

// MARK: - Texts and lists

/// Text of a fixed length, with blanks at its end.
private func fill<Characters: BitwiseCopyable>(_ characters: inout Characters, with text: String) {
    withUnsafeMutableBytes(of: &characters) { memory in
        for index in memory.indices { memory[index] = UInt8(ascii: " ") }
        for (index, character) in text.utf8.prefix(memory.count).enumerated() { memory[index] = character }
    }
}

/// A list, or where the caller has no memory for it yet, its length.
private func give(_ list: [CK_ULONG], _ start: CK_ULONG_PTR?, _ length: CK_ULONG_PTR?) throws(Failure) {
    guard let length else { throw Failure(CKR_ARGUMENTS_BAD) }
    let room = length.pointee
    length.pointee = CK_ULONG(list.count)
    guard let start else { return }
    if room < list.count { throw Failure(CKR_BUFFER_TOO_SMALL) }
    start.update(from: list, count: list.count)
}
