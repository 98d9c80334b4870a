// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import Spelling
import ValidatedXML

// Exclusions, policies, conflicts, and the policy that suits a token.

extension Loader {
    mutating func loadExclusions(_ root: XMLElement) {
        for container in root.children("exclusions") {
            symbols.exclusions.expectDeclarations(in: container, of: root)
        }
        for element in root.items("exclusions") {
            symbols.exclusions.enter(element, by: .id)
            let rule = rule(element)
            let returnValue = constant(element, "with")
            let refused = refused(by: element) ?? .everyStart
            specification.exclusions.append(
                Exclusion(
                    rule: rule, refused: refused, beside: beside(element), unlessPair: element["unless"] == "pair",
                    returnValue: returnValue, origin: Origin(element)))
        }
    }

    mutating func loadPolicies(_ root: XMLElement) {
        for element in root.items("policies") {
            claims.claim(element, .number, among: "policy", into: &diagnostics)
            specification.policies.append(
                Policy(
                    name: element.text("name"), number: element.number("number"),
                    most: element["most"].flatMap { Int($0) }, within: resolve(element, "within", in: symbols.policies),
                    refusesOutOfPhase: element["out-of-phase"] == "refuse", exclusions: exclusions(of: element),
                    summary: element.text("summary"), origin: Origin(element)))
        }
    }

    private mutating func exclusions(of policy: XMLElement) -> [Ref<Exclusion>] {
        var applied: [String: XMLElement] = [:]
        return policy.children("applies").compactMap { applies in
            let name = applies.text("exclusion")
            if let first = applied[name], !applies.isFaulty {
                diagnostics.report(
                    applies.place(of: "exclusion"), .duplicateExclusion, "duplicate exclusion '\(name)' of the policy",
                    notes: [.init(place: first.place(of: "exclusion"), message: "here")])
            }
            applied[name] = applied[name] ?? applies
            return resolve(applies, "exclusion", in: symbols.exclusions)
        }
    }

    mutating func loadConflicts(_ root: XMLElement) {
        var names = Names<Never>("conflict")
        specification.conflicts = Table(
            root.items("conflicts").map { element in
                names.declare(element, by: .name, into: &diagnostics)
                claims.claim(element, .number, among: "conflict", into: &diagnostics)
                return Conflict(
                    name: element.text("name"), number: element.number("number"),
                    abandons: element["abandons"] == "yes",
                    citation: citation(element), summary: element.text("summary"), origin: Origin(element))
            })
    }

    mutating func loadTokenPolicy(_ root: XMLElement) {
        guard let element = root.child("token-policy") else { return }
        let set = resolve(element, "set", in: symbols.policies)
        let clear = resolve(element, "clear", in: symbols.policies)
        let (flag, citation) = (constant(element, "flag"), citation(element))
        if let set, let clear {
            specification.tokenPolicy = TokenPolicy(flag: flag, set: set, clear: clear, citation: citation)
        }
    }

    private mutating func refused(by element: XMLElement) -> Exclusion.Refused? {
        if element["calling"] != nil {
            return resolve(element, "calling", in: symbols.groups).map { .calls(group: $0) }
        }
        let word = kind(element, "starting", orOneOf: ["every"])
        return word == "every" ? .everyStart : .start(kind: word)
    }

    private mutating func beside(_ element: XMLElement) -> Exclusion.Beside {
        switch kind(element, "beside", orOneOf: ["itself", "other", "every"]) {
        case "itself": .itself
        case "other": .other
        case "every": .every
        case let word: .kind(word)
        }
    }

    /// A kind of operation, or another word that stands for operations.
    private mutating func kind(_ element: XMLElement, _ attribute: String, orOneOf words: [String]) -> String {
        let kinds = Set(specification.operations.map(\.kind)).union(words)
        let word = element.text(attribute)
        if element[attribute] != nil, !kinds.contains(word),
            !specification.operations.contains(where: \.origin.isFaulty), !isKindMissing
        {
            let hint = suggestion(for: word, among: kinds.sorted())
            diagnostics.report(
                element.place(of: attribute), .unknownKind,
                "unknown kind of operations '\(word)'\(hint)")
        }
        return word
    }
}
