// SPDX-License-Identifier: MIT

import ValidatedXML

extension ValueForm {
    /// The types at which one has to look closer than the schema's data types do, by the names of their definitions.
    init?(ofType name: String) {
        switch name {
        case "type-identifier": self.init { $0.isIdentifier }
        case "type-name": self.init { $0.isKebab { $0.isLetter || $0.isDigit } }
        case "type-rule-id": self.init { $0.isKebab { $0.isLowercase || $0.isDigit } }
        case "type-reading-id": self.init { $0.isReadingID }
        case "type-document-id": self.init { $0.isDocumentID }
        case "type-citation": self.init { $0.isCitation }
        case "type-section": self.init { $0.isSection }
        case "type-number": self.init { $0.isNumber(most: 5) }
        case "type-file": self.init { $0.isFile }
        case "type-constant": self.init { $0.isConstant }
        case "type-c-type": self.init { $0.countParts(by: UInt8(ascii: " ")) { _, part in part.isIdentifier } != nil }
        case "type-version": self.init { $0.isVersion }
        case "type-prose": self.init(forbiddenParts: ["\\", "*/", "/*", "??"]) { $0.isProse }
        default: return nil
        }
    }
}

extension Bytes {
    /// The number of parts between separators; nil if one of them is invalid.
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
