// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Each property holds of the data, and is seen to be broken where it is.
struct VerifyTests {
    /// A fault in the small token of Tests/Small, and what is then said.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let old: String
        let new: String
        /// A second edit, where one is not enough.
        var also = ""
        var then = ""
        let property: Int
        /// Everything that is said of the property, after the line with its number.
        let said: [String]
        var testDescription: String { name }
    }

    static let faults = [
        Fault(
            name: "an operation is of a kind that nothing excludes",
            old: #"<operation name="sign" bit="2" flag="F_SIGN" summary="signing"/>"#,
            new: #"<operation name="sign" bit="2" flag="F_SIGN" kind="other" summary="signing"/>"#,
            also: #"most="2" summary"#,
            then: #"most="3" summary"#, property: 1,
            said: [
                "under guide, owner:", "  DigestInit R_OK: digest ready", "  SignInit R_OK: digest ready, sign ready",
                "digest, sign are active and are no pair",
            ]),
        Fault(
            name: "a policy with pairs applies that there are none", old: #"<applies exclusion="not-a-pair"/>"#,
            new: #"<applies exclusion="not-a-pair"/><applies exclusion="one-at-a-time"/>"#, property: 2,
            said: [
                "under guide, owner:", "  DigestInit R_OK: digest ready",
                "encrypt cannot start beside digest, although the two are a pair",
            ]),
        Fault(
            name: "the last call does not end the operation",
            old: #"<after outcome="ok" to="idle" cite="guide-1.0 1"/>\#n      <after outcome="query""#,
            new: #"<after outcome="ok" to="same" cite="guide-1.0 1"/>\#n      <after outcome="query""#, property: 3,
            said: [
                "under guide, owner:", "  DigestInit R_OK: digest ready",
                "no calls that succeed lead from here to where every operation is idle",
            ]),
        Fault(
            name: "closing leaves what was fed",
            old: #"<after outcome="ok" to="idle" cite="guide-1.0 1"/>\#n      <after outcome="error" to="same""#,
            new:
                #"<after outcome="ok" to="idle" cite="guide-1.0 1"/><after outcome="ok" to="parts" from="parts" cite="guide-1.0 1"/>\#n      <after outcome="error" to="same""#,
            property: 3,
            said: [
                "under guide, owner:", "  DigestInit R_OK: digest ready", "  DigestUpdate R_OK: digest parts",
                "Close does not end what is active",
            ]),
        Fault(
            name: "a buffer that is too small ends the operation", old: #"<after outcome="too-small" to="same""#,
            new: #"<after outcome="too-small" to="idle""#, property: 4,
            said: [
                "under guide, owner:", "  DigestInit R_OK: digest ready",
                "  DigestFinal R_TOO_SMALL: every operation is idle", "the outcome 'too-small' changes nothing",
            ]),
        Fault(
            name: "a length query ends the operation", old: #"<after outcome="query" to="same" cite="guide-1.0 1"/>"#,
            new: "", property: 4,
            said: [
                "under guide, owner:", "  DigestInit R_OK: digest ready",
                "  DigestFinal (query) R_OK: every operation is idle", "the outcome 'query' changes nothing",
            ]),
        Fault(
            name: "a start that fails starts",
            old: #"<after outcome="error" to="same" cite="guide-1.0 1"/>\#n    </role>\#n    <role name="part""#,
            new: #"<after outcome="error" to="ready" cite="guide-1.0 1"/>\#n    </role>\#n    <role name="part""#,
            property: 4,
            said: [
                "under guide, owner:", "  DigestInit R_TOO_SMALL: digest ready",
                "digest was idle, and no error changes that",
            ]),
        Fault(
            name: "what is uncertain refuses", old: #"<refuses phase="idle" id="part-idle""#,
            new: #"""
                <refuses phase="uncertain" id="part-doubt" number="8" with="R_ACTIVE" cite="guide-1.0 1">Wait.</refuses>
                      <refuses phase="idle" id="part-idle"
                """#, property: 4,
            said: [
                "under guide, owner:",
                "  (a state that few calls do not reach: digest uncertain)", "  DigestUpdate is refused",
                "it is admitted where digest is known to be active instead of uncertain",
            ]),
        Fault(
            name: "a policy is said to be within a narrower one", old: #"<policy name="guide" number="0" most="2""#,
            new: #"<policy name="guide" number="0" most="2" within="single""#, property: 5,
            said: [
                "under guide, owner:", "  DigestInit R_OK: digest ready", "  EncryptInit is admitted",
                "single does not admit it",
            ]),
        Fault(
            name: "a second error is thought to end it",
            old: #"<after outcome="error" to="uncertain" cite="guide-1.0 1"/>"#,
            new:
                #"<after outcome="error" to="uncertain" cite="guide-1.0 1"/><after outcome="error" to="idle" from="uncertain" cite="guide-1.0 1"/>"#,
            property: 6,
            said: [
                "under guide, observer:", "  DigestInit R_OK: thought digest ready; in truth digest ready",
                "  DigestUpdate R_TOO_SMALL: thought digest uncertain; in truth digest ready",
                "  DigestUpdate R_TOO_SMALL: thought every operation is idle; in truth digest ready",
                "what is thought of digest is false",
            ]),
    ]

    private func verify(_ folder: String) throws -> CommandResult {
        try run(
            Project.generator,
            ["verify", "--walk", "200", "--spec", "\(folder)/cryptoki.xml", "--schema", "spec/cryptoki.rng"])
    }

    private func withSmall<Result>(_ body: (String) throws -> Result) throws -> Result {
        try Project.withFolder { folder in
            for file in ["cryptoki.xml", "headings.xml", "registry.xml"] {
                try FileManager.default.copyItem(
                    atPath: "\(Project.root)/Tests/Small/\(file)", toPath: "\(folder)/\(file)")
            }
            return try body(folder)
        }
    }

    @Test func theSmallTokenHasNoFault() throws {
        try withSmall { folder in
            let result = try verify(folder)
            #expect(result.status == 0, "\(result)")
            // By hand: idle; each operation ready; the digest fed; both of the pair, the digest fed or not.
            #expect(result.output.contains("guide, owner: all 7 states"))
            #expect(result.output.contains("single, owner: all 5 states"))
        }
    }

    @Test(arguments: faults)
    func aFaultIsShownWithTheCallsThatLeadToIt(_ fault: Fault) throws {
        try withSmall { folder in
            let text = try Project.text("\(folder)/cryptoki.xml")
            try #require(text.components(separatedBy: fault.old).count == 2)
            try #require(fault.also.isEmpty || text.components(separatedBy: fault.also).count == 2)
            let edited = text.replacingOccurrences(of: fault.old, with: fault.new)
            try (fault.also.isEmpty ? edited : edited.replacingOccurrences(of: fault.also, with: fault.then))
                .write(toFile: "\(folder)/cryptoki.xml", atomically: true, encoding: .utf8)
            let result = try verify(folder)
            #expect(result.status == 1)
            let lines = result.output.components(separatedBy: "\n")
            let head = try #require(lines.firstIndex { $0.hasPrefix("\(fault.property). ") }, "\(result)")
            #expect(lines[head].hasSuffix(": DOES NOT HOLD"), "\(result)")
            let said = lines[(head + 1)...].prefix { $0.hasPrefix("   ") }.map { String($0.dropFirst(3)) }
            #expect(said == fault.said, "\(result)")
        }
    }

    /// The seventh property is a check of the loader as well, so that data which breaks it is never verified.
    @Test func anUndocumentedAnswerIsNotLoaded() throws {
        try withSmall { folder in
            let text = try Project.text("\(folder)/cryptoki.xml").replacingOccurrences(
                of: "      <returns value=\"R_NOT_STARTED\"/>\n", with: "")
            try text.write(toFile: "\(folder)/cryptoki.xml", atomically: true, encoding: .utf8)
            let result = try verify(folder)
            #expect(result.status == 65)
            #expect(
                result.errors.contains(
                    "DigestUpdate does not document R_NOT_STARTED, the return value of the rule 'part-idle'"))
            #expect(result.errors.hasSuffix("p11gen: 4 errors; nothing was verified\n"))
        }
    }

    /// All properties of the committed data, as a release build finds them in a few seconds.
    @Test func allPropertiesHold() throws {
        try require(file: ".build/release/p11gen", "make test builds it")
        let result = try run(".build/release/p11gen", ["verify"])
        #expect(result.status == 0, "\(result)")
        #expect(result.output.hasSuffix("all 8 properties hold for spec/cryptoki.xml\n"))
        // By hand: three operations that are idle or ready, ten that may also be fed or in a message.
        #expect(result.output.contains("per-kind, owner: all \(2 * 2 * 2 * 59049) states"))
        // One at a time: idle, three operations that are ready, ten that have two phases.
        #expect(result.output.contains("single, owner: all \(1 + 3 + 10 * 2) states"))
        // Four pairs more, whose operations have two phases each.
        #expect(result.output.contains("usage-guide, owner: all \(24 + 4 * 4) states"))
        print(result.output, terminator: "")
    }
}
