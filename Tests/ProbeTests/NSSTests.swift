// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// NSS softoken has a place for each of: a search, a cipher, and all that hashes or signs; it asks no further.
struct NSSTests {
    private static let module = "/usr/lib/x86_64-linux-gnu/libsoftokn3.so"

    private func probe(_ arguments: String...) throws -> Probe {
        try require(package: "libnss3")
        return try Probe([Self.module, "--init-args", "flags=noCertDB,noModDB"] + arguments)
    }

    @Test func whatItAllows() throws {
        let probe = try probe()
        #expect(probe.result.status == 1, "\(probe.result)")
        for operation in ["find", "encrypt", "decrypt", "digest", "sign", "verify"] {
            #expect(probe.offered.contains(operation))
        }
        let expected = [
            // Pairs, both ways.
            ("digest", "encrypt", "admitted", "allowed"), ("encrypt", "digest", "admitted", "allowed"),
            ("decrypt", "digest", "admitted", "allowed"), ("sign", "encrypt", "admitted", "allowed"),
            ("encrypt", "sign", "admitted", "allowed"), ("decrypt", "verify", "admitted", "allowed"),
            ("verify", "decrypt", "admitted", "allowed"),
            // No pairs, and it does not mind.
            ("encrypt", "verify", "not-a-pair", "allowed"), ("verify", "encrypt", "not-a-pair", "allowed"),
            ("decrypt", "sign", "not-a-pair", "allowed"), ("sign", "decrypt", "not-a-pair", "allowed"),
            ("find", "encrypt", "cryptographic-beside-search", "allowed"),
            ("find", "sign", "cryptographic-beside-search", "allowed"),
            ("encrypt", "find", "search-beside-cryptographic", "allowed"),
            ("digest", "find", "search-beside-cryptographic", "allowed"),
            // Two that have the same place.
            ("encrypt", "decrypt", "not-a-pair", "refused"), ("digest", "sign", "not-a-pair", "refused"),
            ("sign", "verify", "not-a-pair", "refused"), ("verify", "digest", "not-a-pair", "refused"),
            ("encrypt", "encrypt", "restart", "refused"), ("digest", "digest", "restart", "refused"),
            // A search takes the place of another.
            ("find", "find", "restart", "abandoned"),
        ]
        for (first, second, rules, observed) in expected {
            let line = try #require(probe.pair(first, second))
            #expect(line.rules == rules && line.observed == observed, "\(line)")
            #expect(line.isViolation == (rules != "admitted" && observed == "allowed"), "\(line)")
        }
        #expect(probe.third("digest", "encrypt", "find")?.isViolation == true)
        #expect(probe.third("digest", "encrypt", "sign")?.observed == "refused")
        #expect(probe.of("single").first { $0.first == "digest" }?.isViolation == false)
    }

    /// Each is tried in a process of its own, as this module crashes on one of them. None is a violation.
    @Test func cancelling() throws {
        let probe = try probe()
        try #require(probe.offered.contains("messageEncrypt"), "no interface of version 3")
        #expect(probe.of("null-mechanism").map(\.first) == probe.offered.filter { $0 != "find" })
        #expect(probe.of("null-mechanism").allSatisfy { ["goes-on", "ended", "crashed"].contains($0.observed) })
        #expect(probe.of("cancel").map(\.first) == probe.offered)
        #expect(probe.of("cancel").first { $0.first == "digest" }?.observed == "ended")
        // It answers CKR_OK to a search that is gone, and finds no more.
        #expect(probe.of("cancel").first { $0.first == "find" }?.observed == "ended")
        #expect(probe.of("cancel").allSatisfy { !$0.isViolation && $0.rules == "-" })
    }

    @Test func otherPolicies() throws {
        let single = try probe("--policy", "single")
        #expect(single.pair("digest", "encrypt")?.rules == "no-dual-operations")
        #expect(single.pair("digest", "encrypt")?.isViolation == true)
        let perKind = try probe("--policy", "per-kind")
        #expect(perKind.pair("encrypt", "verify")?.rules == "admitted")
        #expect(perKind.pair("find", "sign")?.rules == "admitted")
        #expect(perKind.violations.isEmpty && perKind.result.status == 0)
    }

    @Test func theReportForPeople() throws {
        try require(package: "libnss3")
        let result = try Probe.run([Self.module, "--init-args", "flags=noCertDB,noModDB", "--slot", "1"])
        #expect(result.status == 1)
        #expect(result.output.components(separatedBy: "\n").allSatisfy { $0.count <= 120 && !$0.hasSuffix(" ") })
        #expect(result.output.contains("CKF_DUAL_CRYPTO_OPERATIONS is set; not logged in\n"))
        #expect(result.output.contains("\n  begins anew, the first part is lost: find\n"), "\(result)")
        #expect(
            result.output.contains(
                "  1 start ended an older operation in silence; the guide permits that (4.1), but data is lost.\n"))
    }
}
