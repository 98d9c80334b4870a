// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Examples/swift-token: built as its reader builds it, then loaded by programs.
struct SwiftTokenTests {
    // MARK: What p11probe finds

    private static let operations = ["find", "encrypt", "decrypt", "digest"]
    /// Those of the guide's four that the token has the operations for, in both orders.
    private static let pairs: Set<[String]> = [
        ["digest", "encrypt"], ["encrypt", "digest"], ["decrypt", "digest"], ["digest", "decrypt"],
    ]

    @Test func thePairsAndNothingElse() throws {
        let probe = [Project.program("p11probe"), try Self.module(), "--format", "tsv"]
        let result = try run("timeout", ["120"] + probe)
        try #require(result.status == 0 && result.errors.isEmpty, "\(result)")
        let lines = result.output.components(separatedBy: "\n").map { $0.components(separatedBy: "\t") }
            .filter { $0.count == 8 }
        #expect(lines.filter { $0[0] == "alone" && $0[5] == "offered" }.map { $0[1] } == Self.operations)
        let starts = lines.filter { ["pair", "restart"].contains($0[0]) }
        #expect(starts.count == 16)
        #expect(Set(starts.filter { $0[5] == "allowed" }.map { [$0[1], $0[2]] }) == Self.pairs)
        let others = starts.filter { !Self.pairs.contains([$0[1], $0[2]]) } + lines.filter { $0[0] == "third" }
        #expect(others.count == 20)
        #expect(others.allSatisfy { $0[5] == "refused" && $0[6] == "CKR_OPERATION_ACTIVE" }, "\(others)")
        #expect(lines.allSatisfy { $0[7] != "yes" })
    }

    // MARK: What an application finds

    @Test func objects() throws {
        try expect(
            "objects",
            """
            C_CreateObject CKR_ATTRIBUTE_TYPE_INVALID
            C_CreateObject CKR_TEMPLATE_INCOMPLETE
            C_CreateObject CKR_TEMPLATE_INCOMPLETE
            C_CreateObject CKR_ARGUMENTS_BAD
            C_CreateObject CKR_ATTRIBUTE_VALUE_INVALID
            C_CreateObject CKR_TEMPLATE_INCONSISTENT
            C_CreateObject CKR_ATTRIBUTE_VALUE_INVALID
            C_CreateObject CKR_ATTRIBUTE_VALUE_INVALID
            C_GenerateKey CKR_ATTRIBUTE_VALUE_INVALID
            C_GenerateKey CKR_TEMPLATE_INCOMPLETE
            C_GenerateKey CKR_MECHANISM_INVALID
            C_GenerateKey CKR_OK
            C_FindObjectsInit CKR_OK
            C_FindObjects CKR_OK
            found: right
            C_GetAttributeValue CKR_ATTRIBUTE_TYPE_INVALID
            class and length: right
            what there is not: right
            what was not asked for: right
            C_GetAttributeValue CKR_BUFFER_TOO_SMALL
            C_FindObjects CKR_OK
            no more: right
            C_FindObjectsFinal CKR_OK
            C_EncryptInit CKR_KEY_FUNCTION_NOT_PERMITTED
            C_DecryptInit CKR_OK
            C_DestroyObject CKR_OK
            C_DestroyObject CKR_OBJECT_HANDLE_INVALID
            C_Decrypt CKR_OK
            decryption: right
            C_DecryptInit CKR_KEY_HANDLE_INVALID
            C_FindObjectsInit CKR_OK
            none of them: right
            all of them: right
            C_FindObjectsFinal CKR_OK
            """)
    }

    @Test func sessions() throws {
        try expect(
            "sessions",
            """
            C_DigestInit CKR_OK
            C_OpenSession CKR_SLOT_ID_INVALID
            C_OpenSession CKR_SESSION_PARALLEL_NOT_SUPPORTED
            C_OpenSession CKR_OK
            C_GetSessionInfo CKR_OK
            read-only: right
            C_GetSessionInfo CKR_OK
            read-write: right
            C_DigestUpdate CKR_OPERATION_NOT_INITIALIZED
            C_EncryptInit CKR_OK
            C_CloseSession CKR_OK
            C_CloseSession CKR_SESSION_HANDLE_INVALID
            C_DigestUpdate CKR_SESSION_HANDLE_INVALID
            C_DigestInit CKR_SESSION_HANDLE_INVALID
            C_FindObjectsInit CKR_OPERATION_ACTIVE
            C_EncryptInit CKR_OK
            C_FindObjectsInit CKR_OK
            C_FindObjects CKR_OK
            keys are gone: right
            C_CloseAllSessions CKR_SLOT_ID_INVALID
            C_CloseAllSessions CKR_OK
            C_FindObjectsFinal CKR_SESSION_HANDLE_INVALID
            C_OpenSession CKR_OK
            new handle: right
            C_DigestUpdate CKR_OPERATION_NOT_INITIALIZED
            C_Initialize CKR_CRYPTOKI_ALREADY_INITIALIZED
            C_Finalize CKR_ARGUMENTS_BAD
            C_Finalize CKR_OK
            C_Finalize CKR_CRYPTOKI_NOT_INITIALIZED
            C_DigestInit CKR_CRYPTOKI_NOT_INITIALIZED
            C_GetSlotList CKR_CRYPTOKI_NOT_INITIALIZED
            C_Initialize CKR_ARGUMENTS_BAD
            C_Initialize CKR_OK
            C_DigestInit CKR_SESSION_HANDLE_INVALID
            """)
    }

