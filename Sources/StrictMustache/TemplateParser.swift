// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics
import Spelling

extension SourceText {
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The tag that starts there; of one that has no end on its line, its braces.
    func tag(at offset: Int) -> Place {
        var end = offset
        while end < bytes.count, bytes[end] == .openingBrace { end += 1 }
        let braces = end - offset
        while end < bytes.count, bytes[end] != .closingBrace, bytes[end] != .openingBrace, bytes[end] != .lineFeed {
            end += 1
        }
        let close = bytes[end...].prefix(braces).prefix { $0 == .closingBrace }
        return Place(source: self, offset: offset, length: close.isEmpty ? braces : close.endIndex - offset)
    }

    func fault(
        _ id: Diagnostic.ID, at offset: Int, _ message: String, notes: [Diagnostic.Note] = []
    ) -> Diagnostic {
        Diagnostic(tag(at: offset), id, message, notes: notes)
    }
}

/// One step of rendering. A section's body follows it, up to the node numbered `end`. `offset` is the tag's place.
enum TemplateNode: Sendable {
    /// These bytes of the source.
    case literal(Range<Int>)
    case value(name: String, offset: Int)
    case section(name: String, inverted: Bool, end: Int, offset: Int)
    case partial(template: Int, offset: Int)
}

/// Reads one template into nodes. A bad tag becomes a fault and reading goes on after it.
struct TemplateParser {
    private static let deepestNesting = 64

    private struct OpenSection {
        let name: String
        let inverted: Bool
        let offset: Int
        let node: Int

        var tag: String { "{{\(inverted ? "^" : "#")\(name)}}" }
    }

    private let source: SourceText
    private let partials: [String: Int]
    private(set) var nodes: [TemplateNode] = []
    private(set) var faults: [Diagnostic] = []
    private var openSections: [OpenSection] = []
    private var literalStart = 0
    /// There is no '}}' any more, which only a comment looks for further than its line.
    private var isWithoutEnd = false

    /// Parses a source; `partials` numbers the templates that `{{>name}}` may name.
    init(parsing source: SourceText, partials: [String: Int]) {
        self.source = source
        self.partials = partials
        var next = 0
        while let start = pair(of: .openingBrace, from: next) { next = readTag(at: start) }
        endLiteral(at: source.bytes.count)
        for section in openSections { unclosed(section) }
    }

    // MARK: Tags

    /// Reads the tag whose `{{` is at `start`; returns where to look for the next one.
    private mutating func readTag(at start: Int) -> Int {
        let sigil = start + 2 < source.bytes.count ? Unicode.Scalar(source.bytes[start + 2]) : " "
        if let problem = Self.unsupported(sigil) {
            fault(.templateUnsupportedTag, at: start, problem)
            return start + 3
        }
        let isComment = sigil == "!"
        let close = isComment && isWithoutEnd ? nil : pair(of: .closingBrace, from: start + 2, insideTag: !isComment)
        guard let close else {
            if isComment { isWithoutEnd = true }
            let extent = isComment ? "this comment has no '}}'" : "this tag has no '}}' on its line"
            fault(.templateUnclosedTag, at: start, "\(extent); add it")
            return start + 2
        }
        var tag = start..<close + 2
        guard ["#", "^", "/", ">", "!"].contains(sigil) else {
            endLiteral(at: start, nextFrom: tag.upperBound)
            addValue(trimmed(start + 2..<close), at: start)
            return tag.upperBound
        }
        let name = trimmed(start + 3..<close)
        let line = line(ofStandalone: tag)
        if let line { tag = line }
        endLiteral(at: tag.lowerBound, nextFrom: tag.upperBound)
        switch sigil {
        case "!": break
        case "/": closeSection(name, at: start)
        case ">": addPartial(name, at: start, isIndented: line != nil && tag.lowerBound < start)
        default: openSection(name, inverted: sigil == "^", at: start)
        }
        return tag.upperBound
    }

