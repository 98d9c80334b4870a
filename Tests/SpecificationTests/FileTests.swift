// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import TestSupport
import Testing

/// Files that are not what they should be, whatever is in them.
struct FileTests {
    // MARK: No file

    @Test func aMissingFile() async throws {
        try await expect(["cryptoki.xml:1:1: error: cannot be read: No such file or directory [unreadable]"]) {
            try FileManager.default.removeItem(atPath: "\($0)/cryptoki.xml")
        }
    }

    /// Where the data names the file.
    private static func name(of file: String) -> [String] {
        switch file {
        case "headings.xml": ["cryptoki.xml:2:32: note: this names the file"]
        case "registry.xml": ["cryptoki.xml:2:56: note: this names the file"]
        default: []
        }
    }

    @Test(arguments: Base.files)
    func aFolder(_ file: String) async throws {
        try await expect(
            ["\(file):1:1: error: is a folder; pass a file [not-a-file]"] + Self.name(of: file)
        ) {
            try FileManager.default.removeItem(atPath: "\($0)/\(file)")
            try FileManager.default.createDirectory(atPath: "\($0)/\(file)", withIntermediateDirectories: false)
        }
    }

    /// Opening it as usual would wait for somebody to write to it.
    @Test(arguments: Base.files)
    func aNamedPipe(_ file: String) async throws {
        try await expect(
            ["\(file):1:1: error: is not a regular file; pass a file [not-a-file]"] + Self.name(of: file)
        ) {
            try FileManager.default.removeItem(atPath: "\($0)/\(file)")
            try #require(mkfifo("\($0)/\(file)", 0o600) == 0)
        }
    }

    /// It never ends.
    @Test func aDevice() async throws {
        try await expect(["cryptoki.xml:1:1: error: is not a regular file; pass a file [not-a-file]"]) {
            try replace("\($0)/cryptoki.xml", withLinkTo: "/dev/zero")
        }
    }

    @Test func aLinkToAFileIsFine() async throws {
        try await expect([]) {
            try FileManager.default.moveItem(atPath: "\($0)/headings.xml", toPath: "\($0)/other.xml")
            try FileManager.default.createSymbolicLink(
                atPath: "\($0)/headings.xml", withDestinationPath: "\($0)/other.xml")
        }
    }

    @Test func aLinkToItself() async throws {
        try await expect([
            "registry.xml:1:1: error: cannot be read: Too many levels of symbolic links [unreadable]",
            "cryptoki.xml:2:56: note: this names the file",
        ]) { try replace("\($0)/registry.xml", withLinkTo: "registry.xml") }
    }

    // MARK: Not a text in UTF-8

    @Test(arguments: Base.files)
    func anEmptyFile(_ file: String) async throws {
        try await expect(["\(file):1:1: error: is empty [empty]"]) { try Data().write(to: $0, file) }
    }

    @Test func aByteOrderMark() async throws {
        try await expect([
            "cryptoki.xml:1:1: error: starts with a byte order mark; save it as UTF-8 without one [byte-order-mark]"
        ]) { try (Data([0xEF, 0xBB, 0xBF]) + base("cryptoki.xml")).write(to: $0, "cryptoki.xml") }
    }

    @Test(arguments: [
        String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32, .utf32LittleEndian, .utf32BigEndian,
    ])
    func anotherUnicodeEncoding(_ encoding: String.Encoding) async throws {
        try await expect(["registry.xml:1:1: error: is UTF-16 or UTF-32; save it as UTF-8 [not-utf-8]"]) {
            try Base.text("registry.xml").data(using: encoding)!.write(to: $0, "registry.xml")
        }
    }

