// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import ValidatedXML

// What the rules ask of arguments and return values, and the rules about calls at the same time.

extension Loader {
    mutating func loadFacts(_ root: XMLElement) {
        specification.facts = Table(
            root.items("facts").map { element in
                claims.claim(element, .bit, among: "fact", into: &diagnostics)
                return Fact(
                    name: element.text("name"), bit: element.number("bit"), summary: element.text("summary"),
                    origin: Origin(element))
            })
    }

    mutating func loadUses(_ root: XMLElement) {
        specification.uses = Table(
            root.items("uses").map { element in
                let test = Use.Test(rawValue: element.text("test")) ?? .none
                let value = element["value"].map { _ in constant(element, "value") }
                check(use: element, test)
                return Use(
                    name: element.text("name"), test: test, fact: resolve(element, "fact", in: symbols.facts),
                    value: value,
                    summary: element.text("summary"))
            })
    }

    /// A test that tells a fact needs that fact, one that compares needs a value, and others have neither.
    private mutating func check(use element: XMLElement, _ test: Use.Test) {
        if element.isFaulty { return }
        let needed: [(attribute: String, isNeeded: Bool, id: Diagnostic.ID)] = [
            ("fact", test.tellsFact, .useFact), ("value", test == .flag || test == .equal, .useValue),
        ]
        for (attribute, isNeeded, id) in needed where isNeeded != (element[attribute] != nil) {
            diagnostics.report(
                element.place(of: "test"), id,
                "the test '\(test.rawValue)' \(isNeeded ? "needs a" : "takes no") '\(attribute)'")
        }
    }

    mutating func loadOutcomes(_ root: XMLElement) {
        specification.outcomes = Table(
            root.items("outcomes").map { element in
                Outcome(
                    name: element.text("name"), value: element["value"].map { _ in constant(element, "value") },
                    fact: resolve(element, "fact", in: symbols.facts),
                    otherwise: resolve(element, "else", in: symbols.outcomes),
                    effect: element["effect"].flatMap { Outcome.Effect(rawValue: $0) },
                    keeps: element["keeps"] == "yes",
                    reach: element["reach"].flatMap { Reach(rawValue: $0) } ?? .session,
                    summary: element.text("summary"), origin: Origin(element))
            })
    }

    mutating func loadConcurrency(_ root: XMLElement) {
        guard let element = root.child("concurrency") else { return }
        specification.concurrency = Concurrency(
            rule: rule(element), startReturnValue: constant(element, "start"),
            otherReturnValue: constant(element, "other"), origin: Origin(element))
    }

    mutating func loadMeanwhile(_ root: XMLElement) {
        guard let element = root.child("meanwhile") else { return }
        specification.meanwhile = Meanwhile(
            rule: rule(element), returnValue: constant(element, "with"), origin: Origin(element))
    }
}
