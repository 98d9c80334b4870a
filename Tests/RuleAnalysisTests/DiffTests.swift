// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What a change of the data changes in behaviour, with the shortest sequence of calls that shows it.
struct DiffTests {
    /// An edit of the data, and what is said of it.
    struct Edit: Sendable, CustomTestStringConvertible {
        let name: String
        let old: String
        let new: String
        let status: Int32
        /// Lines of the output, one after the other.
        let said: String
        var testDescription: String { name }
    }

    static let edits = [
        Edit(
            name: "a dropped pair",
            old: #"    <pair id="pair-sign-encrypt"   first="sign"    second="encrypt" cite="guide-3.2 2.6.7"/>\#n"#,
            new: "",
            status: 1,
            said: """
                tighter: C_SignInit
                  under usage-guide: owner, observer; strict: owner, observer
                    C_EncryptInit CKR_OK: encrypt ready
                    C_SignInit: before: admitted
                    C_SignInit: now: refused with CKR_OPERATION_ACTIVE (not-a-pair)

                """),
        Edit(
            name: "an added pair", old: "  </pairs>",
            new: #"    <pair id="pair-sign-verify" first="sign" second="verify" cite="guide-3.2 2.6.7"/>\#n  </pairs>"#,
            status: 1,
            said: """
                looser: C_VerifyInit
                  under usage-guide: owner, observer; strict: owner, observer
                    C_SignInit CKR_OK: sign ready
                    C_VerifyInit: before: refused with CKR_OPERATION_ACTIVE (not-a-pair)
                    C_VerifyInit: now: admitted

                """),
        Edit(
            name: "a buffer that is too small ends the operation",
            old:
                #"<after outcome="too-small" to="same"  cite="base-3.2 5.2"/>\#n      <after outcome="error"     to="idle"  cite="base-3.2 5.8.3"/>"#,
            new:
                #"<after outcome="too-small" to="idle"  cite="base-3.2 5.2"/>\#n      <after outcome="error"     to="idle"  cite="base-3.2 5.8.3"/>"#,
            status: 1,
            said: """
                other: C_EncryptUpdate
                  under usage-guide: owner, owner abandon; single: owner, owner abandon; per-kind: owner, owner abandon; strict: owner, owner abandon
                    C_EncryptInit CKR_OK: encrypt ready
                    C_EncryptUpdate: before: CKR_BUFFER_TOO_SMALL: encrypt ready
                    C_EncryptUpdate: now: CKR_BUFFER_TOO_SMALL: every operation is idle

                """),
        Edit(
            name: "a renamed rule", old: #"<exclusion id="search-beside-cryptographic""#,
            new: #"<exclusion id="search-beside-work""#, status: 0,
            said: """
                no change of behaviour
                words: the rule search-beside-cryptographic is called search-beside-work

                """),
        Edit(
            name: "a new function", old: "  </functions>",
            new: """
                    <function number="150" name="C_DigestFile" since="3.2" section="5.12.3" category="cryptographic"
                              role="part-in" operation="digest" listed="no" codes="work" summary="digests a file">
                      <parameter type="CK_SESSION_HANDLE" name="hSession" use="session"/>
                      <returns value="CKR_OPERATION_NOT_INITIALIZED"/>
                    </function>
                  </functions>
                """, status: 1, said: "added: function C_DigestFile\n"),
        Edit(
            name: "only a comment", old: "<!-- The pairs of operations", new: "<!-- Those pairs of operations",
            status: 0,
            said: "no change of behaviour\n"),
        Edit(
            name: "a tightened policy", old: #"<applies exclusion="no-dual-operations"/>"#,
            new: #"<applies exclusion="no-dual-operations"/><applies exclusion="account-beside-operation"/>"#,
            status: 1,
            said: """
                tighter: C_Logout
                  under single: owner, owner abandon, observer, observer abandon
                    C_FindObjectsInit CKR_OK: find ready
                    C_Logout: before: admitted
                    C_Logout: now: refused with CKR_OPERATION_ACTIVE (account-beside-operation)

                """),
        Edit(
            name: "another return value", old: #"beside="itself" with="CKR_OPERATION_ACTIVE""#,
            new: #"beside="itself" with="CKR_FUNCTION_FAILED""#, status: 1,
            said: """
                    C_DigestInit CKR_OK: digest ready
                    C_DigestInit: before: refused with CKR_OPERATION_ACTIVE (restart)
                    C_DigestInit: now: refused with CKR_FUNCTION_FAILED (restart)

                """),
    ]

