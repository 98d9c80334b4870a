// SPDX-License-Identifier: MIT

/// Names as the data has them (`usage-guide`, `signRecover`) in the ways of the languages.
enum Naming {
    /// `USAGE_GUIDE`, `SIGN_RECOVER`.
    static func constant(_ name: String) -> String {
        String(unsafeUninitializedCapacity: 2 * name.utf8.count) { constant in
            var count = 0
            for byte in name.utf8 {
                if byte.isUppercase {
                    constant[count] = UInt8(ascii: "_")
                    count += 1
                }
                constant[count] = byte == UInt8(ascii: "-") ? UInt8(ascii: "_") : byte.uppercased
                count += 1
            }
            return count
        }
    }

    /// `usageGuide`, `signRecover`; a word of Swift in the quotes that make it a name.
    static func camel(_ name: String) -> String {
        let result = joined(name)
        return ReservedWords.isKeywordOfSwift(result) ? "`\(result)`" : result
    }

    /// The words of a name as one, each but the first with a capital; the first too, on request.
    private static func joined(_ name: String, startsWord: Bool = false) -> String {
        String(unsafeUninitializedCapacity: name.utf8.count) { joined in
            var count = 0
            var startsWord = startsWord
            for byte in name.utf8 {
                if byte == UInt8(ascii: "-") {
                    startsWord = true
                    continue
                }
                joined[count] = startsWord ? byte.uppercased : byte
                count += 1
                startsWord = false
            }
            return count
        }
    }

    /// `usage-guide` as the name of a type: `UsageGuide`.
    static func type(_ name: String) -> String { joined(name, startsWord: true) }

    /// `C_GetInterface` without what all functions begin with: `GetInterface`.
    static func bare(function name: String) -> String {
        name.firstIndex(of: "_").map { String(name[name.index(after: $0)...]) } ?? name
    }

    /// `begin-cancel` as the name of a role's row: `beginCancelRole`.
    static func member(role name: String) -> String { joined(name) + "Role" }

    /// `CKM_SHA512_224_HMAC` without its prefix as a member: `sha512_224Hmac`. Two digits stay apart.
    static func member(_ constant: String, without prefix: String) -> String {
        let name = String(unsafeUninitializedCapacity: 2 * constant.utf8.count) { member in
            var count = 0
            var startsWord = false
            for byte in constant.utf8.dropFirst(prefix.utf8.count) {
                if byte == UInt8(ascii: "_") {
                    startsWord = count > 0
                    continue
                }
                if byte.isDigit, count == 0 || startsWord && member[count - 1].isDigit {
                    member[count] = UInt8(ascii: "_")
                    count += 1
                }
                member[count] = startsWord ? byte.uppercased : byte.lowercased
                count += 1
                startsWord = false
            }
            return count
        }
        return ReservedWords.isKeywordOfSwift(name) ? "`\(name)`" : name
    }

    /// A summary as a sentence.
    static func sentence(_ summary: String) -> String {
        let bytes = summary.utf8
        guard let first = bytes.first, let last = bytes.last, bytes.allSatisfy({ $0 < 128 }) else {
            return summary.prefix(1).uppercased() + summary.dropFirst() + (summary.hasSuffix(".") ? "" : ".")
        }
        let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        let isEnded = last == UInt8(ascii: ".")
        if !isSmall, isEnded { return summary }
        return String(unsafeUninitializedCapacity: bytes.count + 1) { sentence in
            _ = sentence.initialize(from: bytes)
            if isSmall { sentence[0] -= 32 }
            if !isEnded { sentence[bytes.count] = UInt8(ascii: ".") }
            return bytes.count + (isEnded ? 0 : 1)
        }
    }

    /// The text between the quotation marks of a literal, in C and in Swift alike.
    static func literal(_ text: String) -> String {
        if !text.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) { return text }
        return text.reduce(into: "") { result, character in
            if character == "\"" || character == "\\" { result += "\\" }
            result.append(character)
        }
    }

    /// A number with as many hexadecimal digits as asked for.
    static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        let count = max(digits, (64 - number.leadingZeroBitCount + 3) / 4, 1)
        return String(unsafeUninitializedCapacity: count + 2) { text in
            text[0] = UInt8(ascii: "0")
            text[1] = UInt8(ascii: "x")
            var rest = number
            for index in (2..<count + 2).reversed() {
                let digit = UInt8(rest & 15)
                text[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
                rest >>= 4
            }
            return count + 2
        }
    }

    /// Names are ASCII: a byte is a column.
    static func padded(_ text: String, to width: Int) -> String {
        let bytes = text.utf8
        if bytes.count >= width { return text }
        return String(unsafeUninitializedCapacity: width) { padded in
            _ = padded.initialize(from: bytes)
            padded[bytes.count...].update(repeating: UInt8(ascii: " "))
            return width
        }
    }

    /// The width of a column: that of its widest text.
    static func width(of texts: some Sequence<String>) -> Int { texts.reduce(0) { max($0, $1.utf8.count) } }

    static func rightAligned(_ text: String, to width: Int) -> String {
        if text.utf8.count >= width { return text }
        return String(repeating: " ", count: width - text.utf8.count) + text
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var isUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }

    fileprivate var lowercased: UInt8 { isUppercase ? self + 32 : self }

    fileprivate var uppercased: UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) ? self - 32 : self
    }
}
