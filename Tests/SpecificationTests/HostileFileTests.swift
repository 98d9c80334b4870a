// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import TestSupport
import Testing

/// Files that somebody made to do harm, or that harm came to.
extension FileTests {
    // MARK: Too much

    @Test func aHundredThousandElementsInEachOther() async throws {
        let report = try await report {
            let (before, after) = try halves("cryptoki.xml", at: "  <facts>")
            let open = Data(String(repeating: "<deep>\n", count: 100_000).utf8)
            let close = Data(String(repeating: "</deep>", count: 100_000).utf8)
            try (before + open + close + after).write(to: $0, "cryptoki.xml")
        }
        #expect(report.lines.count == 1 && !report.isLoaded, "\(report)")
        // The element at which it becomes too deep, not the end of the file.
        #expect(report.lines.first?.hasPrefix("cryptoki.xml:3") == true, "\(report)")
        #expect(report.lines.first?.contains("XML_PARSE_HUGE") == false, "an option of libxml2 is no advice: \(report)")
    }

    @Test func twoHundredElementsInEachOther() async throws {
        let report = try await report {
            let (before, after) = try halves("cryptoki.xml", at: "  <facts>")
            let deep = String(repeating: "<phases>", count: 200) + String(repeating: "</phases>", count: 200) + "\n"
            try (before + Data(deep.utf8) + after).write(to: $0, "cryptoki.xml")
        }
        #expect(!report.isLoaded && !report.lines.isEmpty)
    }

    @Test func twentyMegabytes() async throws {
        try await expect([
            "cryptoki.xml:1:1: error: is larger than the limit of 16 MiB [too-large]"
        ]) {
            let (before, after) = try halves("cryptoki.xml", at: "Threads take turns.")
            try (before + Data(repeating: UInt8(ascii: "x"), count: 20_000_000) + after).write(to: $0, "cryptoki.xml")
        }
    }

