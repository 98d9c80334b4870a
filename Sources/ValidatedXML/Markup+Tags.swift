// SPDX-License-Identifier: MIT

import SourceDiagnostics

/// A start tag and its attributes, by their offsets in the text.
struct StartTag {
    struct Attribute {
        let name: Range<Int>
        /// What stands between the quotation marks.
        let value: Range<Int>
    }
    /// From `<` to behind `>`.
    var range: Range<Int>
    let name: Range<Int>
    var attributes: [Attribute] = []
    /// Whether it ends with `/>`.
    var isEmpty = false
}

extension Markup {
    /// Reads the start tag that begins here; nil after a fault.
    mutating func startTag() -> StartTag? {
        let start = index
        let name = nameRange(at: start + 1)
        guard isName(name) else {
            let words =
                stands("<!")
                ? "'<!' starts nothing that is allowed here; a comment starts with '<!--'"
                : "'<' starts no tag here; write the character as '&lt;'"
            fail(place(start..<start + (stands("<!") ? 2 : 1)), words)
            return nil
        }
        let word = string(name)
        if hasEnded {
            fail(
                place(start..<name.upperBound),
                "second root element <\(word)>; a file has only one")
            return nil
        }
        index = name.upperBound
        var tag = StartTag(range: start..<index, name: name)
        var names: [String: Range<Int>] = [:]
        var afterLast = index
        while fault == nil {
            let blanks = bytes[index...].prefix { $0 <= 32 }.count
            index += blanks
            guard index < bytes.count, bytes[index] != UInt8(ascii: "<") else {
                fail(place(afterLast..<afterLast), "the tag <\(word)> has no end; add '/>' or '>' here")
                return nil
            }
            tag.isEmpty = stands("/>")
            if tag.isEmpty || bytes[index] == UInt8(ascii: ">") {
                index += tag.isEmpty ? 2 : 1
                tag.range = start..<index
                return tag
            }
            if bytes[index] == UInt8(ascii: "/") {
                fail(place(index..<index + 1), "unexpected '/' in the tag <\(word)>; only '/>' ends it")
                return nil
            }
            attribute(of: &tag, &names, hasBlank: blanks > 0)
            afterLast = index
        }
        return nil
    }

    private mutating func attribute(
        of tag: inout StartTag, _ names: inout [String: Range<Int>], hasBlank: Bool
    ) {
        let start = index
        if isQuotationMark(start), !hasBlank || bytes[start] >= 128 {
            let words = "\(quoted(start)) is a superfluous quotation mark in the tag <\(string(tag.name))>"
            return fail(character(start), words)
        }
        if isOtherBlank(start) { return otherBlank(start) }
        let range = nameRange(at: start)
        guard isName(range) else {
            return fail(character(start), "\(quoted(start)) is not allowed in the tag <\(string(tag.name))>")
        }
        let word = string(range)
        if !hasBlank { return fail(place(range), "missing space before '\(word)'") }
        index = range.upperBound
        skipBlanks()
        guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else {
            return fail(place(range), "the attribute '\(word)' has no value; write \(word)=\"…\"")
        }
        index += 1
        skipBlanks()
        let quote = index
        value(of: word, range)
        guard fault == nil else { return }
        if let first = names.updateValue(range, forKey: word) {
            fail(
                place(range), "duplicate attribute '\(word)' in the tag <\(string(tag.name))>",
                (place(first), "the first one"))
        }
        tag.attributes.append(.init(name: range, value: quote + 1..<index - 1))
    }

    private mutating func otherBlank(_ offset: Int) {
        fail(character(offset), "a space in a tag is a different character that looks like a space; replace it")
    }

    private mutating func value(of name: String, _ attribute: Range<Int>) {
        let start = index
        if start < bytes.count, isOtherBlank(start) { return otherBlank(start) }
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") || bytes[start] == UInt8(ascii: "'") else {
            if start < bytes.count, isQuotationMark(start) {
                return fail(
                    character(start), "\(quoted(start)) is a typographic quotation mark; XML uses \" and '")
            }
            let word = bytes[start...].prefix { $0 > 32 && !"/><".utf8.contains($0) }
            let value = string(word.startIndex..<word.endIndex)
            return fail(
                place(word.startIndex..<word.endIndex),
                "the value of '\(name)' has no quotation marks; write \(name)=\"\(value)\"")
        }
        let quote = bytes[start]
        index += 1
        while index < bytes.count, bytes[index] != quote {
            if bytes[index] == UInt8(ascii: "<") { return lessThan(in: start, name) }
            if bytes[index] == UInt8(ascii: "&") {
                reference()
                if fault != nil { return }
                continue
            }
            if !isAllowed() { return }
            index += 1
        }
        if index == bytes.count { return unclosed(start, name, to: endOfLine(start)) }
        index += 1
        // first="digest second="encrypt": what was taken for the end is the start of the next value.
        if index < bytes.count, !nameRange(at: index).isEmpty, bytes[index - 2] == UInt8(ascii: "=") {
            let next = bytes[..<(index - 2)].lastIndex { $0 <= 32 } ?? start
            unclosed(start, name, to: max(start + 1, next))
        }
    }

    /// A `<` in a value: the character itself, or the next tag if the value's end is missing.
    private mutating func lessThan(in start: Int, _ name: String) {
        let value = bytes[start..<index]
        let isAfterATag = value.last { $0 > 32 } == UInt8(ascii: ">")
        if let end = value.firstIndex(of: 10) ?? (isAfterATag ? value.firstIndex(of: UInt8(ascii: ">")) : nil) {
            return unclosed(start, name, to: end)
        }
        fail(place(index..<index + 1), "write the character '<' as '&lt;' in a value")
    }

    private mutating func unclosed(_ start: Int, _ name: String, to end: Int) {
        var end = end
        while end > start + 1, bytes[end - 1] <= 32 || "/>".utf8.contains(bytes[end - 1]) { end -= 1 }
        let last = bytes[start + 1..<end].lastIndex { $0 & 0xC0 != 0x80 }
        let isMeant = last.map { scalar(at: $0).value > 127 && isQuotationMark($0) } ?? false
        let words = "the value of '\(name)' has no closing quotation mark"
        fail(place(start..<end), isMeant ? "\(words); \(quoted(last!)) is a typographic one" : words)
    }

    private func endOfLine(_ start: Int) -> Int { bytes[start...].firstIndex { $0 == 10 } ?? bytes.count }

    private mutating func skipBlanks() {
        while index < bytes.count, bytes[index] <= 32 { index += 1 }
    }

    // MARK: Characters

    private func character(_ offset: Int) -> Place {
        place(offset..<min(bytes.count, offset + UTF8.width(scalar(at: offset))))
    }

    private func quoted(_ offset: Int) -> String {
        let scalar = scalar(at: offset)
        return scalar == "'" ? "\"'\"" : "'\(scalar)'"
    }

    private func isQuotationMark(_ offset: Int) -> Bool {
        let scalar = scalar(at: offset)
        if scalar == "\"" || scalar == "'" { return true }
        switch scalar.properties.generalCategory {
        case .initialPunctuation, .finalPunctuation: return true
        default: return scalar == "„" || scalar == "‚" || scalar == "＂" || scalar == "″"
        }
    }

    private func isOtherBlank(_ offset: Int) -> Bool {
        switch scalar(at: offset).properties.generalCategory {
        case .spaceSeparator, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    private func isName(_ range: Range<Int>) -> Bool {
        guard let first = string(range).utf8.first else { return false }
        return !"-.0123456789".utf8.contains(first)
    }
}
