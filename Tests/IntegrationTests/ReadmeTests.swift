// SPDX-License-Identifier: MIT

import CodeGeneration
import Foundation
import TestSupport
import Testing

/// What the README shows is true: its examples are compiled and run, its diffs are what a review shows.
@Suite(.serialized)
struct ReadmeTests {
    /// The fenced block behind a marker.
    private func example(_ name: String) throws -> String {
        let readme = try Project.text("README.md")
        let rest = try #require(readme.components(separatedBy: "<!-- example: \(name) -->\n").last)
        let lines = rest.components(separatedBy: "\n").dropFirst()
        return lines.prefix { $0 != "```" }.joined(separator: "\n") + "\n"
    }

    private func accept(_ text: String, as name: String) throws {
        let readme = try Project.text("README.md")
        let block = try example(name)
        let marker = "<!-- example: \(name) -->\n```diff\n"
        let new = readme.replacingOccurrences(of: marker + block + "```", with: marker + text + "```")
        print(unifiedDiff(from: readme, to: new, oldName: "README.md", newName: "README.md"), terminator: "")
        try new.write(toFile: "\(Project.root)/README.md", atomically: true, encoding: .utf8)
    }

    @Test func theTokenInCWorks() throws {
        try Workshop.open { workshop in
            try workshop.generate()
            let main = """
                #include <assert.h>
                int main(void)
                {
                    CK_MECHANISM mechanism = { 0x80000001UL, NULL_PTR, 0 };
                    CK_BYTE data[3] = { 1, 2, 3 }, digest = 0;
                    CK_ULONG length = 0;
                    assert(C_DigestUpdate(2, data, 3) == CKR_SESSION_HANDLE_INVALID);
                    assert(C_DigestUpdate(1, data, 3) == CKR_OPERATION_NOT_INITIALIZED);
                    assert(C_DigestInit(1, &mechanism) == CKR_OK);
                    assert(C_DigestInit(1, &mechanism) == CKR_OPERATION_ACTIVE);
                    assert(C_DigestUpdate(1, data, 3) == CKR_OK);
                    assert(C_DigestFinal(1, NULL_PTR, &length) == CKR_OK && length == 1);
                    length = 0;
                    assert(C_DigestFinal(1, &digest, &length) == CKR_BUFFER_TOO_SMALL && length == 1);
                    assert(C_DigestFinal(1, &digest, &length) == CKR_OK && digest == 6);
                    assert(C_DigestFinal(1, &digest, &length) == CKR_OPERATION_NOT_INITIALIZED);
                    assert(C_DigestInit(1, &mechanism) == CKR_OK && C_DigestInit(1, NULL_PTR) == CKR_OK);
                    assert(C_DigestUpdate(1, data, 3) == CKR_OPERATION_NOT_INITIALIZED);
                    return 0;
                }

                """
            let result = try workshop.runC(try workshop.writing("token.c", try example("token.c") + main))
            #expect(result.status == 0, "\(result)")
        }
    }

    @Test func theTokenInSwiftWorks() throws {
        try Workshop.open { workshop in
            try workshop.generate()
            let main = """
                var token = Token()
                var mechanism: UInt = 0x80000001
                var digest: UInt8 = 0
                precondition(token.digestUpdate([1]) == 0x91)  // CKR_OPERATION_NOT_INITIALIZED
                precondition(token.digestInit(pMechanism: &mechanism) == 0)
                precondition(token.digestInit(pMechanism: &mechanism) == 0x90)  // CKR_OPERATION_ACTIVE
                precondition(token.digestUpdate([1, 2, 3]) == 0)
                precondition(token.digestFinal(pDigest: nil) == 0)
                precondition(token.digestFinal(pDigest: &digest) == 0 && digest == 6)
                precondition(token.digestFinal(pDigest: &digest) == 0x91)

                """
            let result = try workshop.runSwift(try example("token.swift") + main)
            #expect(result.status == 0, "\(result)")
        }
    }

    @Test func theReviewIsWhatOneSees() throws {
        let line = try #require(
            try Project.text("spec/cryptoki.xml").components(separatedBy: "\n")
                .first { $0.contains("\"pair-sign-encrypt\"") })
        try expectDiff(
            "review", of: ["spec/cryptoki.xml", "Sources/Generated/c/include/p11_session_rules.h"],
            replacing: line + "\n", by: "")
    }

    @Test func aMechanismMoreIsWhatOneSees() throws {
        let next = "    <constant name=\"CKM_VENDOR_DEFINED\" "
        try expectDiff(
            "mechanism",
            of: [
                "spec/registry.xml", "Sources/Generated/c/include/p11_names.h",
                "Sources/Generated/c/include/pkcs11t.h", "Sources/Generated/swift/CryptokiNames.swift",
            ],
            replacing: next, by: "    <constant name=\"CKM_NEW_HASH\" since=\"3.2\" value=\"0x00004043\"/>\n" + next)
    }

    /// The diff of all these files after an edit of the first is the README's example.
    private func expectDiff(_ name: String, of files: [String], replacing old: String, by new: String) throws {
        try Workshop.open { workshop in
            try workshop.generate()
            let before = try files.map(workshop.text)
            try workshop.edit(files[0], old, new)
            try workshop.generate()
            let diff = try zip(files, before).map { file, old in
                unifiedDiff(from: old, to: try workshop.text(file), oldName: "a/\(file)", newName: "b/\(file)")
            }.joined()
            if Project.accepts { try accept(diff, as: name) }
            #expect(try example(name) == diff, "make accept puts the diff of today into the README:\n\(diff)")
        }
    }

    @Test func theTraceIsWhatOneSees() throws {
        let readme = try Project.text("README.md")
        let start = try #require(readme.range(of: "```text\n$ printf '"))
        let block = readme[start.lowerBound...].components(separatedBy: "\n").dropFirst()
        let command = try #require(block.first).dropFirst(2)
        let words = command.replacingOccurrences(of: "| p11gen", with: "| \(Project.generator)")
        let result = try run("sh", ["-c", words])
        #expect(result.output == block.dropFirst().prefix { $0 != "```" }.joined(separator: "\n") + "\n", "\(result)")
    }

    @Test func theErrorIsWhatOneSees() throws {
        try Workshop.open { workshop in
            let overlay = try Project.text("Examples/vendor-overlay/acme.xml")
            try workshop.write(overlay.replacing("number=\"150\" name", with: "number=\"39\" name"), to: "acme.xml")
            let errors = try workshop.generate("generate", "--overlay", "acme.xml").errors
            #expect(try Project.text("README.md").contains("```text\n\(errors)```"), "\(errors)")
        }
    }
}
