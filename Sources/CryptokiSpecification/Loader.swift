// SPDX-License-Identifier: MIT

import Spelling

extension Specification {
    /// Where a specification is read from.
    public struct Files: Sendable {
        public let specification: String
        public let schema: String
        public init(specification: String, schema: String) {
            self.specification = specification
            self.schema = schema
        }
    }

    /// Reads, validates, resolves and checks; all faults of the files are found in one run.
    ///
    /// - Returns: the specification, or nil if there was an error, and the files that were read, in their order.
    public static func load(
        _ files: Files, into diagnostics: inout Diagnostics
    ) -> (specification: Specification?, inputs: [String]) {
        var loader = Loader()
        loader.load(files)
        diagnostics.append(contentsOf: loader.diagnostics)
        return (loader.diagnostics.hasErrors ? nil : loader.specification, loader.inputs)
    }
}

/// Builds the specification from the elements, in the order of the files.
struct Loader {
    var specification = Specification()
    var diagnostics = Diagnostics()
    private(set) var inputs: [String] = []

    /// Words that faulty elements hold; see `Schema.validate`.
    private var doubtful: Set<String> = []
    private var documents = Names("document")
    private var phases = Names("phase")
    private var perspectives = Names("perspective")
    private var operations = Names("operation")
    private var rules = Names("rule")
    private var policies = Names("policy")
    private var facts = Names("fact")
    private var uses = Names("use")
    private var outcomes = Names("outcome")
    private var readings = Names("reading")
    private var roles = Names("role")
    private var codeSets = Names("code set")
    private var functions = Names("function")
    private var types = Names("type")
    private var constants = Names("constant")
    private var numbers: [String: (name: String, numbers: Names)] = [:]

    mutating func load(_ files: Specification.Files) {
        guard let schema = read(files.schema, { Schema($0, into: &$1) }) else { return }
        guard let root = readRoot(files.specification, schema, expecting: "cryptoki") else { return }
        let folder = files.specification.lastIndex(of: "/").map { files.specification[...$0] } ?? ""
        let headings = root["headings"].flatMap { readRoot(folder + $0, schema, expecting: "headings") }
        let registry = root["registry"].flatMap { readRoot(folder + $0, schema, expecting: "registry") }
        guard let headings, let registry else { return }
        specification.layout = root.number("layout")
        load(headings: headings)
        load(registry: registry)
        load(rules: root)
        load(functions: root.child("functions"))
        let checks = Checks(specification, doubtful: doubtful)
        diagnostics.append(contentsOf: checks.run())
    }

    private mutating func read<Result>(
        _ path: String, _ parse: (SourceText, inout Diagnostics) -> Result?
    ) -> Result? {
        inputs.append(path)
        return SourceText.read(path, into: &diagnostics).flatMap { parse($0, &diagnostics) }
    }

    private mutating func readRoot(_ path: String, _ schema: Schema, expecting name: String) -> XMLElement? {
        guard let document = read(path, { XMLDocument.parse($0, into: &$1) }) else { return nil }
        if document.root.name != name {
            diagnostics.error(document.root.place, "unexpected-root", "the file must hold <\(name)>, not <\(document.root.name)>")
            return nil
        }
        doubtful.formUnion(schema.validate(document, into: &diagnostics))
        return document.root
    }

    // MARK: References

    private mutating func resolve(_ element: XMLElement, _ attribute: String, in names: Names) -> Int? {
        guard let name = element[attribute] else { return nil }
        if let index = names.find(name) { return index }
        if !doubtful.contains(name) {
            let hint = suggestion(for: name, among: names.indices.keys)
            let check = "unknown-\(names.noun.split(separator: " ").joined(separator: "-"))"
            diagnostics.error(element.place(of: attribute), check, "no \(names.noun) is called '\(name)'\(hint)")
        }
        return nil
    }

    /// The name of a constant, which must be in the registry.
    private mutating func constant(_ element: XMLElement, _ attribute: String) -> String {
        _ = resolve(element, attribute, in: constants)
        return element.text(attribute)
    }

