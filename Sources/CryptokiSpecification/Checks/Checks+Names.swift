// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

// Names that are different in the data and not in the code that is made of it.

extension Checks {
    /// Types, constants and functions share one space of names in C; constants are macros, which replace parameters and
    /// members of their name; and words of C and C++ are no names.
    mutating func checkIdentifiers() {
        let constants = registry.children("constants").flatMap { $0.children("constant") }
        let types = registry.items("types")
        for type in types { checkWord(type) }
        let ofTypes = [("type", symbols.types)]
        for constant in constants {
            checkWord(constant)
            checkCollision(of: constant, "constant", with: ofTypes)
        }
        let ofBoth = ofTypes + [("constant", symbols.constants)]
        for function in functions {
            checkWord(function)
            checkCollision(of: function, "function", with: ofBoth)
        }
        var said: Set<String> = []
        for element in types + functions {
            for part in element.children where ["parameter", "member", "argument"].contains(part.name) {
                checkWord(part)
                guard let name = part["name"], symbols.constants.find(name) != nil, !said.contains(name),
                    let macro = constants.last(where: { $0["name"] == name })
                else { continue }
                if macro.place.source.tag > part.place.source.tag {
                    said.insert(name)
                    diagnostics.report(
                        macro.place(of: "name"), .nameCollision,
                        "the constant '\(name)', which is a macro in C, has the name of a \(part.name)",
                        notes: [.init(place: part.place(of: "name"), message: "that one")])
                } else {
                    diagnostics.report(
                        part.place(of: "name"), .nameCollision,
                        "the \(part.name) '\(name)' has the name of a constant, which is a macro in C",
                        notes: [.init(place: macro.place(of: "name"), message: "the constant")])
                }
            }
        }
    }

    /// Looks for another kind of thing that has the element's name already.
    private mutating func checkCollision(of element: XMLElement, _ noun: String, with others: [(String, Names<Never>)])
    {
        guard let name = element["name"] else { return }
        for (otherNoun, names) in others {
            guard let other = names.declaration(of: name) else { continue }
            let (old, new) = inOrder(other, element)
            let (oldNoun, newNoun) = new === element ? (otherNoun, noun) : (noun, otherNoun)
            return diagnostics.report(
                new.place(of: "name"), .nameCollision, "the \(newNoun) '\(name)' has the name of a \(oldNoun)",
                notes: [.init(place: old.place(of: "name"), message: "that one")])
        }
    }

    private mutating func checkWord(_ element: XMLElement) {
        // Words are of small letters: most names of constants and types are none for their first.
        guard let name = element["name"], name.utf8.first?.isLowercase ?? false, Self.reserved.contains(name) else {
            return
        }
        diagnostics.report(element.place(of: "name"), .reservedWord, "'\(name)' is a word of C or C++ and no name")
    }

    mutating func checkFoldedNames() {
        for container in [
            "phases", "perspectives", "operations", "policies", "conflicts", "facts", "outcomes", "roles",
        ] {
            checkFolded(root.items(container), by: "name")
        }
        checkFolded(registry.children("constants"), by: "noun")
    }

    /// Names such as `new-one` and `newOne` are one in C and in Swift: NEW_ONE and newOne.
    mutating func checkFolded(_ elements: [XMLElement], by attribute: String) {
        var first = NameTable<XMLElement>()
        for element in elements {
            guard let name = element[attribute] else { continue }
            if let other = first.enter(element, under: Self.folded(name)), other[attribute] != name {
                diagnostics.report(
                    element.place(of: attribute), .nameCollision,
                    "'\(name)' and '\(other.text(attribute))' are one name in C",
                    notes: [.init(place: other.place(of: attribute), message: "the first one")])
            }
        }
    }

    /// `newOne` as `new-one`; a hyphen before a digit makes no difference in Swift.
    static func folded(_ name: String) -> String {
        var folded: [UInt8] = []
        for byte in name.utf8 {
            if byte.isDigit, folded.last == UInt8(ascii: "-") { folded.removeLast() }
            if byte.isUppercase { folded.append(UInt8(ascii: "-")) }
            folded.append(byte.lowercased)
        }
        return String(decoding: folded, as: UTF8.self)
    }

    private static let reserved: NameSet = [
        "alignas", "alignof", "and", "asm", "auto", "bool", "break", "case", "catch", "char", "class", "const",
        "constexpr",
        "continue", "decltype", "default", "delete", "do", "double", "else", "enum", "explicit", "export", "extern",
        "false",
        "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept",
        "not",
        "nullptr", "operator", "or", "private", "protected", "package", "register", "restrict", "return", "short",
        "signed",
        "sizeof", "static", "static_assert", "struct", "switch", "template", "this", "thread_local", "throw", "true",
        "try",
        "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile", "wchar_t",
        "while",
        "xor",
    ]
}
