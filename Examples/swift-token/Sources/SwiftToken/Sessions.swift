// SPDX-License-Identifier: MIT
// The names of these functions, and what they do, are the standard's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CCryptoki

@c @implementation
public func C_OpenSession(
    _ slotID: CK_SLOT_ID, _ flags: CK_FLAGS, _ pApplication: CK_VOID_PTR?, _ Notify: CK_NOTIFY?,
    _ phSession: CK_SESSION_HANDLE_PTR?
) -> CK_RV {
    inLibrary { token throws(Failure) in
        if slotID != Token.slot { throw Failure(CKR_SLOT_ID_INVALID) }
        if flags & CKF_SERIAL_SESSION == 0 { throw Failure(CKR_SESSION_PARALLEL_NOT_SUPPORTED) }
        guard let phSession else { throw Failure(CKR_ARGUMENTS_BAD) }
        token.lastSession += 1
        token.sessions[token.lastSession] = OpenSession(handle: token.lastSession, flags: flags)
        phSession.pointee = token.lastSession
    }
}

// The state of a session that ends goes with it: nothing is to be completed.

@c @implementation
public func C_CloseSession(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    inLibrary { token throws(Failure) in
        if token.sessions.removeValue(forKey: hSession) == nil { throw Failure(CKR_SESSION_HANDLE_INVALID) }
        token.keys.removeAll(of: hSession)
    }
}

@c @implementation
public func C_CloseAllSessions(_ slotID: CK_SLOT_ID) -> CK_RV {
    inLibrary { token throws(Failure) in
        if slotID != Token.slot { throw Failure(CKR_SLOT_ID_INVALID) }
        token.sessions = [:]
        token.keys = Keys()
    }
}

@c @implementation
public func C_GetSessionInfo(_ hSession: CK_SESSION_HANDLE, _ pInfo: CK_SESSION_INFO_PTR?) -> CK_RV {
    inSession(hSession, rules.admit_C_GetSessionInfo, rules.complete_C_GetSessionInfo) { session, _ throws(Failure) in
        guard let pInfo else { throw Failure(CKR_ARGUMENTS_BAD) }
        let state = session.flags & CKF_RW_SESSION == 0 ? CKS_RO_PUBLIC_SESSION : CKS_RW_PUBLIC_SESSION
        pInfo.pointee = CK_SESSION_INFO(slotID: Token.slot, state: state, flags: session.flags, ulDeviceError: 0)
    }
}

@c @implementation
public func C_GenerateRandom(
    _ hSession: CK_SESSION_HANDLE, _ pRandomData: CK_BYTE_PTR?, _ ulRandomLen: CK_ULONG
) -> CK_RV {
    inSession(hSession, rules.admit_C_GenerateRandom, rules.complete_C_GenerateRandom) { _, _ throws(Failure) in
        guard let pRandomData, let count = Int(exactly: ulRandomLen) else { throw Failure(CKR_ARGUMENTS_BAD) }
        pRandomData.update(from: randomBytes(count), count: count)
    }
}