    private mutating func citation(_ element: XMLElement, document: Int?, section: String, _ attribute: String) -> Citation {
        guard let document else { return Citation(document: 0, section: section, title: "", words: "") }
        let found = specification.documents[document]
        let title = found.headings[section]
        if title == nil, element[attribute] != nil {
            diagnostics.error(
                element.place(of: attribute), "unknown-section",
                "\(found.title) has no section \(section); the headings file lists those there are")
        }
        let words = "\(found.name) \(found.version), \(section) \(title ?? "")"
        return Citation(document: document, section: section, title: title ?? "", words: words)
    }

    private mutating func citation(_ element: XMLElement) -> Citation {
        let parts = element.text("cite").split(separator: " ").map(String.init)
        guard parts.count == 2 else { return Citation(document: 0, section: "", title: "", words: "") }
        let document = documents.find(parts[0])
        if document == nil {
            let hint = suggestion(for: parts[0], among: documents.indices.keys)
            diagnostics.error(element.place(of: "cite"), "unknown-document", "no document is called '\(parts[0])'\(hint)")
        }
        return citation(element, document: document, section: parts[1], "cite")
    }

    /// The element as a rule: its ID is unique, and so is its number.
    private mutating func rule(_ element: XMLElement) -> Rule {
        rules.declare(element, by: "id", as: 0, into: &diagnostics)
        claim(element, "number", among: "rules")
        _ = resolve(element, "reading", in: readings)
        return Rule(
            id: element.text("id"), number: element["number"].flatMap { Int($0) }, citation: citation(element),
            text: element.text, reading: element["reading"])
    }

    /// Takes a number or bit that no other element of its kind may have.
    private mutating func claim(_ element: XMLElement, _ attribute: String, among kind: String) {
        numbers[kind, default: (kind, Names("one of the \(kind)"))].numbers
            .declare(element, by: attribute, as: 0, into: &diagnostics)
    }

    // MARK: Headings and registry

    private mutating func load(headings root: XMLElement) {
        for element in root.children("document") {
            documents.declare(element, by: "id", as: specification.documents.count, into: &diagnostics)
            var sections = Names("section")
            var headings: [String: String] = [:]
            for heading in element.children("heading") {
                sections.declare(heading, by: "section", as: 0, into: &diagnostics)
                headings[heading.text("section")] = heading.text("title")
            }
            specification.documents.append(
                Document(
                    id: element.text("id"), name: element.text("name"), version: element.text("version"),
                    title: element.text("title"), headings: headings))
        }
    }

    private mutating func load(registry root: XMLElement) {
        let elements = root.child("types")?.children ?? []
        for element in elements { types.declare(element, by: "name", as: 0, into: &diagnostics) }
        func variable(_ element: XMLElement, _ loader: inout Loader) -> Registry.Variable {
            _ = loader.resolve(element, "type", in: loader.types)
            return .init(type: element.text("type"), name: element.text("name"), count: element["array"].flatMap { Int($0) })
        }
        var registry = Registry()
        for element in elements {
            let (name, since) = (element.text("name"), element.text("since"))
            switch element.name {
            case "scalar": registry.scalars.append(.init(name: name, definition: element.text("is"), since: since))
            case "pointer": registry.pointers.append(.init(name: name, target: element.text("to"), since: since))
            case "callback":
                let arguments = element.children("argument").map { variable($0, &self) }
                _ = resolve(element, "returns", in: types)
                registry.callbacks.append(
                    .init(name: name, returns: element.text("returns"), since: since, arguments: arguments))
            case "struct":
                let members = element.children("member").map { variable($0, &self) }
                registry.structures.append(
                    .init(name: name, since: since, summary: element.text("summary"), members: members))
            default:
                registry.functionLists.append(
                    .init(name: name, since: since, summary: element.text("summary"), only: element["only"]))
            }
        }
        load(constants: root, into: &registry)
        specification.registry = registry
    }

