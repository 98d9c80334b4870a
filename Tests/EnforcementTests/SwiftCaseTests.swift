// SPDX-License-Identifier: MIT

import CryptokiSession
import Testing
import TestSupport

/// The hand-written cases through the generated Swift.
struct SwiftCaseTests {
    static let policies: [String: Policy] = [
        "usage-guide": .usageGuide, "single": .single, "per-kind": .perKind, "strict": .strict,
    ]
    static let functions = Dictionary(uniqueKeysWithValues: Function.allCases.map { ("\($0)", $0) })
    static let operations = Dictionary(uniqueKeysWithValues: SessionOperation.allCases.map { ("\($0)", $0) })
    static let phases: [String: Phase] = [
        "ready": .ready, "uncertain": .uncertain, "parts": .parts, "message": .message,
    ]

    @Test(arguments: try Case.read("lifecycle"))
    func lifecycle(_ testCase: Case) throws { try follow(testCase, policies: ["usage-guide", "single"]) }

    @Test(arguments: try Case.read("semantics"))
    func semantics(_ testCase: Case) throws {
        try follow(testCase, policies: ["usage-guide", "single", "per-kind", "strict"])
    }

    /// That none is lost on the way from the file to the tests.
    @Test(arguments: [("lifecycle", 300), ("semantics", 300), ("async", 50)])
    func thereAreManyCases(_ file: String, _ least: Int) throws {
        let cases = try Case.read(file)
        print("\(file).cases in Swift: \(cases.count) cases, \(cases.reduce(0) { $0 + $1.steps.count }) steps")
        #expect(cases.count >= least)
    }

    func follow(_ testCase: Case, policies: [String]) throws {
        for policy in testCase.policy == "any" ? policies : [testCase.policy] {
            for perspective in testCase.perspectives {
                let rules = SessionRules(
                    policy: try #require(Self.policies[policy]),
                    perspective: perspective == "owner" ? .owner : .observer)
                var session = Session()
                for step in testCase.steps {
                    let place = "\(testCase.file).cases:\(step.line) (\(policy), \(perspective))"
                    try follow(step, rules, &session, place)
                }
            }
        }
    }

    func follow(_ step: Case.Step, _ rules: SessionRules, _ session: inout Session, _ place: String) throws {
        let expected = try state(step.state)
        guard let name = step.function else {
            session = expected
            return
        }
        let function = try #require(Self.functions[name], "\(place)")
        let call = Self.call(step.facts)
        let before = session
        #expect(admission(function, call, rules, session) == step.admission, "\(place)")
        #expect(session == before, "\(place): to admit changes nothing")
        if step.returnValue != "-" {
            let value = try #require(Case.returnValues[step.returnValue], "\(place)")
            #expect(rules.complete(function, &session, call, returning: value) == value)
        }
        #expect(session == expected, "\(place): \(describe(session)) instead of \(describe(expected))")
    }

    private func admission(_ function: Function, _ call: Call, _ rules: SessionRules, _ session: Session) -> String {
        do throws(RuleViolation) {
            return try rules.admit(function, session, call) == nil ? "admitted" : "reported"
        } catch {
            return "refused \(Case.returnValues.first { $0.value == error.returnValue }?.key ?? "?")"
        }
    }

    static func call(_ facts: [String]) -> Call {
        var call = Call()
        for fact in facts {
            switch fact {
            case "query": call.facts.insert(.query)
            case "null-mechanism": call.facts.insert(.nullMechanism)
            case "last": call.facts.insert(.last)
            case "context-specific": call.facts.insert(.contextSpecific)
            default: call.flags = UInt(fact.split(separator: "x").last!, radix: 16)!
            }
        }
        return call
    }

    private func state(_ phases: [String: String]) throws -> Session {
        var session = Session()
        for (operation, phase) in phases {
            session[try #require(Self.operations[operation])] = try #require(Self.phases[phase])
        }
        return session
    }

    private func describe(_ session: Session) -> String {
        let active = SessionOperation.allCases.filter { session[$0] != .idle }.map { "\($0)=\(session[$0])" }
        return active.isEmpty ? "idle" : active.joined(separator: " ")
    }
}
