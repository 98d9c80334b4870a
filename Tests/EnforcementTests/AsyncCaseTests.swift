// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession
import TestSupport
import Testing

/// The hand-written cases of asynchronous sessions through the generated Swift and the generated C.
struct AsyncCaseTests {
    private struct State: Equatable, CustomStringConvertible {
        var session = Session()
        var pending = Pending()

        var description: String {
            let active = SessionOperation.allCases.filter { session[$0] != .idle }.map { "\($0)=\(session[$0])" }
            let call =
                pending.isLost
                ? ["pending=lost"] : pending.function.map { [pending.isJoined ? "joined=\($0)" : "pending=\($0)"] }
            return (active + (call ?? [])).joined(separator: " ")
        }

        /// What a case says of a state: which call is pending, not with which arguments.
        func isAsExpected(_ expected: State) -> Bool {
            session == expected.session && pending.isLost == expected.pending.isLost
                && (pending.isLost
                    || pending.function == expected.pending.function && pending.isJoined == expected.pending.isJoined)
        }
    }

    private func state(_ words: [String: String]) throws -> State {
        var state = State()
        for (key, value) in words {
            switch key {
            case "pending" where value == "lost": state.pending.isLost = true
            case "pending", "joined":
                let function = try #require(SwiftCaseTests.functions[value])
                state.pending.function = function
                state.pending.isJoined = key == "joined"
            default:
                let operation = try #require(SwiftCaseTests.operations[key])
                state.session[operation] = try #require(SwiftCaseTests.phases[value])
            }
        }
        return state
    }

    @Test(arguments: try Case.read("async"))
    func follows(_ testCase: Case) throws {
        let policies = testCase.policy == "any" ? ["usage-guide", "single", "per-kind", "strict"] : [testCase.policy]
        for policy in policies {
            for perspective in testCase.perspectives {
                let rules = SessionRules(
                    policy: try #require(SwiftCaseTests.policies[policy]),
                    perspective: perspective == "owner" ? .owner : .observer)
                var inSwift = State()
                var inC = State()
                for step in testCase.steps {
                    let place: Comment = "\(testCase.file).cases:\(step.line) (\(policy), \(perspective))"
                    let expected = try state(step.state)
                    guard let name = step.function else {
                        (inSwift, inC) = (expected, expected)
                        continue
                    }
                    let function = try #require(SwiftCaseTests.functions[name])
                    let named = step.facts.first { $0.hasPrefix("named=") }.map { String($0.dropFirst(6)) }
                    let call = SwiftCaseTests.call(step.facts.filter { !$0.hasPrefix("named=") })
                    let value = Case.returnValues[step.returnValue]
                    try #require(value != nil || step.returnValue == "-")
                    let said = follow(function, call, named, value, rules, &inSwift)
                    #expect(said == step.admission, place)
                    #expect(inSwift.isAsExpected(expected), "\(place): \(inSwift) instead of \(expected)")
                    #expect(followInC(function, call, named, value, rules, &inC) == said, "\(place): C")
                    #expect(inC.isAsExpected(inSwift), "\(place): C has \(inC)")
                }
            }
        }
    }

    private func follow(
        _ function: Function, _ call: Call, _ named: String?, _ value: UInt?, _ rules: SessionRules,
        _ state: inout State
    ) -> String {
        let said: String
        do throws(RuleViolation) {
            said = try rules.admit(function, state.session, state.pending, call) == nil ? "admitted" : "reported"
        } catch {
            said = "refused \(Case.returnValues.first { $0.value == error.returnValue }?.key ?? "?")"
        }
        if let value {
            let named = named.flatMap { SwiftCaseTests.functions[$0] }
            rules.complete(function, &state.session, &state.pending, call, named: named, returning: value)
        }
        return said
    }

    private func followInC(
        _ function: Function, _ call: Call, _ named: String?, _ value: UInt?, _ rules: SessionRules,
        _ state: inout State
    ) -> String {
        let cRules = WalkTests.inC(rules)
        let cCall = p11_call(facts: UInt32(call.facts.rawValue), flags: call.flags)
        var cState = p11_state(word: state.session.word)
        var cPending = p11_pending(word: 0)
        if let function = state.pending.function {
            cPending.word =
                UInt64(function.rawValue) | UInt64(state.pending.call.facts.rawValue) << 8
                | UInt64(state.pending.call.flags) << 32 | (state.pending.isJoined ? 1 << 16 : 0)
        }
        if state.pending.isLost { cPending.word |= 1 << 17 }
        let verdict = p11_admit_async(cRules, cState, cPending, UInt32(function.rawValue), cCall)
        if let value {
            let number = p11_function_number(named)
            p11_complete_async(cRules, &cState, &cPending, UInt32(function.rawValue), cCall, number.rawValue, value)
        }
        state.session.word = cState.word
        state.pending = Pending()
        state.pending.function = Function(rawValue: UInt8(cPending.word & 0xFF))
        state.pending.call = Call(
            facts: Facts(rawValue: UInt8(cPending.word >> 8 & 0xFF)), flags: UInt(cPending.word >> 32))
        state.pending.isJoined = cPending.word >> 16 & 1 != 0
        state.pending.isLost = cPending.word >> 17 & 1 != 0
        if verdict.rv == 0 { return verdict.rule == P11_RULE_NONE ? "admitted" : "reported" }
        return "refused \(Case.returnValues.first { $0.value == verdict.rv }?.key ?? "?")"
    }
}