    private func diff(_ workshop: Workshop, _ arguments: String...) throws -> CommandResult {
        try run(Project.generator, ["diff"] + arguments + ["spec/cryptoki.xml", workshop.path("spec/cryptoki.xml")])
    }

    @Test(arguments: edits)
    func aChangeAndItsWitness(_ edit: Edit) throws {
        try Workshop.open { workshop in
            let text = try workshop.text("spec/cryptoki.xml")
            try #require(text.contains(edit.old))
            // A renamed rule is renamed wherever it is named.
            let names = edit.name == "a renamed rule"
            let changed =
                names
                ? text.replacingOccurrences(of: "\"search-beside-cryptographic\"", with: "\"search-beside-work\"")
                : text.replacingOccurrences(of: edit.old, with: edit.new)
            try workshop.write(changed, to: "spec/cryptoki.xml")
            let result = try diff(workshop)
            #expect(result.status == edit.status, "\(result)")
            #expect(result.output.contains(edit.said), "\(result)")
        }
    }

    @Test func whatIsAcceptedIsNoReasonToFail() throws {
        try Workshop.open { workshop in
            try workshop.edit("spec/cryptoki.xml", Self.edits[6].old, Self.edits[6].new)
            #expect(try diff(workshop, "--accept", "tighter").status == 0)
            #expect(try diff(workshop, "--accept", "looser").status == 1)
            #expect(try diff(workshop, "--accept", "stricter").status == 64)
        }
    }

    @Test func theSameAsJSON() throws {
        try Workshop.open { workshop in
            try workshop.edit("spec/cryptoki.xml", Self.edits[0].old, "")
            let result = try diff(workshop, "--format", "json")
            #expect(result.status == 1)
            let changes = try ExportedValue(result.output).list
            let change = try #require(
                changes.first { $0["subject"].text == "C_SignInit" && $0["kind"].text == "tighter" })
            #expect(change["steps"].list.map(\.text) == ["C_EncryptInit CKR_OK: encrypt ready"])
            #expect(change["before"].text == "admitted")
            #expect(change["rules"].list.map(\.text).contains("usage-guide, owner"))
        }
    }

    /// The configuration in docs/data.md, in a repository with a change that is not committed.
    @Test func asGitsDiffDriver() throws {
        try Workshop.open { workshop in
            let git = { (arguments: [String]) in
                try run(
                    "git", ["-c", "user.name=Test", "-c", "user.email=test@example.org"] + arguments,
                    in: workshop.folder)
            }
            for command in [["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]] {
                try #require(try git(command).status == 0)
            }
            let commands = try Documents.example("diff-driver").replacing(
                "p11gen diff ", with: "\(Project.generator) diff ")
            try #require(try run("sh", ["-ec", commands], in: workshop.folder).status == 0)
            try workshop.edit("spec/cryptoki.xml", Self.edits[0].old, "")
            let result = try git(["diff", "--ext-diff"])
            #expect(result.status == 0 && result.output.contains(Self.edits[0].said), "\(result)")
        }
    }

    /// As git calls it: the old file is a copy somewhere else, without its neighbours.
    @Test func aFileAwayFromItsFolder() throws {
        try Project.withFolder { folder in
            let copy = "\(folder)/old.xml"
            try FileManager.default.copyItem(atPath: "\(Project.root)/spec/cryptoki.xml", toPath: copy)
            let result = try run(Project.generator, ["diff", "--beside", "spec", copy, "spec/cryptoki.xml"])
            #expect(result.status == 0 && result.output == "no change of behaviour\n", "\(result)")
        }
    }
}