    @Test(
        arguments: [
            ("a letter of Latin-1", [0xE9]), ("a byte that only continues", [0x80]),
            ("an overlong form", [0xC0, 0xAF]),
            ("half of a surrogate pair", [0xED, 0xA0, 0x80]), ("more than Unicode has", [0xF5, 0x80, 0x80, 0x80]),
            ("a letter that is cut off", [0xE2, 0x82]),
        ] as [(String, [UInt8])])
    func aByteThatIsNotUTF8(_ what: String, _ bytes: [UInt8]) async throws {
        // <fact name="last" bit="1" summary="gré…: the column counts the letter before it as one.
        let (before, after) = try halves("cryptoki.xml", at: "the part is the last one")
        try await expect([
            "cryptoki.xml:67:44: error: is not UTF-8 from here on; save it as UTF-8 [not-utf-8]"
        ]) { try (before + Data("gré ".utf8) + Data(bytes) + Data(" ".utf8) + after).write(to: $0, "cryptoki.xml") }
    }

    @Test func aLetterThatTheEndOfTheFileCutsOff() async throws {
        try await expect(["headings.xml:13:6: error: is not UTF-8 from here on; save it as UTF-8 [not-utf-8]"]) {
            try (base("headings.xml") + Data("<!-- ".utf8) + Data([0xE2, 0x82])).write(to: $0, "headings.xml")
        }
    }

    @Test func aZeroByte() async throws {
        let (before, after) = try halves("cryptoki.xml", at: "the part is the last one")
        let report = try await report { try (before + Data([0]) + after).write(to: $0, "cryptoki.xml") }
        #expect(report.lines.count == 1 && report.isLoaded == false, "\(report)")
        #expect(report.lines.first?.hasPrefix("cryptoki.xml:67:40: error: ") == true, "\(report)")
    }

    @Test(arguments: ["ISO-8859-1", "US-ASCII", "windows-1252"])
    func anotherDeclaredEncoding(_ encoding: String) async throws {
        try await expect([
            "headings.xml:1:1: error: declares the encoding \(encoding); save it as UTF-8 and say so [not-utf-8]"
        ]) {
            try Base.text("headings.xml").replacing("UTF-8", with: encoding).data(using: .utf8)!
                .write(to: $0, "headings.xml")
        }
    }

    /// The letters are those of UTF-8, whatever the declaration says.
    @Test func anotherDeclaredEncodingAndALetter() async throws {
        try await expect([
            "headings.xml:1:1: error: declares the encoding ISO-8859-1; save it as UTF-8 and say so [not-utf-8]"
        ]) {
            try Base.text("headings.xml").replacing("UTF-8", with: "ISO-8859-1").replacing("Starting", with: "Début")
                .data(using: .utf8)!.write(to: $0, "headings.xml")
        }
    }

    @Test(arguments: ["UTF-16", "EBCDIC-XX"])
    func aDeclaredEncodingThatCannotBe(_ encoding: String) async throws {
        let report = try await report {
            try Base.text("cryptoki.xml").replacing("UTF-8", with: encoding).data(using: .utf8)!
                .write(to: $0, "cryptoki.xml")
        }
        #expect(report.lines.count == 1 && report.isLoaded == false, "\(report)")
        #expect(report.lines.first?.hasPrefix("cryptoki.xml:1:") == true, "\(report)")
        #expect(report.lines.first?.contains(encoding) == true, "\(report)")
    }

    @Test func theEncodingInSmallLettersIsFine() async throws {
        try await expect([]) {
            try Base.text("cryptoki.xml").replacing("UTF-8", with: "utf-8").data(using: .utf8)!
                .write(to: $0, "cryptoki.xml")
        }
    }

    @Test func noDeclarationIsFine() async throws {
        try await expect([]) { folder in
            for file in Base.files {
                try Data(Base.text(file).split(separator: "\n").dropFirst().joined(separator: "\n").utf8)
                    .write(to: folder, file)
            }
        }
    }

    // MARK: Ends of lines, and many of them

    @Test func linesThatEndAsInWindowsAreFine() async throws {
        try await expect([]) { folder in
            for file in Base.files {
                try Data(Base.text(file).replacing("\n", with: "\r\n").utf8).write(to: folder, file)
            }
        }
    }

