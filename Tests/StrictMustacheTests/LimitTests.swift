// SPDX-License-Identifier: MIT

import Testing
import SourceDiagnostics

@testable import StrictMustache

/// Templates that ask for more than anybody wants, and messages about templates that hold anything at all.
struct LimitTests {
    private func faults(
        _ main: String, partials: [String: String] = [:], _ record: Record = [:], steps: Int, bytes: Int = 1 << 20
    ) throws -> [String] {
        let sources = [("main", main)] + partials.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        var library = try TemplateLibrary(sources.map { (name: $0.0, file: "\($0.0).mustache", text: $0.1) })
        library.limits = .init(steps: steps, bytes: bytes)
        do throws(DiagnosticsError) {
            _ = try library.render("main", record)
            return []
        } catch {
            return describe(error)
        }
    }

    private static let advice = "check nested lists, and partials that include others several times"
    private static let pair: Record = ["list": .list([["item": "1"], ["item": "2"]])]

    /// The same list forty times in itself: a million times a million records.
    @Test func listsInLists() throws {
        let main = String(repeating: "{{#list}}\n", count: 40) + String(repeating: "{{/list}}\n", count: 40)
        let found = try faults(main, Self.pair, steps: 1000)
        #expect(found.count == 1 && found[0].hasPrefix("main.mustache:"), "\(found)")
        #expect(
            found[0].hasSuffix(":1: rendering takes more than 1000 steps or 1 MiB; \(Self.advice) [template-endless]"),
            "\(found)")
    }

    @Test func partialsThatDouble() throws {
        var partials = ["p40": "\n"]
        for level in 0..<40 { partials["p\(level)"] = "{{>p\(level + 1)}}\n{{>p\(level + 1)}}\n" }
        let found = try faults("{{>p0}}", partials: partials, steps: 1000)
        #expect(found.count == 1 && found[0].hasSuffix("\(Self.advice) [template-endless]"), "\(found)")
    }

    @Test func aLongTextInLists() throws {
        let long = String(repeating: "x", count: 100_000)
        let main = String(repeating: "{{#list}}", count: 9) + long + String(repeating: "{{/list}}", count: 9)
        let found = try faults(main, Self.pair, steps: 1_000_000)
        #expect(found.count == 1 && found[0].hasSuffix("\(Self.advice) [template-endless]"), "\(found)")
        #expect(try faults(main, Self.pair, steps: 1_000_000, bytes: 1 << 26) == [])
    }

    /// One list may be as long as it likes: what it makes is no more than what there is.
    @Test func aLongList() throws {
        let records = (0..<5000).map { ["item": .text("\($0)")] as Record }
        #expect(try faults("{{#list}}{{item}}\n{{/list}}", ["list": .list(records)], steps: 1000) == [])
    }

    @Test func messagesAreOneLine() throws {
        let rule = "use letters, digits and _, and do not begin with a digit [template-bad-name]"
        let faults = #expect(throws: DiagnosticsError.self) { try render("{{a\u{1B}[2J\rb\u{2028}c\u{9B}}}") }
        #expect(
            faults?.diagnostics.map(\.description) == [
                "main.mustache:1:1: error: 'a<U+001B>[2J<U+000D>b<U+2028>c<U+009B>' is not a valid name; \(rule)"
            ])
    }

    /// Each of them would look for its end as far as the text goes.
    @Test func manyCommentsWithoutEnd() {
        let found = StrictMustacheTests.faults(String(repeating: "{{!\n", count: 50_000))
        #expect(found.count == 50_000)
        #expect(found.last == "main.mustache:50000:1: this comment has no '}}'; add it [template-unclosed-tag]")
    }

    /// Each of the ends would look through all that are open.
    @Test func manySectionsThatEndWrong() {
        let text = String(repeating: "{{#a}}\n", count: 20_000) + String(repeating: "{{/b}}\n", count: 20_000)
        let found = StrictMustacheTests.faults(text)
        #expect(found.count == 20_001)
        #expect(found.first?.hasPrefix("main.mustache:65:1: sections are nested more than 64 deep") == true)
    }
}
