// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

// Types: one function for each kind of declaration.

/// The types of the headers, which C knows only after their declaration.
private struct TypeOrder {
    private let named: [String: XMLElement]
    private var declared: Set<String> = []

    init(_ elements: [XMLElement]) {
        named = Dictionary(elements.map { ($0.text("name"), $0) }) { first, _ in first }
    }

    /// Notes that the headers have the type from here on.
    mutating func declare(_ name: String) { declared.insert(name) }

    func isDeclared(_ name: String) -> Bool { declared.contains(name) }

    /// The first declaration of a name.
    func element(_ name: String) -> XMLElement? { named[name] }

    /// A type of that kind which the headers have only further down.
    func later(_ kind: String, _ name: String?) -> XMLElement? {
        guard let name, !declared.contains(name), let element = named[name] else { return nil }
        return element.name == kind ? element : nil
    }
}

extension Loader {
    mutating func load(types root: XMLElement) {
        let elements = root.items("types")
        for container in root.children("types") { symbols.types.expectDeclarations(in: container, of: root) }
        for element in elements { symbols.types.declare(element, by: .name, into: &diagnostics) }
        var order = TypeOrder(elements)
        for element in elements {
            switch element.name {
            case "scalar": load(scalar: element, &order)
            case "pointer": load(pointer: element, &order)
            case "callback": load(callback: element, &order)
            case "struct": load(structure: element, &order)
            default: load(functionList: element)
            }
        }
    }

    private mutating func load(scalar element: XMLElement, _ order: inout TypeOrder) {
        let since = since(element)
        checkBase(of: element, order)
        if let name = element["name"] { order.declare(name) }
        specification.registry.scalars.append(
            .init(name: element.text("name"), definition: element.text("is"), since: since))
    }

    private mutating func load(pointer element: XMLElement, _ order: inout TypeOrder) {
        let (name, target, since) = (element.text("name"), element.text("to"), since(element))
        if element["to"] == element["name"] {
            diagnostics.report(element.place(of: "to"), .typeOfItself, "\(name) points to itself")
        } else if let other = order.later("pointer", element["to"]) {
            reportOrder(
                element.place(of: "to"), "a pointer must follow the type that it points to; move \(target) up", other)
        } else if let other = element["to"].flatMap(order.element), other.name == "callback" {
            reportOrder(
                element.place(of: "to"),
                "\(target) is a callback, which is declared after all pointers; it is a pointer itself, "
                    + "so use it directly", other)
        } else if !Self.isBuiltIn(target) {
            _ = resolve(element, "to", in: symbols.types)
        }
        order.declare(name)
        specification.registry.pointers.append(.init(name: name, target: target, since: since))
    }

    private mutating func load(callback element: XMLElement, _ order: inout TypeOrder) {
        let (name, since) = (element.text("name"), since(element))
        let isFirst = order.element(name) === element
        var names = Names<Never>("argument")
        let arguments = element.children("argument").map { argument in
            names.declare(argument, by: .name, into: &diagnostics)
            if argument["type"] == element["name"], isFirst {
                diagnostics.report(argument.place(of: "type"), .typeOfItself, "\(name) takes itself")
            } else if let other = order.later("callback", argument["type"]) {
                reportOrder(
                    argument.place(of: "type"),
                    "a callback must follow the types of its arguments; move \(argument.text("type")) up", other)
            }
            return variable(argument)
        }
        if element["returns"] == element["name"], isFirst {
            diagnostics.report(element.place(of: "returns"), .typeOfItself, "\(name) returns itself")
        } else if let other = order.later("callback", element["returns"]) {
            reportOrder(
                element.place(of: "returns"),
                "a callback must follow the type that it returns; move \(element.text("returns")) up", other)
        }
        _ = resolve(element, "returns", in: symbols.types)
        order.declare(name)
        specification.registry.callbacks.append(
            .init(name: name, returns: element.text("returns"), since: since, arguments: arguments))
    }

    private mutating func load(structure element: XMLElement, _ order: inout TypeOrder) {
        let (name, since) = (element.text("name"), since(element))
        var names = Names<Never>("member")
        let members = element.children("member").map { member in
            names.declare(member, by: .name, into: &diagnostics)
            if member["type"] == element["name"] {
                diagnostics.report(member.place(of: "type"), .typeOfItself, "\(name) contains itself")
            } else if let other = order.later("struct", member["type"]) {
                reportOrder(
                    member.place(of: "type"),
                    "a structure must follow the types of its members; move \(member.text("type")) up", other)
            } else if let other = order.later("function-list", member["type"]) {
                reportOrder(
                    member.place(of: "type"),
                    "a structure cannot contain the function list \(member.text("type")), which is declared last; "
                        + "use a pointer to it", other)
            }
            if member["array"] == "0" {
                diagnostics.report(member.place(of: "array"), .wrongValue, "an array must have at least one element")
            }
            return variable(member)
        }
        order.declare(name)
        specification.registry.structures.append(
            .init(name: name, since: since, summary: element.text("summary"), members: members))
    }

    private mutating func load(functionList element: XMLElement) {
        let since = since(element)
        specification.registry.functionLists.append(
            .init(name: element.text("name"), since: since, summary: element.text("summary"), only: element["only"]))
    }

    /// A member or an argument.
    private mutating func variable(_ element: XMLElement) -> Registry.Variable {
        _ = resolve(element, "type", in: symbols.types)
        return .init(
            type: element.text("type"), name: element.text("name"), count: element["array"].flatMap { Int($0) })
    }

    private mutating func reportOrder(_ place: Place, _ message: String, _ other: XMLElement) {
        diagnostics.report(
            place, .typeOrder, message, notes: [.init(place: other.place(of: "name"), message: "declared here")])
    }

    /// The type that a number type is made of: one of C's own, or one that stands earlier.
    private mutating func checkBase(of element: XMLElement, _ order: TypeOrder) {
        guard let base = element["is"], !order.isDeclared(base) else { return }
        if Self.isBuiltIn(base) {
            if !Self.isNumber(base) {
                diagnostics.report(element.place(of: "is"), .noNumber, "'\(base)' is not an integer type of C")
            }
        } else if resolve(element, "is", in: symbols.types) != nil {
            diagnostics.report(
                element.place(of: "is"), .typeOrder,
                "a type must follow the types that it consists of; move \(base) up",
                notes: order.element(base).map { [.init(place: $0.place(of: "name"), message: "declared here")] } ?? [])
        }
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
