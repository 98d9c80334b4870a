// SPDX-License-Identifier: MIT

import CryptokiSpecification
import Foundation
import SourceDiagnostics
import TestSupport
import Testing

/// What vendors add to the standard and restrict of it, where one edit of one file does not show it.
struct OverlayTests {
    // MARK: Meaning

    @Test func theOverlayMeansWhatItSays() throws {
        let specification = try Base.specification([:], overlays: ["overlay.xml"])
        #expect(specification.documents.map(\.id) == ["base-3.2", "guide-1.0", "vendor-1.0"])
        #expect(specification.operations.map(\.name) == ["search", "alpha", "beta", "gamma", "twins"])
        #expect(specification.operations.last?.flag == "F_TWINS")
        // What is added stands after what is there: the numbers of what is there stay as they are.
        #expect(specification.exclusions.map(\.rule.id).last == "twins-alone")
        #expect(specification.exclusions.last?.rule.citation.words == "Vendor 1.0, 1 Twins")
        #expect(appliedExclusions(specification) == [[0, 1, 2, 5], [0, 3, 4]])
        #expect(specification.pairs.map(\.rule.id) == ["pair-alpha-beta"])
        let role = try #require(specification.roles.last)
        #expect(role.refusals.map(\.rule.id) == ["twins-uncertain", "feed-idle", "feed-again"])
        #expect(
            specification.codeSets.last?.values == ["R_OK", "R_TROUBLE", "R_ACTIVE", "R_NOT_STARTED", "R_V_BUSY"])
        #expect(specification.functions.suffix(2).map(\.name) == ["V_TwinsInit", "V_TwinsUpdate"])
        let last = specification.functions.suffix(2).map { $0.operations.map(specification.operations.position) }
        #expect(last == [[4], [4]])
        let registry = specification.registry
        #expect(registry.scalars.map(\.name) == ["BYTE", "NUMBER", "V_NUMBER"])
        #expect(registry.groups.map(\.name) == ["flags", "results", "limits", "colours"])
        #expect(registry.groups[1].constants.last?.name == "R_V_BUSY")
        #expect(registry.numbers["R_V_BUSY"] == 0x8000_0001)
    }

    @Test func withoutTheOverlayNothingOfItIsThere() throws {
        let specification = try Base.specification([:], overlays: [])
        #expect(specification.operations.count == 4 && specification.functions.count == 6)
        #expect(specification.pairs.count == 2 && appliedExclusions(specification)[0] == [0, 1, 2])
        #expect(specification.registry.numbers["R_V_BUSY"] == nil)
    }

    @Test func anOverlayWithNothingInItChangesNothing() throws {
        let specification = try Base.specification(["overlay.xml": "<overlay/>\n"], overlays: ["overlay.xml"])
        #expect(specification.operations.count == 4 && specification.pairs.count == 2)
    }

    /// The operations of an overlay have the kind that stands around them, as those of the standard do.
    @Test func operationsHaveTheKindOfTheirOwnFile() throws {
        let text = try Base.text("overlay.xml").replacing(
            "<operations kind=\"cryptographic\">", with: "<operations kind=\"pairing\">"
        )
        .replacing("starting=\"cryptographic\"", with: "starting=\"pairing\"")
        let specification = try Base.specification(["overlay.xml": text], overlays: ["overlay.xml"])
        #expect(
            specification.operations.map(\.kind) == ["lookup"] + Array(repeating: "cryptographic", count: 3) + [
                "pairing"
            ])
    }

    // MARK: Names that are macros

    /// One constant is at fault, however many parts of functions and structures have its name.
    @Test(arguments: [
        ("session", "a parameter of functions"), ("major", "a member of a structure"),
        ("event", "an argument of a callback"),
    ])
    func aConstantWithTheNameOfAPart(_ name: String, _ what: String) throws {
        let line = "    <constant name=\"\(name)\" since=\"3.0\" value=\"7\"/>\n"
        let text = try Base.text("overlay.xml").replacing(
            "  <adds group=\"flags\">\n",
            with: "  <adds group=\"limits\">\n\(line)  </adds>\n  <adds group=\"flags\">\n")
        let report = try Base.loading(["overlay.xml": text])
        let errors = report.lines.filter { $0.contains(": error: ") }
        #expect(errors.count == 1 && errors.first?.hasPrefix("overlay.xml:14:") == true, "\(what)\n\(report)")
        let notes = report.lines.filter { $0.contains(": note: ") }
        #expect(notes.contains { !$0.hasPrefix("overlay.xml") }, "\(what)\n\(report)")
    }

    // MARK: Several overlays

    static let second = """
        <overlay>
          <adds group="colours">
            <constant name="V_COLOUR_BLUE" since="3.2" value="2"/>
          </adds>
          <tightens policy="single" exclusion="twins-alone">The second device is no better.</tightens>
        </overlay>

        """

    @Test func aSecondOverlayComesAfterTheFirst() throws {
        let specification = try Base.specification(
            ["second.xml": Self.second], overlays: ["overlay.xml", "second.xml"])
        #expect(specification.registry.groups.last?.constants.map(\.name) == ["V_COLOUR_RED", "V_COLOUR_BLUE"])
        #expect(appliedExclusions(specification) == [[0, 1, 2, 5], [0, 3, 4, 5]])
    }

    @Test func whatTheSecondOverlayRepeats() throws {
        let text = Self.second.replacing("value=\"2\"", with: "value=\"0x1\"")
            .replacing("policy=\"single\"", with: "policy=\"pairs\"")
        let report = try Base.loading(["second.xml": text], overlays: ["overlay.xml", "second.xml"])
        #expect(
            report
                == Report(expected: [
                    "second.xml:3:55: error: V_COLOUR_BLUE has the value of V_COLOUR_RED; if that is intended, use alias=\"V_COLOUR_RED\" [equal-values]",
                    "overlay.xml:20:54: note: the first one",
                    "second.xml:5:39: error: the policy 'pairs' already applies this exclusion [needless-exclusion]",
                    "overlay.xml:54:39: note: here",
                ]))
    }

    @Test func theOverlaysInTheOtherOrder() throws {
        let report = try Base.loading(["second.xml": Self.second], overlays: ["second.xml", "overlay.xml"])
        #expect(
            report
                == Report(expected: [
                    "second.xml:2:16: error: unknown group of constants 'colours' [unknown-group]"
                ]))
    }

    // MARK: Files

    @Test func aMissingOverlay() throws {
        let report = try Base.loading([:], overlays: ["overlay.xml", "none.xml"])
        #expect(
            report
                == Report(expected: ["none.xml:1:1: error: cannot be read: No such file or directory [unreadable]"]))
    }

    /// The others are looked at all the same.
    @Test func aMissingOverlayAndAMisspeltElement() throws {
        let text = try Base.text("overlay.xml").replacing("<heading ", with: "<headng ")
        let report = try Base.loading(["overlay.xml": text], overlays: ["none.xml", "overlay.xml"])
        #expect(
            report
                == Report(expected: [
                    "none.xml:1:1: error: cannot be read: No such file or directory [unreadable]",
                    "overlay.xml:4:5: error: <headng> is not allowed in <document>; did you mean <heading>? [unknown-element]",
                ]))
    }

    @Test func aFileThatIsNotWellFormedBesideAnOverlayThatIsNot() throws {
        let overlay = try Base.text("overlay.xml").replacing("bit=\"4\"", with: "bit=4")
        let registry = try Base.text("registry.xml").replacing("\"unsigned long\"", with: "long")
        let report = try Base.loading(["overlay.xml": overlay, "registry.xml": registry])
        #expect(
            report
                == Report(expected: [
                    "overlay.xml:23:33: error: the value of 'bit' has no quotation marks; write bit=\"4\" [xml]",
                    "registry.xml:10:30: error: the value of 'is' has no quotation marks; write is=\"long\" [xml]",
                ]))
    }

    /// An overlay is named as it is, not as if it stood beside the data.
    @Test func anOverlayInAnotherFolder() async throws {
        try await Base.withFolder { folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/vendor", withIntermediateDirectories: false)
            try FileManager.default.moveItem(atPath: "\(folder)/overlay.xml", toPath: "\(folder)/vendor/overlay.xml")
            var diagnostics = Diagnostics()
            let files = Specification.Files(
                specification: "\(folder)/cryptoki.xml", schema: Base.schema,
                overlays: ["\(folder)/vendor/overlay.xml"])
            let loaded = Specification.load(files, into: &diagnostics)
            #expect(diagnostics.all.isEmpty && loaded.specification != nil)
            let names = ["cryptoki.xml", "headings.xml", "registry.xml", "vendor/overlay.xml"]
            #expect(loaded.inputs == [Base.schema] + names.map { "\(folder)/\($0)" })
        }
    }
}
