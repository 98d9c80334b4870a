// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import StrictMustache
import TypedTables

/// What the page for people says of roles, and of the classes of return values that they tell apart.
extension OutputContext {
    /// A column of a role's table: a phase that an operation of the role can be in, in the words of those operations.
    private typealias Column = (code: Phase.Code, name: String)

    var pageRoles: Value {
        // By role, the functions that may have it.
        var functions = specification.roles.column { _ in [Function]() }
        for function in specification.functions {
            for role in Set(specification.variants(of: function.role).map(\.role)) { functions[role].append(function) }
        }
        return .list(tables.roles.map { page(of: $0, functions[$0.role]) })
    }

    private func page(of row: RuleTables.RoleRow, _ functions: [Function]) -> Record {
        let role = specification.roles[row.role]
        let named = role.scope == .own ? functions.flatMap(\.operations) : []
        let all = named.isEmpty ? Array(lifecycles) : Set(named).sorted().map { lifecycles[$0] }
        let changes = !row.after.allSatisfy { $0.allSatisfy { $0 == .keep || $0.contradiction } }
        let sides = specification.perspectives.indices.map { page(ofSide: $0, row, columns(ofSide: $0, row, all)) }
        let async = role.async
        return [
            "name": .text(role.name), "sentence": .text(Naming.sentence(role.summary)),
            "functions": .list(functions.map { link($0.name) }), "hasFunctions": .flag(!functions.isEmpty),
            "hasVariant": .flag(role.variant != nil),
            "variant": .optionalText(role.variant.map { specification.roles[$0.role].name }),
            "variantFact": .optionalText(role.variant.map { specification.facts[$0.fact].summary }),
            "hasRefusals": .flag(!role.refusals.isEmpty), "isStart": .flag(role.starts),
            "refusals": .list(
                role.refusals.map {
                    [
                        "id": .text($0.rule.id), "phase": .text(specification.phases[$0.phase].name),
                        "isSoft": .flag($0.isSoft),
                    ]
                }),
            "hasCases": .flag(changes), "hasLines": .flag(!role.afters.isEmpty), "sides": .list(sides),
            "isAsync": .flag(async != nil && async != .end), "completes": .flag(async == .complete),
            "identifies": .flag(async == .identify), "joins": .flag(async == .join), "cancels": .flag(async == .cancel),
            "lines": .list(role.afters.map(page(of:))),
        ]
    }

    private func page(of after: Role.After) -> Record {
        var target = after.to.map { specification.phases[$0].name } ?? "the phase stays"
        if let from = after.from { target += ", from \(specification.phases[from].name)" }
        if after.together { target += ", if both may be active" }
        if let known = after.known { target += "; an owner's \(specification.phases[known].name)" }
        if after.endsUnsaved { target += "; idle what cannot be saved" }
        if after.reach != .session { target += "; in every session of the \(after.reach.rawValue)" }
        return [
            "id": .text(after.rule.id), "target": .text(target), "citation": .text(after.rule.citation.words),
            "reading": .optionalText(after.rule.reading), "hasReading": .flag(after.rule.reading != nil),
        ]
    }

    private func columns(ofSide side: Ref<Perspective>, _ row: RuleTables.RoleRow, _ lifecycles: [Lifecycle])
        -> [Column]
    {
        Phase.Code.allCases.compactMap { code in
            if code == .uncertain {
                let knows = specification.perspectives[side].knowsUncertainty
                return knows ? (code, specification.name(of: code, in: [row.role])) : nil
            }
            var names: [String] = []
            for lifecycle in lifecycles {
                guard let place = lifecycle.codes.firstIndex(of: code) else { continue }
                if !names.contains(lifecycle.phases[place]) { names.append(lifecycle.phases[place]) }
            }
            return names.isEmpty ? nil : (code, names.joined(separator: " / "))
        }
    }

    private func page(ofSide side: Ref<Perspective>, _ row: RuleTables.RoleRow, _ columns: [Column]) -> Record {
        let cases = cases(of: row, side: side, columns)
        return [
            "name": .text(specification.perspectives[side].name), "phases": .list(columns.map { link($0.name) }),
            "cases": .list(cases),
        ]
    }

    /// What each class of return values does, those together that do the same. A class that does as the one after "else" is
    /// not said.
    private func cases(of row: RuleTables.RoleRow, side: Ref<Perspective>, _ columns: [Column]) -> [Record] {
        var cases: [(names: [String], effect: RuleTables.Effect)] = []
        /// As far as the columns show it: what moves nothing is the same, however it is limited.
        func shown(_ effects: TypedTables.Column<Perspective, RuleTables.Effect>) -> RuleTables.Effect {
            columns.allSatisfy { effects[side].targets[$0.code.rawValue] == $0.code } ? .keep : effects[side]
        }
        for (outcome, effects) in zip(tables.roleOutcomes, row.after) {
            let outcome = specification.outcomes[outcome]
            // What a doubt does is said once for all roles.
            if outcome.effect == .doubt || outcome.effect == .contradiction { continue }
            let effect = shown(effects)
            let other = outcome.otherwise.flatMap { tables.roleOutcomes.firstIndex(of: $0) }
            if let other, shown(row.after[other]) == effect { continue }
            if let same = cases.firstIndex(where: { $0.effect == effect }), outcome.otherwise != nil {
                cases[same].names.append(outcome.name)
            } else {
                cases.append(([outcome.name], effect))
            }
        }
        let perspective = specification.perspectives[side]
        return cases.map { names, effect in
            let cells = columns.map { column -> Record in
                let target = effect.targets[column.code.rawValue]
                let refusal = perspective.refusesOutOfPhase ? row.refusals[column.code.rawValue] : nil
                let name = columns.first { $0.code == target }?.name ?? specification.name(of: target, in: [row.role])
                return [
                    "target": .text(name), "isKept": .flag(target == column.code),
                    "isRefused": .flag(refusal.map { !$0.isSoft } ?? false),
                ]
            }
            var remarks: [String] = []
            if effect.together { remarks.append("only where both may be active") }
            let ends = effect.targets.allSatisfy { $0 == .idle }
            if effect.endsUnsaved, !ends { remarks.append("what cannot be saved: idle") }
            if effect.reach != .session { remarks.append("in every session of the \(effect.reach.rawValue)") }
            return [
                "names": .list(names.map(link)), "cells": .list(cells),
                "remark": .text(remarks.joined(separator: "; ")), "hasRemark": .flag(!remarks.isEmpty),
            ]
        }
    }

    func page(of outcome: Outcome) -> Record {
        [
            "name": .text(outcome.name), "sentence": .text(Naming.sentence(outcome.summary)),
            "value": .optionalText(outcome.value), "hasValue": .flag(outcome.value != nil),
            "fact": .optionalText(outcome.fact.map { specification.facts[$0].name }),
            "hasFact": .flag(outcome.fact != nil),
            "other": .optionalText(outcome.otherwise.map { specification.outcomes[$0].name }),
            "hasOther": .flag(outcome.otherwise != nil),
            "isPending": .flag(outcome.effect == .pending), "isGone": .flag(outcome.effect == .gone),
            "isDoubt": .flag(outcome.effect == .doubt), "isContradiction": .flag(outcome.effect == .contradiction),
            "reaches": .flag(outcome.reach != .session), "reach": .text(outcome.reach.rawValue),
        ]
    }
}