    private mutating func addValue(_ name: String, at offset: Int) {
        if let first = name.utf8.first, !first.isNamePart, let sigil = name.first, "#^/>!&{".contains(sigil) {
            // It is taken for what it was meant to be: the other end of a section would be at fault as well.
            let meant = name.dropFirst().drop { $0 == " " || $0 == "\t" }
            fault(.templateBadName, at: offset, "'\(sigil)' must follow '{{' directly; write '{{\(sigil)\(meant)}}'")
            switch sigil {
            case "#", "^": openSection(String(meant), inverted: sigil == "^", at: offset)
            case "/": closeSection(String(meant), at: offset)
            default: break
            }
            return
        }
        if isName(name, at: offset) { nodes.append(.value(name: name, offset: offset)) }
    }

    private mutating func openSection(_ name: String, inverted: Bool, at offset: Int) {
        _ = isName(name, at: offset)
        if openSections.count == Self.deepestNesting {
            let limit = "sections are nested more than \(Self.deepestNesting) deep"
            fault(.templateDeepNesting, at: offset, "\(limit); move inner ones into a partial")
        }
        openSections.append(OpenSection(name: name, inverted: inverted, offset: offset, node: nodes.count))
        nodes.append(.section(name: name, inverted: inverted, end: 0, offset: offset))
    }

    private mutating func closeSection(_ name: String, at offset: Int) {
        guard let innermost = openSections.last else {
            return fault(
                .templateStrayClose, at: offset, "no section is open here; remove '{{/\(name)}}' or open it")
        }
        // An invalid name was reported where the section opens: {{#if a}} and {{/if}} are one mistake.
        if innermost.name != name, innermost.name.split(separator: " ").first.map(String.init) != name {
            let problem =
                "'{{/\(name)}}' does not close '\(innermost.tag)'; close that first with '{{/\(innermost.name)}}'"
            let opening = Diagnostic.Note(
                place: source.tag(at: innermost.offset), message: "'\(innermost.tag)' opened here")
            faults.append(source.fault(.templateWrongClose, at: offset, problem, notes: [opening]))
            // Go on with the section that this tag names; if none is open it was meant for the innermost one. Not further out than
            // sections may be nested: that is a fault already.
            let near = openSections.suffix(Self.deepestNesting)
            let outer = near.lastIndex { $0.name == name } ?? openSections.count - 1
            let skipped = openSections[(outer + 1)...]
            for section in skipped.dropLast() { unclosed(section) }
            openSections.removeLast(skipped.count)
        }
        let section = openSections.removeLast()
        nodes[section.node] = .section(
            name: section.name, inverted: section.inverted, end: nodes.count, offset: section.offset)
    }

