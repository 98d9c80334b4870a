// SPDX-License-Identifier: MIT

import SourceDiagnostics

/// Explains why a text is not well-formed. libxml2 decides whether it is; its own messages name functions of the parser, and the place
/// where it gave up.
struct Markup {
    private let source: SourceText
    let bytes: [UInt8]
    var index = 0
    private(set) var fault: Diagnostic?
    private(set) var open: [(name: String, place: Place)] = []
    private var lastEnded: (name: String, place: Place)?

    /// The first fault of the text; nil where nothing here knows it.
    static func fault(in source: SourceText) -> Diagnostic? {
        var markup = Markup(source)
        while markup.fault == nil, markup.index < markup.bytes.count { markup.step() }
        markup.finish()
        return markup.fault
    }

    /// The start tag at an offset of a text that is well-formed.
    static func startTag(at offset: Int, in source: SourceText) -> StartTag? {
        var markup = Markup(source)
        markup.index = offset
        return markup.startTag()
    }

    private init(_ source: SourceText) {
        self.source = source
        bytes = source.bytes
    }

    // MARK: Faults

    func place(_ range: Range<Int>) -> Place {
        Place(source: source, offset: range.lowerBound, length: range.count)
    }

    mutating func fail(_ place: Place, _ message: String, _ note: (place: Place, message: String)? = nil) {
        fault = Diagnostic(
            place, .xml, message, notes: note.map { [.init(place: $0.place, message: $0.message)] } ?? [])
    }

    // MARK: What stands in a text

    private mutating func step() {
        if stands("<!--") {
            comment()
        } else if stands("<![CDATA[") {
            skip("]]>", from: 9, "the section that starts with '<![CDATA[' is never closed; add ']]>'")
        } else if stands("<?") {
            if index > 0, stands("<?xml ") {
                return fail(
                    place(index..<index + 5),
                    "'<?xml' must be at the very beginning of the file; remove what precedes it"
                )
            }
            skip("?>", from: 2, "the instruction that starts with '<?' is never closed; add '?>'")
        } else if stands("</") {
            endTag()
        } else if stands("<") {
            start()
        } else {
            text()
        }
    }

    private mutating func finish() {
        guard fault == nil else { return }
        if let innermost = open.last {
            let last = bytes.lastIndex { $0 > 32 } ?? 0
            fail(
                place(last + 1..<last + 1),
                "the file ends inside <\(innermost.name)>; add '</\(innermost.name)>'",
                (innermost.place, "<\(innermost.name)> starts here"))
        } else if lastEnded == nil {
            fail(Place(source: source, offset: 0), "the file contains no element")
        }
    }

    private mutating func comment() {
        let start = index
        index += 4
        while index < bytes.count, !stands("--") { index += 1 }
        if index == bytes.count { return fail(place(start..<start + 4), "the comment is never closed; add '-->'") }
        if !stands("-->") {
            let isInner =
                index > start + 5 && bytes[index - 2] == UInt8(ascii: "<") && bytes[index - 1] == UInt8(ascii: "!")
            let words =
                isInner
                ? "comments cannot be nested; the outer one ends with the first '-->'"
                : stands("--->")
                    ? "a comment ends with '-->', without more hyphens" : "'--' is not allowed in a comment"
            let place = place(isInner ? index - 2..<index + 2 : index..<index + 2)
            return fail(place, words, (self.place(start..<start + 4), "the comment starts here"))
        }
        index += 3
    }

    private mutating func skip(_ end: String, from length: Int, _ message: String) {
        let start = index
        index += length
        while index < bytes.count, !stands(end) { index += 1 }
        if index == bytes.count { return fail(place(start..<start + length), message) }
        index += end.utf8.count
    }

    /// One character of text, or a reference.
    private mutating func text() {
        if bytes[index] == UInt8(ascii: "&") { return reference() }
        let isBlank = bytes[index] <= 32
        if !isBlank, open.isEmpty {
            let word = bytes[index...].prefix { $0 > 32 && $0 != UInt8(ascii: "<") }
            let words =
                lastEnded.map { "text after the end of <\($0.name)>, which ends the file" }
                ?? "the file must start with an element, not with text"
            return fail(place(word.startIndex..<word.endIndex), words)
        }
        if stands("]]>") { return fail(place(index..<index + 3), "']]>' is not allowed in text; write ']]&gt;'") }
        if !isAllowed() { return }
        index += 1
    }

