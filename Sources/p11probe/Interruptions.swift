// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// What may end an operation from outside: the standard leaves much of it to the token, so none of it is a violation.
extension Experiments {
    func interruptions() throws(Failure) -> [Observation] {
        var observations: [Observation] = []
        let module = bench.token.module
        if let cancel = module.list30?.C_SessionCancel {
            observations += try interrupt(.cancel) { operation, session in
                expectation.cancelFlag(of: operation).map { ReturnValue(cancel(session, $0)) }
            }
        }
        // Before 3.0 nothing was said of a NULL mechanism.
        if module.list30 != nil { observations += nullMechanisms() }
        if bench.token.pin != nil { observations += try logins() }
        return observations
    }

    /// Many a module follows the pointer, so each is tried in a process of its own.
    private func nullMechanisms() -> [Observation] {
        bench.offered.filter { $0 != .find }.map { operation in
            let (outcome, value) = Self.parse(apart(operation))
            return Observation(
                kind: .nullMechanism, active: [operation], then: nil, verdict: nil, outcome: outcome, value: value)
        }
    }

    /// What a process of its own finds out and prints for `parse`.
    static func nullMechanism(_ operation: SessionOperation, _ bench: Bench) throws(Failure) -> String {
        let result = try bench.withSession { session in
            bench.offers[operation].flatMap { offer in
                interrupt(offer, session) { offer.driver.startWithoutMechanism(session).map { ReturnValue($0) } }
            }
        }
        guard let (outcome, value) = result else { return "" }
        return "\(outcome.rawValue) \(value.rawValue)\n"
    }

    private static func parse(_ end: ProcessEnd) -> (Outcome, ReturnValue) {
        let words = end.output.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let outcome = Outcome(rawValue: String(words[0])), let value = UInt(words[1])
        else { return (end.wasKilled ? .crashed : .untried, .ok) }
        return (outcome, ReturnValue(value))
    }

    private func interrupt(
        _ kind: Observation.Kind, _ call: (SessionOperation, CK_SESSION_HANDLE) -> ReturnValue?
    ) throws(Failure) -> [Observation] {
        var observations: [Observation] = []
        for operation in bench.offered {
            let result = try bench.withSession { session in
                CrashReport.note("\(kind.rawValue) was tried while \(operation) was active")
                return bench.offers[operation].flatMap { Self.interrupt($0, session) { call(operation, session) } }
            }
            guard let (outcome, value) = result else { continue }
            observations.append(
                Observation(
                    kind: kind, active: [operation], then: nil, verdict: nil, outcome: outcome, value: value))
        }
        return observations
    }

    private static func interrupt(
        _ offer: Offer, _ session: CK_SESSION_HANDLE, _ call: () -> ReturnValue?
    ) -> (Outcome, ReturnValue)? {
        let run = Run(offer, session)
        let start = run.start()
        run.part(0)
        if start != .ok || run.failure != nil { return (.untried, run.failure ?? start) }
        guard let value = call() else { return nil }
        run.finish(from: 1)
        return switch run.ending {
        case .right: (.goesOn, value)
        case .wrong: (.wrong, value)
        case .failed: (.ended, value)
        }
    }

    /// Logging out and in with an operation active. Private keys end with a logout, so they are made anew each time.
    private func logins() throws(Failure) -> [Observation] {
        let token = bench.token
        var (loggingOut, loggingIn): ([Observation], [Observation]) = ([], [])
        for operation in bench.offered {
            CrashReport.note("logout and login were tried while \(operation) was active")
            func note(_ kind: Observation.Kind, _ result: (Outcome, ReturnValue)?) -> Observation {
                Observation(
                    kind: kind, active: [operation], then: nil, verdict: nil, outcome: result?.0 ?? .untried,
                    value: result?.1 ?? .ok)
            }
            let out = try bench.withSession { session in
                bench.offers[operation].flatMap { Self.interrupt($0, session) { token.logout(session) } }
            }
            loggingOut.append(note(.logout, out))
            // Where the keys are gone now there is nothing to be active before a login.
            if !bench.keys.arePrivate, !bench.isSingle {
                _ = token.logout(bench.home)
                let into = try bench.withSession { session in
                    bench.offers[operation].flatMap { Self.interrupt($0, session) { token.login(session) } }
                }
                loggingIn.append(note(.login, into))
            }
            if bench.keys.arePrivate || bench.isSingle {
                try bench.renew()
            } else {
                _ = token.login(bench.home)
            }
        }
        return loggingOut + loggingIn
    }
}
