// SPDX-License-Identifier: MIT

import CLibXML2

/// What the schema says of one element, read from the patterns that the schema file promises to keep to.
struct ElementForm {
    struct Attribute {
        let name: String
        let type: ValueType
    }
    struct Child {
        let name: String
        let needed: Bool
        let repeats: Bool
    }

    let name: String
    private(set) var attributes: [Attribute] = []
    /// Groups of which one attribute must be there; most groups have one.
    private(set) var required: [[String]] = []
    private(set) var children: [Child] = []
    private(set) var text: ValueType?

    /// Every element that the schema defines, by name.
    static func all(in grammar: XMLElement) -> [String: ElementForm] {
        var types: [String: ValueType] = [:]
        for define in grammar.children("define") where define.child("element") == nil {
            types[define["name"] ?? ""] = ValueType(define)
        }
        var forms: [String: ElementForm] = [:]
        for define in grammar.children("define") {
            guard let element = define.child("element"), let name = element["name"] else { continue }
            forms[name] = ElementForm(name, element, types)
        }
        return forms
    }

    private init(_ name: String, _ element: XMLElement, _ types: [String: ValueType]) {
        self.name = name
        for pattern in element.children {
            switch pattern.name {
            case "attribute": add([pattern], needed: true, types)
            case "choice": add(pattern.children, needed: true, types)
            case "optional" where pattern.child("attribute") != nil: add(pattern.children, needed: false, types)
            case "ref" where types[pattern["name"] ?? ""] != nil: text = types[pattern["name"] ?? ""]
            case "ref": add(pattern, needed: true, repeats: false)
            case "optional": pattern.children.forEach { add($0, needed: false, repeats: false) }
            case "oneOrMore": pattern.children.forEach { add($0, needed: true, repeats: true) }
            case "zeroOrMore": pattern.children.forEach { add($0, needed: false, repeats: true) }
            default: break
            }
        }
    }

    private mutating func add(_ patterns: [XMLElement], needed: Bool, _ types: [String: ValueType]) {
        let added = patterns.compactMap { pattern -> Attribute? in
            guard let name = pattern["name"], let type = types[pattern.child("ref")?["name"] ?? ""] else { return nil }
            return Attribute(name: name, type: type)
        }
        attributes += added
        if needed, !added.isEmpty { required.append(added.map(\.name)) }
    }

    private mutating func add(_ reference: XMLElement, needed: Bool, repeats: Bool) {
        guard let name = reference["name"] else { return }
        children.append(Child(name: name, needed: needed, repeats: repeats))
    }
}

/// What an attribute may hold.
final class ValueType {
    /// The closed set of values, or nothing.
    let values: [String]
    private let documentation: String
    private let pattern: xmlRegexpPtr?

    init(_ define: XMLElement) {
        values = define.child("choice").map { $0.children("value").map(\.text) } ?? []
        documentation = define.child("documentation")?.text ?? "another value"
        let data = define.child("data")
        let expression = data?.children("param").first { $0["name"] == "pattern" }?.text
        pattern = expression.flatMap { xmlRegexpCompile($0) }
    }

    deinit { if let pattern { xmlRegFreeRegexp(pattern) } }

    /// What a message says is expected.
    var words: String {
        values.isEmpty ? documentation : values.map { "'\($0)'" }.joined(separator: ", ")
    }

    func allows(_ value: String) -> Bool {
        if !values.isEmpty { return values.contains(value) }
        if let pattern { return xmlRegexpExec(pattern, value) == 1 }
        return !value.isEmpty
    }
}
