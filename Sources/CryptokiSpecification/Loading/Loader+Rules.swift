// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Spelling
import ValidatedXML

// Operations, pairs, exclusions, policies, and what the rules ask of arguments and return values.

extension Loader {
    mutating func load(rules root: XMLElement) {
        declareNames(in: root)

        specification.readings = root.items("readings").map { element in
            Reading(
                id: element.text("id"), question: element.text("question"), chosen: element.text("chosen"),
                reason: element.text, since: element["since"].map { _ in since(element) },
                citation: citation(element))
        }
        specification.phases = root.items("phases").map { element in
            let code = Phase.Code(rawValue: element.number("code"))
            if code == nil {
                if element["code"] != nil {
                    diagnostics.error(
                        element.place(of: "code"), "wrong-value", "a phase's code is two bits: 0, 1, 2 or 3")
                }
                element.markFaulty()
            }
            return Phase(
                name: element.text("name"), code: code ?? .idle, summary: element.text("summary"), element: element)
        }
        specification.perspectives = root.items("perspectives").map { element in
            claim(element, "number", among: "perspectives")
            return Perspective(
                name: element.text("name"), number: element.number("number"),
                refusesOutOfPhase: element["out-of-phase"] == "refuse", knowsUncertainty: element["uncertain"] == "yes",
                summary: element.text("summary"), element: element)
        }
        for container in root.children("operations") {
            for element in container.children where !element.isUnknown {
                claim(element, "bit", among: "operations")
                specification.operations.append(
                    Operation(
                        name: element.text("name"), bit: element.number("bit"), flag: constant(element, "flag"),
                        kind: element["kind"] ?? container.text("kind"), isSaved: element["saved"] != "no",
                        summary: element.text("summary"), element: element))
            }
        }
        isKindMissing = root.children("operations").contains { $0["kind"] == nil }
        pairs.expectDeclarations(in: root.child("pairs"), of: root)
        specification.pairs = root.items("pairs").compactMap { element in
            // Where two have one name, nobody knows what the other one's was.
            if let id = element["id"], pairs.find(id) != nil { pairs.markIncomplete() }
            pairs.enter(element, by: "id", as: 0)
            let rule = rule(element)
            let first = resolve(element, "first", in: operations)
            let second = resolve(element, "second", in: operations)
            guard let first, let second else { return nil }
            return Pair(rule: rule, first: first, second: second, element: element)
        }
        specification.groups = root.items("groups").map { Group(name: $0.text("name"), summary: $0.text("summary")) }
        loadPolicies(root)
        var names = Names("conflict")
        specification.conflicts = root.items("conflicts").map { element in
            names.declare(element, by: "name", as: 0, into: &diagnostics)
            claim(element, "number", among: "conflicts")
            return Conflict(
                name: element.text("name"), number: element.number("number"), abandons: element["abandons"] == "yes",
                citation: citation(element), summary: element.text("summary"), element: element)
        }
        loadFacts(root)
        loadRoles(root.items("roles"))
        loadCodeSets(root.items("code-sets"))
    }

    private mutating func declareNames(in root: XMLElement) {
        func declare(_ container: String, in names: inout Names, by attribute: String = "name") {
            names.expectDeclarations(in: root.child(container), of: root)
            for more in root.children(container).dropFirst() { names.expectDeclarations(in: more, of: root) }
            for (index, element) in root.items(container).enumerated() {
                names.declare(element, by: attribute, as: index, into: &diagnostics)
            }
        }
        declare("phases", in: &phases)
        declare("perspectives", in: &perspectives)
        declare("operations", in: &operations)
        declare("groups", in: &groups)
        declare("policies", in: &policies)
        declare("facts", in: &facts)
        declare("uses", in: &uses)
        declare("outcomes", in: &outcomes)
        declare("readings", in: &readings, by: "id")
        declare("roles", in: &roles)
        declare("code-sets", in: &codeSets)
        for container in [
            "phases", "perspectives", "operations", "policies", "conflicts", "facts", "outcomes", "roles",
        ] {
            checkFolded(root.items(container), by: "name")
        }
    }

