// SPDX-License-Identifier: MIT

import StrictMustache
import Testing

@Suite struct RenderingTests {
    @Test func textIsInsertedUnchanged() throws {
        let record: Record = ["a": "<b> & \"c\" 'd' {{e}}", "n": "é𝄞"]
        #expect(try render("[{{a}}] {{ n }}{{\tn\t}}.", record) == "[<b> & \"c\" 'd' {{e}}] é𝄞é𝄞.")
    }

    @Test func markupHasItsTextsEscaped() throws {
        let library = try TemplateLibrary([
            ("main", "main", "<p title='{{a}}'>&{{#r}}{{a}}{{>part}}{{/r}}</p>"), ("part", "part", "<{{a}}>"),
        ])
        let record: Record = ["a": "<b> & \"c\" 'd' {{e}} é&amp;", "r": .list([["a": "&"], ["a": "\u{0}"]])]
        #expect(
            try library.render("main", record, escaping: .markup)
                == "<p title='&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; {{e}} é&amp;amp;'>&&amp;<&amp;>\u{0}<\u{0}></p>"
        )
    }

    @Test func bracesThatAreNotTagsAreText() throws {
        #expect(try render("{ } }} {x} {{a}}} {", ["a": "A"]) == "{ } }} {x} A} {")
    }

    @Test func emptyTemplateRendersNothing() throws {
        #expect(try render("") == "")
    }

    @Test func namesMayHaveLettersDigitsAndUnderscores() throws {
        #expect(try render("{{_a1}}{{Zz_9}}{{_}}", ["_a1": "1", "Zz_9": "2", "_": "3"]) == "123")
    }

    @Test func listRepeatsItsSection() throws {
        let record: Record = ["items": .list([["x": "1"], ["x": "2"], ["x": "3"]])]
        #expect(try render("<{{#items}}({{x}}){{/items}}>", record) == "<(1)(2)(3)>")
    }

    @Test func emptyListSkipsItsSectionAndNamesInIt() throws {
        #expect(try render("<{{#items}}{{nowhere}}{{/items}}>", ["items": .list([])]) == "<>")
    }

    @Test func recordRendersItsSectionOnce() throws {
        #expect(try render("{{#r}}{{x}}{{/r}}{{x}}", ["r": .record(["x": "in"]), "x": "out"]) == "inout")
    }

    @Test func flagRendersItsSectionIfTrue() throws {
        let template = "{{#yes}}a{{x}}{{/yes}}{{#no}}b{{nowhere}}{{/no}}c"
        #expect(try render(template, ["yes": true, "no": false, "x": "X"]) == "aXc")
    }

    @Test func invertedSectionRendersForFalseAndEmpty() throws {
        let template = "{{^no}}1{{/no}}{{^none}}2{{/none}}{{^yes}}3{{/yes}}{{^some}}4{{/some}}{{^r}}5{{/r}}"
        let record: Record = ["no": false, "none": .list([]), "yes": true, "some": .list([[:]]), "r": .record([:])]
        #expect(try render(template, record) == "12")
    }

    @Test func namesAreSearchedFromTheInnermostRecordOutwards() throws {
        let record: Record = [
            "x": "outer", "y": "Y",
            "list": .list([["x": "first", "r": .record(["x": "deep"])], ["r": .record([:])]]),
        ]
        let template = "{{#list}}{{x}}{{#r}}-{{x}}-{{y}}{{/r}} {{/list}}{{x}}"
        #expect(try render(template, record) == "first-deep-Y outer-outer-Y outer")
    }

    @Test func sectionsOfTheSameNameNest() throws {
        let record: Record = ["n": .list([["n": .list([["x": "1"], ["x": "2"]])], ["n": .list([])]])]
        #expect(try render("{{#n}}[{{#n}}{{x}}{{/n}}]{{/n}}", record) == "[12][]")
    }

    @Test func sectionsNestSixtyFourDeep() throws {
        let template = String(repeating: "{{#a}}", count: 64) + "x" + String(repeating: "{{/a}}", count: 64)
        #expect(try render(template, ["a": true]) == "x")
    }

    @Test func partialSeesTheRecordsAroundItsTag() throws {
        let record: Record = ["a": "A", "list": .list([["x": "1"], ["x": "2"]])]
        #expect(
            try render("{{#list}}{{> sub/x-1_b.txt }};{{/list}}", partials: ["sub/x-1_b.txt": "{{x}}{{a}}"], record)
                == "1A;2A;")
    }

    @Test func partialMayOccurInSeveralPlaces() throws {
        let partials = ["a": "[{{>c}}]", "b": "({{>c}})", "c": "c"]
        #expect(try render("{{>a}}{{>b}}{{>a}}{{>c}}", partials: partials) == "[c](c)[c]c")
    }

    @Test func longChainOfPartialsDoesNotOverflow() throws {
        let last = 5_000
        var partials = ["p\(last)": "end"]
        for number in 0..<last { partials["p\(number)"] = "{{>p\(number + 1)}}" }
        #expect(try render("{{>p0}}", partials: partials) == "end")
    }

    @Test func commentRendersNothing() throws {
        #expect(try render("a{{! b {{ c } }}d{{!}}e{{!\nf\n\ng}}h") == "adeh")
    }

    @Test func libraryRendersAnyOfItsTemplatesRepeatedly() throws {
        let library = try TemplateLibrary([("a", "a.txt", "A{{x}}"), ("b", "b.txt", "B{{>a}}")])
        #expect(try library.render("a", ["x": "1"]) == "A1")
        #expect(try library.render("b", ["x": "2"]) == "BA2")
        #expect(try library.render("b", ["x": "3"]) == "BA3")
    }
}

