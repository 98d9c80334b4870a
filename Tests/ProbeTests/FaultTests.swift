// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Modules that are none, and modules with a fault: nothing takes p11probe down, and each is told from the other.
struct FaultTests {
    // MARK: Nothing can be tried

    private func refuses(
        _ arguments: [String], _ environment: [String: String] = [:], _ message: String,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try Probe.run(arguments, environment)
        #expect(result.status == 2, "\(result)", sourceLocation: location)
        #expect(result.output.isEmpty, "\(result)", sourceLocation: location)
        #expect(result.errors == "p11probe: error: \(message)\n", sourceLocation: location)
    }

    @Test func noModule() throws {
        try refuses(
            ["/no/such/module.so"], [:], "cannot read the module /no/such/module.so: No such file or directory")
        let mathematics = "/lib/x86_64-linux-gnu/libm.so.6"
        try refuses([mathematics], [:], "\(mathematics) is not a PKCS #11 module: it has no C_GetFunctionList")
        let program = try Probe.run(["/bin/true"])
        #expect(program.status == 2 && program.errors.hasPrefix("p11probe: error: cannot load the module: /bin/true"))
        let text = try Probe.run(["\(Project.root)/Package.swift"])
        #expect(text.status == 2 && text.errors.hasPrefix("p11probe: error: cannot load the module: "), "\(text)")
        #expect(try Probe.run([]).status == 64)
        let policy = try Probe.run(["module", "--policy", "guide"])
        #expect(policy.status == 64 && policy.errors.contains("unknown policy 'guide'; use usage-guide, "))
    }

    @Test func noToken() throws {
        try Project.withFolder { folder in
            let token = try SoftHSM(folder: folder)
            try refuses(
                [SoftHSM.module], token.environment,
                "no token is initialised; initialise one, or name its slot: --slot can be 0")
            try refuses(
                [SoftHSM.module, "--slot", "0"], token.environment,
                "C_OpenSession answered CKR_TOKEN_NOT_RECOGNIZED: the token in slot 0 is not initialised; initialise it "
                    + "or choose another --slot")
        }
    }

