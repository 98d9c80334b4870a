// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession
import Synchronization

/// The usage guide's pairs and nothing else at the same time, asked by a token, which knows what it holds.
let rules = SessionRules(policy: .usageGuide, perspective: .owner)

/// The token from C_Initialize to C_Finalize, and nil outside.
///
/// The lock is held from admit to complete, so a second thread waits and two are never in one session.
let library = Mutex<Token?>(nil)

/// What a function answers instead of CKR_OK.
struct Failure: Error {
    let returnValue: CK_RV
    init(_ returnValue: CK_RV) { self.returnValue = returnValue }
}

struct Token {
    static let slot: CK_SLOT_ID = 1

    var sessions: [CK_SESSION_HANDLE: OpenSession] = [:]
    var lastSession: CK_SESSION_HANDLE = 0
    var keys = Keys()
}

struct OpenSession {
    let handle: CK_SESSION_HANDLE
    let flags: CK_FLAGS

    /// What is active: the rules' to read and to change.
    var operations = SessionRules.Session()

    /// What each operation works with. Of one that is active it is there, so what was admitted may take it for granted.
    var search: [CK_OBJECT_HANDLE]?
    var digest: SHA256?
    var encryption: CBC?
    var decryption: CBC?

    /// Frees what belongs to operations that ended, whichever way they did, and to starts that failed.
    mutating func freeWhatEnded() {
        if operations[.find] == .idle { search = nil }
        if operations[.digest] == .idle { digest = nil }
        if operations[.encrypt] == .idle { encryption = nil }
        if operations[.decrypt] == .idle { decryption = nil }
    }
}

// MARK: - Into the library and into a session

/// A call of a function that belongs to no session, or ends some.
func inLibrary(_ work: (inout Token) throws(Failure) -> Void) -> CK_RV {
    library.withLock { state in
        guard var token = state.take() else { return CKR_CRYPTOKI_NOT_INITIALIZED }
        defer { state = token }
        do throws(Failure) {
            try work(&token)
            return CKR_OK
        } catch {
            return error.returnValue
        }
    }
}

/// A call of a function in a session. This is all there is to the rules: they are asked once it is known that the session is
/// there, before arguments, mechanism and key are looked at, and are told what the call returns, also where it failed.
func inSession(
    _ handle: CK_SESSION_HANDLE,
    _ admit: (SessionRules.Session) throws(SessionRules.Violation) -> SessionRules.Rule?,
    work: (inout OpenSession, inout Keys) throws(Failure) -> Void,
    complete: (inout SessionRules.Session, CK_RV) -> CK_RV
) -> CK_RV {
    inLibrary { token throws(Failure) in
        guard var session = token.sessions[handle] else { throw Failure(CKR_SESSION_HANDLE_INVALID) }
        do throws(SessionRules.Violation) {
            _ = try admit(session.operations)
        } catch {
            throw Failure(error.returnValue)  // Nothing happened, so there is nothing to complete.
        }
        var returnValue = CKR_OK
        do throws(Failure) {
            try work(&session, &token.keys)
        } catch {
            returnValue = error.returnValue
        }
        returnValue = complete(&session.operations, returnValue)
        session.freeWhatEnded()
        token.sessions[handle] = session
        if returnValue != CKR_OK { throw Failure(returnValue) }
    }
}

/// The same of a function whose arguments tell the rules nothing.
func inSession(
    _ handle: CK_SESSION_HANDLE,
    _ admit: (SessionRules.Session) throws(SessionRules.Violation) -> SessionRules.Rule?,
    _ complete: (inout SessionRules.Session, CK_RV) -> CK_RV,
    work: (inout OpenSession, inout Keys) throws(Failure) -> Void
) -> CK_RV {
    inSession(handle, admit, work: work, complete: complete)
}
