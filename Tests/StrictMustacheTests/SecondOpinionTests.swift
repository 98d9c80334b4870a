// SPDX-License-Identifier: MIT

import StrictMustache
import TestSupport
import Testing

/// The same templates and values give the same bytes with swift-mustache, an independent implementation.
@Suite struct SecondOpinionTests {
    private static let record: Record = [
        "on": true, "off": false, "x": "X<&>\"'", "lines": "1\n2\n", "empty": "", "none": .list([]),
        "list": .list([
            ["x": "1", "last": false, "inner": .list([["y": "a"], ["y": "b"]])],
            ["x": "2", "last": false, "inner": .list([])],
            ["x": "3", "last": true, "inner": .list([["x": "in", "y": "c"]])],
        ]),
        "one": .record(["x": "one", "y": "Y", "deeper": .record(["z": "Z"])]),
    ]

    private static let partials = [
        "word": "w", "text": "p {{x}}\nq\n", "section": "{{#on}}\n  {{x}}\n{{/on}}\n", "nothing": "",
        "nested/part-1.txt": "<\n{{>text}}\n{{>word}}\n>\n", "comment": "{{! only\n a comment }}\n",
    ]

    private func expectAgreement(_ template: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        for isWindows in [false, true] {
            func text(_ text: String) -> String { isWindows ? text.withCarriageReturns : text }
            let ours = try render(text(template), partials: Self.partials.mapValues(text), Self.record)
            let sources = [(name: "main", text: text(template))] + Self.partials.map { ($0.key, text($0.value)) }
            let theirs = try renderWithSwiftMustache(sources: sources, main: "main", record: Self.record)
            #expect(
                Array(ours.utf8) == Array(theirs.utf8), "\(template.debugDescription)", sourceLocation: sourceLocation)
        }
    }

    @Test(
        arguments: [
            "", "plain", "{ } }} {x {{x}}} .", "{{x}}{{ x }}{{\tx }}", "{{lines}}{{empty}}|",
            "{{#list}}{{x}}{{#inner}}{{x}}{{y}}{{/inner}}{{^inner}}-{{/inner}}{{^last}}, {{/last}}{{/list}}",
            "{{#one}}{{x}}{{#deeper}}{{z}}{{y}}{{x}}{{/deeper}}{{/one}}{{x}}",
            "{{#on}}a{{/on}}{{#off}}b{{/off}}{{^on}}c{{/on}}{{^off}}d{{/off}}{{^none}}e{{/none}}{{^list}}f{{/list}}",
            "{{^one}}a{{/one}}{{#none}}b{{/none}}",
            "{{#list}}{{#list}}{{x}}{{/list}};{{/list}}",
            "[{{>word}}] {{> text }}{{>nested/part-1.txt}}", "{{#list}}{{>text}}{{/list}}",
            "a{{! b }}c{{!}}d{{!\n}}e{{! } }}}f",
        ])
    func tags(_ template: String) throws {
        try expectAgreement(template)
    }

    @Test(
        arguments: [
            "a\n{{#on}}\nb\n{{/on}}\nc\n", "{{#on}}\nb\n{{/on}}", "{{#on}}  \nb\n{{/on}}\t \nc",
            "  {{#on}}\n  b\n  {{/on}}\n", "\t{{#list}} \n\t- {{x}}\n \t{{/list}}\t\n.",
            "{{#list}}\n{{#inner}}\n{{y}}\n{{/inner}}\n{{^inner}}\nno inner\n{{/inner}}\n{{/list}}\nend\n",
            "{{#list}}\n  {{#inner}}\n    {{#on}}\n{{y}}\n    {{/on}}\n  {{/inner}}\n{{/list}}",
            "{{#on}}\n{{#on}}\n{{#on}}\n{{/on}}\n{{/on}}\n{{/on}}\n", "{{#on}}\n\n{{/on}}\n\n{{#on}}\n\n\n{{/on}}",
            "{{#off}}\nb\n{{/off}}\nc", "{{^off}}\nb\n{{/off}}\n{{^on}}\nc\n{{/on}}\n",
            "{{! c }}", "{{! c }}\n", "  {{! c }}  \nx", "x\n  {{! c }}", "\n\n{{! c }}\n\n", "a {{! c }}\nb",
            "{{! a\n b }}\nc", "  {{!\n\n a\n}}  \nc\n", "x {{! a\n}}\nc", "{{! a\n}} c\n", "{{!a}}{{!b}}\nc",
            "{{! a }} {{! b }}\nc", "  {{#on}}{{/on}}\n", "{{#on}} {{/on}}\n", "{{#on}} {{! c }}\n{{/on}}x",
            "{{>text}}", "{{>text}}\n", "a\n{{>text}}\nb\n", "{{>text}}  \nb", "a\n{{>word}}\nb", "a {{>text}} b\n",
            "{{>word}} {{>word}}\n", "{{>word}}{{>text}}\n", "  {{>word}}, {{>word}}\n", "{{>nothing}}\nb",
            "{{>section}}\n{{>section}}\n", "{{>comment}}\nb", "a{{>comment}}b\n", "{{>nested/part-1.txt}}\n",
            "{{#list}}\n{{>text}}\n{{/list}}\n",
            "{{#list}}\n{{>word}} \n {{x}}\n{{/list}}",
            "f({{#list}}\n    {{x}}{{^last}},{{/last}}\n{{/list}}\n)\n",
            "f({{#list}}{{x}}{{^last}}, {{/last}}{{/list}})\n",
            "{{x}}\n  {{x}}  \n{{x}}", "{{#on}}\na{{/on}}\nb", "{{#on}}\n{{x}}\n{{/on}}\n{{x}}  ", "   a\n\t\nb\n",
        ])
    func whitespace(_ template: String) throws {
        try expectAgreement(template)
    }

    /// Sequences of up to three of these blocks, with and without the last line end.
    @Test func combinations() throws {
        let blocks = [
            "\n", "  text {{x}}\n", "{{! c }}\n", " {{!\n c\n}}\t\n", "  {{#list}}\n  {{x}}\n  {{/list}}\n",
            "{{#on}}in{{/on}} {{^off}}line{{/off}}\n", "\t{{^off}}  \n{{>word}}\n\t{{/off}}\n",
            "{{#one}}\n{{#deeper}}\n {{z}}{{y}}\n{{/deeper}}\n{{/one}}\n", "{{>text}}\n", "{{>section}} {{>word}}\n",
            "{{x}} {{! c }}\n",
        ]
        for first in blocks {
            try expectAgreement(first)
            for second in blocks {
                for third in blocks {
                    try expectAgreement(first + second + third)
                }
                let end = second.lastIndex { !$0.isWhitespace } ?? second.startIndex
                try expectAgreement(first + second[...end])
            }
        }
    }

    /// Where swift-mustache 2.1.1 departs from the Mustache specification, and this module follows it.
    @Test(
        arguments: [
            // After a section, whether its opening was alone on its line decides what the library thinks of its closing.
            ("{{#on}}\na{{/on}} {{! c }}\nb", "a \nb", "ab"),
            ("a{{#on}}\nb\n{{/on}}\n  {{! c }}\nd", "a\nb\nd", "a\nb\n  \nd"),
            // The library forgets blanks after the last line end, and trips over blanks after the last tag.
            ("a\n  ", "a\n  ", "a\n"),
            ("a\n{{! c }}  ", "a\n", "a\n  "),
            // To the library a carriage return alone is a line end.
            ("{{! c }}\ra", "\ra", "a"),
        ])
    func departures(_ template: String, _ ours: String, _ theirs: String) throws {
        #expect(try render(template, Self.record) == ours)
        let output = try renderWithSwiftMustache(sources: [("main", template)], main: "main", record: Self.record)
        #expect(output == theirs)
    }

    /// Why an indented partial that is alone on its line is a fault: swift-mustache 2.1.1 does not indent each line.
    @Test(
        arguments: [
            ("{{#list}}\n{{x}}\n{{/list}}\n", "  1\n2\n3\n"),
            ("a\r\nb\r\n", "  a\r\nb\r\n"),
            ("{{lines}}|\n", "  1\n2\n  |\n"),
            ("", "  "),
        ])
    func indentedPartials(_ partial: String, _ theirs: String) throws {
        let sources = [(name: "main", text: "  {{>p}}\n"), (name: "p", text: partial)]
        #expect(try renderWithSwiftMustache(sources: sources, main: "main", record: Self.record) == theirs)
    }
}
