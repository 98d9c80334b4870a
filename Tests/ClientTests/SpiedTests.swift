// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What clients ask of a module arrives there: the same calls, in the same order, with the same arguments and answers, as OpenSC's
/// pkcs11-spy between guard and module writes them down.
struct SpiedTests {
    private static let spy = "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so"

    private static let differences = [
        Difference(reason: "time of a call", pattern: "^[0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2}\\.[0-9]+$"),
        Difference.tokenTime,
        // A call that fails leaves it as it was, which is anything. Of one that succeeds, the next call shows the session.
        Difference(reason: "session", pattern: "(?<=^\\[out\\] \\*phSession = ).*"),
        // Where a process has its memory is random.
        Difference(reason: "pointer", pattern: "\\b(0x)?0000[0-9a-f]{12}\\b|\\b0x[0-9a-f]{9,12}\\b"),
        // Some are random numbers, and one of the tool's is what happened to be in memory.
        Difference(reason: "bytes", pattern: "(?<=^    [0-9A-F]{8}  ).*"),
    ]

    /// Puts the spy in front of the module.
    @Sendable private static func spied(_ token: Token, folder: String) throws -> Layer {
        let module = "\(folder)/spied.so"
        try Compiler.plain.makeModule("without_interfaces.c", at: module, ["-DMODULE=\(spy.debugDescription)"])
        return Layer(
            module: module, environment: ["PKCS11SPY": token.module, "PKCS11SPY_OUTPUT": "\(folder)/spy.log"])
    }

    @Test func calls() throws {
        for package in ["gnutls-bin", "openssh-client", "libengine-pkcs11-openssl", "python3-pykcs11", "libnss3-tools"]
        {
            try require(package: package)
        }
        let comparison = Comparison(
            client: "each through the spy", finalizing: 8, settings: [Comparison.serialize],
            differences: Self.differences,
            texts: ["spy.log"], between: Self.spied)
        try comparison.run { run in
            let command = "printf '1234\n' >pin; mkdir db; certutil -N -d sql:db -f pin"
            let made = try TestSupport.run("sh", ["-ec", command], in: run.folder)
            try #require(made.status == 0, "\(made)")
        } _: { run in
            let tool = ["pkcs11-tool", "--module", run.module, "--token-label", "p11gen", "--login", "--pin", "1234"]
            try run.call(tool + ["--list-objects"])
            try run.call(tool + ["--test"], exits: 1)
            try run.call(tool + ["--hash", "--mechanism", "SHA256", "--input-file", "data", "--output-file", "hash"])
            try run.call(
                ["p11tool", "--provider", run.module, "--batch", "--login", "--set-pin=1234", "--test-sign"]
                    + ["pkcs11:token=p11gen;object=rsa;type=private"])
            try run.call(["ssh-keygen", "-D", run.module])
            try run.call(
                ["openssl", "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine", "-out", "sig", "-sign"]
                    + ["pkcs11:token=p11gen;object=rsa;pin-value=1234;type=private", "data"],
                ["PKCS11_MODULE_PATH": run.module])
            try run.call(["modutil", "-dbdir", "sql:db", "-add", "foreign", "-libfile", run.module, "-force"])
            try run.call(["certutil", "-K", "-d", "sql:db", "-h", "p11gen", "-f", "pin"])
            try run.call(["/usr/bin/python3", "\(Project.root)/Tests/Programs/use_token.py", run.module, run.folder])
        } verify: { finished in
            let calls = try Project.text(finished.path("spy.log")).matches(of: /(?m)^\d+: C_/).count
            #expect(calls > 500, "\(finished.name)")
        }
    }
}
