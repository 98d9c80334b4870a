// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession
import Testing

/// A start that abandons what stands in its way, as section 4.1 of the usage guide allows. Expectations by hand.
struct ConflictTests {
    private func session(_ phases: [SessionOperation: Phase]) -> Session {
        var session = Session()
        for (operation, phase) in phases { session[operation] = phase }
        return session
    }

    private func rules(_ policy: Policy, _ perspective: Perspective = .owner) -> SessionRules {
        SessionRules(policy: policy, perspective: perspective, conflict: .abandon)
    }

    @Test func whatStoodInTheWayIsIdleOnceTheStartSucceeds() throws {
        var state = session([.sign: .parts, .encrypt: .ready])
        #expect(try rules(.usageGuide).admit(.C_DigestInit, state) == nil)
        rules(.usageGuide).complete(.C_DigestInit, &state, returning: 0)
        // Digest goes with encrypt, not with sign: only sign is abandoned.
        #expect(state == session([.digest: .ready, .encrypt: .ready]))
    }

    @Test func anOperationOfItsOwnKindStartsAnew() throws {
        var state = session([.encrypt: .parts, .digest: .parts])
        #expect(try rules(.usageGuide).admit(.C_EncryptInit, state) == nil)
        rules(.usageGuide).complete(.C_EncryptInit, &state, returning: 0)
        #expect(state == session([.encrypt: .ready, .digest: .parts]))
    }

    @Test func aStartThatFailsAbandonsNothing() {
        let before = session([.sign: .parts])
        var state = before
        rules(.usageGuide).complete(.C_DigestInit, &state, returning: 0x70)  // CKR_MECHANISM_INVALID
        #expect(state == before)
    }

    @Test func whatIsUncertainDoesNotStandInTheWay() throws {
        var state = session([.sign: .uncertain])
        #expect(try rules(.usageGuide, .observer).admit(.C_DigestInit, state) == nil)
        rules(.usageGuide, .observer).complete(.C_DigestInit, &state, returning: 0)
        #expect(state == session([.sign: .uncertain, .digest: .ready]))
    }

    @Test func singleAbandonsTheOtherHalfOfAPairAndASearch() {
        var state = session([.encrypt: .ready])
        rules(.single).complete(.C_DigestInit, &state, returning: 0)
        #expect(state == session([.digest: .ready]))
        state = session([.find: .ready])
        rules(.single).complete(.C_DigestInit, &state, returning: 0)
        #expect(state == session([.digest: .ready]))
    }

    @Test func aCancelAbandonsNothing() {
        var state = session([.sign: .parts])
        rules(.usageGuide).complete(.C_DigestInit, &state, Call(facts: .nullMechanism), returning: 0)
        #expect(state == session([.sign: .parts]))
    }

    /// Only starts abandon: strict still refuses the calls that have to wait.
    @Test func callsThatStartNothingAreStillRefused() {
        let state = session([.sign: .parts])
        let error = #expect(throws: RuleViolation.self) { try rules(.strict).admit(.C_GenerateRandom, state) }
        #expect(error?.returnValue == 0x90)
        #expect(error?.rule == .instantBesideOperation)
    }
}

/// Effects that reach other sessions: the caller applies the same call to each. Expectations by hand.
struct ReachTests {
    /// Two sessions with one token, one with another.
    private struct Application {
        var sessions = [Session(), Session(), Session()]
        let tokens = ["a", "a", "b"]
        let rules: SessionRules

        /// What a library does: the call is completed in its own session, and in those that it touched.
        mutating func complete(_ function: Function, in own: Int, _ call: Call = Call(), returning value: UInt) {
            let reach = SessionRules.reach(of: function, call, returning: value)
            for index in sessions.indices {
                let isTouched =
                    switch reach {
                    case .session: index == own
                    case .token: tokens[index] == tokens[own]
                    case .library: true
                    }
                if isTouched { rules.complete(function, &sessions[index], call, returning: value) }
            }
        }
    }

    private func application(_ perspective: Perspective = .observer) -> Application {
        var application = Application(rules: SessionRules(policy: .usageGuide, perspective: perspective))
        for index in 0..<3 { application.sessions[index][.encrypt] = .parts }
        return application
    }

    private func phases(_ application: Application) -> [Phase] { application.sessions.map { $0[.encrypt] } }

    @Test(arguments: [Function.C_Login, .C_LoginUser, .C_Logout])
    func loginAndLogoutReachEverySessionWithTheToken(_ function: Function) {
        var app = application()
        app.complete(function, in: 0, returning: 0)
        #expect(phases(app) == [.uncertain, .uncertain, .parts])
        // A token knows what it does with its operations.
        app = application(.owner)
        app.complete(function, in: 0, returning: 0)
        #expect(phases(app) == [.parts, .parts, .parts])
    }

