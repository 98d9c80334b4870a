// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import StrictMustache
import TypedTables

extension OutputContext {
    /// What a page for people needs on top of the names: what belongs together, and what leads where.
    @inline(never)
    var page: Record {
        let breakers = Breakers(tables)
        return [
            "pagePolicies": .list(specification.policies.indices.map(page(ofPolicy:))),
            "policyRules": .list(
                specification.exclusions.indices.map { exclusion in
                    [
                        "id": .text(specification.exclusions[exclusion].rule.id),
                        "applied": .list(
                            specification.policies.map {
                                [
                                    "isApplied": .flag($0.exclusions.contains(exclusion)),
                                    "tone": .text(tone(ofExclusion: exclusion)),
                                ]
                            }),
                    ]
                }),
            "pageOperations": .list(specification.operations.indices.map(page(ofOperation:))),
            "wholeFunctions": .list(
                specification.functions.filter { specification.roles[$0.role].scope == .every }.map {
                    ["name": .text($0.name)]
                }),
            "pageRules": .list(breakableRules.map { page(of: $0, breakers) }),
            "pageRoles": pageRoles,
            "pageOutcomes": .list(specification.outcomes.map(page(of:))),
            "pageFunctions": .list(tables.functions.map { row(of: specification.functions[$0.function]) }),
            "pageCategories": .list(categories.map { page(ofCategory: $0, breakers) }),
            "functionIndex": .list(specification.functions.map(\.name).sorted().map(link)),
        ]
    }

    func link(_ name: String) -> Record { ["name": .text(name)] }

    // MARK: Policies

    private func page(ofPolicy index: Ref<Policy>) -> Record {
        let policy = specification.policies[index]
        let broken = tables.contentions.map { contention in
            specification.operations.map { first(contention, beside: $0, policy) }
        }
        let rows = zip(tables.contentions, broken).compactMap { row(of: $0, broken: $1, in: policy) }
        let groups = zip(tables.contentions, broken).compactMap { contention, broken -> Group? in
            guard case .group(let group) = contention.calls, broken.contains(where: { $0 != nil }) else { return nil }
            return specification.groups[group]
        }
        let named = specification.exclusions.indices.filter { exclusion in
            broken.contains { $0.contains(exclusion) }
        }
        let token = specification.tokenPolicy
        return [
            "name": .text(policy.name), "sentence": .text(Naming.sentence(policy.summary)),
            "most": .text(policy.most.map { "\($0)" } ?? "one of each kind"),
            "within": .optionalText(policy.within.map { specification.policies[$0].name }),
            "isWithin": .flag(policy.within != nil),
            "columns": .list(specification.operations.map { link($0.name) }), "rows": .list(rows),
            "named": .list(
                named.map { key(ofExclusion: $0).adding(["text": .text(specification.exclusions[$0].rule.text)]) }),
            "calls": .list(groups.map { ["name": .text($0.name), "summary": .text($0.summary)] }),
            "suits": .optionalText(
                token.map { $0.set == index ? "set" : $0.clear == index ? "clear" : "" }),
            "suitsAny": .flag(token.map { $0.set == index || $0.clear == index } ?? false),
            "outOfPhase": .list(
                specification.perspectives.map {
                    [
                        "name": .text($0.name),
                        "isRefused": .flag(policy.refusesOutOfPhase || $0.refusesOutOfPhase),
                    ]
                }),
        ]
    }

    /// What stands for a rule in a cell.
    private func key(ofExclusion index: Ref<Exclusion>) -> Record {
        let rule = specification.exclusions[index].rule
        return [
            "id": .text(rule.id), "number": .text("\(rule.numberOrZero)"), "tone": .text(tone(ofExclusion: index)),
        ]
    }

    /// Which of the eight colours of the page is that rule's.
    private func tone(ofExclusion index: Ref<Exclusion>) -> String {
        "\(specification.exclusions.position(of: index) % 8)"
    }

    /// The rule that a call breaks which is refused beside an active operation.
    private func first(_ contention: RuleTables.Contention, beside active: Operation, _ policy: Policy) -> Ref<
        Exclusion
    >? {
        specification.exclusions.indices.first {
            policy.exclusions.contains($0) && contention.maskByExclusion[$0].contains(active)
        }
    }

