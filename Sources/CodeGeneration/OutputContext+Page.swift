// SPDX-License-Identifier: MIT

import CryptokiSpecification
import SessionRules
import StrictMustache

extension OutputContext {
    /// What a page for people needs on top of the names: what belongs together, and what leads where.
    var page: Record {
        let breakers = breakers
        return [
            "pagePolicies": listed(specification.policies.indices.map(page(ofPolicy:))),
            "policyRules": listed(
                specification.exclusions.indices.map { exclusion in
                    [
                        "id": .text(specification.exclusions[exclusion].rule.id),
                        "text": .text(specification.exclusions[exclusion].rule.text),
                        "applied": listed(
                            specification.policies.map { ["isApplied": .flag($0.exclusions.contains(exclusion))] }),
                    ]
                }),
            "pageOperations": listed(specification.operations.indices.map(page(ofOperation:))),
            "wholeFunctions": listed(
                specification.functions.filter { specification.roles[$0.role].scope == .every }.map {
                    ["name": .text($0.name)]
                }),
            "pageRules": listed(breakableRules.map { page(of: $0, breakers) }),
            "pageRoles": listed(tables.roles.map(page(of:))),
            "pageOutcomes": listed(specification.outcomes.map(page(of:))),
            "pageCategories": listed(categories.map { page(ofCategory: $0, breakers) }),
        ]
    }

    private func link(_ name: String) -> Record { ["name": .text(name)] }

    // MARK: Policies

    private func page(ofPolicy index: Int) -> Record {
        let policy = specification.policies[index]
        let rows = tables.contentions.compactMap { row(of: $0, in: policy) }
        let named = specification.exclusions.indices.filter { exclusion in
            tables.contentions.contains { contention in
                specification.operations.contains { first(contention, beside: $0, policy) == exclusion }
            }
        }
        let token = specification.tokenPolicy
        return [
            "name": .text(policy.name), "sentence": .text(Naming.sentence(policy.summary)),
            "most": .text(policy.most.map { "\($0)" } ?? "one of each kind"),
            "within": .text(policy.within.map { specification.policies[$0].name } ?? ""),
            "isWithin": .flag(policy.within != nil), "isFirst": .flag(index == 0),
            "columns": listed(specification.operations.map { link($0.name) }), "rows": listed(rows),
            "named": listed(named.map(page(ofExclusion:))),
            "suits": .text(
                token.map { $0.set == index ? "set" : $0.clear == index ? "clear" : "" } ?? ""),
            "suitsAny": .flag(token.map { $0.set == index || $0.clear == index } ?? false),
            "outOfPhase": listed(
                specification.perspectives.map {
                    [
                        "name": .text($0.name),
                        "isRefused": .flag(policy.refusesOutOfPhase || $0.refusesOutOfPhase),
                    ]
                }),
        ]
    }

    private func page(ofExclusion index: Int) -> Record {
        let rule = specification.exclusions[index].rule
        return [
            "id": .text(rule.id), "number": .text("\(rule.number ?? 0)"), "text": .text(rule.text),
            "tone": .text("\(index % 8)"),
        ]
    }

    /// The rule that a call breaks which is refused beside an active operation.
    private func first(_ contention: RuleTables.Contention, beside active: Operation, _ policy: Policy) -> Int? {
        specification.exclusions.indices.first {
            policy.exclusions.contains($0) && contention.maskByExclusion[$0] & RuleTables.mask(active) != 0
        }
    }

    /// What calls may do beside each operation; nil for calls that the policy never refuses and that start nothing.
    private func row(of contention: RuleTables.Contention, in policy: Policy) -> Record? {
        let starting: Int?
        let name: String
        switch contention.calls {
        case .unrefused: return nil
        case .start(let operation): (starting, name) = (operation, specification.operations[operation].name)
        case .group(let group): (starting, name) = (nil, specification.groups[group].name)
        }
        let excluded = specification.operations.map { first(contention, beside: $0, policy) }
        if starting == nil, excluded.allSatisfy({ $0 == nil }) { return nil }
        let cells = zip(specification.operations.indices, excluded).map { active, exclusion -> Record in
            if let exclusion {
                var record = page(ofExclusion: exclusion)
                record["isRefused"] = true
                return record
            }
            let pair = specification.pairs.first {
                ($0.first, $0.second) == (starting, active) || ($0.first, $0.second) == (active, starting)
            }
            return [
                "isRefused": false, "isPair": .flag(pair != nil && hasPairs(policy)), "id": .text(pair?.rule.id ?? ""),
                "active": .text(specification.operations[active].name),
            ]
        }
        return ["name": .text(name), "isStart": .flag(starting != nil), "cells": listed(cells)]
    }

    // MARK: Operations