    @Test func aLoginThatFailsTouchesNothing() {
        var app = application()
        app.complete(.C_Login, in: 0, returning: 0xA0)  // CKR_PIN_INCORRECT
        #expect(phases(app) == [.parts, .parts, .parts])
    }

    @Test func aLoginForTheOperationTouchesNothingUnlessItLocksThePIN() {
        var app = application()
        app.complete(.C_Login, in: 0, Call(facts: .contextSpecific), returning: 0)
        #expect(phases(app) == [.parts, .parts, .parts])
        app.complete(.C_Login, in: 0, Call(facts: .contextSpecific), returning: 0xA4)  // CKR_PIN_LOCKED
        #expect(phases(app) == [.uncertain, .uncertain, .parts])
    }

    @Test(arguments: [UInt(0x32), 0xE0])  // CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT
    func aRemovedTokenTakesItsSessionsAlong(_ value: UInt) {
        var app = application()
        app.complete(.C_GetSessionInfo, in: 1, returning: value)
        #expect(phases(app) == [.idle, .idle, .parts])
    }

    @Test(arguments: [UInt(0xB0), 0xB3])  // CKR_SESSION_CLOSED, CKR_SESSION_HANDLE_INVALID
    func aClosedSessionIsGoneAlone(_ value: UInt) {
        var app = application()
        app.complete(.C_EncryptUpdate, in: 1, returning: value)
        #expect(phases(app) == [.parts, .idle, .parts])
    }

    @Test func closing() {
        var app = application()
        app.complete(.C_CloseSession, in: 2, returning: 0)
        #expect(phases(app) == [.parts, .parts, .idle])
        app.complete(.C_CloseAllSessions, in: 0, returning: 0)
        #expect(phases(app) == [.idle, .idle, .idle])
    }

    @Test func theEndOfTheLibraryIsTheEndOfAll() {
        var app = application()
        app.complete(.C_Finalize, in: 0, returning: 0)
        #expect(phases(app) == [.idle, .idle, .idle])
        app = application()
        app.complete(.C_Encrypt, in: 0, returning: 0x190)  // CKR_CRYPTOKI_NOT_INITIALIZED
        #expect(phases(app) == [.idle, .idle, .idle])
    }

    /// The outcome of a login that was pending reaches as far as the login does.
    @Test func aPendingLoginReachesAsALoginDoes() {
        var pending = Pending()
        pending.function = .C_Login
        func reach(_ named: Function, _ value: UInt) -> Reach {
            SessionRules.reach(of: .C_AsyncComplete, pending, named: named, returning: value)
        }
        #expect(reach(.C_Login, 0) == .token)
        #expect(reach(.C_Login, 0xA0) == .session)  // CKR_PIN_INCORRECT
        #expect(reach(.C_Logout, 0) == .session, "not what is pending")
        pending.call.facts = .contextSpecific
        #expect(reach(.C_Login, 0) == .session)

        let login = p11_pending(word: UInt64(Function.C_Login.rawValue))
        let call = p11_call(facts: 0, flags: 0)
        let complete = UInt32(Function.C_AsyncComplete.rawValue)
        let named = UInt32(Function.C_Login.rawValue)
        #expect(p11_reach_of_async(login, complete, call, named, 0) == P11_REACH_TOKEN)
        #expect(p11_reach_of_async(login, complete, call, named, 0xA0) == P11_REACH_SESSION)
    }
}

/// What is no value of an enumeration does not lead outside of the tables.
struct RangeTests {
    @Test func rulesOutOfRangeAreTheFirst() {
        let odd = p11_rules(policy: p11_policy(77), perspective: p11_perspective(77), conflict: p11_conflict(77))
        let first = p11_rules(policy: p11_policy(0), perspective: p11_perspective(0), conflict: p11_conflict(0))
        let call = p11_call(facts: 0, flags: 0)
        for function in 0..<UInt32(400) {
            for word: UInt64 in [0, 0x155_5555, 0x3FF_FFFF, 0x2AA_AAAA] {
                var (one, other) = (p11_state(word: word), p11_state(word: word))
                #expect(p11_admit(odd, one, function, call).rv == p11_admit(first, other, function, call).rv)
                for value: UInt in [0, 0x30, 0x90, 0x91, 0xB3] {
                    p11_complete(odd, &one, function, call, value)
                    p11_complete(first, &other, function, call, value)
                    #expect(one.word == other.word)
                }
            }
        }
    }
}
