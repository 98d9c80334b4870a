// SPDX-License-Identifier: MIT

import StrictMustache
import SourceDiagnostics
import Testing

@Suite struct ParseFaultTests {
    @Test(
        arguments: [
            ("{{{a}}}", "'{{{' is not supported; write '{{name}}' without another '{' before it"),
            ("{{&a}}", "'{{&' is not supported; write '{{name}}'"),
            ("{{=<% %>=}}", "other delimiters are not supported; remove the tag and use '{{' and '}}'"),
            ("{{<a}}", "template inheritance is not supported; use '{{>name}}'"),
            ("{{$a}}", "template inheritance is not supported; use '{{>name}}'"),
            ("{{%a}}", "pragmas are not supported; remove the tag"),
            ("{{.}}", "'{{.}}' is not supported; give the value a name"),
            ("{{# . }}x{{/.}}", "'{{.}}' is not supported; give the value a name"),
            ("{{upper(a)}}", "lambdas are not supported; pass 'upper(a)' as a value"),
        ])
    func unsupportedTag(_ tag: String, _ message: String) {
        #expect(faults("a\n é\(tag)") == ["main.mustache:2:3: \(message) [template-unsupported-tag]"])
    }

    @Test(arguments: ["{{a.b}}", "{{#a.b}}{{/a.b}}", "{{^ a.b }}{{/ a.b }}"])
    func dottedName(_ tag: String) {
        let advice = "open the record as a section and use the field's own name in it"
        #expect(
            faults(tag) == [
                "main.mustache:1:1: the dotted name 'a.b' is not supported; \(advice) [template-dotted-name]"
            ])
    }

    @Test(
        arguments: [
            ("{{}}", ""), ("{{  }}", ""), ("{{1a}}", "1a"), ("{{a-b}}", "a-b"), ("{{a b}}", "a b"), ("{{é}}", "é"),
            ("{{a}b}}", "a}b"), ("{{#}}{{/}}", ""), ("{{^a?}}{{/a?}}", "a?"), ("{{*a}}", "*a"),
        ])
    func badName(_ tag: String, _ name: String) {
        let rule = "use letters, digits and _, and do not begin with a digit"
        #expect(faults(tag) == ["main.mustache:1:1: '\(name)' is not a valid name; \(rule) [template-bad-name]"])
    }

    /// One mistake at each end, and nothing that only follows.
    @Test func aBlankBeforeTheSign() {
        #expect(
            faults("{{ #a }}b{{ /a }}{{  >p}}{{ ^ c}}{{/c}}") == [
                "main.mustache:1:1: '#' must follow '{{' directly; write '{{#a}}' [template-bad-name]",
                "main.mustache:1:10: '/' must follow '{{' directly; write '{{/a}}' [template-bad-name]",
                "main.mustache:1:18: '>' must follow '{{' directly; write '{{>p}}' [template-bad-name]",
                "main.mustache:1:26: '^' must follow '{{' directly; write '{{^c}}' [template-bad-name]",
            ])
    }

    @Test(
        arguments: [
            ("{{#if a}}x{{/if}}", "if", "#"), ("{{#each a}}x{{/each}}", "each", "#"),
            ("{{#unless a}}x{{/unless}}", "unless", "^"), ("{{#with a}}{{/with}}", "with", "#"),
        ])
    func aWordOfHandlebars(_ template: String, _ word: String, _ sign: String) {
        let advice = "write '{{\(sign)a}}' and '{{/a}}'"
        #expect(
            faults(template) == ["main.mustache:1:1: Mustache has no '\(word)'; \(advice) [template-bad-name]"])
    }

    @Test(arguments: ["", "a b", "*a", "a(b)", "ä"])
    func badPartialName(_ name: String) {
        let message = "'\(name)' is not a valid name of a partial; use letters, digits and any of _ - . /"
        #expect(faults("x{{>\(name)}}") == ["main.mustache:1:2: \(message) [template-bad-name]"])
    }

    @Test func unclosedTag() {
        let message = "this tag has no '}}' on its line; add it [template-unclosed-tag]"
        #expect(faults("a {{x") == ["main.mustache:1:3: \(message)"])
        #expect(faults("{{") == ["main.mustache:1:1: \(message)"])
        #expect(faults("a\n  {{x}") == ["main.mustache:2:3: \(message)"])
        #expect(faults("{{x\n}} {{>\ny}}") == ["main.mustache:1:1: \(message)", "main.mustache:2:4: \(message)"])
        #expect(faults("{{x {{y}}\n{{#z") == ["main.mustache:1:1: \(message)", "main.mustache:2:1: \(message)"])
    }

    @Test func unclosedComment() {
        let message = "this comment has no '}}'; add it [template-unclosed-tag]"
        #expect(faults("a {{! b\n\nc } }") == ["main.mustache:1:3: \(message)"])
    }

    @Test func unclosedSectionIsReportedWhereItOpens() {
        #expect(
            faults("a\n  {{#x}}\n{{^y}} {{! c }}") == [
                "main.mustache:2:3: '{{#x}}' is never closed; add '{{/x}}' [template-unclosed-section]",
                "main.mustache:3:1: '{{^y}}' is never closed; add '{{/y}}' [template-unclosed-section]",
            ])
    }

    @Test func wrongCloseNamesBothPositions() throws {
        let error = #expect(throws: DiagnosticsError.self) {
            try TemplateLibrary([("main", "main.mustache", " {{#items}}\n  {{/itms}}")])
        }
        #expect(
            try #require(error?.diagnostics.map(\.description)) == [
                "main.mustache:2:3: error: '{{/itms}}' does not close '{{#items}}'; close that first with '{{/items}}' "
                    + "[template-wrong-close]\nmain.mustache:1:2: note: '{{#items}}' opened here"
            ])
    }

    @Test func wrongCloseOfAnOuterSectionGoesOnWithThatOne() {
        #expect(
            faults("{{#a}}{{#b}}{{#c}}{{/a}}{{/d}}") == [
                "main.mustache:1:7: '{{#b}}' is never closed; add '{{/b}}' [template-unclosed-section]",
                "main.mustache:1:19: '{{/a}}' does not close '{{#c}}'; "
                    + "close that first with '{{/c}}' [template-wrong-close]",
                "main.mustache:1:25: no section is open here; remove '{{/d}}' or open it [template-stray-close]",
            ])
    }

    @Test func strayClose() {
        #expect(
            faults("a{{/x}}") == [
                "main.mustache:1:2: no section is open here; remove '{{/x}}' or open it [template-stray-close]"
            ])
    }

    @Test func deepNesting() {
        let opening = String(repeating: "{{#a}}", count: 66)
        let closing = String(repeating: "{{/a}}", count: 66)
        let message = "sections are nested more than 64 deep; move inner ones into a partial"
        #expect(faults(opening + closing) == ["main.mustache:1:385: \(message) [template-deep-nesting]"])
    }

    @Test(arguments: ["  {{>p}}\n", "a\n\t{{>p}}  \nb", " {{>p}}"])
    func indentedPartialAloneOnItsLine(_ template: String) throws {
        let found = faults(template, partials: ["p": "x"])
        let message =
            "a partial on a line of its own cannot be indented; "
            + "put '{{>p}}' at the start of the line and the spaces into the partial [template-indented-partial]"
        #expect(found.count == 1 && found[0].hasSuffix(message))
    }

    @Test func indentedPartialIsReportedAtItsTag() {
        let found = faults("a\n\t {{>p}}\n", partials: ["p": "x"])
        #expect(found.count == 1 && found[0].hasPrefix("main.mustache:2:3: "))
    }

    @Test func unknownPartial() {
        let partials = ["header": "", "footer": ""]
        #expect(
            faults("{{>heder}}\n{{>other}}", partials: partials) == [
                "main.mustache:1:1: unknown template 'heder'; did you mean 'header'? [template-unknown-partial]",
                "main.mustache:2:1: unknown template 'other'; add that template or correct the name "
                    + "[template-unknown-partial]",
            ])
    }

    @Test func directRecursion() {
        let message = "this partial includes itself (main > main); break the cycle [template-recursive-partial]"
        #expect(faults("x {{#no}}{{>main}}{{/no}}", ["no": false]) == ["main.mustache:1:10: \(message)"])
    }

    @Test func indirectRecursion() {
        let message = "this partial includes itself (a > b > c > a); break the cycle [template-recursive-partial]"
        let partials = ["a": "{{>b}}", "b": "\n{{>c}}", "c": "{{>d}} {{>a}}", "d": ""]
        #expect(faults("{{>a}}{{>c}}", partials: partials) == ["c.mustache:1:8: \(message)"])
    }

    @Test func recursionIsFoundInTemplatesThatNothingUses() {
        let message = "this partial includes itself (a > a); break the cycle [template-recursive-partial]"
        #expect(faults("", partials: ["a": "{{>a}}"]) == ["a.mustache:1:1: \(message)"])
    }

    @Test func duplicateName() {
        let error = #expect(throws: DiagnosticsError.self) {
            try TemplateLibrary([("a", "1.txt", "x"), ("a", "2.txt", "y")])
        }
        #expect(
            error.map(describe) == [
                "2.txt:1:1: '1.txt' is already named 'a'; rename one of them [template-duplicate-name]"
            ])
    }

    @Test func allFaultsOfAllSourcesAreSorted() {
        let found = faults(
            "{{b.c}}\n{{}} {{&x}}\n{{#open}}", partials: ["b": "{{>nowhere}}", "a": "\n\n{{{\n{{/s}}"])
        let places = found.map { $0.split(separator: " ")[0] + " " + $0.split(separator: "[").last! }
        #expect(
            places == [
                "a.mustache:3:1: template-unsupported-tag]", "a.mustache:4:1: template-stray-close]",
                "b.mustache:1:1: template-unknown-partial]", "main.mustache:1:1: template-dotted-name]",
                "main.mustache:2:1: template-bad-name]", "main.mustache:2:6: template-unsupported-tag]",
                "main.mustache:3:1: template-unclosed-section]",
            ])
    }

    @Test func positionHasOneFaultOnly() {
        let found = faults("{{#a.b}}")
        #expect(found.count == 1 && found[0].hasSuffix("[template-dotted-name]"))
    }

    @Test func columnsCountCharactersAndLinesMayEndWithCarriageReturns() {
        let found = faults("a\r\ne\u{301}👩‍👩‍👧\t{{}}\r\n")
        #expect(found.count == 1 && found[0].hasPrefix("main.mustache:2:4: "))
    }
}

