// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import ValidatedXML

// Readings, phases, perspectives, operations, pairs and groups: one function for each kind of declaration.

extension Loader {
    /// Declares the names of every kind first: references point forwards as well.
    mutating func load(rules root: XMLElement) {
        declareNames(in: root)
        loadReadings(root)
        loadPhases(root)
        loadPerspectives(root)
        loadOperations(root)
        loadPairs(root)
        specification.groups = Table(
            root.items("groups").map { Group(name: $0.text("name"), summary: $0.text("summary")) })
        loadExclusions(root)
        loadPolicies(root)
        loadConflicts(root)
        loadFacts(root)
        loadUses(root)
        loadOutcomes(root)
        loadTokenPolicy(root)
        loadConcurrency(root)
        loadMeanwhile(root)
        loadRoles(root.items("roles"))
        loadCodeSets(root.items("code-sets"))
    }

    private mutating func declareNames(in root: XMLElement) {
        func declare<Item>(_ container: String, in names: inout Names<Item>, by attribute: NamingAttribute = .name) {
            names.expectDeclarations(in: root.child(container), of: root)
            for more in root.children(container).dropFirst() { names.expectDeclarations(in: more, of: root) }
            for element in root.items(container) {
                names.declare(element, by: attribute, into: &diagnostics)
            }
        }
        declare("phases", in: &symbols.phases)
        declare("perspectives", in: &symbols.perspectives)
        declare("operations", in: &symbols.operations)
        declare("groups", in: &symbols.groups)
        declare("policies", in: &symbols.policies)
        declare("facts", in: &symbols.facts)
        declare("uses", in: &symbols.uses)
        declare("outcomes", in: &symbols.outcomes)
        declare("readings", in: &symbols.readings, by: .id)
        declare("roles", in: &symbols.roles)
        declare("code-sets", in: &symbols.codeSets)
    }

    private mutating func loadReadings(_ root: XMLElement) {
        specification.readings = Table(
            root.items("readings").map { element in
                Reading(
                    id: element.text("id"), question: element.text("question"), chosen: element.text("chosen"),
                    reason: element.text, since: element["since"].map { _ in since(element) },
                    citation: citation(element))
            })
    }

    private mutating func loadPhases(_ root: XMLElement) {
        specification.phases = Table(
            root.items("phases").map { element in
                let code = Phase.Code(rawValue: element.number("code"))
                if code == nil {
                    if element["code"] != nil {
                        diagnostics.report(
                            element.place(of: "code"), .wrongValue, "the code of a phase must be 0, 1, 2 or 3")
                    }
                    element.markFaulty()
                }
                return Phase(
                    name: element.text("name"), code: code ?? .idle, summary: element.text("summary"),
                    origin: Origin(element))
            })
    }

    private mutating func loadPerspectives(_ root: XMLElement) {
        specification.perspectives = Table(
            root.items("perspectives").map { element in
                claims.claim(element, .number, among: "perspective", into: &diagnostics)
                return Perspective(
                    name: element.text("name"), number: element.number("number"),
                    refusesOutOfPhase: element["out-of-phase"] == "refuse",
                    knowsUncertainty: element["uncertain"] == "yes",
                    summary: element.text("summary"), origin: Origin(element))
            })
    }

    private mutating func loadOperations(_ root: XMLElement) {
        for container in root.children("operations") {
            for element in container.children where !element.isUnknown {
                claims.claim(element, .bit, among: "operation", into: &diagnostics)
                specification.operations.append(
                    Operation(
                        name: element.text("name"), bit: element.number("bit"), flag: constant(element, "flag"),
                        kind: element["kind"] ?? container.text("kind"), isSaved: element["saved"] != "no",
                        summary: element.text("summary"), origin: Origin(element)))
            }
        }
        isKindMissing = root.children("operations").contains { $0["kind"] == nil }
    }

    private mutating func loadPairs(_ root: XMLElement) {
        symbols.pairs.expectDeclarations(in: root.child("pairs"), of: root)
        specification.pairs = Table(
            root.items("pairs").compactMap { element in
                // The intended name of a duplicate is unknown.
                if let id = element["id"], symbols.pairs.find(id) != nil { symbols.pairs.markIncomplete() }
                symbols.pairs.enter(element, by: .id)
                let rule = rule(element)
                let first = resolve(element, "first", in: symbols.operations)
                let second = resolve(element, "second", in: symbols.operations)
                guard let first, let second else { return nil }
                return Pair(rule: rule, first: first, second: second, origin: Origin(element))
            })
    }
}
