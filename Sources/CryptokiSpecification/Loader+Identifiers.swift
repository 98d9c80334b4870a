// SPDX-License-Identifier: MIT

// Names that are different in the data and not in the code that is made of it.

extension Loader {
    /// Types, constants and functions share one space of names in C; constants are macros, which replace parameters and
    /// members of their name; and words of C and C++ are no names.
    mutating func checkIdentifiers(_ root: XMLElement, _ registry: XMLElement) {
        let constants = registry.children("constants").flatMap { $0.children("constant") }
        let functions = root.children("functions").flatMap { $0.children("function") }
        var first: [String: (noun: String, element: XMLElement)] = [:]
        var macros: [String: XMLElement] = [:]
        for constant in constants { macros[constant.text("name")] = constant }
        for (noun, elements) in [("type", registry.items("types")), ("constant", constants), ("function", functions)] {
            for element in elements {
                guard let name = element["name"] else { continue }
                checkWord(element)
                if let other = first[name], other.noun != noun {
                    let (old, new) = inOrder(other.element, element)
                    let (oldNoun, newNoun) = new === element ? (other.noun, noun) : (noun, other.noun)
                    diagnostics.error(
                        new.place(of: "name"), "name-collision",
                        "the \(newNoun) '\(name)' has the name of a \(oldNoun)",
                        notes: [.init(place: old.place(of: "name"), message: "that one")])
                }
                first[name] = first[name] ?? (noun, element)
            }
        }
        var said: Set<String> = []
        for element in registry.items("types") + functions {
            for part in element.children where ["parameter", "member", "argument"].contains(part.name) {
                checkWord(part)
                guard let name = part["name"], let macro = macros[name], !said.contains(name) else { continue }
                if macro.place.source.layer > part.place.source.layer {
                    said.insert(name)
                    diagnostics.error(
                        macro.place(of: "name"), "name-collision",
                        "the constant '\(name)', which is a macro in C, has the name of a \(part.name)",
                        notes: [.init(place: part.place(of: "name"), message: "that one")])
                } else {
                    diagnostics.error(
                        part.place(of: "name"), "name-collision",
                        "the \(part.name) '\(name)' has the name of a constant, which is a macro in C")
                }
            }
        }
    }

    private mutating func checkWord(_ element: XMLElement) {
        guard let name = element["name"], Self.reserved.contains(name) else { return }
        diagnostics.error(element.place(of: "name"), "reserved-word", "'\(name)' is a word of C or C++ and no name")
    }

    /// Names such as `new-one` and `newOne` are one in C and in Swift: NEW_ONE and newOne.
    mutating func checkFolded(_ elements: [XMLElement], by attribute: String) {
        var first: [String: XMLElement] = [:]
        for element in elements {
            guard let name = element[attribute] else { continue }
            let folded = name.reduce(into: "") { folded, character in
                folded += character.isUppercase ? "-" + character.lowercased() : String(character)
            }
            if let other = first[folded], other[attribute] != name {
                diagnostics.error(
                    element.place(of: attribute), "name-collision",
                    "'\(name)' and '\(other.text(attribute))' are one name in C",
                    notes: [.init(place: other.place(of: attribute), message: "the first one")])
            }
            first[folded] = first[folded] ?? element
        }
    }

    private static let reserved: Set<String> = [
        "alignas", "alignof", "and", "asm", "auto", "bool", "break", "case", "catch", "char", "class", "const",
        "constexpr",
        "continue", "decltype", "default", "delete", "do", "double", "else", "enum", "explicit", "export", "extern",
        "false",
        "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept",
        "not",
        "nullptr", "operator", "or", "private", "protected", "public", "register", "restrict", "return", "short",
        "signed",
        "sizeof", "static", "static_assert", "struct", "switch", "template", "this", "thread_local", "throw", "true",
        "try",
        "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile", "wchar_t",
        "while",
        "xor",
    ]
}
