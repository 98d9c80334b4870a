// SPDX-License-Identifier: MIT

import StrictMustache
import Testing

/// Texts are literal text in Markdown, wherever a template puts them.
@Suite struct MarkdownTests {
    private func render(_ template: String, _ text: String) throws -> String {
        try TemplateLibrary([("main", "main", template)]).render("main", ["x": .text(text)], escaping: .markdown)
    }

    @Test(arguments: [
        ("a|b", "a\\|b"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("--> x", "--&gt; x"),
        ("&lt; &#60; & AT&T&; &", "&amp;lt; &amp;#60; & AT&amp;T&; &amp;"),
        ("a\\|b\\", "a\\\\\\|b\\\\"),
        ("`*x*` ~~y~~", "\\`\\*x\\*\\` \\~\\~y\\~\\~"),
        ("[a](b) ![c]", "\\[a\\](b) !\\[c\\]"),
        ("$x$", "\\$x\\$"),
        ("_a_ b__c _", "\\_a\\_ b__c \\_"),
        ("C_Sign_ and CKR_OK", "C_Sign\\_ and CKR_OK"),
        ("a\nb\u{1F}c", "a b c"),
        ("C #", "C \\#"), ("C ## ", "C \\#\\# "),
        ("PKCS #11, 3.2: 1. - + = é…", "PKCS #11, 3.2: 1. - + = é…"),
        ("- # 1. + : =", "- # 1. + : ="),
        ("", ""),
    ])
    func aTextInALine(_ text: String, _ expected: String) throws {
        #expect(try render("| a | {{x}} |\n", text) == "| a | \(expected) |\n")
        #expect(try render("see {{x}}.", text) == "see \(expected).")
    }

    @Test(arguments: [
        ("# a", "\\# a"), ("- a", "\\- a"), ("+ a", "\\+ a"), ("> a", "&gt; a"), ("---", "\\---"), ("===", "\\==="),
        (":-", "\\:-"), ("1. a", "1\\. a"), ("12) a", "12\\) a"), ("3.", "3\\."), ("3.2", "3.2"), ("12", "12"),
        ("    a", "a"), ("  1. a", "1\\. a"), ("  ", ""), ("a - b", "a - b"),
    ])
    func aTextAtTheStartOfABlock(_ text: String, _ expected: String) throws {
        for start in ["", "- ", "### ", "1. ", "> - ", "{{#x2}}{{/x2}}"] {
            let library = try TemplateLibrary([("main", "main", "one\n\(start){{x}}\ntwo\n")])
            let record: Record = ["x": .text(text), "x2": false]
            let before = start.hasPrefix("{") ? "" : start
            #expect(try library.render("main", record, escaping: .markdown) == "one\n\(before)\(expected)\ntwo\n")
        }
    }

    @Test(arguments: [
        ("C_Sign_", "C_Sign_", "C_Sign_"), ("<a> & *b* [c]", "<a> & *b* [c]", "<a> & *b* [c]"),
        ("a|b", "a\\|b", "a|b"), ("a\\b", "a\\b", "a\\b"), ("a\\|b", "a\\\\\\|b", "a\\|b"), ("a`b", "a'b", "a'b"),
        ("a\nb", "a b", "a b"),
    ])
    func aTextInCode(_ text: String, _ inTable: String, _ elsewhere: String) throws {
        #expect(try render("| {{x}}`{{x}}`|\n| `a` `{{x}}` |", text).hasSuffix("\n| `a` `\(inTable)` |"))
        #expect(try render("| `{{x}}` |", text) == "| `\(inTable)` |")
        #expect(try render("### `a {{x}}`\n", text) == "### `a \(elsewhere)`\n")
        #expect(try render("```c\n{{x}}\n```\n", text) == "```c\n\(elsewhere)\n```\n")
        #expect(try render("~~~\n~~~\n`{{x}}`\n", text) == "~~~\n~~~\n`\(elsewhere)`\n")
    }

    @Test func aTextInAPartial() throws {
        let library = try TemplateLibrary([
            ("main", "main", "`{{>part}}`\n{{#r}}\n- {{x}}\n{{/r}}\n"), ("part", "part", "{{x}}"),
        ])
        let record: Record = ["x": "a*", "r": .list([["x": "- b"], ["x": "c"]])]
        #expect(
            try library.render("main", record, escaping: .markdown) == "`a\\*`\n- \\- b\n- c\n",
            "a partial's own line counts, not the one that includes it")
    }

    @Test func theTemplateItselfIsNotEscaped() throws {
        #expect(try render("<b>*_|`~ [x](y)\n", "") == "<b>*_|`~ [x](y)\n")
    }
}
