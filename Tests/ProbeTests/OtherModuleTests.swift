// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// Modules that stand in front of another, and one that can do nothing but search.
struct OtherModuleTests {
    /// What came with 3.0 and 3.2 is done in the module in Tests/Programs around SoftHSM2.
    @Test func whatCameLater() throws {
        try Token.withSoftHSM { token, folder in
            let module = "\(folder)/module_of_3_2.so"
            try Compiler.plain.makeModule("module_of_3_2.c", at: module)
            let environment = token.environment.merging(["REAL_MODULE": SoftHSM.module]) { $1 }
            let probe = try Probe([module, "--pin", Probe.pin], environment)
            #expect(probe.result.errors.isEmpty, "\(probe.result)")
            let old = ["find", "encrypt", "decrypt", "digest", "sign", "verify"]
            #expect(probe.offered == old + ["verifySignature", "messageSign", "messageVerify"])

            // One at a time, but for messages, which know nothing of the others.
            for first in probe.offered {
                for second in probe.offered {
                    let line = try #require(probe.pair(first, second))
                    let isApart = first != second && (first.hasPrefix("message") || second.hasPrefix("message"))
                    #expect(line.observed == (isApart ? "allowed" : "refused"), "\(line)")
                    #expect(line.isViolation == isApart, "\(line)")
                }
            }
            #expect(probe.pair("digest", "messageSign")?.rules == "not-a-pair")
            #expect(probe.pair("verifySignature", "decrypt")?.rules == "not-a-pair")
            #expect(probe.of("single").first { $0.first == "verifySignature" }?.value == "CKR_FUNCTION_NOT_SUPPORTED")

            for (kind, first, observed) in [
                ("cancel", "messageSign", "ended"), ("cancel", "messageVerify", "goes-on"),
                ("cancel", "digest", "goes-on"), ("null-mechanism", "messageSign", "crashed"),
                ("null-mechanism", "messageVerify", "ended"), ("null-mechanism", "verifySignature", "goes-on"),
            ] {
                #expect(probe.of(kind).first { $0.first == first }?.observed == observed, "\(kind) \(first)")
            }
        }
    }

    /// OpenSC's spy lets everything through. Some versions crash where the number of interfaces is asked for.
    @Test func inFrontOfAnother() throws {
        try require(package: "opensc")
        try Token.withSoftHSM { token, folder in
            let environment = token.environment.merging([
                "PKCS11SPY": SoftHSM.module, "PKCS11SPY_OUTPUT": "\(folder)/spied", "P11PROBE_PIN": Probe.pin,
            ]) { $1 }
            let spied = try Probe(["/usr/lib/x86_64-linux-gnu/pkcs11-spy.so"], environment)
            let plain = try Probe([SoftHSM.module], environment)
            #expect(spied.result.status == 0, "\(spied.result)")
            for kind in ["pair", "restart", "single", "login", "logout"] { #expect(spied.of(kind) == plain.of(kind)) }
        }
    }

    /// p11-kit's store of certificates can do nothing else.
    @Test func onlySearches() throws {
        try require(package: "p11-kit-modules")
        let probe = try Probe(["/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-trust.so"])
        #expect(probe.result.status == 0, "\(probe.result)")
        #expect(probe.offered == ["find"] && probe.result.errors.isEmpty)
        #expect(probe.pair("find", "find")?.rules == "restart")
    }
}