    private func page(ofOperation index: Int) -> Record {
        let operation = specification.operations[index]
        let side = specification.perspectives.firstIndex { !$0.knowsUncertainty } ?? 0
        let lifecycle = Lifecycle(of: index, tables, side: side)
        let partners = specification.pairs.filter { $0.first == index || $0.second == index }
        var record = lifecycle.drawing
        let fields: Record = [
            "name": .text(operation.name), "sentence": .text(Naming.sentence(operation.summary)),
            "kind": .text(operation.kind), "flag": .text(operation.flag ?? ""),
            "isFlagged": .flag(operation.flag != nil), "isSaved": .flag(operation.isSaved),
            "functions": listed(
                specification.functions.filter { $0.operations.contains(index) }.map { link($0.name) }),
            "partners": listed(
                partners.map { pair in
                    let other = pair.first == index ? pair.second : pair.first
                    return ["name": .text(specification.operations[other].name), "id": .text(pair.rule.id)]
                }),
            "hasPartners": .flag(!partners.isEmpty),
            "edges": listed(
                lifecycle.edges.map { edge in
                    [
                        "from": .text(lifecycle.phases[edge.from]), "to": .text(lifecycle.phases[edge.to]),
                        "steps": listed(
                            edge.steps.map { step in
                                [
                                    "call": .text(step.call), "fact": .text(step.fact ?? ""),
                                    "hasFact": .flag(step.fact != nil), "works": .flag(step.ifItWorks),
                                    "fails": .flag(step.ifItFails),
                                    "worksOrFails": .flag(step.ifItWorks && step.ifItFails),
                                ]
                            }),
                    ]
                }),
        ]
        for field in fields.fields { record[field.name] = field.value }
        return record
    }

    // MARK: Rules

    /// For each rule the functions that can break it, by the numbers of both.
    private var breakers: [(rule: Int, function: String)] {
        tables.functions.flatMap { row -> [(rule: Int, function: String)] in
            let function = specification.functions[row.function]
            let contention = tables.contentions[row.contention]
            let exclusions = specification.exclusions.indices.filter { contention.maskByExclusion[$0] != 0 }
            var numbers = exclusions.compactMap { specification.exclusions[$0].rule.number }
            if row.waits, let number = specification.meanwhile?.rule.number { numbers.append(number) }
            for (role, _) in specification.variants(of: function.role) {
                numbers += specification.roles[role].refusals.compactMap(\.rule.number)
            }
            return Set(numbers).sorted().map { ($0, function.name) }
        }
    }

    private func page(
        of rule: (rule: Rule, returnValue: String), _ breakers: [(rule: Int, function: String)]
    ) -> Record {
        let functions = breakers.filter { $0.rule == rule.rule.number }.map(\.function)
        let exclusion = specification.exclusions.firstIndex { $0.rule.id == rule.rule.id }
        let start = specification.concurrency.flatMap { $0.rule.id == rule.rule.id ? $0.startReturnValue : nil }
        let policies = specification.policies.filter { policy in exclusion.map(policy.exclusions.contains) ?? false }
        return [
            "id": .text(rule.rule.id), "number": .text("\(rule.rule.number ?? 0)"), "text": .text(rule.rule.text),
            "citation": .text(rule.rule.citation.words), "reading": .text(rule.rule.reading ?? ""),
            "hasReading": .flag(rule.rule.reading != nil), "returnValue": .text(rule.returnValue),
            "startReturnValue": .text(start ?? ""), "hasStart": .flag(start != nil),
            "isExclusion": .flag(exclusion != nil), "policies": listed(policies.map { link($0.name) }),
            "functions": listed(functions.map(link)), "hasFunctions": .flag(!functions.isEmpty),
        ]
    }

    // MARK: Roles

    private func page(of row: RuleTables.RoleRow) -> Record {
        let role = specification.roles[row.role]
        let variants = specification.functions.filter { function in
            specification.variants(of: function.role).contains { $0.role == row.role }
        }
        let cases = cases(of: row)
        return [
            "name": .text(role.name), "sentence": .text(Naming.sentence(role.summary)),
            "functions": listed(variants.map { link($0.name) }), "hasFunctions": .flag(!variants.isEmpty),
            "hasVariant": .flag(role.variant != nil),
            "variant": .text(role.variant.map { specification.roles[$0.role].name } ?? ""),
            "variantFact": .text(role.variant.map { specification.facts[$0.fact].summary } ?? ""),
            "hasRefusals": .flag(!role.refusals.isEmpty),
            "refusals": listed(
                role.refusals.map {
                    [
                        "id": .text($0.rule.id), "phase": .text(specification.phases[$0.phase].name),
                        "isSoft": .flag($0.isSoft),
                    ]
                }),
            "hasCases": .flag(!cases.isEmpty), "hasLines": .flag(!role.afters.isEmpty), "cases": listed(cases),
            "sides": listed(
                specification.perspectives.map { perspective in
                    let phases = codes(perspective).map { link(specification.name(of: $0, in: [row.role])) }
                    return [
                        "name": .text(perspective.name), "span": .text("\(phases.count)"), "phases": listed(phases),
                    ]
                }),
            "lines": listed(
                role.afters.map { after in
                    [
                        "id": .text(after.rule.id), "citation": .text(after.rule.citation.words),
                        "reading": .text(after.rule.reading ?? ""), "hasReading": .flag(after.rule.reading != nil),
                    ]
                }),
        ]
    }