@Suite struct RenderFaultTests {
    @Test func unknownName() {
        let message = "unknown field 'x'; add it to the values or correct the name"
        #expect(faults("a\n  {{x}}") == ["main.mustache:2:3: \(message) [template-unknown-name]"])
        #expect(faults("{{#x}}{{y}}{{/x}}") == ["main.mustache:1:1: \(message) [template-unknown-name]"])
        #expect(faults("{{^x}}{{y}}{{/x}}") == ["main.mustache:1:1: \(message) [template-unknown-name]"])
    }

    @Test(
        arguments: [
            ("nmae", "name"), ("Name", "name"), ("tipe", "type"), ("values", "value"), ("isOptinal", "isOptional"),
            ("other", nil), ("x", nil), ("valuation", nil),
        ])
    func unknownNameSuggestsANearOne(_ name: String, _ near: String?) {
        let record: Record = [
            "value": "", "y": "", "inner": .record(["name": "", "type": "", "isOptional": true]),
        ]
        let advice = near.map { "did you mean '\($0)'?" } ?? "add it to the values or correct the name"
        let message = "unknown field '\(name)'; \(advice) [template-unknown-name]"
        #expect(faults("{{#inner}}{{\(name)}}{{/inner}}", record) == ["main.mustache:1:11: \(message)"])
    }