    @Test func wrongSlotAndPIN() throws {
        try Token.withSoftHSM { token, _ in
            let slot = try Probe.run([SoftHSM.module, "--slot", "77"], token.environment)
            #expect(slot.status == 2)
            #expect(
                slot.errors.hasPrefix(
                    "p11probe: error: C_GetTokenInfo answered CKR_SLOT_ID_INVALID: slot 77 holds no token; --slot can be "
                ))
            try refuses(
                [SoftHSM.module, "--pin", "wrong"], token.environment,
                "C_Login answered CKR_PIN_INCORRECT: the PIN is wrong; it was tried once")
        }
    }

    // MARK: Modules with a fault

    /// SoftHSM2 with a fault of the module in Tests/Programs.
    private func withFault(_ fault: String, _ body: (String, [String: String]) throws -> Void) throws {
        try Token.withSoftHSM { token, folder in
            let module = "\(folder)/faulty_module.so"
            try Compiler.plain.makeModule("faulty_module.c", at: module)
            let more = ["FAULT": fault, "REAL_MODULE": SoftHSM.module, "P11PROBE_PIN": Probe.pin]
            try body(module, token.environment.merging(more) { $1 })
        }
    }

    @Test func aModuleThatCannotBeUsed() throws {
        try withFault("list-fails") { module, environment in
            try refuses(
                [module], environment,
                "C_GetFunctionList answered CKR_GENERAL_ERROR: \(module) gives no functions; ask its maker")
        }
        try withFault("list-missing") { module, environment in
            try refuses(
                [module], environment, "C_GetFunctionList answered CKR_OK: \(module) gives no functions; ask its maker")
        }
        try withFault("no-members") { module, environment in
            try refuses([module], environment, "\(module) has no C_Initialize; ask its maker")
        }
        try withFault("crash") { module, environment in
            try refuses(
                [module], environment, "the module crashed: digest was tried alone; report this to its maker")
        }
    }

    @Test func functionsThatAreNotThere() throws {
        try withFault("fewer-members") { module, environment in
            let probe = try Probe([module], environment)
            #expect(probe.result.errors.isEmpty && probe.offered == ["find", "digest"], "\(probe.result)")
            #expect(probe.of("alone").first { $0.first == "encrypt" }?.value == "CKR_FUNCTION_NOT_SUPPORTED")
            #expect(probe.of("pair").count == 2)
        }
    }

    @Test func nothingForbiddenIsAllowed() throws {
        try withFault("clean") { module, environment in
            let probe = try Probe([module], environment)
            #expect(probe.result.status == 0, "\(probe.result)")
            #expect(probe.of("single").first { $0.first == "digest" }?.observed == "refused")
            let text = try Probe.run([module], environment)
            #expect(text.status == 0 && text.output.contains("\n  Nothing that the rules forbid is allowed.\n"))
        }
    }

    /// With one session for an application the keys are made anew each time, and the answers are the same.
    @Test func oneSessionOnly() throws {
        try withFault("one-session") { module, environment in
            let alone = try Probe([module], environment)
            let usual = try Probe([SoftHSM.module], environment)
            #expect(alone.result.errors.isEmpty && alone.result.status == 0)
            for kind in ["alone", "pair", "restart", "single", "logout"] { #expect(alone.of(kind) == usual.of(kind)) }
        }
    }

    /// Where the usual mechanisms or keys are not to be had, others do.
    @Test func otherMechanismsAndKeys() throws {
        try withFault("old") { module, environment in
            let probe = try Probe([module], environment)
            #expect(probe.offered == ["find", "encrypt", "decrypt", "digest", "sign", "verify"], "\(probe.result)")
            #expect(probe.of("pair").allSatisfy { $0.observed == "refused" })
            let text = try Probe.run([module], environment).output
            for mechanism in ["CKM_DES3_CBC", "CKM_SHA_1", "CKM_SHA256_RSA_PKCS"] { #expect(text.contains(mechanism)) }
        }
        try withFault("makes-keys") { module, environment in
            let probe = try Probe([module], environment)
            let usual = try Probe([SoftHSM.module], environment)
            #expect(probe.lines == usual.lines)
        }
        // Those are gone after a logout, and there is nothing that could be active before a login.
        try withFault("private-keys") { module, environment in
            let probe = try Probe([module], environment)
            let usual = try Probe([SoftHSM.module], environment)
            #expect(probe.lines == usual.lines.filter { $0.kind != "login" })
        }
    }

    @Test func anOlderOperationThatIsDropped() throws {
        try withFault("drops") { module, environment in
            let probe = try Probe([module], environment)
            #expect(probe.of("pair").filter { $0.observed != "refused" } == [probe.pair("digest", "encrypt")])
            #expect(probe.pair("digest", "encrypt")?.observed == "abandoned")
            #expect(probe.pair("digest", "encrypt")?.isViolation == false)
        }
    }

    /// A second start that begins anew is told from a wrong result, whatever the calls of the first one answer then.
    @Test func aSecondStartThatBeginsAnew() throws {
        try withFault("restarts") { module, environment in
            let probe = try Probe([module], environment)
            #expect(probe.of("restart").filter { $0.observed != "refused" } == [probe.pair("digest", "digest")])
            #expect(probe.pair("digest", "digest")?.observed == "abandoned", "\(probe.result)")
            #expect(probe.pair("digest", "digest")?.isViolation == false)
        }
    }

    /// CKR_OK to a start, and nothing behind it: what follows fails, or goes into the operation that was there before.
    @Test func aStartThatStartsNothing() throws {
        try withFault("vain") { module, environment in
            let probe = try Probe([module], environment)
            for first in ["find", "decrypt", "digest", "sign", "verify"] {
                #expect(probe.pair(first, "encrypt")?.observed == "unusable")
            }
            #expect(probe.pair("encrypt", "encrypt")?.observed == "wrong")
            #expect(probe.pair("encrypt", "encrypt")?.isViolation == true)
        }
    }

    @Test func aWrongResult() throws {
        try withFault("wrong") { module, environment in
            let probe = try Probe([module], environment)
            #expect(probe.of("pair").filter { $0.observed != "refused" } == [probe.pair("digest", "encrypt")])
            #expect(probe.pair("digest", "encrypt")?.observed == "wrong")
            let text = try Probe.run([module], environment)
            #expect(text.output.contains("\n  WRONG RESULTS, 1: digest then encrypt\n"), "\(text)")
        }
    }
}