    @Test func theList() throws {
        try expect(
            "list",
            """
            no member is NULL: right
            C_Login CKR_FUNCTION_NOT_SUPPORTED
            C_SignInit CKR_FUNCTION_NOT_SUPPORTED
            C_SignEncryptUpdate CKR_FUNCTION_NOT_SUPPORTED
            C_SeedRandom CKR_FUNCTION_NOT_SUPPORTED
            C_GetOperationState CKR_FUNCTION_NOT_SUPPORTED
            C_WaitForSlotEvent CKR_FUNCTION_NOT_SUPPORTED
            C_GetFunctionStatus CKR_FUNCTION_NOT_PARALLEL
            C_CancelFunction CKR_FUNCTION_NOT_PARALLEL
            C_GetSlotList CKR_BUFFER_TOO_SMALL
            C_GetSlotList CKR_OK
            slots: right
            C_GetMechanismList CKR_BUFFER_TOO_SMALL
            C_GetMechanismList CKR_OK
            mechanisms: right
            C_GetMechanismList CKR_SLOT_ID_INVALID
            C_GenerateRandom CKR_OK
            random: right
            """)
    }

    @Test func twoThreads() throws {
        try expect("threads", "each in its own session: right\nboth in one session: right")
    }

    // MARK: Programs that know nothing of us

    @Test func pkcs11Tool() throws {
        try require(package: "opensc")
        let tool = ["120", "pkcs11-tool", "--module", try Self.module()]
        let slots = try run("timeout", tool + ["-L"])
        #expect(slots.status == 0 && slots.output.contains("\n  token label        : swift-token\n"), "\(slots)")
        let tested = try run("timeout", tool + ["--test"])
        #expect(tested.status == 0 && tested.output.hasSuffix("No errors\n"), "\(tested)")
        #expect(tested.output.contains("  all 4 digest functions seem to work\n"), "\(tested)")
    }

    /// Other names would meet those of a program that is written in Swift too.
    @Test func onlyFunctionsOfTheStandardAreExported() throws {
        let symbols = try run("nm", ["-D", "--defined-only", "--extern-only", "-P", Self.module()])
        try #require(symbols.status == 0, "\(symbols)")
        let names = symbols.output.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields[1].first?.isUppercase == true ? fields[0] : nil
        }
        #expect(names.count == 36 && names.allSatisfy { $0.hasPrefix("C_") }, "\(names)")
    }

    // MARK: What the example's page shows

    @Test func thePageIsTrue() throws {
        let page = try Project.text("Examples/swift-token/README.md")
        let said = try run("timeout", ["120", Project.program("p11probe"), Self.module()]).output
        let rest = try #require(said.components(separatedBy: "the one of the column is started\n").last)
        let matrix = try #require(rest.components(separatedBy: "\n\n").first)
        #expect(page.contains(matrix), "\(matrix)")
        // Its Swift stands in the sources as well.
        let sources = "Examples/swift-token/Sources/SwiftToken"
        let texts = try FileManager.default.contentsOfDirectory(atPath: "\(Project.root)/\(sources)")
            .map { try Project.text("\(sources)/\($0)") }
        let blocks = page.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }
        #expect(blocks.count == 2)
        for block in blocks { #expect(texts.contains { $0.contains(block) }, "\(block)") }
    }

    // MARK: Building

    /// Built once, in a folder of its own: the one of this package may be in use.
    private static let built = Result {
        let folder = "\(Project.root)/.build/examples/swift-token"
        let build = ["build", "--package-path", "Examples/swift-token", "--scratch-path", folder]
        let made = try run("timeout", ["600", "swift"] + build)
        try #require(made.status == 0, "\(made)")
        try Compiler.plain.makeProgram("drive_swift_token", at: "\(folder)/drive_swift_token", ["-rdynamic"])
        return (module: "\(folder)/debug/libswift-token.so", program: "\(folder)/drive_swift_token")
    }

    private static func ready() throws -> (module: String, program: String) {
        try require(package: "gcc")
        return try built.get()
    }

    private static func module() throws -> String { try ready().module }

    /// Tests/Programs/drive_swift_token with the module.
    func application(_ what: String) throws -> CommandResult {
        let built = try Self.ready()
        return try run("timeout", ["120", built.program, built.module, what])
    }

    func expect(_ what: String, _ lines: String) throws {
        let result = try application(what)
        #expect(result.status == 0 && result.output == lines + "\n", "\(result)")
    }
}
