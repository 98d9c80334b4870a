// SPDX-License-Identifier: MIT

// The headings that citations may name, and the types and constants.

extension Loader {
    mutating func load(headings root: XMLElement) {
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

    mutating func load(registry root: XMLElement) {
        let elements = root.child("types")?.children ?? []
        for element in elements { types.declare(element, by: "name", as: 0, into: &diagnostics) }
        func variable(_ element: XMLElement, _ loader: inout Loader) -> Registry.Variable {
            _ = loader.resolve(element, "type", in: loader.types)
            return .init(
                type: element.text("type"), name: element.text("name"), count: element["array"].flatMap { Int($0) })
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

    mutating func load(constants root: XMLElement, into registry: inout Registry) {
        let all = root.children("constants").flatMap { $0.children("constant") }
        for element in all { constants.declare(element, by: "name", as: 0, into: &diagnostics) }
        for element in all where element["value"] != nil {
            registry.numbers[element.text("name")] = parse(element.text("value"))
        }
        for element in all {
            _ = resolve(element, "alias", in: constants)
            if let alias = element["alias"] { registry.numbers[element.text("name")] = registry.numbers[alias] ?? 0 }
        }
        for group in root.children("constants") {
            checkEqualValues(in: group, registry)
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

    /// Two names of one value in a group: one of them is another name of the other, or a slip.
    private mutating func checkEqualValues(in group: XMLElement, _ registry: Registry) {
        var first: [UInt: XMLElement] = [:]
        for element in group.children("constant") where element["value"] != nil {
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