    private mutating func load(constants root: XMLElement, into registry: inout Registry) {
        let all = root.children("constants").flatMap { $0.children("constant") }
        for element in all { constants.declare(element, by: "name", as: 0, into: &diagnostics) }
        for element in all where element["value"] != nil { registry.numbers[element.text("name")] = parse(element.text("value")) }
        for element in all {
            _ = resolve(element, "alias", in: constants)
            if let alias = element["alias"] { registry.numbers[element.text("name")] = registry.numbers[alias] ?? 0 }
        }
        for group in root.children("constants") {
            let constants = group.children("constant").map {
                Registry.Constant(
                    name: $0.text("name"), since: $0.text("since"), value: $0["alias"] ?? $0.text("value"),
                    isAlias: $0["alias"] != nil)
            }
            registry.groups.append(
                .init(
                    name: group.text("group"), summary: group.text("summary"), suffix: group.text("suffix"),
                    constants: constants))
        }
    }

    private func parse(_ number: String) -> UInt {
        if number == "~0" { return .max }
        return number.hasPrefix("0x") ? UInt(number.dropFirst(2), radix: 16) ?? 0 : UInt(number) ?? 0
    }

    // MARK: Rules

    private mutating func load(rules root: XMLElement) {
        declareNames(in: root)

        specification.readings = root.items("readings").map { element in
            Reading(
                id: element.text("id"), question: element.text("question"), chosen: element.text("chosen"),
                reason: element.text, citation: citation(element))
        }
        specification.phases = root.items("phases").map { element in
            let code = Phase.Code(rawValue: element.number("code"))
            if code == nil {
                diagnostics.error(element.place(of: "code"), "wrong-value", "a phase's code is two bits: 0, 1, 2 or 3")
            }
            return Phase(name: element.text("name"), code: code ?? .idle, summary: element.text("summary"))
        }
        specification.perspectives = root.items("perspectives").map { element in
            claim(element, "number", among: "perspectives")
            return Perspective(
                name: element.text("name"), number: element.number("number"),
                refusesOutOfPhase: element["out-of-phase"] == "refuse", knowsUncertainty: element["uncertain"] == "yes",
                summary: element.text("summary"), element: element)
        }
        specification.operations = root.items("operations").map { element in
            claim(element, "bit", among: "operations")
            return Operation(
                name: element.text("name"), bit: element.number("bit"), flag: constant(element, "flag"),
                kind: element["kind"] ?? "cryptographic", isSaved: element["saved"] != "no",
                summary: element.text("summary"), element: element)
        }
        specification.pairs = root.items("pairs").compactMap { element in
            let rule = rule(element)
            let first = resolve(element, "first", in: operations)
            let second = resolve(element, "second", in: operations)
            guard let first, let second else { return nil }
            return Pair(rule: rule, first: first, second: second, element: element)
        }
        loadPolicies(root)
        loadFacts(root)
        loadRoles(root.items("roles"))
        loadCodeSets(root.items("code-sets"))
    }

    private mutating func declareNames(in root: XMLElement) {
        func declare(_ container: String, in names: inout Names, by attribute: String = "name") {
            for (index, element) in root.items(container).enumerated() {
                names.declare(element, by: attribute, as: index, into: &diagnostics)
            }
        }
        declare("phases", in: &phases)
        declare("perspectives", in: &perspectives)
        declare("operations", in: &operations)
        declare("policies", in: &policies)
        declare("facts", in: &facts)
        declare("uses", in: &uses)
        declare("outcomes", in: &outcomes)
        declare("readings", in: &readings, by: "id")
        declare("roles", in: &roles)
        declare("code-sets", in: &codeSets)
    }

    private mutating func loadPolicies(_ root: XMLElement) {
        var exclusions = Names("exclusion")
        let kinds = Set(specification.operations.map(\.kind))
        func kind(_ element: XMLElement, _ attribute: String, words: [String], _ loader: inout Loader) -> String {
            let word = element.text(attribute)
            if element[attribute] != nil, !kinds.contains(word), !words.contains(word) {
                let hint = suggestion(for: word, among: kinds.union(words).sorted())
                let message = "no operation is of the kind '\(word)', nor is it a word for some of them\(hint)"
                loader.diagnostics.error(element.place(of: attribute), "unknown-kind", message)
            }
            return word
        }
        for (index, element) in root.items("exclusions").enumerated() {
            exclusions.declare(element, by: "id", as: index, into: &diagnostics)
            let starting = kind(element, "starting", words: ["every"], &self)
            let beside = kind(element, "beside", words: ["itself", "other"], &self)
            specification.exclusions.append(
                Exclusion(
                    rule: rule(element), starting: starting == "every" ? .every : .kind(starting),
                    beside: beside == "itself" ? .itself : beside == "other" ? .other : .kind(beside),
                    unlessPair: element["unless"] == "pair", returnValue: constant(element, "with"), element: element))
        }
        for element in root.items("policies") {
            claim(element, "number", among: "policies")
            var applied = Names("exclusion of the policy")
            let indices = element.children("applies").compactMap { applies -> Int? in
                applied.declare(applies, by: "exclusion", as: 0, into: &diagnostics)
                return resolve(applies, "exclusion", in: exclusions)
            }
            specification.policies.append(
                Policy(
                    name: element.text("name"), number: element.number("number"), most: element.number("most"),
                    exclusions: indices, summary: element.text("summary"), element: element))
        }
    }

