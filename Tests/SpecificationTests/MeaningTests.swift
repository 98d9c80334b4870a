// SPDX-License-Identifier: MIT

import CryptokiSpecification
import Foundation
import SourceDiagnostics
import TestSupport
import Testing

/// Mistakes that make outputs wrong if nothing is said: an error at their line, in whatever words.
struct MeaningTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let what: String
        let file: String
        let old: String
        let new: String
        /// A piece of the edited file's text, on the line where somebody would look for it.
        let place: String
        var testDescription: String { what }

        init(_ what: String, _ old: String, _ new: String, at place: String, in file: String = "cryptoki.xml") {
            (self.what, self.file, self.old, self.new, self.place) = (what, file, old, new, place)
        }
    }

    static let mistakes: [Mistake] = [
        Mistake(
            "two outcomes are otherwise one another", #"name="ok" value="R_OK""#,
            #"name="ok" value="R_OK" else="query""#,
            at: #"else="query""#),
        Mistake(
            "a function answers a rule twice", #"Its list lacks R_ACTIVE.</answers>"#,
            #"Its list lacks R_ACTIVE.</answers>\#n<answers rule="feed-again" with="R_OK">No.</answers>"#,
            at: #"with="R_OK""#),
        Mistake(
            "a function lacks a value twice", #"<lacks value="R_NOT_STARTED"/>"#,
            #"<lacks value="R_NOT_STARTED"/>\#n<lacks value="R_NOT_STARTED"/><!-- again -->"#,
            at: #"<!-- again -->"#),
        Mistake(
            "two constants are names of one another", #"name="R_TROUBLE" since="2.40" value="3""#,
            #"name="R_TROUBLE" since="2.40" alias="R_FAILED""#,
            at: #"alias="R_FAILED""#, in: "registry.xml"),
        Mistake(
            "two pointers point to one another", #"<pointer name="DATA" to="BYTE" since="2.40"/>"#,
            #"<pointer name="DATA" to="OTHER" since="2.40"/>\#n<pointer name="OTHER" to="DATA" since="2.40"/>"#,
            at: #"to="OTHER""#, in: "registry.xml"),
        Mistake(
            "a structure holds one that stands later", #"<struct name="VERSION""#,
            #"<struct name="EARLY" since="2.40" summary="early"><member type="VERSION" name="v"/></struct>\#n<struct name="VERSION""#,
            at: #"type="VERSION""#, in: "registry.xml"),
        Mistake(
            "a member has the name of a constant", #"name="major""#,
            #"name="R_OK""#,
            at: #"type="BYTE" name="R_OK""#, in: "registry.xml"),
        Mistake(
            "a parameter has the name of a constant", #"type="VERSION" name="version""#,
            #"type="VERSION" name="R_OK""#,
            at: #"type="VERSION" name="R_OK""#),
        Mistake(
            "a function has the name of a type", #"name="F_Info""#,
            #"name="NUMBER""#,
            at: #"name="NUMBER""#),
        Mistake(
            "a function has the name of a constant", #"name="F_Info""#,
            #"name="F_ALL""#,
            at: #"name="F_ALL""#),
        Mistake(
            "a constant has the name of a type", #"name="R_FAILED""#,
            #"name="NUMBER""#,
            at: #"<constant name="NUMBER""#, in: "registry.xml"),
        Mistake(
            "a type has the name of a word of C", #"<scalar name="NUMBER""#,
            #"<scalar name="long" is="unsigned long" since="2.40"/>\#n<scalar name="NUMBER""#,
            at: #"name="long""#, in: "registry.xml"),
        Mistake(
            "a member has the name of a word of C", #"name="major""#,
            #"name="int""#,
            at: #"name="int""#, in: "registry.xml"),
        Mistake(
            "a parameter has the name of a word of C", #"type="VERSION" name="version""#,
            #"type="VERSION" name="default""#,
            at: #"name="default""#),
        Mistake(
            "a constant has the name of a word of C", #"name="R_FAILED""#,
            #"name="return""#,
            at: #"name="return""#, in: "registry.xml"),
        Mistake(
            "two operations differ in hyphens only", #"  </operations>"#,
            #"<operation name="new-one" bit="4" flag="F_ALL" summary="new"/>\#n<operation name="newOne" bit="5" flag="F_ALL" summary="new"/>\#n  </operations>"#,
            at: #"name="newOne""#),
        Mistake(
            "two roles differ in hyphens only", #"  </roles>"#,
            #"<role name="new-one" summary="new"/>\#n<role name="newOne" summary="new"/>\#n  </roles>"#,
            at: #"name="newOne""#),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsSaid(_ mistake: Mistake) throws {
        let base = try Base.text(mistake.file)
        try #require(base.ranges(of: mistake.old).count == 1)
        let text = base.replacing(mistake.old, with: mistake.new)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.contains(mistake.place) }) + 1
        let report = try Base.loading([mistake.file: text])
        let isSaid = report.lines.contains { $0.hasPrefix("\(mistake.file):\(line):") && $0.contains(": error: ") }
        #expect(isSaid && !report.isLoaded, "line \(line) is at fault\n\(report)")
    }

    /// A name of a name, whichever stands first.
    @Test(arguments: [true, false])
    func aNameOfAName(_ isBefore: Bool) throws {
        let line = "    <constant name=\"R_EARLY\" since=\"2.40\" alias=\"R_FAILED\"/>\n"
        let failed = "    <constant name=\"R_FAILED\" since=\"2.40\" alias=\"R_TROUBLE\"/>\n"
        let text = try Base.text("registry.xml").replacing(failed, with: isBefore ? line + failed : failed + line)
        let specification = try Base.specification(["registry.xml": text])
        #expect(specification.registry.numbers["R_TROUBLE"] == 3)
        #expect(specification.registry.numbers["R_FAILED"] == 3)
        #expect(specification.registry.numbers["R_EARLY"] == 3)
    }

    @Test func referencesToCharactersAreCharacters() throws {
        let text = try Base.text("cryptoki.xml")
            .replacing("the part is the last one", with: "a &amp; b &#60; c &lt;&#xE9;&gt; &quot;d&apos;")
            .replacing("Threads take turns.", with: "Threads &amp; <![CDATA[<turns> & ]]>more &#233;.")
        let specification = try Base.specification(["cryptoki.xml": text])
        #expect(Array(specification.facts)[1].summary == "a & b < c <é> \"d'")
        #expect(specification.concurrency?.rule.text == "Threads & <turns> & more é.")
    }

    @Test func aTextOnSeveralLinesIsOneLine() throws {
        let text = try Base.text("cryptoki.xml")
            .replacing("Threads take turns.", with: "\n  Threads \t take<!-- not\n all -->\n turns.  ")
        let specification = try Base.specification(["cryptoki.xml": text])
        #expect(specification.concurrency?.rule.text == "Threads take turns.")
    }

    @Test func theBaseMeansWhatItSays() throws {
        let specification = try Base.specification([:])
        #expect(specification.layout == 1)
        #expect(specification.operations.map(\.kind) == ["lookup", "cryptographic", "cryptographic", "cryptographic"])
        #expect(specification.operations.map(\.isSaved) == [false, true, true, true])
        #expect(specification.exclusions.map(\.unlessPair) == [false, true, false, false, false])
        #expect(specification.policies.map(\.most) == [2, 1])
        #expect(specification.policies.map(\.refusesOutOfPhase) == [false, true])
        #expect(appliedExclusions(specification) == [[0, 1, 2], [0, 3, 4]])
        #expect(specification.roles.map(\.starts) == [true, false, false, false, false, false, false])
        let roles = specification.roles.map(\.name)
        #expect(roles == ["begin", "stop", "feed", "finish", "cancel", "quick", "none"])
        // What a role is like it inherits, but for the phases and outcomes of which it speaks itself.
        #expect(Array(specification.roles)[3].refusals.map(\.rule.id) == ["feed-idle", "feed-again"])
        #expect(Array(specification.roles)[3].afters.map(\.rule.id) == ["finish/ok", "feed/error", "feed/error/parts"])
        #expect(
            specification.codeSets.map(\.values) == [
                ["R_OK", "R_TROUBLE"], ["R_OK", "R_TROUBLE", "R_ACTIVE", "R_NOT_STARTED"],
            ])
        #expect(Array(specification.functions)[1].returnValues == ["R_OK", "R_TROUBLE", "R_ACTIVE"])
        #expect(Array(specification.functions)[4].operations.map(specification.operations.position) == [1, 2])
        #expect(specification.registry.numbers["F_ALL"] == .max)
        #expect(specification.registry.numbers["F_GAMMA"] == 8)
        #expect(specification.pairs.map(\.rule.citation.words) == ["Guide 1.0, 2.6 Pairs", "Guide 1.0, 2.6 Pairs"])
    }

    /// Several words are as near as one another: the same one is suggested in every run, the one that stands first.
    @Test func aSuggestionIsTheSameInEveryRun() throws {
        let text = try Base.text("cryptoki.xml").replacing("\"alpha\"", with: "\"kind1\"")
            .replacing("\"beta\"", with: "\"kind2\"").replacing("\"gamma\"", with: "\"kind3\"")
            .replacing("first=\"kind2\"", with: "first=\"kind7\"")
        for _ in 1...10 {
            let report = try Base.loading(["cryptoki.xml": text])
            let line =
                "cryptoki.xml:21:39: error: unknown operation 'kind7'; did you mean 'kind1'? [unknown-operation]"
            #expect(report == Report(expected: [line]))
        }
    }

    /// `xmlns` on the root, as in other projects' files, makes every element another one although it looks the same.
    @Test(arguments: [
        ("<cryptoki ", "<cryptoki xmlns=\"urn:example\" ", 2),
        ("<phase name=\"idle\"", "<p:phase xmlns:p=\"urn:example\" name=\"idle\"", 4),
    ])
    func aNamespaceIsNamed(_ old: String, _ new: String, _ line: Int) throws {
        let text = try Base.text("cryptoki.xml").replacing(old, with: new)
        let report = try Base.loading(["cryptoki.xml": text])
        #expect(report.lines.count == 1 && !report.isLoaded, "\(report)")
        #expect(report.lines.first?.hasPrefix("cryptoki.xml:\(line):") == true, "\(report)")
        #expect(report.lines.first?.contains("namespace") == true, "\(report)")
    }

    /// A name in the folder of the data, the path of which is given in several forms.
    @Test(arguments: ["", "/", "./", "a/../"])
    func theOtherFilesAreBesideTheFirst(_ detour: String) async throws {
        try await Base.withFolder { folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/a", withIntermediateDirectories: false)
            var diagnostics = Diagnostics()
            let path = "\(folder)/\(detour)cryptoki.xml"
            let loaded = Specification.load(.init(specification: path, schema: Base.schema), into: &diagnostics)
            #expect(diagnostics.all.isEmpty && loaded.specification != nil)
            #expect(
                loaded.inputs == [
                    Base.schema, path, "\(folder)/\(detour)headings.xml", "\(folder)/\(detour)registry.xml",
                ])
        }
    }
}
