// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics

/// An element of a document: plain values, and where they stand in the text.
///
/// What the schema finds wrong is put right as far as one can guess what was meant, and marked, so that whoever reads
/// the element afterwards neither stumbles over the same fault again nor says what only follows from it.
///
/// An element is read far more often than anything else, by one thread, and never while it is being changed: it does
/// without the check at run time whether two accesses overlap.
package final class XMLElement: @unchecked Sendable {
    struct Attribute {
        var name: String
        /// As it stands in the text, where `name` is what was meant.
        let written: String
        let value: String
    }

    /// What was meant, where the text has another name.
    @exclusivity(unchecked) package private(set) var name: String
    @exclusivity(unchecked) private(set) var attributes: [Attribute]
    @exclusivity(unchecked) package private(set) var children: [XMLElement] = []
    /// The element's own text, runs of white space made one blank.
    @exclusivity(unchecked) package private(set) var text = ""
    /// Where the element's `<` stands.
    package let place: Place
    /// An element of this project's stands in none.
    let isInNamespace: Bool
    /// An error of the element itself has been reported.
    @exclusivity(unchecked) package private(set) var isFaulty = false
    /// No element of this name belongs where it stands, and what was meant is anybody's guess.
    @exclusivity(unchecked) package private(set) var isUnknown = false

    init(name: String, isInNamespace: Bool, attributes: [Attribute], place: Place) {
        self.name = name
        self.isInNamespace = isInNamespace
        self.attributes = attributes
        self.place = place
    }

    // MARK: Making and mending

    func reserve(children count: Int) { children.reserveCapacity(count) }

    package func add(_ child: XMLElement) { children.append(child) }

    /// Adds a piece of text, most of which is the white space between elements.
    func addText(_ content: UnsafePointer<UInt8>) {
        var byte = content
        while byte.pointee != 0, byte.pointee <= 32 { byte += 1 }
        if byte.pointee == 0 { return }
        let words = Self.words(of: UnsafeBufferPointer(start: byte, count: strlen(byte)))
        text += text.isEmpty ? words : " \(words)"
    }

    /// The text with each run of white space made one blank, and none at its ends.
    private static func words(of bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard bytes.allSatisfy({ $0 < 128 }) else {
            return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return String(unsafeUninitializedCapacity: bytes.count) { words in
            var count = 0
            var isGap = false
            for byte in bytes {
                if byte <= 32 {
                    isGap = count > 0
                    continue
                }
                if isGap {
                    words[count] = UInt8(ascii: " ")
                    count += 1
                    isGap = false
                }
                words[count] = byte
                count += 1
            }
            return count
        }
    }

    package func markFaulty() { isFaulty = true }

    func markUnknown() { isUnknown = true }

    /// Takes the element for one of another name.
    func take(as name: String) { self.name = name }

    /// Takes an attribute for one of another name.
    func take(_ attribute: String, as name: String) {
        if let index = attributes.firstIndex(where: { $0.name == attribute }) { attributes[index].name = name }
    }

    /// Forgets an attribute whose value cannot be used.
    func drop(_ attribute: String) { attributes.removeAll { $0.name == attribute } }

    // MARK: Reading

    /// Whether something is wrong with the element or with anything in it.
    package var hasFault: Bool { isFaulty || isUnknown || children.contains(where: \.hasFault) }

    /// The value of an attribute; nil where it is missing.
    package subscript(attribute: String) -> String? {
        // Without a copy of all that an attribute has.
        for index in attributes.indices where attributes[index].name == attribute { return attributes[index].value }
        return nil
    }

    package func children(_ name: String) -> [XMLElement] { children.filter { $0.name == name && !$0.isUnknown } }

    package func child(_ name: String) -> XMLElement? { children.first { $0.name == name && !$0.isUnknown } }

    /// The elements in a container of this one, or in several where one too many stands there.
    package func items(_ container: String) -> [XMLElement] {
        children(container).flatMap { $0.children.filter { !$0.isUnknown } }
    }

    /// The attribute as text; empty where it is missing, which the schema has said already.
    package func text(_ attribute: String) -> String { self[attribute] ?? "" }

    package func number(_ attribute: String) -> Int { Int(self[attribute] ?? "") ?? 0 }

    // MARK: Places, found again in the text, which is well-formed

    /// Where the attribute's name stands, or the element's `<` if it has no such attribute.
    package func place(ofName attribute: String) -> Place { scan(for: attribute).map { place(at: $0.name) } ?? place }

    /// Where the attribute's value stands, after its quotation mark; the element's `<` if it has no such attribute.
    package func place(of attribute: String) -> Place { scan(for: attribute).map { place(at: $0.value) } ?? place }

    /// Where a word of the attribute's value stands: the first one, or the last.
    package func place(ofFirst word: String, of attribute: String) -> Place { part(word, of: attribute, isLast: false) }

    package func place(ofLast word: String, of attribute: String) -> Place { part(word, of: attribute, isLast: true) }

    /// Where a piece of the attribute's value stands; nil where the text has it otherwise.
    func place(ofPart piece: String, of attribute: String) -> Place? {
        scan(for: attribute).flatMap { find(piece, in: $0.value) }
    }

    /// Where a piece of the element's own text stands.
    func place(ofTextPart piece: String) -> Place? {
        var index = endOfTag
        for gap in children.map({ ($0.place.offset, $0.end) }) + [(end, 0)] {
            if let found = find(piece, in: index..<gap.0) { return found }
            index = gap.1
        }
        return nil
    }

    private func find(_ piece: String, in range: Range<Int>) -> Place? {
        let length = piece.utf8.count
        let bytes = place.source.bytes
        return range.first { $0 + length <= range.upperBound && bytes[$0..<$0 + length].elementsEqual(piece.utf8) }
            .map { place(at: $0..<$0 + length) }
    }

    private func part(_ word: String, of attribute: String, isLast: Bool) -> Place {
        guard let value = scan(for: attribute)?.value, word.utf8.count <= value.count else {
            return place(of: attribute)
        }
        let start = isLast ? value.upperBound - word.utf8.count : value.lowerBound
        let range = start..<start + word.utf8.count
        // A value that is written otherwise, with references to characters, is shown as a whole.
        return place.source.bytes[range].elementsEqual(word.utf8) ? place(at: range) : place(of: attribute)
    }

    private func place(at range: Range<Int>) -> Place {
        Place(source: place.source, offset: range.lowerBound, length: range.count)
    }

    /// Where the first word of the element's own text stands; the element's `<` if it has none.
    var placeOfText: Place {
        let bytes = place.source.bytes
        var index = endOfTag
        for gap in children.map({ ($0.place.offset, $0.end) }) + [(end, 0)] {
            if let found = firstWord(in: index..<gap.0, bytes) {
                let word = bytes[found..<gap.0].prefix { $0 > 32 && $0 != UInt8(ascii: "<") }
                return place(at: found..<word.endIndex)
            }
            index = gap.1
        }
        return place
    }

    /// The first byte of a range that is neither white space nor part of a comment, instruction or tag.
    private func firstWord(in range: Range<Int>, _ bytes: [UInt8]) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if stands("<![CDATA[", at: index) {
                index += 9
            } else if bytes[index] == UInt8(ascii: "<") {
                index = afterMarkup(at: index)
            } else if bytes[index] <= 32 {
                index += 1
            } else {
                return index
            }
        }
        return nil
    }

    private func stands(_ word: String, at index: Int) -> Bool { place.source.bytes[index...].starts(with: word.utf8) }

    /// The offset after a comment, instruction, section or tag that starts there.
    private func afterMarkup(at index: Int) -> Int {
        if stands("<!--", at: index) { return after("-->", from: index + 4) }
        if stands("<?", at: index) { return after("?>", from: index) }
        if stands("<![CDATA[", at: index) { return after("]]>", from: index) }
        return after(">", from: index)
    }

    private func after(_ word: String, from start: Int) -> Int {
        let bytes = place.source.bytes
        let wanted = Array(word.utf8)
        var index = start
        while index < bytes.count, !bytes[index...].starts(with: wanted) { index += 1 }
        return min(index + wanted.count, bytes.count)
    }

    /// The offset after the end tag, or after the start tag of an element that is empty.
    private var end: Int {
        let start = endOfTag
        if place.source.bytes[start - 2] == UInt8(ascii: "/") { return start }
        var index = children.last?.end ?? start
        while index < place.source.bytes.count, !stands("</", at: index) {
            index = stands("<", at: index) ? afterMarkup(at: index) : index + 1
        }
        return after(">", from: index)
    }

    private var startTag: StartTag? { Markup.startTag(at: place.offset, in: place.source) }

    /// The offset after the start tag.
    private var endOfTag: Int { startTag?.range.upperBound ?? place.source.bytes.count }

    private func scan(for attribute: String) -> StartTag.Attribute? {
        guard let written = attributes.first(where: { $0.name == attribute })?.written else { return nil }
        let bytes = place.source.bytes
        return startTag?.attributes.first { bytes[$0.name].elementsEqual(written.utf8) }
    }
}