    private mutating func loadFacts(_ root: XMLElement) {
        specification.facts = root.items("facts").map { element in
            claim(element, "bit", among: "facts")
            return Fact(name: element.text("name"), bit: element.number("bit"), summary: element.text("summary"))
        }
        specification.uses = root.items("uses").map { element in
            let test = Use.Test(rawValue: element.text("test")) ?? .none
            let value = element["value"].map { _ in constant(element, "value") }
            if element["test"] != nil, (value != nil) != (test == .flag || test == .equal) {
                diagnostics.error(
                    element.place(of: "test"), "use-value",
                    value == nil ? "the test '\(test.rawValue)' needs a 'value'" : "the test '\(test.rawValue)' takes no 'value'")
            }
            return Use(
                name: element.text("name"), test: test, fact: resolve(element, "fact", in: facts), value: value,
                summary: element.text("summary"))
        }
        specification.outcomes = root.items("outcomes").map { element in
            Outcome(
                name: element.text("name"), value: element["value"].map { _ in constant(element, "value") },
                fact: resolve(element, "fact", in: facts), otherwise: resolve(element, "else", in: outcomes),
                summary: element.text("summary"), element: element)
        }
        if let element = root.child("concurrency") {
            specification.concurrency = Concurrency(
                rule: rule(element), startReturnValue: constant(element, "start"),
                otherReturnValue: constant(element, "other"), element: element)
        }
    }

    // MARK: Roles

    private mutating func loadRoles(_ elements: [XMLElement]) {
        specification.roles = elements.map { element in
            var role = Role(
                name: element.text("name"), starts: element["starts"] == "yes",
                scope: Role.Scope(rawValue: element["scope"] ?? "own") ?? .own, summary: element.text("summary"),
                element: element)
            if let variant = element.child("variant") {
                let fact = resolve(variant, "fact", in: facts)
                let other = resolve(variant, "role", in: roles)
                if let fact, let other { role.variant = (fact, other) }
            }
            role.refusals = element.children("refuses").compactMap { refuses in
                let rule = rule(refuses)
                let returnValue = constant(refuses, "with")
                return resolve(refuses, "phase", in: phases)
                    .map { .init(rule: rule, phase: $0, returnValue: returnValue, element: refuses) }
            }
            role.afters = afters(of: element)
            return role
        }
        for index in elements.indices { inherit(index, elements) }
    }

    private mutating func afters(of role: XMLElement) -> [Role.After] {
        var seen: [String: XMLElement] = [:]
        return role.children("after").compactMap { element in
            let name = "\(role.text("name"))/\(element.text("outcome"))" + (element["from"].map { "/\($0)" } ?? "")
            if let first = seen[name] {
                diagnostics.error(
                    element.place, "duplicate-after", "a second <after> for \(name)",
                    notes: [.init(place: first.place, message: "the first one")])
            }
            seen[name] = element
            let outcome = resolve(element, "outcome", in: outcomes)
            let to = element["to"] == "same" ? nil : resolve(element, "to", in: phases)
            let from = resolve(element, "from", in: phases)
            _ = resolve(element, "reading", in: readings)
            let rule = Rule(
                id: name, number: nil, citation: citation(element), text: element.text, reading: element["reading"])
            return outcome.map {
                .init(rule: rule, outcome: $0, to: to, from: from, together: element["together"] == "yes", element: element)
            }
        }
    }

