// SPDX-License-Identifier: MIT

/// Names as the data has them (`usage-guide`, `signRecover`) in the ways of the languages.
enum Naming {
    /// `USAGE_GUIDE`, `SIGN_RECOVER`.
    static func constant(_ name: String) -> String {
        var result = ""
        for character in name {
            if character == "-" {
                result += "_"
            } else {
                if character.isUppercase { result += "_" }
                result += character.uppercased()
            }
        }
        return result
    }

    /// `usageGuide`, `signRecover`.
    static func camel(_ name: String) -> String {
        let words = name.split(separator: "-")
        return words.dropFirst().reduce(String(words.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    /// A summary as a sentence.
    static func sentence(_ summary: String) -> String {
        summary.prefix(1).uppercased() + summary.dropFirst() + (summary.hasSuffix(".") ? "" : ".")
    }

    /// The text between the quotation marks of a literal, in C and in Swift alike.
    static func literal(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if character == "\"" || character == "\\" { result += "\\" }
            result.append(character)
        }
    }

    /// A number with as many hexadecimal digits as asked for.
    static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func rightAligned(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
