// SPDX-License-Identifier: MIT

// Whether the emitted C and the emitted Swift say what the data says: each call of each policy, perspective and way of
// dealing with a conflict, in each state that `p11gen verify` tries, and with each class of return values, is compared
// with the reference interpreter, bit for bit. A program of its own, since half a billion comparisons need the optimizer.

import CCryptoki
import CodeGeneration
import CryptokiSession
import CryptokiSpecification
import Dispatch
import Foundation
import RuleAnalysis

/// The generated types have a name for states of the token as well.
typealias State = RuleAnalysis.SessionState

guard (3...4).contains(CommandLine.arguments.count) else {
    print("equivalence SPECIFICATION SCHEMA [MOST-OPERATIONS]")
    exit(64)
}
/// How many operations are not idle at most; what an owner reaches is tried beside three only.
let most = CommandLine.arguments.count == 4 ? Int(CommandLine.arguments[3])! : 3
let data = try RuleData(.init(specification: CommandLine.arguments[1], schema: CommandLine.arguments[2]))
let specification = data.tables.specification

/// One choice of rules, in the data and in both languages.
struct Choice: Sendable {
    let interpreter: Interpreter
    let swift: SessionRules
    let c: p11_rules
}

let choices = specification.policies.flatMap { policy in
    specification.perspectives.flatMap { perspective in
        specification.conflicts.map { conflict in
            Choice(
                interpreter: Interpreter(specification, policy, perspective, conflict),
                swift: SessionRules(
                    policy: SessionRules.Policy(rawValue: UInt8(policy.number))!,
                    perspective: SessionRules.Perspective(rawValue: UInt8(perspective.number))!,
                    conflict: SessionRules.Conflict(rawValue: UInt8(conflict.number))!),
                c: p11_rules(
                    policy: p11_policy(UInt32(policy.number)), perspective: p11_perspective(UInt32(perspective.number)),
                    conflict: p11_conflict(UInt32(conflict.number))))
        }
    }
}

// MARK: A call in all three

let ruleNumbers: [String: UInt64] = {
    let rules = specification.exclusions.map(\.rule) + specification.roles.flatMap(\.refusals).map(\.rule)
    return Dictionary(rules.map { ($0.id, UInt64($0.number ?? 0)) }) { first, _ in first }
}()

func number(_ constant: String) -> UInt { specification.registry.numbers[constant]! }

struct ComparedCall {
    let quick: QuickCall
    let function: UInt32
    let swiftFunction: SessionRules.Function
    let c: p11_call
    let swift: SessionRules.Call
    let returnValues: [UInt]

    init(_ quick: QuickCall) {
        self.quick = quick
        function = UInt32(specification.functions[quick.call.function].number)
        swiftFunction = SessionRules.Function(rawValue: UInt8(function))!
        c = p11_call(facts: UInt32(quick.call.facts), flags: quick.call.flags)
        swift = SessionRules.Call(facts: SessionRules.Facts(rawValue: UInt8(quick.call.facts)), flags: quick.call.flags)
        returnValues = quick.returnValues.map(number)
    }

    /// Return value and rule in one number: what the interpreter says.
    func expected(_ state: State) -> UInt64 {
        switch quick.admit(in: state) {
        case .admitted: 0
        case .reported(let rule): ruleNumbers[rule]!
        case .refused(let rule, let value): ruleNumbers[rule]! | UInt64(number(value)) << 8
        }
    }

    func sameVerdicts(_ choice: Choice, _ state: State) -> Bool {
        let inC = p11_admit(choice.c, p11_state(word: state.word), function, c)
        var inSwift: UInt64
        do throws(SessionRules.Violation) {
            let session = SessionRules.Session(word: state.word)
            inSwift = UInt64(try choice.swift.admit(swiftFunction, session, swift)?.rawValue ?? 0)
        } catch {
            inSwift = UInt64(error.rule.rawValue) | UInt64(error.returnValue) << 8
        }
        let found = UInt64(inC.rule.rawValue) | UInt64(inC.rv) << 8
        // Words are looked up only where something is said at all.
        if found == 0, inSwift == 0 { return quick.isAdmitted(in: state) }
        return found == inSwift && found == expected(state)
    }

    func sameStates(_ choice: Choice, _ state: State, _ ending: Int) -> Bool {
        let expected = quick.complete(ending, in: state).word
        var inC = p11_state(word: state.word)
        p11_complete(choice.c, &inC, function, c, returnValues[ending])
        var inSwift = SessionRules.Session(word: state.word)
        choice.swift.complete(swiftFunction, &inSwift, swift, returning: returnValues[ending])
        return inC.word == expected && inSwift.word == expected
    }

