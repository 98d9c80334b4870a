// SPDX-License-Identifier: MIT

import CryptokiSession

/// Everything that is tried with a token.
struct Experiments {
    let bench: Bench
    let expectation: Expectation
    /// Tries a start without a mechanism in a process of its own.
    let apart: (SessionOperation) -> ProcessEnd

    /// Every ordered pair of operations; one after itself is a second start.
    func pairs() throws(Failure) -> [Observation] {
        var observations: [Observation] = []
        for first in bench.offered {
            for then in bench.offered {
                observations.append(try start(then, beside: [first], first == then ? .restart : .pair))
            }
        }
        return observations
    }

    /// A third operation beside each two that the token allows together, and the policy too.
    ///
    /// Where the token allows two that the rules forbid, a third would say nothing new.
    func thirds(_ pairs: [Observation]) throws(Failure) -> [Observation] {
        var observations: [Observation] = []
        for pair in pairs where pair.kind == .pair && pair.outcome == .allowed && pair.verdict == .admitted {
            guard let second = pair.then else { continue }
            for third in bench.offered where third != second && !pair.active.contains(third) {
                observations.append(try start(third, beside: pair.active + [second], .third))
            }
        }
        return observations
    }

    private func start(
        _ operation: SessionOperation, beside active: [SessionOperation], _ kind: Observation.Kind
    ) throws(Failure) -> Observation {
        let (outcome, value) = try bench.withSession { session in
            // In here, as a renewed bench has other offers.
            guard let then = bench.offers[operation] else { return (Outcome.untried, ReturnValue.ok) }
            return Self.start(then, beside: active.compactMap { bench.offers[$0] }, session)
        }
        return Observation(
            kind: kind, active: active, then: operation,
            verdict: expectation.start(of: operation, beside: active), outcome: outcome, value: value)
    }

    private static func start(
        _ offer: Offer, beside others: [Offer], _ session: UInt
    ) -> (Outcome, ReturnValue) {
        CrashReport.note(
            "\(offer.operation) was started beside \(others.map { "\($0.operation)" }.joined(separator: ", "))")
        let older = others.map { Run($0, session) }
        for run in older {
            let value = run.start()
            if value != .ok { return (.untried, value) }
            run.part(0)
            if let failure = run.failure { return (.untried, failure) }
        }
        let isRestart = others.contains { $0.operation == offer.operation }
        let newer = Run(offer, session, variant: isRestart ? 1 : 0)
        let value = newer.start()
        if value == .ok {
            newer.part(0)
            // In turns: two that share what should be apart spoil each other. A second start would take the part of the first.
            if !isRestart { for run in older { run.part(1) } }
            newer.finish(from: 1)
        }
        for run in older { run.finish(from: value == .ok && !isRestart ? 2 : 1) }
        let newerEnding = value == .ok ? newer.ending : nil
        if isRestart, newerEnding == .right, !older.allSatisfy({ $0.ending == .right }) {
            // Of what the older one gives now nothing is expected: its calls went to the newer one.
            return (.abandoned, value)
        }
        return (judge(newerEnding, older.map(\.ending)), value)
    }

    /// - Parameter newer: nil where the start answered an error.
    private static func judge(_ newer: Run.Ending?, _ older: [Run.Ending]) -> Outcome {
        let allGoOn = older.allSatisfy { $0 == .right }
        func isWrong(_ ending: Run.Ending) -> Bool { if case .wrong = ending { true } else { false } }
        guard let newer else { return allGoOn ? .refused : older.contains(where: isWrong) ? .wrong : .broken }
        if isWrong(newer) || older.contains(where: isWrong) { return .wrong }
        if newer == .right { return allGoOn ? .allowed : .abandoned }
        return allGoOn ? .unusable : .broken
    }

    /// The call that does all in one part, of an operation that was fed a part.
    func singles() throws(Failure) -> [Observation] {
        var observations: [Observation] = []
        for operation in bench.offered {
            guard let function = bench.offers[operation]?.driver.single else { continue }
            let (outcome, value) = try bench.withSession { session in
                guard let offer = bench.offers[operation] else { return (Outcome.untried, ReturnValue.ok) }
                return Self.single(offer, session)
            }
            observations.append(
                Observation(
                    kind: .single, active: [operation], then: operation,
                    verdict: expectation.single(function, of: operation), outcome: outcome, value: value))
        }
        return observations
    }

    private static func single(_ offer: Offer, _ session: UInt) -> (Outcome, ReturnValue) {
        CrashReport.note("\(offer.operation) in one call was tried after a part")
        let run = Run(offer, session)
        let start = run.start()
        run.part(0)
        if start != .ok || run.failure != nil { return (.untried, run.failure ?? start) }
        var output: [UInt8] = []
        let value = ReturnValue(offer.driver.single(session, 0, &output))
        // What a verification says of the data is an answer to the call: it was let in.
        if value == .ok || value == .signatureInvalid { return (.allowed, value) }
        run.finish(from: 1)
        return switch run.ending {
        case .right: (.refused, value)
        case .wrong: (.wrong, value)
        case .failed: (.ended, value)
        }
    }
}
