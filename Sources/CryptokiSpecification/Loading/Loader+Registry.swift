// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

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
        let named = Dictionary(elements.map { ($0.text("name"), $0) }) { first, _ in first }
        /// A type of that kind which the headers have only further down.
        func later(_ kinds: Set<String>, _ name: String?) -> XMLElement? {
            guard let name, !declared.contains(name), let element = named[name] else { return nil }
            return kinds.contains(element.name) ? element : nil
        }
        func wrongOrder(_ place: Place, _ message: String, _ other: XMLElement) {
            diagnostics.error(
                place, "type-order", message, notes: [.init(place: other.place(of: "name"), message: "it is here")])
        }
        for element in elements {
            let (name, since) = (element.text("name"), self.since(element))
            switch element.name {
            case "scalar":
                checkBase(element, "is", &declared, named)
                registry.scalars.append(.init(name: name, definition: element.text("is"), since: since))
            case "pointer":
                if element["to"] == element["name"] {
                    diagnostics.error(element.place(of: "to"), "type-of-itself", "\(name) points to itself")
                } else if let other = later(["pointer"], element["to"]) {
                    wrongOrder(
                        element.place(of: "to"),
                        "a pointer stands after the one that it points to; \(element.text("to")) does not", other)
                } else if let other = element["to"].flatMap({ named[$0] }), other.name == "callback" {
                    wrongOrder(
                        element.place(of: "to"),
                        "\(element.text("to")) is a callback, which C knows only after all pointers: it is a pointer itself, "
                            + "so name it as it is", other)
                } else if !Self.isBuiltIn(element.text("to")) {
                    _ = resolve(element, "to", in: types)
                }
                declared.insert(name)
                registry.pointers.append(.init(name: name, target: element.text("to"), since: since))
            case "callback":
                var names = Names("argument")
                let arguments = element.children("argument").map { argument in
                    names.declare(argument, by: "name", as: 0, into: &diagnostics)
                    if argument["type"] == element["name"], named[name] === element {
                        diagnostics.error(argument.place(of: "type"), "type-of-itself", "\(name) takes itself")
                    } else if let other = later(["callback"], argument["type"]) {
                        wrongOrder(
                            argument.place(of: "type"),
                            "a callback stands after those that it takes; \(argument.text("type")) does not", other)
                    }
                    return variable(argument, &self)
                }
                if element["returns"] == element["name"], named[name] === element {
                    diagnostics.error(element.place(of: "returns"), "type-of-itself", "\(name) returns itself")
                } else if let other = later(["callback"], element["returns"]) {
                    wrongOrder(
                        element.place(of: "returns"),
                        "a callback stands after the one that it returns; \(element.text("returns")) does not", other)
                }
                _ = resolve(element, "returns", in: types)
                declared.insert(name)
                registry.callbacks.append(
                    .init(name: name, returns: element.text("returns"), since: since, arguments: arguments))
            case "struct":
                var names = Names("member")
                let members = element.children("member").map { member in
                    names.declare(member, by: "name", as: 0, into: &diagnostics)
                    if member["type"] == element["name"] {
                        diagnostics.error(member.place(of: "type"), "type-of-itself", "\(name) holds itself")
                    } else if let other = later(["struct"], member["type"]) {
                        wrongOrder(
                            member.place(of: "type"),
                            "a structure stands after those that it holds; \(member.text("type")) does not", other)
                    } else if let other = later(["function-list"], member["type"]) {
                        wrongOrder(
                            member.place(of: "type"),
                            "a structure cannot hold \(member.text("type")), of which C knows the members only in the end: "
                                + "hold a pointer to it", other)
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
        var lastElement: XMLElement?
        for element in root.items("versions") {
            let isNew = element["name"].map { versions.find($0) == nil } ?? false
            versions.declare(element, by: "name", as: specification.registry.versions.count, into: &diagnostics)
            specification.registry.versions.append(
                .init(
                    name: element.text("name"), major: element.text("major"), minor: element.text("minor"),
                    amendment: element.text("amendment")))
            let number = (element.number("major"), element.number("minor"), element.number("amendment"))
            if !isNew || element.isFaulty { continue }
            if let before = last, before >= number, let other = lastElement {
                diagnostics.error(
                    element.place, "version-order", "versions stand from the oldest to the newest",
                    notes: [.init(place: other.place, message: "this one is not older")])
            } else if element["name"] != "\(number.0).\(number.1)" {
                diagnostics.error(
                    element.place(of: "name"), "wrong-value",
                    "the version with the numbers \(number.0) and \(number.1) is called \(number.0).\(number.1)")
            }
            last = number
            lastElement = element
        }
    }

    /// What a version has is made of what that version has.
    mutating func checkSince(_ registry: XMLElement) {
        let types = registry.items("types")
        func check(_ user: XMLElement, _ part: XMLElement, _ attribute: String, _ loader: inout Loader) {
            guard let type = part[attribute], let element = loader.types.declaration(of: type) else { return }
            if element.text("since") == user.text("since") { return }
            let version = element.text("since")
            let age = loader.specification.registry.age
            if age(version) > age(user.text("since")), loader.versions.find(user.text("since")) != nil {
                loader.diagnostics.error(
                    part.place(of: attribute), "later-than-its-user",
                    "\(type) came with \(version), but \(user.text("name")) is there since \(user.text("since"))",
                    notes: [.init(place: element.place(of: "since"), message: "\(type) came here")])
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
    private mutating func checkBase(
        _ element: XMLElement, _ attribute: String, _ declared: inout Set<String>, _ named: [String: XMLElement]
    ) {
        let base = element.text(attribute)
        let isFine = element[attribute] == nil || declared.contains(base)
        if !isFine, Self.isBuiltIn(base) {
            if !Self.isNumber(base) {
                diagnostics.error(
                    element.place(of: attribute), "no-number", "'\(base)' is no type of numbers in C")
            }
        } else if !isFine, resolve(element, attribute, in: types) != nil {
            diagnostics.error(
                element.place(of: attribute), "type-order",
                "a type stands after the one that it is made of; \(base) does not",
                notes: named[base].map { [.init(place: $0.place(of: "name"), message: "it is here")] } ?? [])
        }
        if let own = element["name"] { declared.insert(own) }
    }

    /// Whether these are words of C.
    private static func isBuiltIn(_ type: String) -> Bool {
        // Most types begin with a capital, and no word of these does.
        guard let first = type.utf8.first, first.isLowercase || first == UInt8(ascii: " ") else { return false }
        return type.split(separator: " ").allSatisfy(builtInWords.contains)
    }

    private static let builtInWords: Set<Substring> = [
        "void", "char", "short", "int", "long", "signed", "unsigned", "float", "double",
    ]

    /// Whether these words of C make a type of numbers together, in whatever order.
    private static func isNumber(_ type: String) -> Bool {
        let words = type.split(separator: " ")
        let others = words.filter { $0 != "signed" && $0 != "unsigned" }
        let rest = others.sorted().joined(separator: " ")
        let integers = ["char", "short", "int", "long", "int short", "int long", "long long", "int long long"]
        switch words.count - others.count {
        case 0: return integers.contains(rest) || ["float", "double", "double long"].contains(rest)
        case 1: return integers.contains(rest) || rest.isEmpty
        default: return false
        }
    }
}