    private mutating func addPartial(_ name: String, at offset: Int, isIndented: Bool) {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isNamePart || "-./".utf8.contains($0) }) else {
            let rule = "use letters, digits and any of _ - . /"
            return fault(.templateBadName, at: offset, "'\(name)' is not a valid name of a partial; \(rule)")
        }
        if isIndented {
            let rule = "put '{{>\(name)}}' at the start of the line and the spaces into the partial"
            fault(.templateIndentedPartial, at: offset, "a partial on a line of its own cannot be indented; \(rule)")
        }
        guard let template = partials[name] else {
            let advice = hint(
                for: name, among: partials.keys.sorted(), otherwise: "add that template or correct the name")
            return fault(.templateUnknownPartial, at: offset, "unknown template '\(name)'; \(advice)")
        }
        nodes.append(.partial(template: template, offset: offset))
    }

    // MARK: Text

    /// Adds the text since the last tag, and starts the next one.
    private mutating func endLiteral(at end: Int, nextFrom next: Int = 0) {
        if literalStart < end { nodes.append(.literal(literalStart..<end)) }
        literalStart = next
    }

    /// The whole line or lines, with the line end, of a tag that only blanks surround there; else nil.
    private func line(ofStandalone tag: Range<Int>) -> Range<Int>? {
        let bytes = source.bytes
        var start = tag.lowerBound
        while start > 0, bytes[start - 1].isBlank { start -= 1 }
        guard start == 0 || bytes[start - 1] == .lineFeed else { return nil }
        var end = tag.upperBound
        while end < bytes.count, bytes[end].isBlank { end += 1 }
        if end == bytes.count { return start..<end }
        if bytes[end] == .carriageReturn, end + 1 < bytes.count { end += 1 }
        return bytes[end] == .lineFeed ? start..<end + 1 : nil
    }

    /// Where the next two such braces are. Inside a tag, the search ends at a line end or where another tag opens.
    private func pair(of brace: UInt8, from start: Int, insideTag: Bool = false) -> Int? {
        let bytes = source.bytes
        var offset = insideTag ? start : first(brace, from: start)
        while offset + 1 < bytes.count {
            let isDouble = bytes[offset] == bytes[offset + 1]
            if isDouble, bytes[offset] == brace { return offset }
            if insideTag, bytes[offset] == .lineFeed || isDouble && bytes[offset] == .openingBrace { return nil }
            offset = insideTag ? offset + 1 : first(brace, from: offset + 1)
        }
        return nil
    }

    /// Where the next such byte is, or the end.
    private func first(_ byte: UInt8, from start: Int) -> Int {
        source.bytes.withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress else { return bytes.count }
            let found = memchr(base + start, Int32(byte), bytes.count - start)
            return found.map { UnsafeRawPointer($0) - base } ?? bytes.count
        }
    }

    private func trimmed(_ range: Range<Int>) -> String {
        let end = range.last { !source.bytes[$0].isBlank }.map { $0 + 1 } ?? range.lowerBound
        return source.text((range.first { !source.bytes[$0].isBlank } ?? end)..<end)
    }

    // MARK: Faults

    private static func unsupported(_ sigil: Unicode.Scalar) -> String? {
        switch sigil {
        case "{": "'{{{' is not supported; write '{{name}}' without another '{' before it"
        case "&": "'{{&' is not supported; write '{{name}}'"
        case "=": "other delimiters are not supported; remove the tag and use '{{' and '}}'"
        case "<", "$": "template inheritance is not supported; use '{{>name}}'"
        case "%": "pragmas are not supported; remove the tag"
        default: nil
        }
    }

    /// Whether this can name a field; if not, that is a fault.
    private mutating func isName(_ name: String, at offset: Int) -> Bool {
        if let first = name.utf8.first, !first.isDigit, name.utf8.allSatisfy(\.isNamePart) { return true }
        if name == "." {
            fault(.templateUnsupportedTag, at: offset, "'{{.}}' is not supported; give the value a name")
        } else if name.contains("(") {
            fault(.templateUnsupportedTag, at: offset, "lambdas are not supported; pass '\(name)' as a value")
        } else if name.contains(".") {
            let advice = "open the record as a section and use the field's own name in it"
            fault(.templateDottedName, at: offset, "the dotted name '\(name)' is not supported; \(advice)")
        } else if let word = name.split(separator: " ").first, ["if", "unless", "each", "with"].contains(word),
            name != word
        {
            let sigil = word == "unless" ? "^" : "#"
            let rest = name.dropFirst(word.count + 1)
            fault(
                .templateBadName, at: offset,
                "Mustache has no '\(word)'; write '{{\(sigil)\(rest)}}' and '{{/\(rest)}}'")
        } else {
            let rule = "use letters, digits and _, and do not begin with a digit"
            fault(.templateBadName, at: offset, "'\(name)' is not a valid name; \(rule)")
        }
        return false
    }

    private mutating func unclosed(_ section: OpenSection) {
        let problem = "'\(section.tag)' is never closed; add '{{/\(section.name)}}'"
        fault(.templateUnclosedSection, at: section.offset, problem)
    }

    private mutating func fault(_ id: Diagnostic.ID, at offset: Int, _ message: String) {
        faults.append(source.fault(id, at: offset, message))
    }
}

extension UInt8 {
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
    fileprivate static let openingBrace = UInt8(ascii: "{")
    fileprivate static let closingBrace = UInt8(ascii: "}")
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    fileprivate var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
    fileprivate var isNamePart: Bool {
        isDigit || self == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20
    }
}
