// SPDX-License-Identifier: MIT

import TestSupport

/// Where things stand in a text of the base, found by looking at the text only.
struct MarkupText: Sendable {
    struct Attribute: Sendable {
        let name: String
        let value: String
        let nameRange: Range<String.Index>
        let valueRange: Range<String.Index>
    }
    struct Element: Sendable {
        let name: String
        let parent: String?
        let attributes: [Attribute]
        /// The `<`.
        let start: String.Index
        let nameRange: Range<String.Index>
        /// After the start tag's `>`.
        let content: String.Index
        /// The name in the end tag; nil in `<x/>`.
        var endNameRange: Range<String.Index>?
        /// What stands between the tags, if it is text only.
        var text: Range<String.Index>?
    }

    let file: String
    let text: String
    private(set) var elements: [Element] = []

    init(_ file: String) throws {
        self.file = file
        text = try Base.text(file)
        let tag = #/<(?<end>/?)(?<name>[a-z][a-z-]*)(?<attributes>(?:\s+[a-z-]+="[^"]*")*)\s*(?<empty>/?)>/#
        let attribute = #/(?<name>[a-z-]+)="(?<value>[^"]*)"/#
        var open: [Int] = []
        for match in text.matches(of: tag) {
            let name = match.output.name
            let nameRange = name.startIndex..<name.endIndex
            if match.output.end == "/" {
                let index = open.removeLast()
                elements[index].endNameRange = nameRange
                let inside = elements[index].content..<match.range.lowerBound
                if !text[inside].contains("<") { elements[index].text = inside }
                continue
            }
            let attributes = match.output.attributes.matches(of: attribute).map { match in
                let (name, value) = (match.output.name, match.output.value)
                return Attribute(
                    name: String(name), value: String(value), nameRange: name.startIndex..<name.endIndex,
                    valueRange: value.startIndex..<value.endIndex)
            }
            elements.append(
                Element(
                    name: String(name), parent: open.last.map { elements[$0].name }, attributes: attributes,
                    start: match.range.lowerBound, nameRange: nameRange, content: match.range.upperBound))
            if match.output.empty != "/" { open.append(elements.count - 1) }
        }
    }

    /// `file:line:column`, both from 1.
    func place(_ index: String.Index) -> String {
        let before = text[..<index]
        let line = before.count { $0 == "\n" } + 1
        let start = before.lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex
        return "\(file):\(line):\(text.distance(from: start, to: index) + 1)"
    }

    /// The text with other pieces in the place of some, which are given in their order.
    func replacing(_ pieces: [(range: Range<String.Index>, new: String)]) -> String {
        var result = ""
        var index = text.startIndex
        for piece in pieces {
            result += text[index..<piece.range.lowerBound] + piece.new
            index = piece.range.upperBound
        }
        return result + text[index...]
    }
}

/// What the schema says, taken from its lines: it keeps to a few patterns, a line each.
struct SchemaText: Sendable {
    struct Attribute: Sendable {
        let name: String
        let type: String
        let isOptional: Bool
        /// Whether one of two may be given.
        let isChoice: Bool
    }
    /// The elements in their order, with what they may have.
    private(set) var attributes: [String: [Attribute]] = [:]
    private(set) var elements: [String] = []
    private(set) var withText: Set<String> = []
    /// What a message says of a type.
    private(set) var words: [String: String] = [:]
    /// The types of which the values are listed.
    private(set) var closed: Set<String> = []

    static let shared = Result { try SchemaText() }

    private init() throws {
        var define = ""
        var element: String?
        var values: [String] = []
        var inChoice = false
        for line in try Project.text("spec/cryptoki.rng").split(separator: "\n") {
            if let match = line.firstMatch(of: #/<define name="([^"]*)"/#) {
                (define, element, values) = (String(match.1), nil, [])
            } else if let match = line.firstMatch(of: #/<element name="([^"]*)"/#) {
                element = String(match.1)
                elements.append(element!)
                attributes[element!] = []
            } else if let match = line.firstMatch(of: #/<attribute name="([^"]*)"><ref name="([^"]*)"/#), let element {
                attributes[element]!.append(
                    Attribute(
                        name: String(match.1), type: String(match.2), isOptional: line.contains("<optional>"),
                        isChoice: inChoice))
            } else if line.contains("<ref name=\"type-prose\"/>"), let element {
                withText.insert(element)
            } else if element == nil, let match = line.firstMatch(of: #/<a:documentation>(.*)</a:documentation>/#) {
                words[define] = String(match.1)
            } else if let match = line.firstMatch(of: #/<value>(.*)</value>/#) {
                values.append("'\(match.1)'")
                words[define] = values.joined(separator: ", ")
                closed.insert(define)
            }
            if line.contains("<choice>") { inChoice = true }
            if line.contains("</choice>") { inChoice = false }
        }
    }
}