    /// What calls may do beside each operation; nil for calls that the policy never refuses and that start nothing.
    ///
    /// - Parameter broken: for each operation the exclusion that a call beside it breaks.
    private func row(of contention: RuleTables.Contention, broken: [Ref<Exclusion>?], in policy: Policy) -> Record? {
        let starting: Ref<Operation>?
        let name: String
        switch contention.calls {
        case .unrefused: return nil
        case .start(let operation): (starting, name) = (operation, specification.operations[operation].name)
        case .group(let group): (starting, name) = (nil, specification.groups[group].name)
        }
        if starting == nil, broken.allSatisfy({ $0 == nil }) { return nil }
        let cells = zip(specification.operations.indices, broken).map { active, exclusion -> Record in
            if let exclusion {
                return key(ofExclusion: exclusion).adding(["isRefused": true])
            }
            let pair = specification.pairs.first {
                ($0.first, $0.second) == (starting, active) || ($0.first, $0.second) == (active, starting)
            }
            return [
                "isRefused": false, "isPair": .flag(pair != nil && hasPairs(policy)),
                "id": .optionalText(pair?.rule.id),
            ]
        }
        return ["name": .text(name), "isStart": .flag(starting != nil), "cells": .list(cells)]
    }

    // MARK: Operations

    private func page(ofOperation index: Ref<Operation>) -> Record {
        let operation = specification.operations[index]
        let lifecycle = lifecycles[index]
        let partners = specification.pairs.filter { $0.first == index || $0.second == index }
        let fields: Record = [
            "name": .text(operation.name), "summary": .text(operation.summary),
            "sentence": .text(Naming.sentence(operation.summary)),
            "lowBit": .text("\(2 * operation.bit)"), "highBit": .text("\(2 * operation.bit + 1)"),
            "kind": .text(operation.kind), "flag": .optionalText(operation.flag),
            "isFlagged": .flag(operation.flag != nil), "isSaved": .flag(operation.isSaved),
            "functions": .list(
                specification.functions.filter { $0.operations.contains(index) }.map { link($0.name) }),
            "partners": .list(
                partners.map { pair in
                    let other = pair.first == index ? pair.second : pair.first
                    return link(specification.operations[other].name)
                }),
            "hasPartners": .flag(!partners.isEmpty),
            "edges": .list(
                lifecycle.edges.map { edge in
                    [
                        "from": .text(lifecycle.phases[edge.from]), "to": .text(lifecycle.phases[edge.to]),
                        "steps": .list(
                            edge.steps.map { step in
                                [
                                    "call": .text(step.call), "fact": .optionalText(step.fact),
                                    "hasFact": .flag(step.fact != nil), "works": .flag(step.ifItWorks),
                                    "fails": .flag(step.ifItFails),
                                    "worksOrFails": .flag(step.ifItWorks && step.ifItFails),
                                ]
                            }),
                    ]
                }),
        ]
        return lifecycle.drawing.adding(fields)
    }

    // MARK: Rules

    private func page(of rule: (rule: Rule, returnValue: String), _ breakers: Breakers) -> Record {
        let indices = rule.rule.number.flatMap { breakers.functions[$0] } ?? []
        let functions = indices.map { specification.functions[$0].name }
        let exclusion = specification.exclusions.firstIndex { $0.rule.id == rule.rule.id }
        let start = specification.concurrency.flatMap { $0.rule.id == rule.rule.id ? $0.startReturnValue : nil }
        let policies = specification.policies.filter { policy in exclusion.map(policy.exclusions.contains) ?? false }
        let breakable = indices.sorted().map { specification.functions[$0] }
        // A call with such a role is never refused: it blocks no other call and waits for none.
        let exempt = breakable.compactMap { specification.roles[$0.role].variant }.filter {
            specification.roles[$0.role].refusals.isEmpty
        }.map(\.fact)
        let isExempt = exclusion != nil || specification.meanwhile?.rule.id == rule.rule.id
        let answers = breakable.flatMap { function in
            function.answers.filter { $0.ruleID == rule.rule.id }.map { (function.name, $0.returnValue) }
        }
        return [
            "id": .text(rule.rule.id), "number": .text("\(rule.rule.numberOrZero)"), "text": .text(rule.rule.text),
            "citation": .text(rule.rule.citation.words), "reading": .optionalText(rule.rule.reading),
            "hasReading": .flag(rule.rule.reading != nil), "returnValue": .text(rule.returnValue),
            "startReturnValue": .optionalText(start), "hasStart": .flag(start != nil),
            "isExclusion": .flag(exclusion != nil), "policies": .list(policies.map { link($0.name) }),
            "unlessPair": .flag(exclusion.map { specification.exclusions[$0].unlessPair } ?? false),
            "answers": .list(answers.map { ["function": .text($0.0), "value": .text($0.1)] }),
            "enforcers": .list(enforcers(of: rule.rule)),
            "exemptions": .list(
                specification.facts.indices.filter { isExempt && exempt.contains($0) }.map {
                    ["fact": .text(specification.facts[$0].name), "summary": .text(specification.facts[$0].summary)]
                }),
            "functions": .list(functions.map(link)), "hasFunctions": .flag(!functions.isEmpty),
            "isLong": .flag(functions.count > 20), "count": .text("\(functions.count)"),
        ]
    }

