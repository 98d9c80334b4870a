// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables

// What functions must fulfil.

extension Checks {
    mutating func check(_ function: Function) {
        let role = specification.roles[function.role]
        let origin = function.origin
        let needsOperation = role.starts || !role.refusals.isEmpty
        if needsOperation, function.operations.isEmpty {
            diagnostics.report(
                origin.place(of: "role"), .roleWithoutOperation,
                "the role '\(role.name)' acts on an operation; name it with 'operation'")
        }
        if role.starts, origin.has("group") {
            diagnostics.report(
                origin.place(ofName: "group"), .groupOfAStart,
                "the role '\(role.name)' starts an operation, and only calls that start none have a group; remove 'group'",
                notes: [.init(place: role.origin.place(ofName: "starts"), message: "it starts one")])
        }
        if origin.has("second"), !origin.has("operation") {
            diagnostics.report(
                origin.place(ofName: "second"), .secondWithoutFirst, "'second' requires 'operation'"
            )
        }
        if function.operations.count == 2, function.operations[0] == function.operations[1] {
            diagnostics.report(
                origin.place(of: "second"), .sameOperation, "'second' must differ from 'operation'",
                notes: [.init(place: origin.place(of: "operation"), message: "the first one")])
        }
        checkDual(function)
        checkAnswers(function, role)
    }

    /// What makes an idle operation active is a start, which policies may refuse.
    mutating func checkStarts() {
        var used: Set<Ref<Role>> = []
        for function in specification.functions where !function.operations.isEmpty {
            used.insert(function.role)
            if let variant = specification.roles[function.role].variant { used.insert(variant.role) }
        }
        let names = Set(used.map { specification.roles[$0].name })
        for role in specification.roles where !role.starts && role.scope == .own && !role.origin.isFaulty {
            let refusesIdle = role.refusals.contains {
                specification.phases[$0.phase].code == .idle && !$0.isSoft
            }
            guard !refusesIdle, names.contains(role.name) else { continue }
            for after in role.afters {
                guard let to = after.to, [.ready, .parts].contains(specification.phases[to].code) else { continue }
                let from = after.from.map { specification.phases[$0].code }
                if from != nil, from != .idle { continue }
                diagnostics.report(
                    role.origin.place(of: "name"), .startWithoutStarts,
                    "the role makes an idle operation active; add starts=\"yes\" or refuse the call in the idle phase",
                    notes: [.init(place: after.origin.place(of: "to"), message: "makes it active")])
                break
            }
        }
    }

    private mutating func checkDual(_ function: Function) {
        guard function.operations.count == 2 else { return }
        guard function.operations[0] != function.operations[1] else { return }
        let pair = specification.pairs.first { Set([$0.first, $0.second]) == Set(function.operations) }
        if pair == nil || pair?.withdrawal != nil {
            let names = function.operations.map { specification.operations[$0].name }.joined(separator: " and ")
            diagnostics.report(
                pair?.withdrawal?.place ?? function.origin.place, .dualWithoutPair,
                "\(function.name) needs \(names) at once, which are not a pair; policies that require pairs always refuse it",
                notes: pair == nil ? [] : [.init(place: function.origin.place(of: "name"), message: "the function")])
        }
    }

    /// Every return value with which a rule answers must be documented for the function, or be an exception with its reason.
    private mutating func checkAnswers(_ function: Function, _ role: Role) {
        // The return values of a faulty rule, or of faulty sets of values, are unknown.
        let inPlay = [role] + (role.variant.map { [specification.roles[$0.role]] } ?? [])
        if hasFaultyCodeSet || inPlay.contains(where: \.origin.hasFault) { return }
        func isDocumented(_ value: String) -> Bool {
            function.returnValues.contains(value) || specification.universal.contains(value)
        }
        // The value with which the rule of an ID answers, and where it is written. A place is looked for only in case of
        // a fault.
        var broken: [String: (value: String, origin: Origin)] = [:]
        var roles = [role]
        if let variant = role.variant { roles.append(specification.roles[variant.role]) }
        for refusal in roles.flatMap(\.refusals) where !refusal.origin.hasFault {
            broken[refusal.rule.id] = (refusal.returnValue, refusal.origin)
        }
        for exclusion in specification.exclusions
        where !exclusion.origin.hasFault && canBreak(exclusion, function, role) {
            broken[exclusion.rule.id] = (exclusion.returnValue, exclusion.origin)
        }
        for answer in function.answers {
            if broken[answer.ruleID] == nil {
                diagnostics.report(
                    answer.origin.place(of: "rule"), .needlessAnswer,
                    "the rule '\(answer.ruleID)' never applies to \(function.name); remove the exception",
                    notes: rule(answer.ruleID).map { [.init(place: $0.place(of: "id"), message: "the rule")] } ?? [])
            } else if isDocumented(broken[answer.ruleID]!.value) {
                diagnostics.report(
                    answer.origin.place, .needlessAnswer,
                    "the exception has no effect, since \(broken[answer.ruleID]!.value) is documented for \(function.name); remove it",
                    notes: broken[answer.ruleID].map {
                        [.init(place: $0.origin.place(of: "with"), message: "the return value of the rule")]
                    } ?? [])
            }
            broken[answer.ruleID] = (answer.returnValue, answer.origin)
        }
        for (rule, answer) in broken.sorted(by: { $0.key < $1.key }) where !isDocumented(answer.value) {
            diagnostics.report(
                function.origin.place(of: "name"), .undocumentedReturnValue,
                "\(function.name) does not document \(answer.value), the return value of the rule '\(rule)'; "
                    + "correct the rule or add <answers> with the reason",
                notes: [.init(place: answer.origin.place(of: "with"), message: "the return value of the rule")])
        }
    }

    private func rule(_ id: String) -> Origin? {
        specification.exclusions.first { $0.rule.id == id }?.origin
            ?? specification.roles.lazy.flatMap(\.refusals).first { $0.rule.id == id }?.origin
    }

    private func canBreak(_ exclusion: Exclusion, _ function: Function, _ role: Role) -> Bool {
        switch exclusion.refused {
        case .calls(let group): function.group == group
        case .everyStart: role.starts
        case .start(let kind): role.starts && function.operations.contains { specification.operations[$0].kind == kind }
        }
    }
}