    /// Whether the byte may stand in a text; a control character may not.
    mutating func isAllowed() -> Bool {
        if bytes[index] >= 32 || [9, 10, 13].contains(bytes[index]) { return true }
        fail(place(index..<index + 1), "control character \(bytes[index]) is not allowed in XML; remove it")
        return false
    }

    /// `&lt;` and the like, in a text or a value.
    mutating func reference() {
        let start = index
        let isNumber = start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "#")
        let end = nameRange(at: isNumber ? start + 2 : start + 1).upperBound
        let word = string(start + 1..<end)
        let isClosed = end < bytes.count && bytes[end] == UInt8(ascii: ";")
        let isKnown = ["lt", "gt", "amp", "quot", "apos"].contains(word) || word.hasPrefix("#")
        if isClosed, isKnown {
            if word.hasPrefix("#"), !isCharacter(word.dropFirst()) {
                fail(place(start..<end + 1), "'&\(word);' is not a character of XML")
            }
            index = end + 1
        } else if isClosed, !word.isEmpty {
            fail(
                place(start..<end + 1),
                "unknown entity '\(word)'; write the character itself, or use lt, gt, amp, quot or apos")
        } else if isKnown, !word.isEmpty {
            fail(place(start..<end), "'&\(word)' lacks its ';'; for the character '&' write '&amp;'")
        } else {
            fail(place(start..<start + 1), "write the character '&' as '&amp;'")
        }
    }

    private func isCharacter(_ digits: Substring) -> Bool {
        let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let number, let scalar = Unicode.Scalar(number) else { return false }
        return scalar.value >= 32 ? scalar.value & 0xFFFE != 0xFFFE : [9, 10, 13].contains(scalar.value)
    }

    // MARK: Ends of elements

    /// Whether the element that holds all the others is over.
    var hasEnded: Bool { open.isEmpty && lastEnded != nil }

    private mutating func start() {
        guard let tag = startTag() else { return }
        let name = string(tag.name)
        if !tag.isEmpty {
            open.append((name, place(tag.range.lowerBound..<tag.name.upperBound)))
        } else if open.isEmpty {
            lastEnded = (name, place(tag.range))
        }
    }

    private mutating func endTag() {
        let start = index
        let name = nameRange(at: start + 2)
        let word = string(name)
        let tag = place(start..<name.upperBound)
        index = name.upperBound
        while index < bytes.count, bytes[index] <= 32 { index += 1 }
        if index == bytes.count || bytes[index] != UInt8(ascii: ">") {
            return fail(
                Place(source: source, offset: name.upperBound), "'</\(word)' has no end; add '>' here")
        }
        index += 1
        guard let innermost = open.last else {
            return fail(tag, "'</\(word)>' closes nothing; no element is open here", already(word))
        }
        if innermost.name == word {
            open.removeLast()
            lastEnded = (word, place(start..<index))
            return
        }
        if open.contains(where: { $0.name == word }) {
            fail(
                innermost.place,
                "<\(innermost.name)> is never closed; close it with '/>' or '</\(innermost.name)>'",
                (tag, "closes the <\(word)> around it"))
        } else if let already = already(word) {
            fail(tag, "'</\(word)>' closes nothing; its <\(word)> is closed already", already)
        } else {
            fail(
                tag, "'</\(word)>' does not close <\(innermost.name)>; write '</\(innermost.name)>'",
                (innermost.place, "<\(innermost.name)> starts here"))
        }
    }

    private func already(_ name: String) -> (place: Place, message: String)? {
        guard let lastEnded, lastEnded.name == name else { return nil }
        return (lastEnded.place, "closed here")
    }

    // MARK: Reading

    func stands(_ word: String) -> Bool { bytes[index...].starts(with: word.utf8) }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The name that starts there; it may be empty.
    func nameRange(at start: Int) -> Range<Int> {
        var end = start
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                end += 1
            case 0x80...0xFF where scalar(at: end).properties.isIDContinue:
                end += UTF8.width(scalar(at: end))
            default:
                return start..<end
            }
        }
        return start..<end
    }

    func scalar(at offset: Int) -> Unicode.Scalar {
        String(decoding: bytes[offset...].prefix(4), as: UTF8.self).unicodeScalars.first ?? " "
    }
}
