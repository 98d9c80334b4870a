// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The edges of what an attribute may hold.
struct ValueTests {
    /// A type of the schema, and a place of the base that holds such a value, which nothing refers to.
    struct Kind: Sendable, CustomTestStringConvertible {
        let type: String
        let element: String
        let attribute: String
        let file: String
        let old: String
        /// With `‸` in the place of the value.
        let new: String
        let good: [String]
        let bad: [String]
        var testDescription: String { type }
    }

    static let kinds: [Kind] = [
        Kind(
            type: "type-number", element: "cryptoki", attribute: "layout", file: "cryptoki.xml", old: #"layout="1""#,
            new: #"layout="‸""#, good: ["0", "1", "10", "99999"],
            bad: ["", "00", "01", "-1", "+1", "1.0", "1e3", "100000", "１", " 1", "1 ", "0x1", "one"]),
        Kind(
            type: "type-name", element: "group", attribute: "name", file: "cryptoki.xml", old: "  </groups>",
            new: #"<group name="‸" summary="more"/></groups>"#, good: ["a", "a1", "a-b", "aB-2c", "a-B"],
            bad: ["", "A", "1a", "a_b", "a-", "-a", "a--b", "ä", "a b", "a ", " a", "a.b"]),
        Kind(
            type: "type-rule-id", element: "meanwhile", attribute: "id", file: "cryptoki.xml",
            old: #"id="while-waiting""#, new: #"id="‸""#, good: ["a", "a1", "a-1-b"],
            bad: ["", "A", "aB", "1a", "a_b", "a-", "a--b", "a ", "é"]),
        Kind(
            type: "type-reading-id", element: "reading", attribute: "id", file: "cryptoki.xml", old: "  </readings>",
            new: #"<reading id="‸" chosen="no" cite="base-3.2 5" question="More?">More.</reading></readings>"#,
            good: ["S3", "S10", "S999", "S1000"], bad: ["", "S", "S0", "S03", "s3", "T3", "S3a", "S 3", "S3 ", "3"]),
        Kind(
            type: "type-citation", element: "reading", attribute: "cite", file: "cryptoki.xml", old: "  </readings>",
            new: #"<reading id="S3" chosen="no" cite="‸" question="More?">More.</reading></readings>"#,
            good: ["base-3.2 5.1", "guide-1.0 2"],
            bad: [
                "", "base-3.2", "5.1", "base-3.2 ", "base-3.2  5.1", "base-3.2 5.", "base-3.2 5.1 ", " base-3.2 5.1",
                "base-3.2 5,1", "Base-3.2 5.1", "base 5.1", "base-3 5.1", "base-3.2 5.1 5.2", "base-3.2 §5.1",
            ]),
        Kind(
            type: "type-yes-no", element: "conflict", attribute: "abandons", file: "cryptoki.xml",
            old: #"abandons="yes""#, new: #"abandons="‸""#, good: ["yes", "no"],
            bad: ["", "Yes", "YES", "true", "1", " yes", "yes ", "no\n"]),
        Kind(
            type: "type-file", element: "cryptoki", attribute: "headings", file: "cryptoki.xml",
            old: #"headings="headings.xml""#, new: #"headings="‸""#, good: ["headings.xml"],
            bad: [
                "", "a/headings.xml", "./headings.xml", "../headings.xml", "/etc/passwd", "my headings.xml", "é.xml",
                " headings.xml",
            ]),
        Kind(
            type: "type-document-id", element: "document", attribute: "id", file: "headings.xml", old: "</headings>",
            new:
                #"<document id="‸" name="N" version="1" title="T"><heading section="1" title="H"/></document></headings>"#,
            good: ["other-2.0", "x-10.23"],
            bad: [
                "", "Other-2.0", "other", "other-2", "other-2.0.1", "o2-1.0", "-1.0", "other-1.", "other--1.0",
                "other-1.0 ",
            ]),
        Kind(
            type: "type-section", element: "heading", attribute: "section", file: "headings.xml",
            old: #"    <heading section="2.6""#, new: #"    <heading section="‸" title="More"/><heading section="2.6""#,
            good: ["9", "A", "A.1", "10.2.3", "B2", "2.10"],
            bad: ["", "a", "9.", "9..1", ".9", "9.A", "9 ", "9,1", "-9"]),
        Kind(
            type: "type-identifier", element: "function-list", attribute: "only", file: "registry.xml",
            old: #"only="ONLY_OLD""#, new: #"only="‸""#, good: ["_", "A_1", "x", "_9"],
            bad: ["", "1A", "A-B", "Ä", "A B", "A ", "A.B", "A$"]),
        Kind(
            type: "type-c-type", element: "scalar", attribute: "is", file: "registry.xml", old: #"is="unsigned long""#,
            new: #"is="‸""#, good: ["int", "unsigned long int", "BYTE"],
            bad: ["", "long *", "unsigned  long", " int", "int ", "1nt", "int;", "char[2]"]),
        Kind(
            type: "type-constant", element: "constant", attribute: "value", file: "registry.xml",
            old: "  <differences>",
            new:
                #"<constants group="g" summary="s"><constant name="G" since="3.2" value="‸"/></constants><differences>"#,
            good: ["0", "1", "4294967295", "9999999999", "0x0", "0xFFFFFFFF", "0xabcdef12", "~0"],
            bad: [
                "", "~1", "~", "01", "-1", "+1", "0x", "0x123456789", "0xG", "0X1", "1UL", " 1", "1 ", "0x+1", "0x-1",
                "99999999999", "0b1", "1.0",
            ]),
        Kind(
            type: "type-version", element: "version", attribute: "name", file: "registry.xml", old: "  </versions>",
            new: #"<version name="‸" major="9" minor="9" amendment="0"/></versions>"#, good: ["9.9"],
            bad: ["", "3", "3.", ".2", "3..2", "3.2.1", "3,2", "v3.0", "3.x", "-3.2", "3.2 ", " 3.2", "3. 2", "３.2"]),
        Kind(
            type: "type-prose", element: "group", attribute: "summary", file: "cryptoki.xml", old: "  </groups>",
            new: #"<group name="more" summary="‸"/></groups>"#, good: ["x", " x ", "1", "ä–最"],
            bad: ["", " ", "\n", " \t "]),
    ]

