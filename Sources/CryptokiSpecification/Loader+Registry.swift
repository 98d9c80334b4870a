// SPDX-License-Identifier: MIT

// The headings that citations may name, and the types and constants.

extension Loader {
    mutating func load(headings root: XMLElement) {
        documents.expectDeclarations(in: root, of: root)
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
                    isIncomplete: element.hasFault, id: element.text("id"), name: element.text("name"),
                    version: element.text("version"),
                    title: element.text("title"), headings: headings))
        }
    }

    mutating func load(registry root: XMLElement) {
        load(versions: root)
        let elements = root.items("types")
        for container in root.children("types") { types.expectDeclarations(in: container, of: root) }
        for element in elements { types.declare(element, by: "name", as: 0, into: &diagnostics) }
        func variable(_ element: XMLElement, _ loader: inout Loader) -> Registry.Variable {
            _ = loader.resolve(element, "type", in: loader.types)
            return .init(
                type: element.text("type"), name: element.text("name"), count: element["array"].flatMap { Int($0) })
        }
        var registry = specification.registry
        var declared: Set<String> = []
        let structures = Set(elements.filter { $0.name == "struct" }.map { $0.text("name") })
        let pointers = Set(elements.filter { $0.name == "pointer" }.map { $0.text("name") })
        for element in elements {
            let (name, since) = (element.text("name"), self.since(element))
            switch element.name {
            case "scalar":
                checkBase(element, "is", &declared)
                registry.scalars.append(.init(name: name, definition: element.text("is"), since: since))
            case "pointer":
                if element["to"] == element["name"] {
                    diagnostics.error(element.place(of: "to"), "type-of-itself", "\(name) points to itself")
                } else if let target = element["to"], pointers.contains(target), !declared.contains(target) {
                    diagnostics.error(
                        element.place(of: "to"), "type-order",
                        "a pointer stands after the one that it points to; \(target) does not")
                } else if !Self.isBuiltIn(element.text("to")) {
                    _ = resolve(element, "to", in: types)
                }
                declared.insert(name)
                registry.pointers.append(.init(name: name, target: element.text("to"), since: since))
            case "callback":
                var names = Names("argument")
                let arguments = element.children("argument").map { argument in
                    names.declare(argument, by: "name", as: 0, into: &diagnostics)
                    return variable(argument, &self)
                }
                _ = resolve(element, "returns", in: types)
                registry.callbacks.append(
                    .init(name: name, returns: element.text("returns"), since: since, arguments: arguments))
            case "struct":
                var names = Names("member")
                let members = element.children("member").map { member in
                    names.declare(member, by: "name", as: 0, into: &diagnostics)
                    if member["type"] == element["name"] {
                        diagnostics.error(member.place(of: "type"), "type-of-itself", "\(name) holds itself")
                    } else if let type = member["type"], structures.contains(type), !declared.contains(type) {
                        diagnostics.error(
                            member.place(of: "type"), "type-order",
                            "a structure stands after those that it holds; \(type) does not")
                    }
                    if member["array"] == "0" {
                        diagnostics.error(member.place(of: "array"), "wrong-value", "an array has at least one element")
                    }
                    return variable(member, &self)
                }
                declared.insert(name)
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

    private mutating func load(versions root: XMLElement) {
        versions.expectDeclarations(in: root.child("versions"), of: root)
        for element in root.items("versions") {
            versions.declare(element, by: "name", as: specification.registry.versions.count, into: &diagnostics)
            specification.registry.versions.append(
                .init(
                    name: element.text("name"), major: element.text("major"), minor: element.text("minor"),
                    amendment: element.text("amendment")))
        }
    }

    /// The type that a number type is made of: one of C's own, or one that stands earlier.
    private mutating func checkBase(_ element: XMLElement, _ attribute: String, _ declared: inout Set<String>) {
        let base = element.text(attribute)
        let isFine = element[attribute] == nil || Self.isBuiltIn(base) || declared.contains(base)
        if !isFine, resolve(element, attribute, in: types) != nil {
            diagnostics.error(
                element.place(of: attribute), "type-order",
                "a type stands after the one that it is made of; \(base) does not")
        }
        if let own = element["name"] { declared.insert(own) }
    }

    /// Whether these are words of C.
    private static func isBuiltIn(_ type: String) -> Bool {
        let words: Set<Substring> = ["void", "char", "short", "int", "long", "signed", "unsigned", "float", "double"]
        return !type.isEmpty && type.split(separator: " ").allSatisfy(words.contains)
    }

    private mutating func load(constants root: XMLElement, into registry: inout Registry) {
        let all = root.children("constants").flatMap { $0.children("constant") }
        checkNouns(root.children("constants"))
        constants.expectDeclarations(in: root, of: root)
        for group in root.children("constants") { constants.expectDeclarations(in: group, of: root) }
        for element in all { constants.declare(element, by: "name", as: 0, into: &diagnostics) }
        for element in all where element["value"] != nil {
            registry.numbers[element.text("name")] = parse(element.text("value"))
        }
        let aliases = Dictionary(all.map { ($0.text("name"), $0) }) { first, _ in first }
        for element in all where element["alias"] != nil {
            registry.numbers[element.text("name")] = number(of: element, among: aliases, registry)
        }
        for group in root.children("constants") {
            checkEqualValues(in: group, registry)
            let constants = group.children("constant").map {
                Registry.Constant(
                    name: $0.text("name"), since: since($0), value: $0["alias"] ?? $0.text("value"),
                    isAlias: $0["alias"] != nil, status: $0["status"],
                    isGuarded: $0["guarded"] == "yes")
            }
            registry.groups.append(
                .init(
                    name: group.text("group"), summary: group.text("summary"), suffix: group.text("suffix"),
                    noun: group["noun"], prefix: group.text("prefix"), isFlags: group["flags"] == "yes",
                    constants: constants))
        }
        checkFolded(root.children("constants"), by: "noun")
    }

    /// After the functions, of which some are otherwise elsewhere.
    mutating func loadDifferences(_ registry: XMLElement) {
        for element in registry.items("differences") {
            guard let name = element["name"] else { continue }
            let isKnown = [types, constants, functions].contains { $0.find(name) != nil }
            if !isKnown, ![types, constants, functions].contains(where: \.isIncomplete) {
                diagnostics.error(
                    element.place(of: "name"), "unknown-name", "no type, constant or function is called '\(name)'")
            }
            specification.registry.differences.append(
                .init(name: name, header: element.text("in"), reason: element.text))
        }
    }

    /// Constants that have a kind have names that say so, and no two kinds are one.
    private mutating func checkNouns(_ groups: [XMLElement]) {
        var nouns = Names("group of constants")
        for group in groups where group["noun"] != nil {
            nouns.declare(group, by: "noun", as: 0, into: &diagnostics)
            guard let prefix = group["prefix"] else {
                if !group.isFaulty {
                    diagnostics.error(
                        group.place(of: "noun"), "missing-prefix",
                        "constants that are each a \(group.text("noun")) need a 'prefix': what their names start with")
                }
                continue
            }
            for constant in group.children("constant") where constant["name"].map({ !$0.hasPrefix(prefix) }) ?? false {
                diagnostics.error(
                    constant.place(of: "name"), "prefix", "the names of this group start with '\(prefix)'",
                    notes: [.init(place: group.place(of: "prefix"), message: "says the group")])
            }
        }
    }

    /// The number of a constant that is another name of one, which may be another name itself.
    private mutating func number(
        of element: XMLElement, among constants: [String: XMLElement], _ registry: Registry
    ) -> UInt {
        var names: [String] = []
        var current: XMLElement? = element
        while let constant = current, constant["alias"] != nil {
            if names.contains(constant.text("name")) {
                diagnostics.error(
                    element.place(of: "alias"), "alias-circle",
                    "the constants are names of one another; one must have a value")
                return 0
            }
            names.append(constant.text("name"))
            if resolve(constant, "alias", in: self.constants) == nil { return 0 }
            current = constants[constant.text("alias")]
        }
        return current.flatMap { registry.numbers[$0.text("name")] } ?? 0
    }

    /// Two names of one value in a group: one of them is another name of the other, or a slip.
    private mutating func checkEqualValues(in group: XMLElement, _ registry: Registry) {
        var first: [UInt: XMLElement] = [:]
        for element in group.children("constant") where element["value"] != nil && !element.isFaulty {
            let number = registry.numbers[element.text("name")] ?? 0
            if let other = first[number], other["name"] != element["name"] {
                diagnostics.error(
                    element.place(of: "value"), "equal-values",
                    "\(element.text("name")) has the value of \(other.text("name")); say alias=\"\(other.text("name"))\" if that is meant",
                    notes: [.init(place: other.place(of: "value"), message: "the first one")])
            }
            first[number] = first[number] ?? element
        }
    }

    private func parse(_ number: String) -> UInt {
        if number == "~0" { return .max }
        return number.hasPrefix("0x") ? UInt(number.dropFirst(2), radix: 16) ?? 0 : UInt(number) ?? 0
    }
}
