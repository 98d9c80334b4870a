// SPDX-License-Identifier: MIT

// The headings that citations may name, and the versions and types.

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
        var last: (Int, Int, Int)?
        for element in root.items("versions") {
            let isNew = element["name"].map { versions.find($0) == nil } ?? false
            versions.declare(element, by: "name", as: specification.registry.versions.count, into: &diagnostics)
            specification.registry.versions.append(
                .init(
                    name: element.text("name"), major: element.text("major"), minor: element.text("minor"),
                    amendment: element.text("amendment")))
            let number = (element.number("major"), element.number("minor"), element.number("amendment"))
            if !isNew || element.isFaulty { continue }
            if let last, last >= number {
                diagnostics.error(element.place, "version-order", "versions stand from the oldest to the newest")
            } else if element["name"] != "\(number.0).\(number.1)" {
                diagnostics.error(
                    element.place(of: "name"), "wrong-value",
                    "the version with the numbers \(number.0) and \(number.1) is called \(number.0).\(number.1)")
            }
            last = number
        }
    }

    /// What a version has is made of what that version has.
    mutating func checkSince(_ registry: XMLElement) {
        let types = registry.items("types")
        let since = Dictionary(types.map { ($0.text("name"), $0.text("since")) }) { first, _ in first }
        func check(_ user: XMLElement, _ part: XMLElement, _ attribute: String, _ loader: inout Loader) {
            guard let type = part[attribute], let version = since[type] else { return }
            let age = loader.specification.registry.age
            if age(version) > age(user.text("since")), loader.versions.find(user.text("since")) != nil {
                loader.diagnostics.error(
                    part.place(of: attribute), "later-than-its-user",
                    "\(type) came with \(version), but \(user.text("name")) is there since \(user.text("since"))")
            }
        }
        for element in types {
            for attribute in ["is", "to", "returns"] { check(element, element, attribute, &self) }
            for part in element.children { check(element, part, "type", &self) }
        }
        for function in specification.functions {
            for part in function.element.children("parameter") { check(function.element, part, "type", &self) }
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
}
