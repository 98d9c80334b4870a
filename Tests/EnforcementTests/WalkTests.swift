// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession
import Foundation
import Testing

/// What holds of any history, on random ones. A failure prints the seed, which `P11GEN_SEED` repeats.
struct WalkTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        /// splitmix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let seed =
        ProcessInfo.processInfo.environment["P11GEN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...999_999)

    /// OK twice as often as any other; the rest of the classes, and values that are ordinary errors.
    private static let values: [UInt] = [
        0, 0, 0x150, 0x91, 0x202, 0xA4, 0x90, 0x54, 0x204, 0xB3, 0xB0, 0x32, 0xE0, 0x190, 0x30, 0x07, 0xC0, 0x8000_0001,
    ]
    private static let errors: Set<UInt> = [0x30, 0x07, 0xC0, 0x8000_0001, 0x150, 0x202, 0xA4]

    private func call(_ random: inout Random) -> Call {
        Call(
            facts: Facts(rawValue: UInt8.random(in: 0..<16, using: &random)),
            flags: Bool.random(using: &random) ? 0 : UInt.random(in: 0..<0x8000, using: &random))
    }

    private func admits(_ rules: SessionRules, _ function: Function, _ session: Session, _ call: Call) -> Bool {
        do throws(RuleViolation) { try rules.admit(function, session, call) } catch { return false }
        return true
    }

    static func inC(_ rules: SessionRules) -> p11_rules {
        p11_rules(
            policy: p11_policy(UInt32(rules.policy.rawValue)),
            perspective: p11_perspective(UInt32(rules.perspective.rawValue)),
            conflict: p11_conflict(UInt32(rules.conflict.rawValue)))
    }

    /// Whether the C header says the same of the call.
    private func sameInC(_ rules: SessionRules, _ function: Function, _ session: Session, _ call: Call) -> Bool {
        let verdict = p11_admit(
            Self.inC(rules), p11_state(word: session.word), UInt32(function.rawValue),
            p11_call(facts: UInt32(call.facts.rawValue), flags: call.flags))
        do throws(RuleViolation) {
            let reported = try rules.admit(function, session, call)
            return verdict.rv == 0 && verdict.rule.rawValue == UInt32(reported?.rawValue ?? 0)
        } catch {
            return verdict.rv == error.returnValue && verdict.rule.rawValue == UInt32(error.rule.rawValue)
        }
    }

    private func completedInC(
        _ rules: SessionRules, _ function: Function, _ session: Session, _ call: Call, _ value: UInt
    ) -> Session {
        var state = p11_state(word: session.word)
        let call = p11_call(facts: UInt32(call.facts.rawValue), flags: call.flags)
        p11_complete(Self.inC(rules), &state, UInt32(function.rawValue), call, value)
        return Session(word: state.word)
    }

    private func walk(_ policy: Policy, _ perspective: Perspective, _ calls: Int) {
        var random = Random(state: Self.seed &+ UInt64(policy.rawValue) &* 7919 &+ UInt64(perspective.rawValue))
        let rules = SessionRules(policy: policy, perspective: perspective)
        var session = Session()
        for number in 0..<calls {
            let function = Function.allCases.randomElement(using: &random)!
            let call = call(&random)
            let before = session
            let place: Comment = "seed \(Self.seed), call \(number), \(policy), \(perspective): \(function) \(call)"

            // Turning an operation uncertain never refuses more.
            let isAdmitted = admits(rules, function, session, call)
            var doubtful = session
            doubtful[SessionOperation.allCases.randomElement(using: &random)!] = .uncertain
            if isAdmitted { #expect(admits(rules, function, doubtful, call), place) }
            #expect(session == before, place)

            #expect(sameInC(rules, function, session, call), place)

            if !isAdmitted { continue }
            let value = Self.values.randomElement(using: &random)!
            rules.complete(function, &session, call, returning: value)
            #expect(completedInC(rules, function, before, call, value) == session, place)
            for operation in SessionOperation.allCases {
                // In a token nothing is ever uncertain.
                if perspective == .owner { #expect(session[operation] != .uncertain, place) }
                // No error makes an idle operation active or uncertain.
                if Self.errors.contains(value), before[operation] == .idle {
                    #expect(session[operation] == .idle, place)
                }
            }
            // What is pending has not ended; no operation of a session that is gone is active.
            if value == 0x204 { #expect(session == before, place) }
            if [0xB3, 0xB0, 0x32, 0xE0, 0x190].contains(value) { #expect(session.word == 0, place) }
        }
    }

    @Test func invariantsHoldOnRandomWalks() {
        let calls = 100_000
        for policy in Policy.allCases {
            for perspective in Perspective.allCases { walk(policy, perspective, calls) }
        }
        print(
            "random walks: \(calls) calls for each of 4 policies and 2 perspectives, Swift and C agree, seed \(Self.seed)"
        )
    }

    /// In a token under the guide's policy never two that are no pair, whatever happens.
    @Test func aTokenNeverHoldsTwoThatAreNoPair() {
        var random = Random(state: Self.seed)
        let rules = SessionRules(policy: .usageGuide, perspective: .owner)
        let pairs: Set<Set<SessionOperation>> = [
            [.digest, .encrypt], [.decrypt, .digest], [.sign, .encrypt], [.decrypt, .verify],
        ]
        var session = Session()
        var seen: Set<Set<SessionOperation>> = []
        for number in 0..<100_000 {
            let function = Function.allCases.randomElement(using: &random)!
            let call = call(&random)
            guard admits(rules, function, session, call) else { continue }
            rules.complete(function, &session, call, returning: number % 8 == 0 ? 0x30 : 0)
            let active = Set(SessionOperation.allCases.filter { session[$0] != .idle })
            if active.count == 2 { seen.insert(active) }
            #expect(active.count < 2 || pairs.contains(active), "seed \(Self.seed), call \(number): \(active)")
        }
        #expect(seen == pairs, "every pair was reached, seed \(Self.seed)")
    }
}