    @Test func everyTypeOfTheSchemaIsHere() throws {
        let closed = ["type-yes-no"]
        let schema = try SchemaText.shared.get()
        let open = Set(schema.words.keys.filter { $0.hasPrefix("type-") }).subtracting(schema.closed)
        #expect(open.union(closed) == Set(Self.kinds.map(\.type)))
    }

    @Test(arguments: kinds)
    func aGoodValue(_ kind: Kind) throws {
        for value in kind.good {
            let report = try Base.loading([kind.file: text(kind, value)])
            #expect(report == Report(expected: []), "'\(value)'")
        }
    }

    @Test(arguments: kinds)
    func aBadValue(_ kind: Kind) throws {
        let words = try #require(try SchemaText.shared.get().words[kind.type])
        for value in kind.bad {
            let text = try text(kind, value)
            let before = try self.text(kind, "‸").components(separatedBy: "‸")[0]
            let lines = before.components(separatedBy: "\n")
            // An attribute's value is a line: XML makes the ends of lines in it blanks.
            let shown = String(value.map { $0.isWhitespace ? " " : $0 })
            let said =
                "\(kind.file):\(lines.count):\(lines.last!.count + 1): error: '\(shown)' cannot be the '\(kind.attribute)' of "
                + "<\(kind.element)>: expected \(words)"
            let report = try Base.loading([kind.file: text])
            #expect(
                report.lines.count == 1 && report.lines[0].hasPrefix(said)
                    && report.lines[0].hasSuffix(" [wrong-value]"),
                "'\(value)': \(said)\n\(report)")
        }
    }

    private func text(_ kind: Kind, _ value: String) throws -> String {
        let base = try Base.text(kind.file)
        try #require(base.ranges(of: kind.old).count == 1, "\(kind.old)")
        return base.replacing(kind.old, with: kind.new.replacing("‸", with: value))
    }
}
