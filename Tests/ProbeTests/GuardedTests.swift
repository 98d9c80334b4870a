// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Real tokens, as they are and with the guard in front of them: what the rules forbid is refused, and what they admit goes on as
/// before.
struct GuardedTests {
    private static let library = ".build/guard/release/libp11guard.so"

    /// What p11probe finds without and with the guard, and what the guard logged.
    private struct Findings {
        let direct: Probe
        let guarded: Probe
        let log: [String]

        init(_ token: Token, folder: String, _ more: [String: String] = [:]) throws {
            try require(file: GuardedTests.library, "make guard builds it")
            var arguments: [String] = []
            if let slot = token.slot { arguments += ["--slot", "\(slot)"] }
            if let pin = token.pin { arguments += ["--pin", pin] }
            if let initArgs = token.initArgs { arguments += ["--init-args", initArgs] }
            direct = try Probe([token.module] + arguments, token.environment)
            let log = "\(folder)/guard.log"
            let guarding = ["P11GUARD_MODULE": token.module, "P11GUARD_LOG": log].merging(more) { $1 }
            guarded = try Probe(
                ["\(Project.root)/\(GuardedTests.library)"] + arguments,
                token.environment.merging(guarding) { $1 })
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            self.log = text.split(separator: "\n").map(String.init)
        }

        /// Starts beside others.
        private static let kinds = ["pair", "restart", "third"]

        /// What the rules admit and the module does it still does; what they forbid, nobody does.
        func expectRules(_ admitted: [(String, String)]) {
            #expect(guarded.result.status == 0, "\(guarded.result)")
            #expect(guarded.violations.isEmpty)
            #expect(guarded.offered == direct.offered)
            for line in guarded.lines where Self.kinds.contains(line.kind) && line.rules != "admitted" {
                #expect(line.observed == "refused" && line.value == "CKR_OPERATION_ACTIVE", "\(line)")
            }
            for (first, second) in admitted {
                #expect(direct.pair(first, second)?.observed == "allowed", "\(first), \(second)")
                #expect(guarded.pair(first, second)?.observed == "allowed", "\(first), \(second)")
            }
            let allowed = guarded.of("pair").filter { $0.observed == "allowed" }
            #expect(allowed.count == admitted.count, "\(allowed)")
            // What becomes of an operation at a logout, say, is the module's business.
            for kind in ["alone", "single", "login", "logout", "cancel", "null-mechanism"] {
                #expect(guarded.of(kind) == direct.of(kind))
            }
        }
    }

    private static let guidePairs = [
        ("digest", "encrypt"), ("encrypt", "digest"), ("decrypt", "digest"), ("digest", "decrypt"), ("sign", "encrypt"),
        ("encrypt", "sign"), ("decrypt", "verify"), ("verify", "decrypt"),
    ]

    /// It refuses whatever the rules refuse, and the pairs too: with the guard nothing is different.
    @Test func softHSM() throws {
        try Project.withFolder { folder in
            let found = try Findings(.softHSM(folder: folder), folder: folder)
            found.expectRules([])
            #expect(found.direct.violations.isEmpty)
            #expect(
                found.guarded.lines.filter { $0.kind != "third" } == found.direct.lines.filter { $0.kind != "third" })
        }
    }

    /// Its slot for computing and its slot for keys, which does not digest. It has one place for the four ciphers, one for the five that
    /// hash or sign, and one for searches: 4 · 5 · 2 less 8 of pairs, 9 · 2 with a search, and a search beside each of the 8 pairs;
    /// without digests 4 · 4 · 2 less 4, 8 · 2, and 4.
    @Test(arguments: [(keys: false, violations: 58), (true, 48)])
    func nss(keys: Bool, violations: Int) throws {
        try Project.withFolder { folder in
            let found = try Findings(.nss(folder: folder, keys: keys), folder: folder)
            #expect(found.direct.result.status == 1 && found.direct.violations.count == violations)
            for (first, second) in [("encrypt", "verify"), ("find", "sign"), ("sign", "find"), ("decrypt", "sign")] {
                #expect(found.direct.pair(first, second)?.isViolation == true, "\(first), \(second)")
            }
            #expect(found.direct.pair("find", "find")?.observed == "abandoned")
            found.expectRules(Self.guidePairs.filter { !keys || ![$0.0, $0.1].contains("digest") })
            #expect(found.guarded.pair("find", "find")?.observed == "refused")
            let line = try #require(
                found.log.first { $0.contains(": refused C_VerifyInit ") && !$0.contains("find (") })
            #expect(line.contains("libsoftokn3.so: refused C_VerifyInit in session 0x"))
            #expect(line.contains("; active: encrypt (parts) since C_EncryptInit, call "), "\(line)")
            #expect(line.contains(", from p11probe+0x"))
            #expect(
                line.contains("; rule not-a-pair: ") && line.contains(" (Usage Guide 3.2, 2.6.7 ")
                    && line.hasSuffix("; answered CKR_OPERATION_ACTIVE"), "\(line)")
            #expect(!found.log.contains { $0.contains("1234") })
        }
    }

    /// The token does not claim that it can do two at once, and can do ten.
    @Test func opencryptoki() throws {
        try Token.withOpencryptoki { token in
            try Project.withFolder { folder in
                let found = try Findings(token, folder: folder)
                #expect(found.direct.result.status == 1 && found.direct.violations.count == 88)
                for (first, second) in [
                    ("encrypt", "decrypt"), ("find", "digest"), ("sign", "find"), ("sign", "verify"),
                ] {
                    #expect(found.direct.pair(first, second)?.isViolation == true, "\(first), \(second)")
                }
                found.expectRules(Self.guidePairs)

                // By what the token says of itself, no two.
                let single = try Findings(token, folder: folder, ["P11GUARD_POLICY": "auto"])
                for (first, second) in Self.guidePairs {
                    #expect(single.guarded.pair(first, second)?.observed == "refused", "\(first), \(second)")
                }
                #expect(single.log.contains { $0.contains("; rule no-dual-operations: ") })
            }
        }
    }

    /// To report is to change nothing: the same table as without the guard, and a line for each that would be refused.
    @Test func reportOnly() throws {
        try Project.withFolder { folder in
            let found = try Findings(.nss(folder: folder, keys: false), folder: folder, ["P11GUARD_MODE": "report"])
            #expect(found.guarded.lines == found.direct.lines)
            #expect(found.guarded.result.status == 1)
            #expect(!found.log.contains { $0.contains(": refused ") })
            #expect(found.log.contains { $0.contains(": would refuse C_FindObjectsInit in session ") })
            #expect(found.log.last?.contains(": C_Finalize: ") == true)
        }
    }
}
