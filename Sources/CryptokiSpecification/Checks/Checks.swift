// SPDX-License-Identifier: MIT

import SourceDiagnostics

/// What a specification must fulfil beyond form and references.
struct Checks {
    let specification: Specification
    let hasFaultyCodeSet: Bool
    var diagnostics = Diagnostics()

    init(_ specification: Specification) {
        self.specification = specification
        hasFaultyCodeSet = specification.codeSets.contains(where: \.element.hasFault)
    }

    consuming func run() -> Diagnostics {
        checkSizes()
        checkWithin()
        checkPairs()
        checkNumbering()
        checkElse()
        checkDistinct()
        checkAnswersOfSuccess()
        checkOutcomes()
        checkRoles()
        for function in specification.functions where !function.element.hasFault { check(function) }
        checkOrderOfFunctions()
        return diagnostics
    }

    /// Two bits for each operation in a word of 64.
    static let mostOperations = 32
    /// A bit each in a byte.
    static let mostFacts = 8
    /// Numbers of functions, rules and the like are a byte in the tables; 0 means none.
    static let mostNumber = 255

    private mutating func checkSizes() {
        for operation in specification.operations where operation.bit >= Self.mostOperations {
            diagnostics.error(
                operation.element.place(of: "bit"), "word-too-small",
                "the state has room for \(Self.mostOperations) operations, of bits 0 to \(Self.mostOperations - 1)")
        }
        for fact in specification.facts where fact.bit >= Self.mostFacts {
            diagnostics.error(
                fact.element.place(of: "bit"), "word-too-small", "there is room for 8 facts, of bits 0 to 7")
        }
        if let meanwhile = specification.meanwhile, let number = meanwhile.rule.number, number > Self.mostNumber {
            diagnostics.error(
                meanwhile.element.place(of: "number"), "number-out-of-range",
                "the numbers of rules are 1 to \(Self.mostNumber)")
        }
        if specification.roles.count > Self.mostNumber, let role = specification.roles.last {
            diagnostics.error(role.element.place, "number-out-of-range", "there is room for \(Self.mostNumber) roles")
        }
        var numbered = specification.functions.map { ("functions", $0.number, $0.element) }
        numbered += specification.exclusions.map { ("rules", $0.rule.number ?? 0, $0.element) }
        numbered += specification.roles.flatMap(\.refusals).map { ("rules", $0.rule.number ?? 0, $0.element) }
        if let concurrency = specification.concurrency {
            numbered.append(("rules", concurrency.rule.number ?? 0, concurrency.element))
        }
        for (noun, number, element) in numbered
        where !(1...Self.mostNumber).contains(number) && element["number"] != nil {
            diagnostics.error(
                element.place(of: "number"), "number-out-of-range", "the numbers of \(noun) are 1 to \(Self.mostNumber)"
            )
        }
    }

    /// A policy within itself claims nothing. Two that are within one another claim to admit the same.
    private mutating func checkWithin() {
        for (index, policy) in specification.policies.enumerated() where policy.within == index {
            diagnostics.error(
                policy.element.place(of: "within"), "within-itself",
                "the policy is within itself: 'within' names another one, which admits at least as much")
        }
    }

    private mutating func checkPairs() {
        var seen: [Set<Int>: Pair] = [:]
        for pair in specification.pairs {
            let both: Set = [pair.first, pair.second]
            if both.count == 1 {
                diagnostics.error(
                    pair.element.place(of: "second"), "pair-with-itself",
                    "an operation is no pair with itself: it is either active or not")
            } else if let first = seen[both], first.rule.id != pair.rule.id {
                diagnostics.error(
                    pair.element.place, "duplicate-pair", "the two are a pair already",
                    notes: [.init(place: first.element.place, message: "the first one")])
            }
            seen[both] = pair
        }
    }

    /// Numbers that are places in the tables: each list is numbered from 0 in its order.
    private mutating func checkNumbering() {
        var lists = [("policies", specification.policies.map { ($0.number, $0.element) })]
        lists.append(("perspectives", specification.perspectives.map { ($0.number, $0.element) }))
        lists.append(("conflicts", specification.conflicts.map { ($0.number, $0.element) }))
        for (noun, items) in lists
        where !items.contains(where: { $0.1.isFaulty }) && Set(items.map(\.0)).count == items.count {
            for (index, (number, element)) in items.enumerated() where number != index {
                diagnostics.error(
                    element.place(of: "number"), "numbering",
                    "the \(noun) are numbered from 0 in their order: this one is \(index)")
                break
            }
        }
    }

