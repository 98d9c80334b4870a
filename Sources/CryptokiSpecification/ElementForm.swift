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

/// What an attribute may hold.
final class ValueType {
    /// The closed set of values, or nothing.
    let values: [String]
    private let documentation: String
    private let form: Form?

    /// The types at which one has to look closer than the schema's data types do, by the names of their definitions.
    private enum Form: String {
        case identifier = "type-identifier"
        case name = "type-name"
        case ruleID = "type-rule-id"
        case readingID = "type-reading-id"
        case documentID = "type-document-id"
        case citation = "type-citation"
        case section = "type-section"
        case number = "type-number"
        case file = "type-file"
        case constant = "type-constant"
        case cType = "type-c-type"
        case version = "type-version"
        case prose = "type-prose"
    }

    init(_ define: XMLElement) {
        values = define.child("choice").map { $0.children("value").map(\.text) } ?? []
        documentation = define.child("documentation")?.text ?? "another value"
        form = Form(rawValue: define["name"] ?? "")
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

    private func allows(_ value: Bytes) -> Bool {
        switch form {
        case .identifier: value.isIdentifier
        case .name: value.isKebab { $0.isLetter || $0.isDigit }
        case .ruleID: value.isKebab { $0.isLowercase || $0.isDigit }
        case .readingID: value.isReadingID
        case .documentID: value.isDocumentID
        case .citation: value.isCitation
        case .section: value.isSection
        case .number: value.isNumber(most: 5)
        case .file: value.isFile
        case .constant: value.isConstant
        case .cType: value.countParts(by: UInt8(ascii: " ")) { _, part in part.isIdentifier } != nil
        case .version: value.isVersion
        case .prose: value.isProse
        case nil: value.contains { $0 > 32 }
        }
    }

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
        form == .prose ? ["\\", "*/", "/*", "??"].first { text.contains($0) } : nil
    }
}
