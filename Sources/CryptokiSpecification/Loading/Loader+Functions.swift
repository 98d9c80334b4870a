// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import ValidatedXML

// Functions, their parameters and their return values.

extension Loader {
    mutating func loadCodeSets(_ elements: [XMLElement]) {
        let origins = Column<CodeSet, XMLElement>(elements)
        for element in elements {
            let own = element.children("returns").map { constant($0, "value") }
            var values: [String] = []
            if let other = resolve(element, "includes", in: symbols.codeSets) {
                if other < specification.codeSets.endIndex {
                    values = specification.codeSets[other].values
                } else {
                    diagnostics.report(
                        element.place(of: "includes"), .codeSetOrder,
                        "a code set must follow the one that it includes",
                        notes: origins[other] === element
                            ? [] : [.init(place: origins[other].place(of: "name"), message: "the first one")])
                }
            }
            var known = Set(values)
            for (value, returns) in zip(own, element.children("returns")) {
                if !known.insert(value).inserted, !returns.isFaulty {
                    diagnostics.report(
                        returns.place(of: "value"), .duplicateValue, "duplicate value \(value) in the code set",
                        notes: first(value, before: returns, in: element, elements))
                }
                values.append(value)
            }
            specification.codeSets.append(
                CodeSet(
                    name: element.text("name"), values: values, summary: element.text("summary"),
                    citation: citation(element), origin: Origin(element)))
        }
    }

    /// Where a value stands already: in the set itself, or in one that it includes.
    private func first(
        _ value: String, before returns: XMLElement, in set: XMLElement?, _ sets: [XMLElement]
    ) -> [Diagnostic.Note] {
        var next = set
        for _ in sets.indices {
            guard let current = next else { break }
            if let found = current.children("returns").first(where: { $0["value"] == value }), found !== returns {
                return [.init(place: found.place(of: "value"), message: "the first one")]
            }
            next = sets.first { $0["name"] != nil && $0["name"] == current["includes"] }
        }
        return []
    }

    mutating func load(functions container: XMLElement) {
        let document = resolve(container, "document", in: symbols.documents)
        let universal = resolve(container, "universal", in: symbols.codeSets)
        if let universal, specification.universal.isEmpty {
            specification.universal = specification.codeSets[universal].values
        }
        symbols.functions.expectDeclarations(in: container, of: container)
        for element in container.children("function") {
            symbols.functions.declare(element, by: .name, into: &diagnostics)
            if element.place.source.tag > 0, element["listed"] != "no", !element.isFaulty {
                diagnostics.report(
                    element.place, .listedByAVendor,
                    "a function of an overlay cannot be in the standard's function lists; add listed=\"no\"")
            }
            claims.claim(element, .number, among: "function", into: &diagnostics)
            let touched = ["operation", "second"].compactMap { resolve(element, $0, in: symbols.operations) }
            let role = resolve(element, "role", in: symbols.roles)
            let group = resolve(element, "group", in: symbols.groups)
            let (since, citation) = (
                since(element),
                citation(element, document: document, section: element.text("section"), "section")
            )
            let flag = element["flag"].map { _ in constant(element, "flag") }
            let (parameters, answers, values) = (
                parameters(of: element), answers(of: element), returnValues(of: element)
            )
            // Without a role, which has been reported, there is no function.
            guard let role else { continue }
            specification.functions.append(
                Function(
                    number: element.number("number"), name: element.text("name"), since: since, citation: citation,
                    category: element.text("category"), role: role, group: group ?? specification.roles[role].group,
                    flag: flag, isListed: element["listed"] != "no", operations: touched, parameters: parameters,
                    answers: answers, returnValues: values, summary: element.text("summary"), origin: Origin(element)))
        }
    }

    private mutating func parameters(of function: XMLElement) -> [Function.Parameter] {
        var names = Names<Never>("parameter")
        return function.children("parameter").map { element in
            names.declare(element, by: .name, into: &diagnostics)
            _ = resolve(element, "type", in: symbols.types)
            return .init(
                type: element.text("type"), name: element.text("name"), use: resolve(element, "use", in: symbols.uses))
        }
    }

    private mutating func answers(of function: XMLElement) -> [Function.Answer] {
        var answered = Names<Never>("answer")
        return function.children("answers").map { element in
            answered.declare(element, by: .rule, into: &diagnostics)
            _ = resolve(element, "rule", in: symbols.rules)
            return .init(
                ruleID: element.text("rule"), returnValue: constant(element, "with"), reason: element.text,
                origin: Origin(element))
        }
    }

    private mutating func returnValues(of function: XMLElement) -> [String] {
        var values = resolve(function, "codes", in: symbols.codeSets).map { specification.codeSets[$0].values } ?? []
        var lacking: Set<String> = []
        for element in function.children("lacks") {
            let value = constant(element, "value")
            if !lacking.insert(value).inserted, !element.isFaulty {
                let first = function.children("lacks").first { $0["value"] == value }
                diagnostics.report(
                    element.place(of: "value"), .duplicateValue, "duplicate <lacks> of \(value)",
                    notes: first.map { [.init(place: $0.place(of: "value"), message: "the first one")] } ?? [])
                continue
            }
            if let index = values.firstIndex(of: value) {
                values.remove(at: index)
            } else if !element.isFaulty, !function.isFaulty, !specification.codeSets.contains(where: \.origin.hasFault)
            {
                diagnostics.report(
                    element.place(of: "value"), .lacksNothing,
                    "\(value) is not in the code set '\(function.text("codes"))'")
            }
        }
        let own = function.children("returns")
        if own.isEmpty { return values }
        var known = Set(values)
        for element in own {
            let value = constant(element, "value")
            if known.insert(value).inserted {
                values.append(value)
            } else if !element.isFaulty {
                let own = first(value, before: element, in: function, [function])
                let set = specification.codeSets.first { $0.name == function["codes"] }?.origin.element
                diagnostics.report(
                    element.place(of: "value"), .duplicateValue, "duplicate return value \(value)",
                    notes: own.isEmpty
                        ? first(value, before: element, in: set, specification.codeSets.map(\.origin.element)) : own)
            }
        }
        return values
    }
}
