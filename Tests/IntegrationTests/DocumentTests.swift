// SPDX-License-Identifier: MIT

import CodeGeneration
import Foundation
import TestSupport
import Testing

/// The examples of README.md and docs work: code is compiled and run, commands are run, and their output is compared.
@Suite(.serialized)
struct DocumentTests {
    /// Examples with a test of their own, here or in another suite. All others are shell commands, which `commands` runs.
    static let tested: Set<String> = [
        "adopt-admit.c", "adopt-complete.c", "adopt-free.c", "adopt-logout.c", "adopt-state.c", "diff-driver",
        "function.c", "guard-log", "guard.conf", "mechanism", "names.swift", "pkg-config", "recipe-ci", "recipe-hook",
        "recipe-makefile", "review", "token.c", "token.swift",
    ]

    @Test func everyBlockIsTested() throws {
        var names: Set<String> = []
        for block in Documents.blocks {
            let place = "\(block.document):\(block.line)"
            guard let name = block.name else {
                #expect(
                    block.reason?.isEmpty == false,
                    "\(place): add '<!-- example: NAME -->' and a test, or '<!-- not tested: REASON -->', before the block"
                )
                continue
            }
            #expect(names.insert(name).inserted, "\(place): duplicate example '\(name)'")
            let isCommands = ["sh", "console"].contains(block.language)
            #expect(isCommands || Self.tested.contains(name), "\(place): '\(name)' has no test")
        }
        #expect(Self.tested.subtracting(names) == [], "tests without an example")
    }

    // MARK: Commands

    private static let commandExamples = Documents.blocks.filter { block in
        ["sh", "console"].contains(block.language) && block.name.map { !tested.contains($0) } == true
    }.compactMap(\.name)

    /// Scripts succeed. In a transcript, lines that start with `$` are commands, and the others are their output; a line `…`
    /// stands for any number of lines.
    @Test(arguments: commandExamples)
    func commands(_ name: String) throws {
        let block = try Documents.block(name)
        let isScript = block.language == "sh"
        let lines = block.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        let commands = isScript ? [block.text] : lines.filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
        try Scene.open(for: name, commands.joined(separator: "\n")) { scene in
            if isScript {
                let result = try scene.shell("set -e\n\(block.text)")
                #expect(result.status == 0, "\(result)")
                return
            }
            let mark = "=== end of the output ==="
            let script = commands.map { "{ \($0)\n} 2>&1; echo '\(mark)'\n" }.joined()
            let outputs = try scene.shell(script).output.components(separatedBy: "\(mark)\n")
            let shown = steps(block.text)
            let text = zip(shown, outputs).map { step, output in
                "\(step.command)\n" + Self.excerpt(of: output, like: step.output)
            }.joined()
            if Project.accepts { try Documents.accept(text, as: name) }
            let expected = try Documents.example(name)
            #expect(expected == text, "make accept updates \(block.document):\n\(text)")
            for (step, output) in zip(shown, outputs) where !step.output.isEmpty {
                #expect(!output.isEmpty, "no output: \(step.command)")
            }
        }
    }

    /// The commands of a transcript, each with the lines after it.
    private func steps(_ transcript: String) -> [(command: String, output: [String])] {
        var steps: [(command: String, output: [String])] = []
        for line in transcript.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) {
            if line.hasPrefix("$ ") {
                steps.append((line, []))
            } else if !steps.isEmpty {
                steps[steps.count - 1].output.append(line)
            }
        }
        return steps
    }

    /// The output, shortened where the example is: its lines between `…` become the most similar ones of the output.
    private static func excerpt(of output: String, like example: [String]) -> String {
        guard example.contains("…") else { return output }
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        var (start, result) = (0, [String]())
        for run in example.split(separator: "…", omittingEmptySubsequences: false).map(Array.init) {
            defer { result.append("…") }
            guard !run.isEmpty, start + run.count <= lines.count else { continue }
            let similarity = (start...lines.count - run.count).map { offset in
                (offset, zip(run, lines[offset...]).map { commonWords($0, $1) }.reduce(0, +))
            }
            let best = similarity.map(\.1).max()
            let offset = similarity.first { $0.1 == best }?.0 ?? start
            result += lines[offset..<(offset + run.count)]
            start = offset + run.count
        }
        return result.dropLast().map { $0 + "\n" }.joined()
    }

    static func commonWords(_ one: String, _ other: String) -> Int {
        Set(one.split(separator: " ")).intersection(other.split(separator: " ")).count
    }

    // MARK: Code

    @Test func theTokenInC() throws {
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
            let result = try workshop.runC(try workshop.writing("token.c", try Documents.example("token.c") + main))
            #expect(result.status == 0, "\(result)")
        }
    }

    /// The function of the README and the steps of the adoption guide, in a token in which everything works.
    @Test func theFunctionsInC() throws {
        try Workshop.open { workshop in
            try workshop.generate()
            let session = try Documents.example("adopt-state.c").replacing(
                "/* … */", with: "int encrypt; struct session *next;")
            let program = """
                #include "p11_session_rules.h"
                #include "pkcs11.h"
                #include <assert.h>
                #include <stddef.h>
                static const p11_rules rules = { P11_POLICY_USAGE_GUIDE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
                \(session)
                static struct session one, other;
                static struct session *find_and_lock(CK_SESSION_HANDLE handle) { return handle == 1 ? &one : NULL_PTR; }
                static CK_RV unlock(struct session *s, CK_RV rv) { (void)s; return rv; }
                static CK_RV digest_part(struct session *s, CK_BYTE_PTR part, CK_ULONG length)
                {
                    (void)s, (void)part, (void)length;
                    return CKR_OK;
                }
                static void encrypt_free(int *encrypt) { *encrypt = 0; }
                static struct session *first_session(int token) { (void)token; return &one; }
                static struct session *next_session(struct session *s) { return s == &one ? &other : NULL_PTR; }
                \(try Documents.example("function.c"))
                \(try Documents.example("adopt-admit.c"))
                    CK_RV rv = hKey == 7 ? CKR_OK : CKR_KEY_HANDLE_INVALID;
                \(try Documents.example("adopt-complete.c"))
                }
                static void after_call(struct session *s)
                {
                \(try Documents.example("adopt-free.c"))
                }
                static void log_out(int token, CK_RV rv)
                {
                    const p11_call call = { 0, 0 };
                \(try Documents.example("adopt-logout.c"))
                }
                int main(void)
                {
                    CK_MECHANISM mechanism = { CKM_AES_CBC, NULL_PTR, 0 };
                    assert(C_DigestUpdate(1, NULL_PTR, 0) == CKR_OPERATION_NOT_INITIALIZED);
                    assert(C_EncryptInit(2, &mechanism, 7) == CKR_SESSION_HANDLE_INVALID);
                    one.encrypt = 1;
                    assert(C_EncryptInit(1, &mechanism, 7) == CKR_OK);
                    after_call(&one);
                    assert(one.encrypt == 1);
                    assert(C_EncryptInit(1, &mechanism, 7) == CKR_OPERATION_ACTIVE);
                    one.operations.word = 0;
                    assert(C_EncryptInit(1, &mechanism, 8) == CKR_KEY_HANDLE_INVALID);
                    after_call(&one);
                    assert(one.encrypt == 0);
                    log_out(0, CKR_OK);
                    return 0;
                }

                """
            let result = try workshop.runC(try workshop.writing("token.c", program))
            #expect(result.status == 0, "\(result)")
        }
    }

    @Test func theTokenInSwift() throws {
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
            let result = try workshop.runSwift(try Documents.example("token.swift") + main)
            #expect(result.status == 0, "\(result)")
        }
    }

    /// Each line prints its comment.
    @Test func theNamesInSwift() throws {
        let example = try Documents.example("names.swift")
        let result = try Project.withFolder { folder in
            try example.write(toFile: "\(folder)/main.swift", atomically: true, encoding: .utf8)
            let names = "\(Project.root)/Sources/Generated/swift/CryptokiNames.swift"
            let made = try run(
                "swiftc", ["-swift-version", "6", "-Onone", names, "main.swift", "-o", "program"], in: folder)
            return made.status == 0 ? try run("\(folder)/program") : made
        }
        let expected = example.split(separator: "\n").compactMap { $0.components(separatedBy: "// ").last }
        #expect(result.output == expected.map { "\($0)\n" }.joined(), "\(result)")
    }

    // MARK: Diffs

    @Test func theReviewOfADroppedPair() throws {
        let line = try #require(
            try Project.text("spec/cryptoki.xml").components(separatedBy: "\n")
                .first { $0.contains("\"pair-sign-encrypt\"") })
        try expectDiff(
            "review", of: ["spec/cryptoki.xml", "Sources/Generated/c/include/p11_session_rules.h"],
            replacing: line + "\n", by: "")
    }

    @Test func theReviewOfAMechanism() throws {
        let next = "    <constant name=\"CKM_VENDOR_DEFINED\" "
        try expectDiff(
            "mechanism",
            of: [
                "spec/registry.xml", "Sources/Generated/c/include/p11_names.h",
                "Sources/Generated/c/include/pkcs11t.h", "Sources/Generated/swift/CryptokiNames.swift",
            ],
            replacing: next, by: "    <constant name=\"CKM_NEW_HASH\" since=\"3.2\" value=\"0x00004043\"/>\n" + next)
    }

    /// Expects the diff of these files after an edit of the first.
    private func expectDiff(_ name: String, of files: [String], replacing old: String, by new: String) throws {
        try Workshop.open { workshop in
            try workshop.generate()
            let before = try files.map(workshop.text)
            try workshop.edit(files[0], old, new)
            try workshop.generate()
            let diff = try zip(files, before).map { file, old in
                unifiedDiff(from: old, to: try workshop.text(file), oldName: "a/\(file)", newName: "b/\(file)")
            }.joined()
            if Project.accepts { try Documents.accept(diff, as: name) }
            let block = try Documents.block(name)
            #expect(block.text == diff, "make accept updates \(block.document):\n\(diff)")
        }
    }
}
