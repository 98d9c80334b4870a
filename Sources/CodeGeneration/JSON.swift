// SPDX-License-Identifier: MIT

/// A value of JSON. Members of an object keep their order.
///
/// Foundation has a coder; it is in nothing that is shipped, since loading it takes longer than all the rest.
enum JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    case null
    case flag(Bool)
    case number(UInt)
    case text(String)
    case list([JSON])
    case object([(name: String, value: JSON)])

    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: JSON...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { (name: $0, value: $1) }) }

    init(_ number: Int) { self = .number(UInt(number)) }
    init(_ text: String?) { self = text.map(JSON.text) ?? .null }
    init(_ texts: [String]) { self = .list(texts.map(JSON.text)) }

    /// The text, with a line end. What holds neither lists nor objects stands in one line.
    var text: String {
        var text = ""
        write(to: &text, indentation: "")
        return text + "\n"
    }

    private var isFlat: Bool {
        switch self {
        case .null, .flag, .number, .text: true
        case .list(let items): items.allSatisfy(\.isScalar)
        case .object(let members): members.allSatisfy(\.value.isScalar)
        }
    }

    private var isScalar: Bool {
        switch self {
        case .list(let items): items.isEmpty
        case .object(let members): members.isEmpty
        default: true
        }
    }

    private func write(to text: inout String, indentation: String) {
        let separator = isFlat ? ", " : ",\n\(indentation)  "
        let (start, end) = isFlat ? ("", "") : ("\n\(indentation)  ", "\n\(indentation)")
        switch self {
        case .null: text += "null"
        case .flag(let flag): text += flag ? "true" : "false"
        case .number(let number): text += "\(number)"
        case .text(let string): Self.quote(string, to: &text)
        case .list(let items):
            text += "[" + start
            for (index, item) in items.enumerated() {
                if index > 0 { text += separator }
                item.write(to: &text, indentation: indentation + "  ")
            }
            text += end + "]"
        case .object(let members):
            text += "{" + start
            for (index, member) in members.enumerated() {
                if index > 0 { text += separator }
                Self.quote(member.name, to: &text)
                text += ": "
                member.value.write(to: &text, indentation: indentation + "  ")
            }
            text += end + "}"
        }
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