    private mutating func checkOutcomes() {
        let outcomes = specification.outcomes
        guard let first = outcomes.first, let last = outcomes.last, !outcomes.contains(where: \.element.isFaulty) else {
            return
        }
        func fault(_ outcome: Outcome, _ message: String) {
            diagnostics.error(outcome.element.place, "outcome-order", message)
        }
        for outcome in outcomes.dropLast() where outcome.value == nil {
            fault(outcome, "the outcome of any other value stands last: only that one has no 'value'")
        }
        if last.value != nil || last.fact != nil || last.effect != nil || last.otherwise != nil {
            fault(last, "the last outcome must be that of any other value, with nothing but its name and summary")
        }
        if first.value == nil || first.fact != nil || first.effect != nil || first.otherwise != nil {
            fault(first, "the first outcome must be that of success: a 'value', no 'fact', 'effect' or 'else'")
        }
        for outcome in outcomes where outcome.effect != .gone && outcome.reach != .session {
            diagnostics.error(
                outcome.element.place(ofName: "reach"), "reach-without-gone",
                "'reach' says whose sessions are gone with this one: say effect=\"gone\" as well, or leave it out")
        }
        for outcome in outcomes {
            if let other = outcome.otherwise.map({ outcomes[$0] }), other.effect != nil {
                diagnostics.error(
                    outcome.element.place(of: "else"), "else-effect",
                    "'\(other.name)' has an effect of its own, which no role says",
                    notes: [.init(place: other.element.place(of: "effect"), message: "its effect")])
            }
        }
        let pending = outcomes.filter { $0.effect == .pending }
        if pending.count != 1 {
            let place = pending.dropFirst().first?.element.place(of: "effect") ?? last.element.place
            diagnostics.error(
                place, "outcome-order", "exactly one outcome must have the effect 'pending'",
                notes: pending.count > 1
                    ? [.init(place: pending[0].element.place(of: "effect"), message: "the first one")] : [])
        }
    }

    /// No two classes are told by the same value and fact, and there is a phase in which an operation is not active.
    private mutating func checkDistinct() {
        var seen: [String: Outcome] = [:]
        for outcome in specification.outcomes where !outcome.element.isFaulty {
            let number = outcome.value.flatMap { specification.registry.numbers[$0] }
            let key =
                "\(number.map { String($0) } ?? outcome.value ?? "") \(outcome.fact.map { specification.facts[$0].name } ?? "")"
            if let first = seen[key], outcome.value != nil {
                diagnostics.error(
                    outcome.element.place(of: "value"), "duplicate-outcome", "the value tells another class already",
                    notes: [.init(place: first.element.place(of: "value"), message: "the first one")])
            }
            seen[key] = outcome
        }
        guard let first = specification.phases.first, !specification.phases.contains(where: \.element.isFaulty) else {
            return
        }
        // A code that is missing was most likely given to a phase that has the one of another now.
        let doubled = specification.phases.enumerated().compactMap { index, phase in
            specification.phases[..<index].first { $0.code == phase.code }.map { (phase, $0) }
        }
        for code in Phase.Code.allCases where !specification.phases.contains(where: { $0.code == code }) {
            diagnostics.error(
                first.element.place(of: "code"), "missing-phase",
                "no phase has the code \(code.rawValue); each of 0 to 3 needs one",
                notes: doubled.map { phase, other in
                    .init(
                        place: phase.element.place(of: "code"),
                        message: "'\(phase.name)' has the code \(phase.code.rawValue) of '\(other.name)'")
                })
        }
    }

    /// An outcome that is "else" itself, perhaps by others, has no end.
    private mutating func checkElse() {
        for (index, outcome) in specification.outcomes.enumerated() {
            var next = outcome.otherwise
            var steps = 0
            while let other = next, other != index, steps < specification.outcomes.count {
                next = specification.outcomes[other].otherwise
                steps += 1
            }
            if next == index {
                let other = outcome.otherwise.map { specification.outcomes[$0] }
                diagnostics.error(
                    outcome.element.place(of: "else"), "else-circle", "the outcome is \"else\" itself",
                    notes: other.flatMap {
                        other?.name == outcome.name
                            ? nil : [.init(place: $0.element.place(of: "else"), message: "goes on here")]
                    } ?? [])
            }
        }
    }
}
