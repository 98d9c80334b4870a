// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// What holds, why, and where the standard says so. The sections are those of the standard, looked up by hand.
struct ExplainTests {
    private func explain(_ words: String...) throws -> CommandResult { try run(Project.generator, ["explain"] + words) }

    @Test func twoOperationsThatAreAPair() throws {
        let result = try explain("digest", "encrypt")
        #expect(result.status == 0)
        #expect(result.output.contains("  usage-guide: may be active together\n"))
        #expect(result.output.contains("  single: not together."))
        #expect(result.output.contains("Usage Guide 3.2, 2.6.7 Capabilities of sessions"))
        #expect(result.output.contains("Base 3.2, 5.17.1 C_DigestEncryptUpdate"))
    }

    @Test func twoOperationsThatAreNone() throws {
        let result = try explain("sign", "digest")
        #expect(
            result.output.contains(
                "  usage-guide: not together. Two operations may be active only where they form an allowed pair. not-a-pair"
            ))
        #expect(!result.output.contains("they are a pair"))
    }

    @Test func aFunction() throws {
        let result = try explain("C_VerifySignature")
        #expect(
            result.output.hasPrefix(
                "C_VerifySignature verifies data in one part against that signature. Base 3.2, 5.15.8"))
        #expect(result.output.contains("answers check-after-part with CKR_OPERATION_NOT_INITIALIZED"))
        #expect(result.output.contains("reading S15"))
        let start = try explain("C_FindObjectsInit")
        #expect(
            start.output.contains("usage-guide refuses it with CKR_OPERATION_ACTIVE while one of these is active: find")
        )
    }

    @Test func aRuleAPolicyAndAReading() throws {
        #expect(try explain("not-a-pair").output.contains("applied by usage-guide, strict"))
        #expect(try explain("strict").output.contains("instant-beside-operation"))
        #expect(try explain("S16").output.contains("Does starting an active operation again restart it? no."))
        #expect(try explain("find").output.contains("C_FindObjectsFinal"))
    }

    @Test func whatHasNoName() throws {
        let result = try explain("C_SignUpdat")
        #expect(result.status == 64)
        #expect(result.errors.contains("unknown name 'C_SignUpdat'; did you mean 'C_SignUpdate'?"))
        #expect(try explain("digest", "encrypt", "sign").errors.contains("pass one name, or those of two operations"))
    }
}