    func sameReach(_ interpreter: Interpreter) -> Bool {
        quick.returnValues.indices.allSatisfy { index in
            let expected = interpreter.reach(of: quick.call, returning: quick.returnValues[index])
            let inC = p11_reach_of(function, c, returnValues[index])
            let inSwift = SessionRules.reach(of: swiftFunction, swift, returning: returnValues[index])
            let place = UInt32(CryptokiSpecification.Reach.allCases.firstIndex(of: expected)!)
            return inC.rawValue == place && UInt32(inSwift.rawValue) == place
        }
    }
}

// MARK: Comparing

/// What a part of the work found.
struct Tally: Sendable {
    var verdicts = 0
    var states = 0
    var reaches = 0
    var readings = 0
    var count = 0
    /// The first of them in words.
    var differences: [String] = []

    static func += (total: inout Tally, part: Tally) {
        total.verdicts += part.verdicts
        total.states += part.states
        total.reaches += part.reaches
        total.readings += part.readings
        total.count += part.count
        total.differences += part.differences
    }

    mutating func note(_ choice: Choice, _ call: ComparedCall, _ state: State, _ what: String) {
        count += 1
        if differences.count > 10 { return }
        let rules =
            "\(choice.interpreter.policy.name), \(choice.interpreter.perspective.name), \(choice.interpreter.conflict.name)"
        differences.append(
            "\(rules): \(choice.interpreter.words(call.quick.call)) in the state \(choice.interpreter.words(state)): \(what)"
        )
    }
}

@Sendable func compare(_ choice: Choice, _ few: [State], _ reached: [State]) -> Tally {
    var tally = Tally()
    for call in choice.interpreter.calls.map({ ComparedCall(choice.interpreter.quick($0)) }) {
        // The quick reading against the slow one: where the call does something, and in a sample of all states.
        let touched = few.prefix(64).filter { choice.interpreter.touches(call.quick.call, $0) }
        for state in touched + stride(from: 0, to: few.count, by: 997).map({ few[$0] }) {
            tally.readings += 1
            if !choice.interpreter.agrees(call.quick, in: state) {
                tally.note(choice, call, state, "the quick reading differs")
            }
        }
        tally.reaches += 1
        if !call.sameReach(choice.interpreter) { tally.note(choice, call, State(), "the reach differs") }
        for state in few {
            tally.verdicts += 1
            if !call.sameVerdicts(choice, state) { tally.note(choice, call, state, "the verdicts differ") }
            for ending in call.returnValues.indices {
                tally.states += 1
                if !call.sameStates(choice, state, ending) {
                    tally.note(choice, call, state, "the states after \(call.quick.returnValues[ending]) differ")
                }
            }
        }
        for state in reached {
            tally.verdicts += 1
            if !call.sameVerdicts(choice, state) { tally.note(choice, call, state, "the verdicts differ") }
            if !call.quick.goesAhead(in: state) { continue }
            for ending in call.returnValues.indices {
                tally.states += 1
                if !call.sameStates(choice, state, ending) {
                    tally.note(choice, call, state, "the states after \(call.quick.returnValues[ending]) differ")
                }
            }
        }
    }
    return tally
}

/// What an owner reaches under each policy, split so that every core has its share.
let few = choices[0].interpreter.states(withUpTo: most)
let pieces: [(Choice, few: [State], reached: [State])] = choices.flatMap { choice in
    let isOwner = !choice.interpreter.perspective.knowsUncertainty && !choice.interpreter.conflict.abandons
    let reached = isOwner && most >= 3 ? choice.interpreter.reachedStates : []
    let rest = stride(from: 0, to: reached.count, by: 60_000).map { start in
        (choice, few: [State](), reached: Array(reached[start..<min(start + 60_000, reached.count)]))
    }
    return [(choice, few: few, reached: [])] + rest
}
let results = UnsafeMutableBufferPointer<Tally>.allocate(capacity: pieces.count)
results.initialize(repeating: Tally())
nonisolated(unsafe) let places = results
let work = pieces
DispatchQueue.concurrentPerform(iterations: pieces.count) { index in
    places[index] = compare(work[index].0, work[index].few, work[index].reached)
}
let total = results.reduce(into: Tally()) { $0 += $1 }
let reachedCount = pieces.reduce(0) { $0 + $1.reached.count }
print(
    """
    the emitted C and the emitted Swift against the reference interpreter:
      \(choices.count) choices of policy, perspective and conflict, \(choices[0].interpreter.calls.count) calls, \
    \(choices[0].interpreter.returnValues.count) classes of return values
      \(few.count) states of up to \(most) operations, \(reachedCount) states that owners reach
      \(total.verdicts) verdicts, \(total.states) states afterwards, \(total.reaches) reaches compared, in both languages
      \(total.readings) times the quick reading of the data against the slow one
      \(total.count) differences
    """)
for difference in total.differences.prefix(20) { print(difference) }
exit(total.count == 0 ? 0 : 1)