    private func codes(_ perspective: Perspective) -> [Phase.Code] {
        Phase.Code.allCases.filter { $0 != .uncertain || perspective.knowsUncertainty }
    }

    /// What each class of return values does, those together that do the same. A class that does as the one after "else" is not said.
    private func cases(of row: RuleTables.RoleRow) -> [Record] {
        if row.after.allSatisfy({ $0.allSatisfy { $0 == .keep || $0.contradiction } }) { return [] }
        var cases: [(names: [String], effects: [RuleTables.Effect])] = []
        for (outcome, effects) in zip(tables.roleOutcomes, row.after) {
            let outcome = specification.outcomes[outcome]
            // What a doubt does is said once for all roles.
            if outcome.effect == .doubt || outcome.effect == .contradiction { continue }
            let other = outcome.otherwise.flatMap { tables.roleOutcomes.firstIndex(of: $0) }
            if let other, row.after[other] == effects { continue }
            if let same = cases.firstIndex(where: { $0.effects == effects }), outcome.otherwise != nil {
                cases[same].names.append(outcome.name)
            } else {
                cases.append(([outcome.name], effects))
            }
        }
        return cases.map { names, effects in
            let cells = zip(specification.perspectives, effects).flatMap { perspective, effect in
                codes(perspective).map { code -> Record in
                    let target = effect.targets[code.rawValue]
                    let refusal = perspective.refusesOutOfPhase ? row.refusals[code.rawValue] : nil
                    return [
                        "target": .text(specification.name(of: target, in: [row.role])),
                        "isKept": .flag(target == code), "isRefused": .flag(refusal.map { !$0.isSoft } ?? false),
                    ]
                }
            }
            var remarks: [String] = []
            if effects.contains(where: \.together) { remarks.append("only where both may be active") }
            if effects.contains(where: \.endsUnsaved) { remarks.append("idle what cannot be saved") }
            if let reach = effects.map(\.reach).first(where: { $0 != .session }) {
                remarks.append("in every session of the \(reach.rawValue)")
            }
            return [
                "names": listed(names.map(link)), "cells": listed(cells),
                "remark": .text(remarks.joined(separator: "; ")), "hasRemark": .flag(!remarks.isEmpty),
            ]
        }
    }

    private func page(of outcome: Outcome) -> Record {
        [
            "name": .text(outcome.name), "summary": .text(outcome.summary), "value": .text(outcome.value ?? ""),
            "hasValue": .flag(outcome.value != nil),
            "fact": .text(outcome.fact.map { specification.facts[$0].summary } ?? ""),
            "hasFact": .flag(outcome.fact != nil),
            "other": .text(outcome.otherwise.map { specification.outcomes[$0].name } ?? ""),
            "hasOther": .flag(outcome.otherwise != nil),
            "isPending": .flag(outcome.effect == .pending), "isGone": .flag(outcome.effect == .gone),
            "isDoubt": .flag(outcome.effect == .doubt), "isContradiction": .flag(outcome.effect == .contradiction),
            "reaches": .flag(outcome.reach != .session), "reach": .text(outcome.reach.rawValue),
        ]
    }

    // MARK: Functions

    private var categories: [String] {
        var names: [String] = []
        for function in specification.functions where !names.contains(function.category) {
            names.append(function.category)
        }
        return names
    }

    private func page(ofCategory name: String, _ breakers: [(rule: Int, function: String)]) -> Record {
        let functions = tables.functions.map { specification.functions[$0.function] }.filter { $0.category == name }
        return [
            "name": .text(name), "title": .text(name.prefix(1).uppercased() + name.dropFirst()),
            "functions": listed(functions.map { page(of: $0, breakers) }),
        ]
    }

    private func page(of function: Function, _ breakers: [(rule: Int, function: String)]) -> Record {
        let numbers = breakers.filter { $0.function == function.name }.map(\.rule)
        let rules = breakableRules.map(\.rule).filter { numbers.contains($0.number ?? 0) }
        return [
            "name": .text(function.name), "number": .text("\(function.number)"),
            "sentence": .text(Naming.sentence(function.summary)), "since": .text(function.since),
            "citation": .text(place(of: function)), "role": .text(specification.roles[function.role].name),
            "operations": listed(function.operations.map { link(specification.operations[$0].name) }),
            "hasOperations": .flag(!function.operations.isEmpty),
            "parameters": listed(
                function.parameters.map { ["type": .text($0.type), "parameter": .text($0.name)] }),
            "rules": listed(rules.map { ["id": .text($0.id)] }), "hasRules": .flag(!rules.isEmpty),
            "answers": listed(
                function.answers.map {
                    [
                        "id": .text($0.ruleID), "value": .text($0.returnValue), "reason": .text($0.reason),
                    ]
                }),
            "returnCount": .text("\(function.returnValues.count)"),
            "returnValues": listed(function.returnValues.map(link)),
        ]
    }
}
