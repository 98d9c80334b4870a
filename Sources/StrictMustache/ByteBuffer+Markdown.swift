// SPDX-License-Identifier: MIT

/// Where a text is inserted into Markdown, as far as its template tells.
struct MarkdownPlace {
    /// Whether it is in a code span, after an odd number of backticks in its line, or in a fenced block.
    private(set) var isCode: Bool
    /// Whether it is in a row of a table: the line has a `|`.
    private(set) var isRow = false
    /// Whether only what can start a block stands before it, such as `- ` or `### `.
    private(set) var startsBlock = true

    /// - Parameters:
    ///   - template: the bytes of the template.
    ///   - offset: where the tag starts in it.
    init(_ template: [UInt8], _ offset: Int) {
        let start = template[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let lines = template[..<start].split(separator: UInt8(ascii: "\n"))
        isCode = !lines.count(where: Self.isFence).isMultiple(of: 2)
        if isCode { return }
        var index = start
        while index < template.count, template[index] != UInt8(ascii: "\n") {
            if let end = Self.endOfTag(template, index) {
                index = end
                continue
            }
            let byte = template[index]
            if byte == UInt8(ascii: "|") { isRow = true }
            if index < offset {
                if byte == UInt8(ascii: "`") { isCode.toggle() }
                if !" \t>-+*#.)0123456789".utf8.contains(byte) { startsBlock = false }
            }
            index += 1
        }
    }

    /// Whether a line starts or ends a fenced block.
    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        let mark = line.drop { $0 == UInt8(ascii: " ") }
        return mark.starts(with: "```".utf8) || mark.starts(with: "~~~".utf8)
    }

    /// The offset after the tag that starts there, if one does. It does not matter to Markdown what a tag holds.
    private static func endOfTag(_ template: [UInt8], _ start: Int) -> Int? {
        guard template[start...].starts(with: "{{".utf8) else { return nil }
        var index = start + 2
        while index + 1 < template.count {
            if template[index] == UInt8(ascii: "}"), template[index + 1] == UInt8(ascii: "}") { return index + 2 }
            index += 1
        }
        return nil
    }
}

extension ByteBuffer {
    /// Appends a text that is literal text wherever it is inserted into Markdown, as nearly all are; else nothing, and returns false.
    mutating func appendIfPlain(_ text: String) -> Bool {
        let isDone = text.utf8.withContiguousStorageIfAvailable { appendIfPlain($0) }
        return isDone ?? Array(text.utf8).withUnsafeBufferPointer { appendIfPlain($0) }
    }

    private mutating func appendIfPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if !Self.isPlain(text) { return false }
        append(text)
        return true
    }

    /// Appends a text that becomes literal text in Markdown, of CommonMark's kind with GitHub's tables.
    mutating func appendEscaped(_ text: String, at place: MarkdownPlace) {
        Array(text.utf8).withUnsafeBufferPointer {
            if place.isCode { appendCode($0, place) } else { appendMarkdown($0, place) }
        }
    }

    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = text.first else { return true }
        if isBlockMark(first) || text.last(where: { $0 > 32 }) == UInt8(ascii: "#") { return false }
        if isDigit(first), endOfNumber(text) != nil { return false }
        for index in text.indices where isSpecial(text[index]) {
            if text[index] != UInt8(ascii: "_") || !isInWord(text, index) { return false }
        }
        return true
    }

    /// Whether a byte has a meaning anywhere in a text.
    @inline(__always)
    private static func isSpecial(_ byte: UInt8) -> Bool {
        // A bit for each of the control characters and of $ & * < >, and one for each of [ \ ] _ ` | ~, counted from 64.
        let (low, high): (UInt64, UInt64) = (0x5000_0450_FFFF_FFFF, 0x5000_0001_B800_0000)
        return byte < 128 && (byte < 64 ? low >> byte : high >> (byte - 64)) & 1 == 1
    }

    /// Whether a byte has a meaning at the start of a block: of a heading or the line below one, a list, the line below the head of a
    /// table; four blanks make code.
    @inline(__always)
    private static func isBlockMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "#"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"),
            UInt8(ascii: "="):
            true
        default: false
        }
    }

    /// Where the number of a list ends, if the text starts with one.
    private static func endOfNumber(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let end = text.firstIndex(where: { !isDigit($0) }), end > 0, ".)".utf8.contains(text[end]) else {
            return nil
        }
        return end + 1 == text.count || text[end + 1] <= 32 ? end : nil
    }

    /// Whether a run of `_` is within a word, where it emphasises nothing.
    private static func isInWord(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        let before = text[..<index].last { $0 != UInt8(ascii: "_") }
        let after = text[index...].first { $0 != UInt8(ascii: "_") }
        return before.map(isAlphanumeric) == true && after.map(isAlphanumeric) == true
    }

    /// Whether a `&` may be the start of `&lt;` or the like; at the end of the text, of what the template has next.
    private static func mayStartReference(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        guard index + 1 < text.count else { return true }
        return text[index + 1] == UInt8(ascii: "#") || isAlphanumeric(text[index + 1])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    private mutating func appendMarkdown(_ text: UnsafeBufferPointer<UInt8>, _ place: MarkdownPlace) {
        // Blanks at the start of a block mean nothing, or make it code.
        let start = place.startsBlock ? text.firstIndex { $0 > 32 } ?? text.count : 0
        let text = UnsafeBufferPointer(rebasing: text[start...])
        let endOfNumber = place.startsBlock ? Self.endOfNumber(text) : nil
        // At the end of a heading, these would close it.
        let closingMarks = text.lastIndex { $0 > 32 && $0 != UInt8(ascii: "#") }.map { $0 + 1 } ?? 0
        for (index, byte) in text.enumerated() {
            let isMark = index == 0 && place.startsBlock && Self.isBlockMark(byte)
            switch byte {
            case ..<32: append(" ")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "&") where Self.mayStartReference(text, index): append("&amp;")
            case UInt8(ascii: "&"): append("&")
            case _ where isMark || index == endOfNumber || (index >= closingMarks && byte == UInt8(ascii: "#")),
                _ where Self.isSpecial(byte) && (byte != UInt8(ascii: "_") || !Self.isInWord(text, index)):
                append("\\")
                append(UnsafeBufferPointer(rebasing: text[index...index]))
            default: append(UnsafeBufferPointer(rebasing: text[index...index]))
            }
        }
    }

    /// In code nothing is escaped but, in a table, the `|`. A backtick would end it.
    private mutating func appendCode(_ text: UnsafeBufferPointer<UInt8>, _ place: MarkdownPlace) {
        var backslashes = 0
        for (index, byte) in text.enumerated() {
            switch byte {
            case ..<32: append(" ")
            case UInt8(ascii: "`"): append("'")
            case UInt8(ascii: "|") where place.isRow:
                // A backslash of the text must not take away that of the `|`.
                append(backslashes.isMultiple(of: 2) ? "\\|" : "\\\\|")
            default: append(UnsafeBufferPointer(rebasing: text[index...index]))
            }
            backslashes = byte == UInt8(ascii: "\\") ? backslashes + 1 : 0
        }
    }
}
