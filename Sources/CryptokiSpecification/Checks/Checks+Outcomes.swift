// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables

// What outcomes and phases must fulfil.

extension Checks {
    mutating func checkOutcomes() {
        let outcomes = specification.outcomes
        guard let first = outcomes.first, let last = outcomes.last, !outcomes.contains(where: \.origin.isFaulty) else {
            return
        }
        func fault(_ outcome: Outcome, _ message: String) {
            diagnostics.report(outcome.origin.place, .outcomeOrder, message)
        }
        for outcome in outcomes.dropLast() where outcome.value == nil {
            fault(outcome, "the outcome of every other value must come last; only that one has no 'value'")
        }
        if last.value != nil || last.fact != nil || last.effect != nil || last.otherwise != nil {
            fault(last, "the last outcome must be that of every other value, with only a name and a summary")
        }
        if first.value == nil || first.fact != nil || first.effect != nil || first.otherwise != nil {
            fault(first, "the first outcome must be success, with 'value' and without 'fact', 'effect' and 'else'")
        }
        for outcome in outcomes where outcome.effect != .gone && outcome.reach != .session {
            diagnostics.report(
                outcome.origin.place(ofName: "reach"), .reachWithoutGone,
                "'reach' requires effect=\"gone\"; add that or remove 'reach'")
        }
        for outcome in outcomes {
            if let other = outcome.otherwise.map({ outcomes[$0] }), other.effect != nil {
                diagnostics.report(
                    outcome.origin.place(of: "else"), .elseEffect,
                    "the effect of '\(other.name)' does not depend on the role, so 'else' cannot name it",
                    notes: [.init(place: other.origin.place(of: "effect"), message: "its effect")])
            }
        }
        let pending = outcomes.filter { $0.effect == .pending }
        if pending.count != 1 {
            let place = pending.dropFirst().first?.origin.place(of: "effect") ?? last.origin.place
            diagnostics.report(
                place, .outcomeOrder, "exactly one outcome must have the effect 'pending'",
                notes: pending.count > 1
                    ? [.init(place: pending[0].origin.place(of: "effect"), message: "the first one")] : [])
        }
    }

    /// No two classes are told by the same value and fact, and there is a phase in which an operation is not active.
    mutating func checkDistinct() {
        var seen: [String: Outcome] = [:]
        for outcome in specification.outcomes where !outcome.origin.isFaulty {
            let number = outcome.value.flatMap { specification.registry.numbers[$0] }
            let key =
                "\(number.map { String($0) } ?? outcome.value ?? "") \(outcome.fact.map { specification.facts[$0].name } ?? "")"
            if let first = seen[key], outcome.value != nil {
                diagnostics.report(
                    outcome.origin.place(of: "value"), .duplicateOutcome, "duplicate value and fact of an outcome",
                    notes: [.init(place: first.origin.place(of: "value"), message: "the first one")])
            }
            seen[key] = outcome
        }
        guard let first = specification.phases.first, !specification.phases.contains(where: \.origin.isFaulty) else {
            return
        }
        // A code that is missing was most likely given to a phase that has the one of another now.
        let doubled = specification.phases.withReferences.compactMap { ref, phase in
            specification.phases[..<ref].first { $0.code == phase.code }.map { (phase, $0) }
        }
        for code in Phase.Code.allCases where !specification.phases.contains(where: { $0.code == code }) {
            diagnostics.report(
                first.origin.place(of: "code"), .missingPhase,
                "no phase has the code \(code.rawValue); each of 0 to 3 needs one",
                notes: doubled.map { phase, other in
                    .init(
                        place: phase.origin.place(of: "code"),
                        message: "'\(phase.name)' has the code \(phase.code.rawValue) of '\(other.name)'")
                })
        }
    }

    /// An outcome that is "else" itself, perhaps by others, has no end.
    mutating func checkElse() {
        for (ref, outcome) in specification.outcomes.withReferences {
            var next = outcome.otherwise
            var steps = 0
            while let other = next, other != ref, steps < specification.outcomes.count {
                next = specification.outcomes[other].otherwise
                steps += 1
            }
            if next == ref {
                let other = outcome.otherwise.map { specification.outcomes[$0] }
                diagnostics.report(
                    outcome.origin.place(of: "else"), .elseCircle, "the outcomes form a cycle through 'else'",
                    notes: other.flatMap {
                        other?.name == outcome.name
                            ? nil : [.init(place: $0.origin.place(of: "else"), message: "continues here")]
                    } ?? [])
            }
        }
    }
}
