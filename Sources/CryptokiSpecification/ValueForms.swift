// SPDX-License-Identifier: MIT

/// The bytes of a value, or of a part of one. What values may be is ASCII, and bytes are looked at several times as fast
/// as characters.
typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

/// The forms of values, by the names of the schema's types.
extension Bytes {
    /// How many parts there are between separators; nil if one of them is not as it should be.
    @inline(__always)
    func countParts(by separator: UInt8, where isFine: (_ number: Int, _ part: Bytes) -> Bool) -> Int? {
        var count = 0
        var start = startIndex
        for index in startIndex...endIndex where index == endIndex || self[index] == separator {
            if !isFine(count, self[start..<index]) { return nil }
            count += 1
            start = index + 1
        }
        return count
    }

    var isIdentifier: Bool {
        guard let first, !first.isDigit else { return false }
        return allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    /// Words joined by single hyphens, the first with a lower-case letter at its start.
    @inline(__always)
    func isKebab(_ isAllowed: (UInt8) -> Bool) -> Bool {
        guard let first, first.isLowercase else { return false }
        return countParts(by: UInt8(ascii: "-")) { _, part in !part.isEmpty && part.allSatisfy(isAllowed) } != nil
    }

    func isNumber(most digits: Int) -> Bool {
        guard let first, count <= digits, allSatisfy(\.isDigit) else { return false }
        return first != UInt8(ascii: "0") || count == 1
    }

    /// `S` and a number from 1.
    var isReadingID: Bool {
        let number = dropFirst()
        return first == UInt8(ascii: "S") && number.isNumber(most: 5) && number.first != UInt8(ascii: "0")
    }

    /// Letters, a hyphen, and a version such as 3.2.
    var isDocumentID: Bool {
        let parts = countParts(by: UInt8(ascii: "-")) { number, part in
            number == 0 ? !part.isEmpty && part.allSatisfy(\.isLowercase) : part.isVersion
        }
        return parts == 2
    }

    var isVersion: Bool {
        countParts(by: UInt8(ascii: ".")) { _, part in !part.isEmpty && part.allSatisfy(\.isDigit) } == 2
    }

    /// Numbers joined by dots; an appendix starts with a capital.
    var isSection: Bool {
        let parts = countParts(by: UInt8(ascii: ".")) { number, part in
            !part.isEmpty && part.allSatisfy { $0.isDigit || (number == 0 && $0.isLetter && !$0.isLowercase) }
        }
        return parts != nil
    }

    /// A document and a section.
    var isCitation: Bool {
        countParts(by: UInt8(ascii: " ")) { number, part in number == 0 ? part.isDocumentID : part.isSection } == 2
    }

    var isFile: Bool {
        guard let first, first != UInt8(ascii: ".") else { return false }
        return allSatisfy { byte in
            byte.isLetter || byte.isDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
        }
    }

    /// A number, decimal or hexadecimal, or that of which all bits are set.
    var isConstant: Bool {
        if elementsEqual("~0".utf8) { return true }
        guard starts(with: "0x".utf8) else { return isNumber(most: 10) }
        return (1...8).contains(count - 2) && dropFirst(2).allSatisfy(\.isHexadecimal)
    }

    /// Text that can stand in a comment and in a literal, in C and in Swift.
    var isProse: Bool {
        var last: UInt8 = 0
        var isBlank = true
        for byte in self {
            switch (last, byte) {
            case (_, ..<32), (_, UInt8(ascii: "\\")): return false
            case (UInt8(ascii: "*"), UInt8(ascii: "/")), (UInt8(ascii: "/"), UInt8(ascii: "*")): return false
            case (UInt8(ascii: "?"), UInt8(ascii: "?")): return false
            default: break
            }
            if byte > 32 { isBlank = false }
            last = byte
        }
        return !isBlank
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    var isHexadecimal: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) }
    /// ASCII letters in the other case.
    var uppercased: UInt8 { isLowercase ? self - 32 : self }
    var lowercased: UInt8 { isUppercase ? self + 32 : self }
}
