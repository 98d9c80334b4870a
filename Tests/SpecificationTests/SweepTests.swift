// SPDX-License-Identifier: MIT

import Testing

/// The same slip at every place of the base: one thing is said about it, at its place, and nothing that only follows.
struct SweepTests {
    /// An element of the base, by its number.
    struct Case: Sendable, CustomTestStringConvertible {
        let file: String
        let index: Int
        let name: String
        let place: String
        var testDescription: String { "\(place) <\(name)>" }
    }

    static let cases: [Case] = Base.files.flatMap { file in
        guard let markup = try? MarkupText(file) else { return [Case]() }
        return markup.elements.enumerated().map {
            Case(file: file, index: $0, name: $1.name, place: markup.place($1.start))
        }
    }

    private let schema: SchemaText

    init() throws { schema = try SchemaText.shared.get() }

    @Test func theBaseUsesTheWholeSchema() throws {
        var used: [String: Set<String>] = [:]
        for file in Base.files {
            for element in try MarkupText(file).elements {
                used[element.name, default: []].formUnion(element.attributes.map(\.name))
            }
        }
        for element in schema.elements {
            #expect(used[element] != nil, "<\(element)>")
            for attribute in schema.attributes[element]! {
                #expect(used[element]?.contains(attribute.name) == true, "<\(element) \(attribute.name)>")
            }
        }
    }

    @Test(arguments: cases)
    func aMisspeltElement(_ test: Case) throws {
        let markup = try MarkupText(test.file)
        let element = markup.elements[test.index]
        let wrong = element.name + "x"
        let pieces = [element.nameRange, element.endNameRange].compactMap { $0 }.map { (range: $0, new: wrong) }
        let words =
            element.parent.map {
                "error: <\(wrong)> is not allowed in <\($0)>; did you mean <\(element.name)>? [unknown-element]"
            } ?? "error: expected <\(element.name)>, found <\(wrong)> [unexpected-root]"
        try expect(["\(markup.place(element.start)): \(words)"], markup, pieces)
    }

    @Test(arguments: cases)
    func aMisspeltAttribute(_ test: Case) throws {
        let markup = try MarkupText(test.file)
        let element = markup.elements[test.index]
        for attribute in element.attributes {
            let words =
                "error: <\(element.name)> has no attribute '\(attribute.name)x'; did you mean '\(attribute.name)'? "
                + "[unknown-attribute]"
            try expect(
                ["\(markup.place(attribute.nameRange.lowerBound)): \(words)"], markup,
                [(attribute.nameRange, attribute.name + "x")])
        }
    }

    /// A reference to a name that is no longer there may be reported as well.
    @Test(arguments: cases)
    func aMissingAttribute(_ test: Case) throws {
        let markup = try MarkupText(test.file)
        let element = markup.elements[test.index]
        for attribute in element.attributes {
            let form = try #require(schema.attributes[element.name]?.first { $0.name == attribute.name })
            if form.isOptional { continue }
            let range = attribute.nameRange.lowerBound..<markup.text.index(after: attribute.valueRange.upperBound)
            let report = try Base.loading([markup.file: markup.replacing([(range, "")])])
            let choices = schema.attributes[element.name]!.filter { $0.isChoice == form.isChoice }
            let names = (form.isChoice ? choices.map(\.name) : [form.name]).map { "'\($0)'" }.joined(separator: " or ")
            let words = schema.words[(form.isChoice ? choices[0] : form).type]!
            let line =
                "\(markup.place(element.start)): error: <\(element.name)> needs the attribute \(names): \(words) "
                + "[missing-attribute]"
            #expect(report.lines.contains(line), "without \(attribute.name): \(line)\n\(report)")
            #expect(
                report.lines.allSatisfy { $0 == line || $0.contains("[unknown-") },
                "without \(attribute.name): \(report)")
        }
    }

    /// A value that cannot be, in an attribute that no other refers to.
    @Test(arguments: cases)
    func aWrongValue(_ test: Case) throws {
        let markup = try MarkupText(test.file)
        let element = markup.elements[test.index]
        for attribute in element.attributes where !["name", "id", "section"].contains(attribute.name) {
            let form = try #require(schema.attributes[element.name]?.first { $0.name == attribute.name })
            let wrong = form.type == "type-prose" ? "" : "?!"
            let words =
                "error: '\(wrong)' cannot be the '\(form.name)' of <\(element.name)>: expected \(schema.words[form.type]!) "
                + "[wrong-value]"
            try expect(
                ["\(markup.place(attribute.valueRange.lowerBound)): \(words)"], markup, [(attribute.valueRange, wrong)])
        }
    }

    /// RELAX NG takes `yes ` for `yes`, which code that compares texts does not: it is refused.
    @Test(arguments: cases)
    func aBlankBesideAValue(_ test: Case) throws {
        let markup = try MarkupText(test.file)
        let element = markup.elements[test.index]
        let earlier = markup.elements[..<test.index].filter { $0.name == element.name }.flatMap(\.attributes)
        for attribute in element.attributes where !earlier.contains(where: { $0.name == attribute.name }) {
            let form = try #require(schema.attributes[element.name]?.first { $0.name == attribute.name })
            if form.type == "type-prose" { continue }
            let text = markup.replacing([(attribute.valueRange, "\(attribute.value) ")])
            let report = try Base.loading([markup.file: text])
            let line =
                "\(markup.place(attribute.valueRange.lowerBound)): error: '\(attribute.value) ' cannot be the "
                + "'\(form.name)' of <\(element.name)>: expected \(schema.words[form.type]!)"
            #expect(report.lines.contains { $0.hasPrefix(line) } && !report.isLoaded, "\(line)\n\(report)")
        }
    }

    @Test(arguments: cases)
    func aTextWhereNoneBelongs(_ test: Case) throws {
        let markup = try MarkupText(test.file)
        let element = markup.elements[test.index]
        guard !schema.withText.contains(element.name), element.endNameRange != nil else { return }
        try expect(
            ["\(markup.place(element.content)): error: <\(element.name)> must not contain text [unexpected-text]"],
            markup, [(element.content..<element.content, "oops")])
    }

    @Test(arguments: cases)
    func aTextThatIsBlank(_ test: Case) throws {
        let markup = try MarkupText(test.file)
        let element = markup.elements[test.index]
        guard schema.withText.contains(element.name), let text = element.text else { return }
        for blank in ["", " ", "\n\t\n", "<!-- later -->"] {
            try expect(
                ["\(markup.place(element.start)): error: <\(element.name)> must contain text [missing-text]"], markup,
                [(text, blank)])
        }
    }

    private func expect(
        _ lines: [String], _ markup: MarkupText, _ pieces: [(range: Range<String.Index>, new: String)],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let report = try Base.loading([markup.file: markup.replacing(pieces)])
        #expect(report == Report(expected: lines), sourceLocation: sourceLocation)
    }
}