/// What the standalone-line rule removes; `·` stands for a blank at a line's end.
@Suite struct StandaloneLineTests {
    private static let record: Record = [
        "on": true, "off": false, "x": "X", "list": .list([["x": "1"], ["x": "2"]]), "none": .list([]),
    ]

    private static let partials = ["lines": "p\nq\n", "word": "w", "empty": ""]

    @Test(
        arguments: [
            ("a\n{{#on}}\nb\n{{/on}}\nc\n", "a\nb\nc\n"),
            ("a\n  {{#on}}··\n  b\n\t{{/on}}\t\nc\n", "a\n  b\nc\n"),
            ("{{#on}}\n{{#on}}\n\n{{/on}}\n{{/on}}\n", "\n"),
            ("{{#list}}\n- {{x}}\n{{/list}}\n", "- 1\n- 2\n"),
            ("{{#list}}\n  {{^none}}\n    {{x}}\n  {{/none}}\n{{/list}}\n.", "    1\n    2\n."),
            ("{{^off}}\na\n{{/off}}", "a\n"),
            ("  {{#on}}\na\n  {{/on}}", "a\n"),
            ("{{! c }}", ""),
            ("··{{! c }}··", ""),
            ("a\n{{! c\n   d\n}}\nb\n", "a\nb\n"),
            ("a {{! c\n}}\nb\n", "a \nb\n"),
            ("{{! c\n}} b\n", " b\n"),
            ("\n{{! c }}\n\n", "\n\n"),
            ("{{>lines}}\nr\n", "p\nq\nr\n"),
            ("{{>lines}}··\nr\n", "p\nq\nr\n"),
            ("a\n{{>word}}\nb\n", "a\nwb\n"),
            ("a\n{{>word}}", "a\nw"),
            ("{{>empty}}\n", ""),
            ("  {{>word}} {{>word}}\n", "  w w\n"),
            ("[{{>lines}}]\n", "[p\nq\n]\n"),
            ("{{x}}\n", "X\n"),
            ("  {{x}}··\n", "  X··\n"),
            ("{{#on}}{{/on}}\n", "\n"),
            ("  {{#on}} {{! c }}\n{{/on}}\n", "   \n"),
            ("a{{#on}}\nb\n{{/on}}\nc\n", "a\nb\nc\n"),
            ("{{#on}}\na{{/on}}\nb", "a\nb"),
            ("{{#list}}{{x}},{{/list}}\n", "1,2,\n"),
            ("a\n··", "a\n··"),
        ])
    func expected(_ template: String, _ expected: String) throws {
        let template = template.replacing("·", with: " ")
        let expected = expected.replacing("·", with: " ")
        #expect(try render(template, partials: Self.partials, Self.record) == expected)
        let partials = Self.partials.mapValues(\.withCarriageReturns)
        let output = try render(template.withCarriageReturns, partials: partials, Self.record)
        #expect(output == expected.withCarriageReturns)
    }

    @Test func loneCarriageReturnIsNotALineEnd() throws {
        #expect(try render("{{#on}}\ra{{/on}}\r", Self.record) == "\ra\r")
    }

    @Test func tagAfterAnotherTagOnTheLineIsNotAlone() throws {
        #expect(try render("{{#on}}\na{{/on}} {{! c }}\nb", Self.record) == "a \nb")
    }

    @Test func tagIsAloneWhateverTheLineBefore() throws {
        #expect(try render("a{{#on}}\nb\n{{/on}}\n  {{! c }}\nd", Self.record) == "a\nb\nd")
    }
}
