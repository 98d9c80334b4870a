// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import TypedTables

extension RuleData {
    /// Changes when a member of the export goes away or gets another meaning; new ones may come at any time.
    private static let exportFormat = 1

    /// The data as JSON, for programs in other languages. What it holds is described in docs/export.md.
    package var json: String {
        let data = tables.specification
        return
            ([
                "format": JSON(Self.exportFormat), "version": JSON(data.registry.versions.last?.name),
                "layout": JSON(data.layout), "versions": .list(data.registry.versions.map { JSON($0.name) }),
                "documents": .list(
                    data.documents.map {
                        [
                            "id": JSON($0.id), "name": JSON($0.name), "version": JSON($0.version),
                            "title": JSON($0.title),
                        ]
                    }),
                "phases": .list(
                    data.phases.map {
                        ["name": JSON($0.name), "code": JSON($0.code.rawValue), "summary": JSON($0.summary)]
                    }),
                "perspectives": .list(data.perspectives.map(perspective)),
                "operations": .list(data.operations.map(operation)),
                "pairs": .list(data.pairs.map(pair)),
                "exclusions": .list(data.exclusions.map(exclusion)),
                "policies": .list(data.policies.map(policy)),
                "conflicts": .list(
                    data.conflicts.map {
                        [
                            "name": JSON($0.name), "number": JSON($0.number), "abandons": .flag($0.abandons),
                            "citation": JSON($0.citation.words), "summary": JSON($0.summary),
                        ]
                    }),
                "tokenPolicy": data.tokenPolicy.map { choice in
                    [
                        "flag": JSON(choice.flag), "set": JSON(data.policies[choice.set].name),
                        "clear": JSON(data.policies[choice.clear].name), "citation": JSON(choice.citation.words),
                    ]
                } ?? .null,
                "facts": .list(
                    data.facts.map { ["name": JSON($0.name), "bit": JSON($0.bit), "summary": JSON($0.summary)] }),
                "uses": .list(data.uses.map(use)),
                "outcomes": .list(data.outcomes.map(outcome)),
                "readings": .list(data.readings.map(reading)),
                "roles": .list(data.roles.map(role)),
                "functions": .list(tables.functions.map { function(data.functions[$0.function]) }),
                "types": types,
                "constants": .list(data.registry.groups.map(group)),
                "differences": .list(
                    data.registry.differences.map {
                        ["name": JSON($0.name), "in": JSON($0.header), "reason": JSON($0.reason)]
                    }),
            ] as JSON).text
    }

    private var data: Specification { tables.specification }

    // MARK: Rules

    private func rule(_ rule: Rule, _ members: [(String, JSON)]) -> JSON {
        var all: [(name: String, value: JSON)] = [("id", JSON(rule.id))]
        if let number = rule.number { all.append(("number", JSON(number))) }
        all += members.map { (name: $0, value: $1) }
        all += [("citation", JSON(rule.citation.words)), ("reading", JSON(rule.reading)), ("text", JSON(rule.text))]
        return .object(all)
    }

    private func perspective(_ perspective: Perspective) -> JSON {
        [
            "name": JSON(perspective.name), "number": JSON(perspective.number),
            "refusesOutOfPhase": .flag(perspective.refusesOutOfPhase),
            "knowsUncertainty": .flag(perspective.knowsUncertainty), "summary": JSON(perspective.summary),
        ]
    }

    private func operation(_ operation: Operation) -> JSON {
        [
            "name": JSON(operation.name), "bit": JSON(operation.bit), "kind": JSON(operation.kind),
            "cancelFlag": JSON(operation.flag), "isSaved": .flag(operation.isSaved), "summary": JSON(operation.summary),
        ]
    }

    private func pair(_ pair: Pair) -> JSON {
        rule(
            pair.rule,
            [("first", JSON(data.operations[pair.first].name)), ("second", JSON(data.operations[pair.second].name))])
    }

    private func exclusion(_ exclusion: Exclusion) -> JSON {
        let (refuses, what): (String, String?) =
            switch exclusion.refused {
            case .everyStart: ("every start", nil)
            case .start(let kind): ("start of kind", kind)
            case .calls(let group): ("calls of group", data.groups[group].name)
            }
        let (beside, kind): (String, String?) =
            switch exclusion.beside {
            case .itself: ("itself", nil)
            case .other: ("other", nil)
            case .every: ("every", nil)
            case .kind(let kind): ("kind", kind)
            }
        return rule(
            exclusion.rule,
            [
                ("refuses", JSON(refuses)), ("refused", JSON(what)), ("beside", JSON(beside)),
                ("besideKind", JSON(kind)),
                ("unlessPair", .flag(exclusion.unlessPair)), ("returnValue", JSON(exclusion.returnValue)),
            ])
    }

    private func policy(_ policy: Policy) -> JSON {
        [
            "name": JSON(policy.name), "number": JSON(policy.number), "most": policy.most.map { JSON($0) } ?? .null,
            "refusesOutOfPhase": .flag(policy.refusesOutOfPhase),
            "exclusions": JSON(policy.exclusions.map { data.exclusions[$0].rule.id }), "summary": JSON(policy.summary),
        ]
    }

    private func fact(_ ref: Ref<Fact>?) -> JSON { JSON(ref.map { data.facts[$0].name }) }

    private func use(_ use: Use) -> JSON {
        [
            "name": JSON(use.name), "test": JSON(use.test.rawValue), "fact": fact(use.fact), "value": JSON(use.value),
            "summary": JSON(use.summary),
        ]
    }

