// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables

// What roles, and the answers of rules, must fulfil.

extension Checks {
    mutating func checkRoles() {
        for role in specification.roles {
            if !role.refusals.isEmpty, role.scope != .own {
                diagnostics.report(
                    role.origin.place(of: "scope"), .roleScope,
                    "a role with refusals must have the scope of its function's own operations")
            }
            checkIgnored(role)
            checkAfters(role)
            checkVariant(role)
            let soft = role.refusals.filter(\.isSoft)
            if soft.count > 1 {
                diagnostics.report(
                    soft[1].origin.place(of: "softly"), .softlyTwice, "only one refusal of a role can be soft",
                    notes: [.init(place: soft[0].origin.place(of: "softly"), message: "the first one")])
            }
            var seen: [Phase.Code: Role.Refusal] = [:]
            for refusal in role.refusals where !specification.phases[refusal.phase].origin.isFaulty {
                let code = specification.phases[refusal.phase].code
                if let first = seen[code] {
                    diagnostics.report(
                        refusal.origin.place(of: "phase"), .duplicateRefusal, "duplicate refusal of this phase",
                        notes: [.init(place: first.origin.place(of: "phase"), message: "the first one")])
                }
                seen[code] = refusal
            }
        }
    }

    /// An attribute that has no effect in a role of this kind is an error.
    private mutating func checkIgnored(_ role: Role) {
        if role.starts, role.origin.has("group") {
            diagnostics.report(
                role.origin.place(ofName: "group"), .groupOfAStart,
                "the role starts an operation, and only calls that start none have a group; remove 'group': "
                    + "an exclusion refuses its calls with starting=",
                notes: [.init(place: role.origin.place(ofName: "starts"), message: "it starts one")])
        }
        if role.async == .cancel, role.scope != .own {
            diagnostics.report(
                role.origin.place(ofName: "async"), .cancelOfMany,
                "async=\"cancel\" requires the scope of the function's own operation, and the scope is "
                    + "'\(role.scope.rawValue)'; remove 'async'",
                notes: [.init(place: role.origin.place(of: "scope"), message: "the scope")])
        }
    }

    /// A transition that is never used, or two for one phase under two names.
    private mutating func checkAfters(_ role: Role) {
        struct Line: Hashable {
            let outcome: Ref<Outcome>
            let from: Phase.Code
        }
        var seen: [Line: Role.After] = [:]
        for after in role.afters where !after.origin.isFaulty {
            let outcome = specification.outcomes[after.outcome]
            if let effect = outcome.effect {
                diagnostics.report(
                    after.origin.place(of: "outcome"), .outcomeEffect,
                    "the effect '\(effect.rawValue)' of '\(outcome.name)' does not depend on the role; remove this <after>",
                    notes: [.init(place: outcome.origin.place(of: "effect"), message: "its effect")])
            }
            guard let from = after.from.map({ specification.phases[$0].code }) else { continue }
            if let first = seen[Line(outcome: after.outcome, from: from)], first.from != after.from {
                diagnostics.report(
                    after.origin.place(of: "from"), .duplicateAfter,
                    "duplicate transition for this outcome and phase",
                    notes: [.init(place: first.origin.place(of: "from"), message: "the first one")])
            }
            seen[Line(outcome: after.outcome, from: from)] = after
        }
    }

    /// A role that takes another's place does so for refusals and effects, on the same operations.
    private mutating func checkVariant(_ role: Role) {
        guard let other = role.variant.map({ specification.roles[$0.role] }), !other.origin.isFaulty else { return }
        if other.starts || other.group != nil || other.scope != role.scope || other.variant?.role == role.variant?.role
        {
            diagnostics.report(
                role.origin.part("variant")?.place(of: "role") ?? role.origin.place, .variantRole,
                "the variant '\(other.name)' must have the scope of '\(role.name)', "
                    + "and neither 'starts' nor 'group'",
                notes: [.init(place: other.origin.place(of: "name"), message: "the role '\(other.name)'")])
        }
    }

    /// A rule that answered the value of success would let the call seem done.
    mutating func checkAnswersOfSuccess() {
        guard let success = specification.outcomes.first?.value else { return }
        var answers = specification.exclusions.map { ($0.returnValue, $0.origin, "with") }
        answers += specification.roles.flatMap(\.refusals).map { ($0.returnValue, $0.origin, "with") }
        answers += functions.flatMap { $0.children("answers") }.map { ($0.text("with"), Origin($0), "with") }
        if let meanwhile = specification.meanwhile {
            answers.append((meanwhile.returnValue, meanwhile.origin, "with"))
        }
        if let concurrency = specification.concurrency {
            answers.append((concurrency.startReturnValue, concurrency.origin, "start"))
            answers.append((concurrency.otherReturnValue, concurrency.origin, "other"))
            if !specification.universal.contains(concurrency.otherReturnValue), !concurrency.origin.isFaulty,
                !specification.universal.isEmpty, !specification.codeSets.contains(where: \.origin.hasFault)
            {
                diagnostics.report(
                    concurrency.origin.place(of: "other"), .undocumentedReturnValue,
                    "every function can return it, so it must be a universal return value")
            }
        }
        for (value, origin, attribute) in answers where value == success {
            diagnostics.report(
                origin.place(of: attribute), .answerOfSuccess,
                "\(value) reports success, and a rule refuses a call; use an error")
        }
    }
}
