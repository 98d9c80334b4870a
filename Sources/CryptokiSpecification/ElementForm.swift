// SPDX-License-Identifier: MIT

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
        switch form {
        case .identifier: return Self.isIdentifier(value.utf8)
        case .name: return Self.isKebab(value.utf8) { $0.isLetter || $0.isDigit }
        case .ruleID: return Self.isKebab(value.utf8) { $0.isLowercase || $0.isDigit }
        case .readingID: return value.hasPrefix("S") && value != "S0" && Self.isNumber(value.utf8.dropFirst(), most: 5)
        case .documentID: return Self.isDocumentID(value[...])
        case .citation:
            let parts = value.split(separator: " ", omittingEmptySubsequences: false)
            return parts.count == 2 && Self.isDocumentID(parts[0]) && Self.isSection(parts[1])
        case .section: return Self.isSection(value[...])
        case .number: return Self.isNumber(value.utf8, most: 5)
        case .file:
            return !value.isEmpty && value.utf8.first != UInt8(ascii: ".")
                && value.utf8.allSatisfy { $0.isFileCharacter }
        case .constant: return Self.isConstant(value)
        case .cType:
            return value.split(separator: " ", omittingEmptySubsequences: false).allSatisfy {
                Self.isIdentifier($0.utf8)
            }
        case .version: return Self.isVersion(value[...])
        case .prose: return Self.isProse(value)
        case nil: return value.utf8.contains { $0 > 32 }
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

    /// Text that can stand in a comment and in a literal, in C and in Swift.
    private static func isProse(_ text: String) -> Bool {
        let utf8 = text.utf8
        if utf8.contains(where: { $0 < 32 || $0 == UInt8(ascii: "\\") }) || !utf8.contains(where: { $0 > 32 }) {
            return false
        }
        return zip(utf8, utf8.dropFirst()).allSatisfy { first, second in
            switch (first, second) {
            case (UInt8(ascii: "*"), UInt8(ascii: "/")), (UInt8(ascii: "/"), UInt8(ascii: "*")): false
            case (UInt8(ascii: "?"), UInt8(ascii: "?")): false
            default: true
            }
        }
    }

    private static func isIdentifier(_ text: some Collection<UInt8>) -> Bool {
        guard let first = text.first, !first.isDigit else { return false }
        return text.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    /// Words joined by single hyphens, the first with a lower-case letter at its start.
    private static func isKebab(_ text: String.UTF8View, _ isAllowed: (UInt8) -> Bool) -> Bool {
        guard let first = text.first, first.isLowercase else { return false }
        return text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.allSatisfy(isAllowed) }
    }

    private static func isNumber(_ text: some Collection<UInt8>, most digits: Int) -> Bool {
        guard let first = text.first, text.count <= digits, text.allSatisfy(\.isDigit) else { return false }
        return first != UInt8(ascii: "0") || text.count == 1
    }

    /// Letters, a hyphen, and a version such as 3.2.
    private static func isDocumentID(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy(\.isLowercase) else { return false }
        return isVersion(parts[1])
    }

    private static func isVersion(_ text: Substring) -> Bool {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 2 && numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }
    }

    /// Numbers joined by dots; an appendix starts with a capital.
    private static func isSection(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).enumerated().allSatisfy { index, part in
            !part.isEmpty && part.utf8.allSatisfy { $0.isDigit || (index == 0 && $0.isLetter && !$0.isLowercase) }
        }
    }

    private static func isConstant(_ text: String) -> Bool {
        if text == "~0" { return true }
        guard text.hasPrefix("0x") else { return isNumber(text.utf8, most: 10) }
        return (1...8).contains(text.utf8.count - 2) && UInt(text.dropFirst(2), radix: 16) != nil
            && text.utf8.dropFirst(2).first != UInt8(ascii: "+")
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isLowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    fileprivate var isFileCharacter: Bool { isLetter || isDigit || "._-".utf8.contains(self) }
}
