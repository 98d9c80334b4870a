// SPDX-License-Identifier: MIT

import CryptokiSpecification
import StrictMustache

extension OutputContext {
    /// Types, constants and prototypes, for the headers.
    @inline(never)
    var headers: Record {
        let registry = specification.registry
        let definitionWidth = Naming.width(of: registry.scalars.map(\.definition))
        let targetWidth = Naming.width(of: registry.pointers.map(\.target))
        return [
            "version": .optionalText(version?.name), "versionMajor": .optionalText(version?.major),
            "versionMinor": .optionalText(version?.minor), "versionAmendment": .optionalText(version?.amendment),
            "oldestVersion": .optionalText(oldestVersion),
            "constantGroups": .list(registry.groups.map(record)),
            "kinds": .list(registry.groups.compactMap { group in group.noun.map { kind(group, noun: $0) } }),
            "scalars": .list(
                registry.scalars.map {
                    [
                        "name": .text($0.name),
                        "definitionColumn": .text(Naming.padded($0.definition, to: definitionWidth)),
                    ]
                }),
            "pointers": .list(
                registry.pointers.map {
                    [
                        "name": .text($0.name),
                        "targetColumn": .text(Naming.padded($0.target, to: targetWidth)),
                    ]
                }),
            "callbacks": .list(
                registry.callbacks.map {
                    [
                        "name": .text($0.name), "returns": .text($0.returns),
                        "arguments": .list(
                            $0.arguments.map { ["type": .text($0.type), "name": .text($0.name)] }),
                    ]
                }),
            "structures": .list(
                registry.structures.map {
                    [
                        "name": .text($0.name), "summary": .text($0.summary),
                        "members": .list(records(of: $0.members)),
                    ]
                }),
            "functionLists": .list(
                registry.functionLists.map {
                    ["name": .text($0.name), "summary": .text(Naming.sentence($0.summary)), "only": only($0.only)]
                }),
            "functionGroups": .list(functionGroups),
        ]
    }

    private func only(_ macro: String?) -> Value {
        macro.map { .record(["macro": .text($0)]) } ?? false
    }

    private func record(_ group: Registry.ConstantGroup) -> Record {
        let width =
            Naming.width(of: group.constants.lazy.filter { !$0.isAlias }.map(\.value)) + group.suffix.utf8.count
        let nameWidth = Naming.width(of: group.constants.lazy.map(\.name))
        let constants = group.constants.map { constant -> Record in
            var value = constant.value + (constant.isAlias ? "" : group.suffix)
            if value.hasPrefix("~") { value = "(\(value))" }
            let remark = remark(of: constant)
            return [
                "name": .text(constant.name), "value": .text(value),
                // Another name may be long, and does not push the numbers' remarks aside.
                "valueColumn": .text(Naming.padded(value, to: width)),
                "isGuarded": .flag(constant.isGuarded),
                "hasRemark": .flag(!remark.isEmpty), "remark": .text(remark),
                "nameColumn": .text(Naming.padded(constant.name, to: nameWidth)),
            ]
        }
        return ["summary": .text(Naming.sentence(group.summary)), "constants": .list(constants)]
    }

    /// - Parameter noun: what one of the constants is called.
    private func kind(_ group: Registry.ConstantGroup, noun: String) -> Record {
        let numbers = group.constants.map { Value.text(hexadecimal($0.name)) }
        let constants = zip(group.constants, numbers).map { constant, number -> Record in
            let remark = remark(of: constant)
            return [
                "name": .text(constant.name), "number": number,
                "swiftName": .text(Naming.member(constant.name, without: group.prefix)),
                "hasRemark": .flag(!remark.isEmpty), "remark": .text(remark),
            ]
        }
        let values = zip(group.constants, numbers).filter { !$0.0.isAlias }
        return [
            "summary": .text(Naming.sentence(group.summary)), "isFlags": .flag(group.isFlags),
            "cName": .text(Naming.constant(noun).lowercased()), "cConstant": .text(Naming.constant(noun)),
            "swiftType": .text(Naming.type(noun)), "constants": .list(constants),
            "values": .list(values.map { ["name": .text($0.name), "number": $1] }),
        ]
    }

    /// The version that the outputs are for: the newest of the data.
    private var version: Registry.Version? { specification.registry.versions.last }

    private var oldestVersion: String? { specification.registry.versions.first?.name }

    private func remark(of constant: Registry.Constant) -> String {
        switch (constant.since == oldestVersion, constant.status) {
        case (true, nil): ""
        case (true, let status?): status
        case (false, nil): constant.since
        case (false, let status?): "\(constant.since), \(status)"
        }
    }

    private func records(of variables: [Registry.Variable]) -> [Record] {
        let width = Naming.width(of: variables.lazy.map(\.type))
        return variables.map { variable in
            [
                "name": .text(variable.name), "isArray": .flag(variable.count != nil),
                "count": .optionalText(variable.count.map { "\($0)" }),
                "typeColumn": .text(Naming.padded(variable.type, to: width)),
            ]
        }
    }

    /// The functions by the version that brought them; the macros of earlier function lists leave later ones out.
    private var functionGroups: [Record] {
        let functions = tables.functions.map { specification.functions[$0.function] }.filter(\.isListed)
        var versions: [String] = []
        for function in functions where !versions.contains(function.since) { versions.append(function.since) }
        return versions.map { version in
            let earlier = specification.registry.functionLists.filter { list in
                guard list.only != nil, let its = versions.firstIndex(of: list.since) else { return false }
                return its < versions.firstIndex(of: version)!
            }
            let members = functions.filter { $0.since == version }.map { function -> Record in
                let width = Naming.width(of: function.parameters.lazy.map(\.type))
                let parameters = function.parameters.map { parameter -> Record in
                    [
                        "name": .text(parameter.name),
                        "typeColumn": .text(Naming.padded(parameter.type, to: width)),
                    ]
                }
                return [
                    "name": .text(function.name), "summary": .text(function.summary), "parameters": .list(parameters),
                ]
            }
            return [
                "since": .text(version), "functions": .list(members),
                "guards": .list(earlier.compactMap(\.only).map { ["macro": .text($0)] }),
            ]
        }
    }

    /// What only the page for people needs.
    @inline(never)
    var reference: Record {
        [
            "documents": .list(
                specification.documents.map {
                    ["name": .text($0.name), "version": .text($0.version), "title": .text($0.title)]
                }),
            "pairs": .list(
                specification.pairs.map {
                    [
                        "id": .text($0.rule.id), "first": .text(specification.operations[$0.first].name),
                        "second": .text(specification.operations[$0.second].name),
                        "citation": .text($0.rule.citation.words),
                    ]
                }),
            "readings": .list(
                specification.readings.map {
                    [
                        "id": .text($0.id), "question": .text($0.question), "chosen": .text($0.chosen),
                        "reason": .text($0.reason), "citation": .text($0.citation.words),
                    ]
                }),
        ]
    }
}