    private mutating func loadPolicies(_ root: XMLElement) {
        for container in root.children("exclusions") { exclusions.expectDeclarations(in: container, of: root) }
        for (index, element) in root.items("exclusions").enumerated() {
            exclusions.enter(element, by: "id", as: index)
            let rule = rule(element)
            let returnValue = constant(element, "with")
            let refused = refused(by: element) ?? .everyStart
            specification.exclusions.append(
                Exclusion(
                    rule: rule, refused: refused, beside: beside(element), unlessPair: element["unless"] == "pair",
                    returnValue: returnValue, element: element))
        }
        for element in root.items("policies") {
            claim(element, "number", among: "policies")
            var applied: [String: XMLElement] = [:]
            let indices = element.children("applies").compactMap { applies -> Int? in
                let name = applies.text("exclusion")
                if let first = applied[name], !applies.isFaulty {
                    diagnostics.error(
                        applies.place(of: "exclusion"), "duplicate-exclusion", "the policy applies '\(name)' already",
                        notes: [.init(place: first.place(of: "exclusion"), message: "here")])
                }
                applied[name] = applied[name] ?? applies
                return resolve(applies, "exclusion", in: exclusions)
            }
            specification.policies.append(
                Policy(
                    name: element.text("name"), number: element.number("number"),
                    most: element["most"].flatMap { Int($0) }, within: resolve(element, "within", in: policies),
                    refusesOutOfPhase: element["out-of-phase"] == "refuse", exclusions: indices,
                    summary: element.text("summary"), element: element))
        }
    }

    /// A test that tells a fact needs that fact, one that compares needs a value, and others have neither.
    private mutating func check(use element: XMLElement, _ test: Use.Test) {
        if element.isFaulty { return }
        let needed = ["fact": test.tellsFact, "value": test == .flag || test == .equal]
        for (attribute, isNeeded) in needed.sorted(by: { $0.key < $1.key })
        where isNeeded != (element[attribute] != nil) {
            diagnostics.error(
                element.place(of: "test"), "use-\(attribute)",
                "the test '\(test.rawValue)' \(isNeeded ? "needs a" : "takes no") '\(attribute)'")
        }
    }

    private mutating func refused(by element: XMLElement) -> Exclusion.Refused? {
        if element["calling"] != nil { return resolve(element, "calling", in: groups).map { .calls(group: $0) } }
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
            !specification.operations.contains(where: \.element.isFaulty), !isKindMissing
        {
            let hint = suggestion(for: word, among: kinds.sorted())
            diagnostics.error(
                element.place(of: attribute), "unknown-kind",
                "no operation is of the kind '\(word)', nor is it a word for some of them\(hint)")
        }
        return word
    }

    private mutating func loadFacts(_ root: XMLElement) {
        specification.facts = root.items("facts").map { element in
            claim(element, "bit", among: "facts")
            return Fact(
                name: element.text("name"), bit: element.number("bit"), summary: element.text("summary"),
                element: element)
        }
        specification.uses = root.items("uses").map { element in
            let test = Use.Test(rawValue: element.text("test")) ?? .none
            let value = element["value"].map { _ in constant(element, "value") }
            check(use: element, test)
            return Use(
                name: element.text("name"), test: test, fact: resolve(element, "fact", in: facts), value: value,
                summary: element.text("summary"))
        }
        specification.outcomes = root.items("outcomes").map { element in
            Outcome(
                name: element.text("name"), value: element["value"].map { _ in constant(element, "value") },
                fact: resolve(element, "fact", in: facts), otherwise: resolve(element, "else", in: outcomes),
                effect: element["effect"].flatMap { Outcome.Effect(rawValue: $0) }, keeps: element["keeps"] == "yes",
                reach: element["reach"].flatMap { Reach(rawValue: $0) } ?? .session,
                summary: element.text("summary"), element: element)
        }
        if let element = root.child("token-policy") {
            let (set, clear) = (resolve(element, "set", in: policies), resolve(element, "clear", in: policies))
            let (flag, citation) = (constant(element, "flag"), citation(element))
            if let set, let clear {
                specification.tokenPolicy = TokenPolicy(flag: flag, set: set, clear: clear, citation: citation)
            }
        }
        if let element = root.child("concurrency") {
            specification.concurrency = Concurrency(
                rule: rule(element), startReturnValue: constant(element, "start"),
                otherReturnValue: constant(element, "other"), element: element)
        }
        if let element = root.child("meanwhile") {
            specification.meanwhile = Meanwhile(
                rule: rule(element), returnValue: constant(element, "with"), element: element)
        }
    }
}