    /// For a rule about phases, or about calls while another is pending: who refuses what breaks it, under which policies.
    /// Nothing for a rule that policies name.
    private func enforcers(of rule: Rule) -> [Record] {
        func record(_ perspective: Perspective?, _ policies: [Policy]) -> Record {
            [
                "perspective": .optionalText(perspective?.name), "isOfOne": .flag(perspective != nil),
                "isEvery": .flag(policies.count == specification.policies.count), "isSome": .flag(!policies.isEmpty),
                "policies": .list(policies.map { link($0.name) }),
            ]
        }
        let strict = specification.policies.filter(\.refusesOutOfPhase)
        if specification.meanwhile?.rule.id == rule.id { return [record(nil, strict)] }
        guard let refusal = specification.roles.flatMap(\.refusals).first(where: { $0.rule.id == rule.id }) else {
            return []
        }
        return specification.perspectives.map { perspective in
            record(
                perspective, perspective.refusesOutOfPhase && !refusal.isSoft ? Array(specification.policies) : strict)
        }
    }

    // MARK: Functions

    private var categories: [String] {
        var names: [String] = []
        for function in specification.functions where !names.contains(function.category) {
            names.append(function.category)
        }
        return names
    }

    /// A function in a table of all.
    private func row(of function: Function) -> Record {
        [
            "name": .text(function.name), "number": .text("\(function.number)"), "summary": .text(function.summary),
            "since": .text(function.since), "category": .text(function.category),
            "role": .text(specification.roles[function.role].name),
            "operations": .list(function.operations.map { link(specification.operations[$0].name) }),
            "section": .text(function.citation.section),
        ]
    }

    private func page(ofCategory name: String, _ breakers: Breakers) -> Record {
        let functions = tables.functions.map(\.function).filter { specification.functions[$0].category == name }
        return [
            "name": .text(name), "title": .text(name.prefix(1).uppercased() + name.dropFirst()),
            "functions": .list(functions.map { page(ofFunction: $0, breakers) }),
        ]
    }

    private func page(ofFunction index: Ref<Function>, _ breakers: Breakers) -> Record {
        let function = specification.functions[index]
        let numbers = breakers.rules[index]
        let rules = breakableRules.filter { $0.rule.number.map(numbers.contains) ?? false }
        let variant = specification.roles[function.role].variant
        return [
            "name": .text(function.name), "number": .text("\(function.number)"),
            "sentence": .text(Naming.sentence(function.summary)), "since": .text(function.since),
            "citation": .text(place(of: function)), "role": .text(specification.roles[function.role].name),
            "hasVariant": .flag(variant != nil),
            "variant": .optionalText(variant.map { specification.roles[$0.role].name }),
            "variantFact": .optionalText(variant.map { specification.facts[$0.fact].summary }),
            "operations": .list(function.operations.map { link(specification.operations[$0].name) }),
            "hasOperations": .flag(!function.operations.isEmpty),
            "parameters": .list(
                function.parameters.map { ["type": .text($0.type), "parameter": .text($0.name)] }),
            "rules": .list(rules.map { ["id": .text($0.rule.id)] }), "hasRules": .flag(!rules.isEmpty),
            "answers": .list(
                function.answers.map {
                    [
                        "id": .text($0.ruleID), "value": .text($0.returnValue), "reason": .text($0.reason),
                    ]
                }),
            "returnCount": .text("\(function.returnValues.count)"),
            "returnValues": .list(function.returnValues.map(link)),
        ]
    }
}
