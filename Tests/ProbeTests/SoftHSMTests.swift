// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// SoftHSM2 has one operation at a time, but lets a call in one part end what was fed a part.
struct SoftHSMTests {
    private static let operations = ["find", "encrypt", "decrypt", "digest", "sign", "verify"]

    @Test func oneOperationAtATime() throws {
        try Token.withSoftHSM { token, _ in
            let probe = try Probe([SoftHSM.module, "--pin", Probe.pin], token.environment)
            #expect(probe.result.errors.isEmpty, "\(probe.result)")
            #expect(probe.offered == Self.operations)
            #expect(probe.of("pair").count == 30 && probe.of("restart").count == 6)
            for line in probe.of("pair") + probe.of("restart") {
                #expect(line.observed == "refused" && line.value == "CKR_OPERATION_ACTIVE", "\(line)")
            }
            #expect(probe.pair("digest", "encrypt")?.rules == "admitted")
            #expect(probe.pair("decrypt", "verify")?.rules == "admitted")
            #expect(probe.pair("encrypt", "verify")?.rules == "not-a-pair")
            #expect(probe.pair("find", "digest")?.rules == "cryptographic-beside-search")
            #expect(probe.pair("digest", "find")?.rules == "search-beside-cryptographic")
            #expect(probe.pair("digest", "digest")?.rules == "restart")
            #expect(probe.of("third").isEmpty)
        }
    }

    @Test func oneCallAfterAPart() throws {
        try Token.withSoftHSM { token, _ in
            let probe = try Probe([SoftHSM.module, "--pin", Probe.pin], token.environment)
            #expect(probe.result.status == 0, "the standard contradicts itself there")
            let accepted = ["encrypt", "decrypt", "digest"]
            #expect(probe.of("single").filter { $0.observed == "allowed" }.map(\.first) == accepted)
            #expect(probe.of("single").filter { $0.observed == "ended" }.map(\.first) == ["sign", "verify"])
            let strict = try Probe([SoftHSM.module, "--pin", Probe.pin, "--policy", "strict"], token.environment)
            #expect(strict.result.status == 1)
            #expect(strict.violations.map(\.first) == accepted)
            #expect(strict.violations.allSatisfy { $0.rules == "single-after-part" })
        }
    }

    /// A login and a logout end nothing here. Without a PIN neither is tried.
    @Test func loginAndLogout() throws {
        try Token.withSoftHSM { token, _ in
            let probe = try Probe([SoftHSM.module], token.environment.merging(["P11PROBE_PIN": Probe.pin]) { $1 })
            for kind in ["login", "logout"] {
                #expect(probe.of(kind).map(\.first) == Self.operations)
                #expect(probe.of(kind).allSatisfy { $0.observed == "goes-on" && $0.value == "CKR_OK" })
            }
            let without = try Probe([SoftHSM.module], token.environment)
            #expect(without.of("login").isEmpty && without.of("logout").isEmpty)
            #expect(without.offered == Self.operations)
            // Before 3.0 there is nothing that cancels.
            #expect(probe.of("cancel").isEmpty && probe.of("null-mechanism").isEmpty)
        }
    }

    @Test func nothingIsLeftOnTheToken() throws {
        try require(package: "opensc")
        try Token.withSoftHSM { token, folder in
            func tool(_ arguments: String...) throws -> CommandResult {
                let login = ["--module", SoftHSM.module, "--login", "--pin", Probe.pin]
                return try run("pkcs11-tool", login + arguments, environment: token.environment)
            }
            try #require(try tool("--keygen", "--key-type", "AES:16", "--label", "there before").status == 0)
            func objects() throws -> [String] {
                let listed = try tool("--list-objects")
                let files =
                    FileManager.default.enumerator(atPath: "\(folder)/tokens")?.compactMap { $0 as? String } ?? []
                return [listed.output] + files.sorted()
            }
            let before = try objects()
            #expect(before[0].contains("there before"))
            _ = try Probe([SoftHSM.module, "--pin", Probe.pin], token.environment)
            #expect(try objects() == before)
        }
    }

    @Test func theReportForPeople() throws {
        try Token.withSoftHSM { token, _ in
            let result = try Probe.run([SoftHSM.module, "--pin", Probe.pin], token.environment)
            #expect(result.status == 0)
            let lines = result.output.components(separatedBy: "\n")
            #expect(lines.allSatisfy { $0.count <= 120 && !$0.hasSuffix(" ") })
            #expect(
                result.output.contains(
                    """
                              find encrypt decrypt digest sign verify
                      find      no      no      no     no   no     no
                      encrypt   no      no      no    no*  no*     no
                      decrypt   no      no      no    no*   no    no*
                      digest    no     no*     no*     no   no     no
                      sign      no     no*      no     no   no     no
                      verify    no      no     no*     no   no     no

                    """), "\(result)")
            #expect(result.output.contains("CKF_DUAL_CRYPTO_OPERATIONS is not set; logged in as the user\n"))
            #expect(result.output.contains("  36 of 36 starts beside an active operation are refused.\n"))
            #expect(result.output.contains("\n  Nothing that the rules forbid is allowed.\n"))
            #expect(!(result.output + result.errors).contains(Probe.pin))
        }
    }
}
