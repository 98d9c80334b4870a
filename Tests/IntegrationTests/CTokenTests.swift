// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Examples/c-token: a token whose own checks let everything through, and the same sources with the generated ones.
struct CTokenTests {
    enum Build: String, CaseIterable { case plain, rules }

    // MARK: What p11probe finds

    private static let operations = ["find", "encrypt", "decrypt", "digest", "sign", "verify"]
    /// The guide's four, in both orders.
    private static let pairs: Set<[String]> = [
        ["digest", "encrypt"], ["encrypt", "digest"], ["decrypt", "digest"], ["digest", "decrypt"],
        ["sign", "encrypt"], ["encrypt", "sign"], ["decrypt", "verify"], ["verify", "decrypt"],
    ]

    @Test func withoutRulesNothingIsRefused() throws {
        try withToken(.plain) { module, _ in
            let (status, lines) = try probe(module)
            #expect(status == 1)
            let pairs = lines.filter { $0[0] == "pair" }
            #expect(pairs.count == 30 && pairs.allSatisfy { $0[5] == "allowed" }, "\(pairs)")
            #expect(lines.filter { $0[0] == "pair" && $0[7] == "yes" }.count == 22)
            let restarts = lines.filter { $0[0] == "restart" }
            #expect(restarts.count == 6 && restarts.allSatisfy { $0[5] == "abandoned" }, "\(restarts)")
            let thirds = lines.filter { $0[0] == "third" }
            #expect(thirds.count == 32 && thirds.allSatisfy { $0[5] == "allowed" && $0[7] == "yes" }, "\(thirds)")
        }
    }

    @Test func withRulesTheFourPairsAndNothingElse() throws {
        try withToken(.rules) { module, _ in
            let (status, lines) = try probe(module)
            #expect(status == 0)
            #expect(lines.filter { $0[0] == "alone" && $0[5] == "offered" }.map { $0[1] } == Self.operations)
            let starts = lines.filter { ["pair", "restart"].contains($0[0]) }
            #expect(starts.count == 36)
            #expect(Set(starts.filter { $0[5] == "allowed" }.map { [$0[1], $0[2]] }) == Self.pairs)
            let others = starts.filter { !Self.pairs.contains([$0[1], $0[2]]) } + lines.filter { $0[0] == "third" }
            #expect(others.count == 60)
            #expect(others.allSatisfy { $0[5] == "refused" && $0[6] == "CKR_OPERATION_ACTIVE" }, "\(others)")
            #expect(lines.allSatisfy { $0[7] != "yes" })
        }
    }

    private func probe(_ module: String) throws -> (status: Int32, lines: [[String]]) {
        let result = try run(
            "timeout", ["120", Project.program("p11probe"), module, "--pin", "1234", "--format", "tsv"])
        let lines = result.output.components(separatedBy: "\n").dropFirst().map { $0.components(separatedBy: "\t") }
        try #require(!lines.isEmpty && result.errors.isEmpty, "\(result)")
        return (result.status, lines.filter { $0.count == 8 })
    }

    // MARK: What an application finds

    @Test func withoutRulesSixAtOnce() throws {
        try withToken(.plain) { module, folder in
            let six = try application("six", module, folder)
            #expect(six.status == 0 && six.output.contains("\nactive 6\n"), "\(six)")
            #expect(six.output.components(separatedBy: ": right\n").count == 11)
            let borrowed = try application("borrowed", module, folder)
            #expect(borrowed.output.hasSuffix("the contract is not signed\nsomething else is signed\n"), "\(borrowed)")
        }
    }