    private func outcome(_ outcome: Outcome) -> JSON {
        [
            "name": JSON(outcome.name), "returnValue": JSON(outcome.value), "fact": fact(outcome.fact),
            "else": JSON(outcome.otherwise.map { data.outcomes[$0].name }), "effect": JSON(outcome.effect?.rawValue),
            "reach": JSON(outcome.reach.rawValue), "summary": JSON(outcome.summary),
        ]
    }

    private func reading(_ reading: Reading) -> JSON {
        [
            "id": JSON(reading.id), "question": JSON(reading.question), "chosen": JSON(reading.chosen),
            "citation": JSON(reading.citation.words), "reason": JSON(reading.reason),
        ]
    }

    // MARK: Roles and functions

    private func phase(_ ref: Ref<Phase>?) -> JSON { JSON(ref.map { data.phases[$0].name }) }

    private func role(_ role: Role) -> JSON {
        [
            "name": JSON(role.name), "starts": .flag(role.starts), "scope": JSON(role.scope.rawValue),
            "group": JSON(role.group.map { data.groups[$0].name }), "pending": JSON(role.async?.rawValue),
            "summary": JSON(role.summary),
            "variant": role.variant.map { ["fact": fact($0.fact), "role": JSON(data.roles[$0.role].name)] } ?? .null,
            "refuses": .list(
                role.refusals.map { refusal in
                    rule(
                        refusal.rule,
                        [
                            ("phase", phase(refusal.phase)), ("softly", .flag(refusal.isSoft)),
                            ("returnValue", JSON(refusal.returnValue)),
                        ])
                }),
            "after": .list(role.afters.map(after)),
        ]
    }

    private func after(_ after: Role.After) -> JSON {
        [
            "id": JSON(after.rule.id), "outcome": JSON(data.outcomes[after.outcome].name), "from": phase(after.from),
            "to": phase(after.to), "ownerTo": phase(after.known), "together": .flag(after.together),
            "endsUnsaved": .flag(after.endsUnsaved), "reach": JSON(after.reach.rawValue),
            "citation": JSON(after.rule.citation.words), "reading": JSON(after.rule.reading),
        ]
    }

    private func function(_ function: Function) -> JSON {
        [
            "name": JSON(function.name), "number": JSON(function.number), "since": JSON(function.since),
            "section": JSON(function.citation.section), "citation": JSON(function.citation.words),
            "category": JSON(function.category), "role": JSON(data.roles[function.role].name),
            "operations": JSON(function.operations.map { data.operations[$0].name }),
            "group": JSON(function.group.map { data.groups[$0].name }), "cancelFlag": JSON(function.flag),
            "isListed": .flag(function.isListed), "summary": JSON(function.summary),
            "parameters": .list(
                function.parameters.map {
                    [
                        "type": JSON($0.type), "name": JSON($0.name),
                        "use": JSON($0.use.map { data.uses[$0].name }),
                    ]
                }),
            "answers": .list(
                function.answers.map {
                    ["rule": JSON($0.ruleID), "returnValue": JSON($0.returnValue), "reason": JSON($0.reason)]
                }),
            "returnValues": JSON(
                data.universal.filter { !function.returnValues.contains($0) } + function.returnValues),
        ]
    }

    // MARK: Types and constants

    private var types: JSON {
        let registry = data.registry
        func variables(_ variables: [Registry.Variable]) -> JSON {
            .list(
                variables.map {
                    ["type": JSON($0.type), "name": JSON($0.name), "count": $0.count.map { JSON($0) } ?? .null]
                })
        }
        return [
            "scalars": .list(
                registry.scalars.map {
                    ["name": JSON($0.name), "is": JSON($0.definition), "since": JSON($0.since)]
                }),
            "pointers": .list(
                registry.pointers.map { ["name": JSON($0.name), "to": JSON($0.target), "since": JSON($0.since)] }),
            "callbacks": .list(
                registry.callbacks.map {
                    [
                        "name": JSON($0.name), "since": JSON($0.since), "returns": JSON($0.returns),
                        "arguments": variables($0.arguments),
                    ]
                }),
            "structures": .list(
                registry.structures.map {
                    [
                        "name": JSON($0.name), "since": JSON($0.since), "summary": JSON($0.summary),
                        "members": variables($0.members),
                    ]
                }),
            "functionLists": .list(
                registry.functionLists.map { list in
                    let age = registry.age(of: list.since)
                    let listed = tables.functions.map { data.functions[$0.function] }.filter {
                        $0.isListed && registry.age(of: $0.since) <= age
                    }
                    return [
                        "name": JSON(list.name), "since": JSON(list.since), "functions": JSON(listed.map(\.name)),
                    ]
                }),
        ]
    }

    private func group(_ group: Registry.ConstantGroup) -> JSON {
        [
            "group": JSON(group.name), "noun": JSON(group.noun), "isFlags": .flag(group.isFlags),
            "summary": JSON(group.summary),
            "constants": .list(
                group.constants.map { constant in
                    let number = data.registry.number(of: constant.name)
                    return [
                        "name": JSON(constant.name),
                        // All ones: as many as the platform's CK_ULONG has.
                        "value": number == .max ? JSON("~0") : .number(number),
                        "alias": JSON(constant.isAlias ? constant.value : nil), "since": JSON(constant.since),
                        "status": JSON(constant.status),
                    ]
                }),
        ]
    }
}