    /// Adds what the role that this one is like says of phases and outcomes of which this one says nothing.
    private mutating func inherit(_ index: Int, _ elements: [XMLElement]) {
        var ancestors = [index]
        while let other = resolve(elements[ancestors.last!], "like", in: roles) {
            if ancestors.contains(other) {
                return diagnostics.error(
                    elements[index].place(of: "like"), "role-like-itself", "the role is like itself; one of the chain must stand alone")
            }
            ancestors.append(other)
            let base = specification.roles[other]
            let refused = specification.roles[index].refusals.map(\.phase)
            let spoken = specification.roles[index].afters.map(\.outcome)
            specification.roles[index].refusals += base.refusals.filter { !refused.contains($0.phase) }
            specification.roles[index].afters += base.afters.filter { !spoken.contains($0.outcome) }
            // What the other role inherits itself is already there if it stands earlier.
            if other < index { return }
        }
    }

    // MARK: Functions

    private mutating func loadCodeSets(_ elements: [XMLElement]) {
        for element in elements {
            let own = element.children("returns").map { constant($0, "value") }
            var values: [String] = []
            if let other = resolve(element, "includes", in: codeSets) {
                if other < specification.codeSets.count {
                    values = specification.codeSets[other].values
                } else {
                    diagnostics.error(
                        element.place(of: "includes"), "code-set-order", "a code set stands after the one that it includes")
                }
            }
            for (value, returns) in zip(own, element.children("returns")) where values.contains(value) {
                diagnostics.error(returns.place(of: "value"), "duplicate-value", "\(value) is in the set already")
            }
            specification.codeSets.append(
                CodeSet(
                    name: element.text("name"), values: values + own, summary: element.text("summary"),
                    citation: citation(element)))
        }
    }

    private mutating func load(functions container: XMLElement?) {
        guard let container else { return }
        let document = resolve(container, "document", in: documents)
        let universal = resolve(container, "universal", in: codeSets)
        specification.universal = universal.map { specification.codeSets[$0].values } ?? []
        for element in container.children {
            functions.declare(element, by: "name", as: specification.functions.count, into: &diagnostics)
            claim(element, "number", among: "functions")
            let touched = ["operation", "second"].compactMap { resolve(element, $0, in: operations) }
            let role = resolve(element, "role", in: roles)
            specification.functions.append(
                Function(
                    number: element.number("number"), name: element.text("name"), since: element.text("since"),
                    citation: citation(element, document: document, section: element.text("section"), "section"),
                    category: element.text("category"), role: role ?? 0, operations: touched,
                    parameters: parameters(of: element), answers: answers(of: element),
                    returnValues: returnValues(of: element), summary: element.text("summary"), element: element))
        }
    }

    private mutating func parameters(of function: XMLElement) -> [Function.Parameter] {
        var names = Names("parameter")
        return function.children("parameter").map { element in
            names.declare(element, by: "name", as: 0, into: &diagnostics)
            _ = resolve(element, "type", in: types)
            return .init(type: element.text("type"), name: element.text("name"), use: resolve(element, "use", in: uses))
        }
    }

    private mutating func answers(of function: XMLElement) -> [Function.Answer] {
        function.children("answers").map { element in
            _ = resolve(element, "rule", in: rules)
            return .init(
                ruleID: element.text("rule"), returnValue: constant(element, "with"), reason: element.text, element: element)
        }
    }

    private mutating func returnValues(of function: XMLElement) -> [String] {
        var values = resolve(function, "codes", in: codeSets).map { specification.codeSets[$0].values } ?? []
        for element in function.children("lacks") {
            let value = constant(element, "value")
            if let index = values.firstIndex(of: value) {
                values.remove(at: index)
            } else {
                diagnostics.error(
                    element.place(of: "value"), "lacks-nothing", "\(value) is not in the code set '\(function.text("codes"))'")
            }
        }
        for element in function.children("returns") {
            let value = constant(element, "value")
            if values.contains(value) {
                diagnostics.error(element.place(of: "value"), "duplicate-value", "\(value) is among the return values already")
            } else {
                values.append(value)
            }
        }
        return values
    }
}