    @Test func withRulesOneOfSix() throws {
        try withToken(.rules) { module, folder in
            let six = try application("six", module, folder)
            #expect(
                six.output == """
                    C_FindObjectsInit CKR_OK
                    C_EncryptInit CKR_OPERATION_ACTIVE
                    C_DecryptInit CKR_OPERATION_ACTIVE
                    C_DigestInit CKR_OPERATION_ACTIVE
                    C_SignInit CKR_OPERATION_ACTIVE
                    C_VerifyInit CKR_OPERATION_ACTIVE
                    active 1
                    search: right
                    its end: right

                    """)
            let borrowed = try application("borrowed", module, folder)
            #expect(borrowed.output.contains("C_DigestInit CKR_OPERATION_ACTIVE\n"))
            #expect(borrowed.output.hasSuffix("the contract is signed\nsomething else is not signed\n"), "\(borrowed)")
        }
    }

    @Test(arguments: Build.allCases)
    func theRestIsTheSame(_ build: Build) throws {
        try withToken(build) { module, folder in
            let dual = try application("dual", module, folder)
            #expect(dual.status == 0 && !dual.output.contains("wrong"), "\(dual)")
            #expect(
                dual.output.components(separatedBy: "\n").filter { $0.contains("Update ") }
                    == """
                    C_DigestEncryptUpdate CKR_OPERATION_NOT_INITIALIZED
                    C_DigestEncryptUpdate CKR_OPERATION_NOT_INITIALIZED
                    C_DigestEncryptUpdate CKR_OK
                    C_DigestEncryptUpdate CKR_BUFFER_TOO_SMALL
                    C_DigestEncryptUpdate CKR_OK
                    C_DecryptDigestUpdate CKR_OK
                    C_SignEncryptUpdate CKR_OK
                    C_DecryptVerifyUpdate CKR_OK
                    C_DigestEncryptUpdate CKR_OK
                    C_DigestEncryptUpdate CKR_ARGUMENTS_BAD
                    """.components(separatedBy: "\n"))
            let ends = "C_DigestFinal CKR_OPERATION_NOT_INITIALIZED\nC_EncryptFinal CKR_OPERATION_NOT_INITIALIZED\n"
            #expect(dual.output.hasSuffix(ends), "a failure ends both: \(dual)")

            let lengths = try application("lengths", module, folder)
            #expect(lengths.status == 0 && !lengths.output.contains("wrong"), "\(lengths)")

            let logout = try application("logout", module, folder)
            #expect(logout.status == 0, "\(logout)")
            #expect(logout.output.components(separatedBy: "\nevery operation can be done\n").count == 3, "\(logout)")
            #expect(
                logout.output.contains("C_Logout CKR_OK\nC_EncryptUpdate CKR_OPERATION_NOT_INITIALIZED\n"), "\(logout)")
        }
    }

    /// An active operation is what is answered before a mechanism or key is looked at, and after a handle is.
    @Test func theOrderOfAnswers() throws {
        try withToken(.rules) { module, folder in
            let order = try application("order", module, folder)
            #expect(
                order.output == """
                    C_DigestInit CKR_SESSION_HANDLE_INVALID
                    C_DigestInit CKR_ARGUMENTS_BAD
                    C_DigestInit CKR_MECHANISM_INVALID
                    C_DigestUpdate CKR_OPERATION_NOT_INITIALIZED
                    C_DigestInit CKR_OK
                    C_EncryptInit CKR_SESSION_HANDLE_INVALID
                    C_EncryptInit CKR_MECHANISM_INVALID
                    C_DigestUpdate CKR_OK
                    C_Digest CKR_OPERATION_ACTIVE
                    C_SignInit CKR_OPERATION_ACTIVE
                    C_DigestUpdate CKR_ARGUMENTS_BAD
                    C_DigestFinal CKR_OPERATION_NOT_INITIALIZED
                    C_Finalize CKR_OK
                    C_DigestInit CKR_CRYPTOKI_NOT_INITIALIZED
                    C_Initialize CKR_OK
                    C_DigestInit CKR_SESSION_HANDLE_INVALID

                    """)
        }
    }

    /// Nothing is leaked and nothing freed twice, whichever allocation fails.
    @Test func memory() throws {
        try require(package: "valgrind")
        try withToken(.rules) { module, folder in
            for what in ["memory", "logout"] {
                let result = try application(
                    what, module, folder,
                    with: [
                        "valgrind", "-q", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect",
                        "--error-exitcode=9",
                    ])
                #expect(result.status == 0, "\(result)")
            }
        }
    }

    /// Its keys are made in the same run: the token forgets them.
    @Test(arguments: Build.allCases)
    func aProgramThatKnowsNothingOfUs(_ build: Build) throws {
        try require(package: "opensc")
        try withToken(build) { module, _ in
            let tool = ["120", "pkcs11-tool", "--module", module, "--login", "--pin", "1234"]
            let empty = try run("timeout", tool + ["--test"])
            #expect(empty.status == 0 && empty.output.hasSuffix("No errors\n"), "\(empty)")
            let keys = ["--allow-sw", "--keypairgen", "--key-type", "rsa:2048", "--id", "01", "--test"]
            let signing = try run("timeout", tool + keys)
            #expect(signing.status == 0 && signing.output.hasSuffix("No errors\n"), "\(signing)")
            #expect(signing.output.contains("  all 4 signature functions seem to work\n"), "\(signing)")
            #expect(signing.output.contains("    SHA256-RSA-PKCS: OK\n"), "\(signing)")
        }
    }

    // MARK: What the example's page shows

    @Test func thePageIsTrue() throws {
        let page = try Project.text("Examples/c-token/README.md")
        let patch = try Project.text("Examples/c-token/rules.patch").components(separatedBy: "\n")
        let removed = patch.filter { $0.hasPrefix("-") && !$0.hasPrefix("---") }.count
        let added = patch.filter { $0.hasPrefix("+") && !$0.hasPrefix("+++") }.count
        #expect(removed > added)
        #expect(page.contains("| lines | \(removed) | \(added) |"), "\(removed) removed, \(added) added")
        for build in Build.allCases {
            try withToken(build) { module, _ in
                let said = try run("timeout", ["120", Project.program("p11probe"), module, "--pin", "1234"]).output
                let rest = try #require(said.components(separatedBy: "the one of the column is started\n").last)
                let matrix = try #require(rest.components(separatedBy: "\n\n").first)
                #expect(page.contains(matrix), "\(matrix)")
            }
        }
    }

    // MARK: Building

    /// Builds one of the two in a copy of the example, with the generator of this test run.
    private func withToken(_ build: Build, _ body: (_ module: String, _ folder: String) throws -> Void) throws {
        for package in ["gcc", "libssl-dev", "make", "patch", "pkg-config"] { try require(package: package) }
        try Project.withFolder { folder in
            for file in try FileManager.default.contentsOfDirectory(atPath: "\(Project.root)/Examples/c-token")
            where file != "build" {
                try FileManager.default.copyItem(
                    atPath: "\(Project.root)/Examples/c-token/\(file)", toPath: "\(folder)/\(file)")
            }
            let target = "build/\(build.rawValue)/c-token.so"
            let arguments = ["--no-print-directory", "P11GEN=\(Project.generator)", "P11GEN_DATA=\(Project.root)"]
            // As if nobody's make had called this one.
            let alone = ["MAKEFLAGS": "", "MFLAGS": "", "MAKELEVEL": "0"]
            let made = try run("make", arguments + ["CFLAGS=-g", target], in: folder, environment: alone)
            try #require(made.status == 0, "\(made)")
            let again = try run("make", arguments + ["CFLAGS=-g", target], in: folder, environment: alone)
            #expect(again.output == "make: '\(target)' is up to date.\n", "\(again)")
            try body("\(folder)/\(target)", folder)
        }
    }

    /// Tests/Programs/six_at_once with the module.
    private func application(
        _ what: String, _ module: String, _ folder: String, with runner: [String] = []
    ) throws -> CommandResult {
        let program = "\(folder)/six_at_once"
        if !FileManager.default.fileExists(atPath: program) {
            try Compiler.plain.makeProgram("six_at_once", at: program)
        }
        return try run("timeout", ["300"] + runner + [program, module, what])
    }
}
