// SPDX-License-Identifier: MIT

/// What the schema says of one element, read from the patterns that the schema file promises to keep to.
final class ElementForm {
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
    static func all(
        in grammar: XMLElement, _ form: (String) -> ValueForm?
    ) -> [String: ElementForm] {
        var types: [String: ValueType] = [:]
        for define in grammar.children("define") where define.child("element") == nil {
            guard let name = define["name"] else { continue }
            types[name] = ValueType(define, form(name) ?? ValueForm { $0.contains { $0 > 32 } })
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

    private func add(_ patterns: [XMLElement], needed: Bool, _ types: [String: ValueType]) {
        let added = patterns.compactMap { pattern -> Attribute? in
            guard let name = pattern["name"], let type = types[pattern.child("ref")?["name"] ?? ""] else { return nil }
            return Attribute(name: name, type: type)
        }
        attributes += added
        if needed, !added.isEmpty { required.append(added.map(\.name)) }
    }

    private func add(_ reference: XMLElement, needed: Bool, repeats: Bool) {
        guard let name = reference["name"] else { return }
        children.append(Child(name: name, needed: needed, repeats: repeats))
    }
}

/// The bytes of a value, or of a part of one. What values may be is ASCII, and bytes are looked at several times as fast
/// as characters.
package typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

/// A form of values that is narrower than the schema's data type says.
package struct ValueForm: Sendable {
    /// Whether a value, which is not empty, has the form.
    let allows: @Sendable (Bytes) -> Bool
    /// What must not stand in a text that is otherwise fine.
    let forbiddenParts: [String]

    package init(forbiddenParts: [String] = [], allows: @escaping @Sendable (Bytes) -> Bool) {
        self.allows = allows
        self.forbiddenParts = forbiddenParts
    }
}

/// What an attribute may hold.
final class ValueType {
    /// The closed set of values, or nothing.
    let values: [String]
    private let documentation: String
    private let form: ValueForm

    init(_ define: XMLElement, _ form: ValueForm) {
        values = define.child("choice").map { $0.children("value").map(\.text) } ?? []
        documentation = define.child("documentation")?.text ?? "another value"
        self.form = form
    }

    /// What a message says is expected.
    var words: String {
        values.isEmpty ? documentation : values.map { "'\($0)'" }.joined(separator: ", ")
    }

    func allows(_ value: String) -> Bool {
        if !values.isEmpty { return values.contains(value) }
        let isAllowed = value.utf8.withContiguousStorageIfAvailable { allows($0[...]) }
        return isAllowed ?? Array(value.utf8).withUnsafeBufferPointer { allows($0[...]) }
    }

    private func allows(_ value: Bytes) -> Bool { form.allows(value) }

    /// A value that is allowed and differs from this one in what is easily typed besides: a blank, a comma, a capital,
    /// or the end of a number in C.
    func mended(_ value: String) -> String? {
        let words = value.split { $0.isWhitespace || $0 == "," }.map(String.init)
        let joined = words.joined(separator: " ")
        var number = joined
        while number.hasPrefix("0x"), "uUlL".contains(number.last ?? "0") { number.removeLast() }
        return [joined, joined.lowercased(), number].first { $0 != value && allows($0) }
    }

    /// What must not stand in a text that is otherwise fine.
    func forbidden(in text: String) -> String? {
        form.forbiddenParts.first { text.contains($0) }
    }
}