    @Test func placesInLinesThatEndAsInWindows() async throws {
        try await expect([
            "cryptoki.xml:67:28: error: duplicate fact bit 0; the next free one is 1 [duplicate-bit]",
            "cryptoki.xml:66:37: note: the first one",
            "cryptoki.xml:112:5: error: <role> needs the attribute 'summary': text that is not empty, in one line, without a backslash, /*, */ or ?? [missing-attribute]",
        ]) {
            let text = try Base.text("cryptoki.xml").replacing(
                "name=\"last\" bit=\"1\"", with: "name=\"last\" bit=\"0\""
            )
            .replacing("<role name=\"none\" summary=\"touches no operation\"/>", with: "<role name=\"none\"/>")
            try Data(text.replacing("\n", with: "\r\n").utf8).write(to: $0, "cryptoki.xml")
        }
    }

    @Test func malformedInLinesThatEndAsInWindows() async throws {
        try await expect([
            "headings.xml:5:22: error: the value of 'section' has no quotation marks; write section=\"5.1\" [xml]"
        ]) {
            let text = try Base.text("headings.xml").replacing("\"5.1\"", with: "5.1")
            try Data(text.replacing("\n", with: "\r\n").utf8).write(to: $0, "headings.xml")
        }
    }

    /// More lines than sixteen bits count.
    @Test func twoHundredThousandLines() async throws {
        try await expect([
            "cryptoki.xml:200067:28: error: duplicate fact bit 0; the next free one is 1 [duplicate-bit]",
            "cryptoki.xml:200066:37: note: the first one",
        ]) {
            let (before, after) = try halves("cryptoki.xml", at: "  <facts>")
            let rest = String(decoding: after, as: UTF8.self)
                .replacing("name=\"last\" bit=\"1\"", with: "name=\"last\" bit=\"0\"")
            try (before + Data(repeating: 10, count: 200_000) + Data(rest.utf8)).write(to: $0, "cryptoki.xml")
        }
    }

    @Test func malformedAfterTwoHundredThousandLines() async throws {
        try await expect([
            "cryptoki.xml:200067:27: error: the value of 'bit' has no quotation marks; write bit=\"1\" [xml]"
        ]) {
            let (before, after) = try halves("cryptoki.xml", at: "  <facts>")
            let rest = String(decoding: after, as: UTF8.self).replacing(
                "name=\"last\" bit=\"1\"", with: "name=\"last\" bit=1")
            try (before + Data(repeating: 10, count: 200_000) + Data(rest.utf8)).write(to: $0, "cryptoki.xml")
        }
    }

    @Test func twoHundredThousandConstantsAreFine() async throws {
        try await expect([]) {
            let (before, after) = try halves("registry.xml", at: "  </constants>\n  <differences>")
            let lines = (0..<200_000).map { "<constant name=\"R_\($0)\" since=\"2.40\" value=\"\($0 + 100)\"/>\n" }
                .joined()
            try (before + Data(lines.utf8) + after).write(to: $0, "registry.xml")
        }
    }

    @Test func twentyThousandReturnValuesAreFine() async throws {
        try await expect([]) {
            let (before, after) = try halves("registry.xml", at: "  </constants>\n  <differences>")
            let constants = (0..<20_000).map { "<constant name=\"R_\($0)\" since=\"2.40\" value=\"\($0 + 100)\"/>\n" }
                .joined()
            try (before + Data(constants.utf8) + after).write(to: $0, "registry.xml")
            let (head, tail) = try halves(
                "cryptoki.xml", at: "      <returns value=\"R_NOT_STARTED\"/>\n      <answers")
            let returns = (0..<20_000).map { "<returns value=\"R_\($0)\"/>\n" }.joined()
            try (head + Data(returns.utf8) + tail).write(to: $0, "cryptoki.xml")
        }
    }

    @Test func fiftyThousandFaultsAreAllSaid() async throws {
        let report = try await report {
            let (before, after) = try halves("registry.xml", at: "  </constants>\n  <differences>")
            let lines = (0..<50_000).map { "<constnat name=\"R_\($0)\" since=\"2.40\" value=\"\($0 + 100)\"/>\n" }
            try (before + Data(lines.joined().utf8) + after).write(to: $0, "registry.xml")
        }
        #expect(report.lines.count == 50_000 && !report.isLoaded)
        let last = "registry.xml:50039:1: error: <constnat> is not allowed in <constants>; "
        #expect(report.lines.last?.hasPrefix(last) == true)
    }
}