    /// Less than a file may have, and more than libxml2 takes for one text.
    @Test(arguments: ["Threads take turns.", "a length was asked for", " Tests and all -->"])
    func twelveMegabytesInOnePlace(_ place: String) async throws {
        let report = try await report {
            let (before, after) = try halves("cryptoki.xml", at: place.hasSuffix("-->") ? "  <facts>" : place)
            var middle = Data(repeating: UInt8(ascii: "x"), count: 12_000_000)
            if place.hasSuffix("-->") { middle = Data("<!--".utf8) + middle + Data("-->".utf8) }
            try (before + middle + after).write(to: $0, "cryptoki.xml")
        }
        // Read or refused: a text of this size is no reason for anything worse.
        if !report.isLoaded {
            #expect(report.lines.count == 1, "\(report.lines.count) lines")
            #expect(
                report.lines.first?.contains("XML_PARSE_HUGE") == false, "an option of libxml2 is no advice: \(report)")
        }
    }

    // MARK: Not well-formed

    @Test(arguments: [
        (
            "    <fact name=\"last\"",
            [
                "cryptoki.xml:66:71: error: the file ends inside <facts>; add '</facts>' [xml]",
                "cryptoki.xml:65:3: note: <facts> starts here",
            ]
        ),
        (
            " bit=\"1\" summary=\"the part",
            ["cryptoki.xml:67:22: error: the tag <fact> has no end; add '/>' or '>' here [xml]"]
        ),
        (
            "the part is the last one",
            ["cryptoki.xml:67:39: error: the value of 'summary' has no closing quotation mark [xml]"]
        ),
        (
            "</functions>",
            [
                "cryptoki.xml:148:59: error: the file ends inside <functions>; add '</functions>' [xml]",
                "cryptoki.xml:124:3: note: <functions> starts here",
            ]
        ),
        (
            "</cryptoki>",
            [
                "cryptoki.xml:149:15: error: the file ends inside <cryptoki>; add '</cryptoki>' [xml]",
                "cryptoki.xml:2:1: note: <cryptoki> starts here",
            ]
        ),
    ])
    func aTruncatedFile(_ place: String, _ lines: [String]) async throws {
        try await expect(lines) { try halves("cryptoki.xml", at: place).0.write(to: $0, "cryptoki.xml") }
    }

    @Test(arguments: ["", "</cryptoki>\n", "<cryptoki/>\n", "and so on\n"])
    func somethingAfterTheEnd(_ rest: String) async throws {
        let report = try await report {
            try Data((Base.text("cryptoki.xml") + rest).utf8).write(to: $0, "cryptoki.xml")
        }
        if rest.isEmpty {
            #expect(report == Report(expected: []))
        } else {
            #expect(report.lines.count { $0.contains(": error: ") } == 1 && !report.isLoaded, "\(report)")
            #expect(report.lines.first?.hasPrefix("cryptoki.xml:151:1: error: ") == true, "\(report)")
        }
    }

    @Test(arguments: [" \n\n", "just words\n", "{ \"phases\": [] }\n", "<!-- nothing -->\n"])
    func noElementAtAll(_ text: String) async throws {
        let report = try await report { try Data(text.utf8).write(to: $0, "headings.xml") }
        #expect(report.lines.count == 1 && !report.isLoaded, "\(report)")
        #expect(report.lines.first?.hasPrefix("headings.xml:") == true, "\(report)")
    }

    @Test func twoFilesThatAreNotWellFormed() async throws {
        try await expect([
            "headings.xml:4:22: error: the value of 'section' has no quotation marks; write section=\"5\" [xml]",
            "registry.xml:10:30: error: the value of 'is' has no quotation marks; write is=\"long\" [xml]",
        ]) {
            try Data(Base.text("headings.xml").replacing("\"5\"", with: "5").utf8).write(to: $0, "headings.xml")
            try Data(Base.text("registry.xml").replacing("\"unsigned long\"", with: "long").utf8)
                .write(to: $0, "registry.xml")
        }
    }

    // MARK: Entities

    static let doctype =
        "document type declarations are not allowed; remove it [doctype]"

    @Test(arguments: [
        "<!DOCTYPE cryptoki>", "<!DOCTYPE cryptoki SYSTEM \"cryptoki.dtd\">",
        "<!DOCTYPE cryptoki [<!ENTITY secret SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE cryptoki [<!ENTITY % more SYSTEM \"http://127.0.0.1:9/more.dtd\"> %more;]>",
        "<!DOCTYPE cryptoki [<!ELEMENT cryptoki ANY>\n<!ATTLIST cryptoki layout CDATA \"1\">]>",
    ])
    func aDocumentType(_ declaration: String) async throws {
        try await expect(["cryptoki.xml:2:1: error: \(Self.doctype)"]) {
            let text = try Base.text("cryptoki.xml").replacing("<cryptoki ", with: "\(declaration)\n<cryptoki ")
            try Data(text.replacing("Threads take turns.", with: "&secret;").utf8).write(to: $0, "cryptoki.xml")
        }
    }

    @Test func aBillionLaughs() async throws {
        var declaration = "<!-- ha\n -->  <!DOCTYPE cryptoki [\n<!ENTITY l0 \"ha\">\n"
        for level in 1...9 {
            let references = String(repeating: "&l\(level - 1);", count: 10)
            declaration += "<!ENTITY l\(level) \"\(references)\">\n"
        }
        let head = declaration + "]>\n<cryptoki "
        try await expect(["cryptoki.xml:3:7: error: \(Self.doctype)"]) {
            let text = try Base.text("cryptoki.xml").replacing("<cryptoki ", with: head)
            try Data(text.replacing("Threads take turns.", with: "&l9;").utf8).write(to: $0, "cryptoki.xml")
        }
    }

    @Test func aDocumentTypeInAnotherFile() async throws {
        try await expect(["registry.xml:2:1: error: \(Self.doctype)"]) {
            let text = try Base.text("registry.xml").replacing("<registry>", with: "<!DOCTYPE registry>\n<registry>")
            try Data(text.utf8).write(to: $0, "registry.xml")
        }
    }

    // MARK: Schemas

    @Test func aMissingSchema() async throws {
        try await expect(
            ["schema.rng:1:1: error: cannot be read: No such file or directory [unreadable]"], schema: nil)
    }

    @Test func aSchemaThatIsNotWellFormed() async throws {
        try await expect(
            ["schema.rng:1:21: error: '</st' has no end; add '>' here [xml]"], schema: "<grammar><start></st")
    }

    @Test func aSchemaThatIsSomethingElse() async throws {
        let report = try await report(schema: Base.text("headings.xml")) { _ in }
        #expect(!report.isLoaded && !report.lines.isEmpty)
        #expect(report.lines.allSatisfy { $0.hasPrefix("schema.rng:") && $0.hasSuffix(" [schema]") }, "\(report)")
    }

    @Test func aSchemaWithAReferenceToNothing() async throws {
        let text = try Project.text("spec/cryptoki.rng")
            .replacing("<define name=\"type-number\">", with: "<define name=\"type-nubmer\">")
        let report = try await report(schema: text) { _ in }
        #expect(!report.isLoaded && !report.lines.isEmpty)
        #expect(report.lines.allSatisfy { $0.hasPrefix("schema.rng:") && $0.hasSuffix(" [schema]") }, "\(report)")
        #expect(report.lines.contains { $0.contains("type-number") }, "\(report)")
    }

    @Test func aSchemaWithAnUnknownDataType() async throws {
        let text = try Project.text("spec/cryptoki.rng").replacing(
            "type=\"nonNegativeInteger\"", with: "type=\"nubmer\"")
        try #require(text.contains("nubmer"))
        let report = try await report(schema: text) { _ in }
        #expect(!report.isLoaded && !report.lines.isEmpty, "\(report)")
        #expect(report.lines.allSatisfy { $0.hasPrefix("schema.rng:") && $0.hasSuffix(" [schema]") }, "\(report)")
    }

    @Test func aSchemaWithoutAStart() async throws {
        let text = try Project.text("spec/cryptoki.rng").replacing("<start>", with: "<!--").replacing(
            "</start>", with: "-->")
        let report = try await report(schema: text) { _ in }
        #expect(!report.isLoaded && !report.lines.isEmpty, "\(report)")
        #expect(report.lines.allSatisfy { $0.hasPrefix("schema.rng:") && $0.hasSuffix(" [schema]") }, "\(report)")
    }

    @Test func aSchemaInANamedPipe() async throws {
        let report = try await report(schema: "") {
            try FileManager.default.removeItem(atPath: "\($0)/schema.rng")
            try #require(mkfifo("\($0)/schema.rng", 0o600) == 0)
        }
        #expect(
            report
                == Report(expected: ["schema.rng:1:1: error: is not a regular file; pass a file [not-a-file]"])
        )
    }
}