    @Test func elseIsNoField() {
        let message =
            "unknown field 'else'; Mustache has no 'else'; close the section and open it again with '^'"
        #expect(
            faults("{{#a}}x{{else}}y{{/a}}", ["a": true]) == ["main.mustache:1:8: \(message) [template-unknown-name]"])
    }

    @Test func textAsSection() {
        let message = "'x' is a text, not a section; write '{{x}}' or pass a flag"
        #expect(faults("{{#x}}a{{/x}}", ["x": ""]) == ["main.mustache:1:1: \(message) [template-text-as-section]"])
        #expect(faults("{{^x}}a{{/x}}", ["x": "t"]) == ["main.mustache:1:1: \(message) [template-text-as-section]"])
    }

    @Test func sectionAsValue() {
        let record: Record = ["f": true, "l": .list([]), "r": .record([:])]
        func message(_ name: String, _ kind: String) -> String {
            "'\(name)' is \(kind), which has no text; use it as a section, '{{#\(name)}}' [template-section-as-value]"
        }
        #expect(
            faults("{{f}}{{l}}\n{{r}}", record) == [
                "main.mustache:1:1: \(message("f", "a flag"))", "main.mustache:1:6: \(message("l", "a list"))",
                "main.mustache:2:1: \(message("r", "a record"))",
            ])
    }

    @Test func allFaultsOfARunAreReportedOnceAndSorted() {
        let record: Record = ["list": .list([["a": "1"], [:], ["a": "3"]]), "text": "t"]
        let found = faults(
            "{{>p}}{{#list}}{{b}}{{a}}{{/list}}\n{{#text}}{{/text}}{{#c}}{{d}}{{/c}}{{>p}}",
            partials: ["p": "{{list}}"],
            record)
        let places = found.map { $0.split(separator: " ")[0] + " " + $0.split(separator: "[").last! }
        #expect(
            places == [
                "main.mustache:1:16: template-unknown-name]", "main.mustache:1:21: template-unknown-name]",
                "main.mustache:2:1: template-text-as-section]", "main.mustache:2:19: template-unknown-name]",
                "p.mustache:1:1: template-section-as-value]",
            ])
    }

    @Test func unknownTemplate() throws {
        let library = try TemplateLibrary([("module", "module.mustache", "")])
        let near = #expect(throws: DiagnosticsError.self) { try library.render("modul", [:]) }
        #expect(
            near.map(describe) == [
                "modul:1:1: unknown template 'modul'; did you mean 'module'? [template-unknown-template]"
            ])
        let far = #expect(throws: DiagnosticsError.self) { try library.render("x", [:]) }
        #expect(
            far.map(describe) == [
                "x:1:1: unknown template 'x'; add it or correct the name [template-unknown-template]"
            ])
    }
}
