// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Programs in other languages, with the bindings that these have.
struct LanguageTests {
    @Test func pyKCS11() throws {
        try require(package: "python3-pykcs11")
        let comparison = Comparison(client: "PyKCS11", finalizing: 2, differences: [.tokenTime], files: ["rsa.sig"])
        try comparison.run { run in
            // Debian's Python, which has Debian's packages; another one may come first.
            try run.call(["/usr/bin/python3", "\(Project.root)/Tests/Programs/use_token.py", run.module, run.folder])
            try run.call(
                ["pkcs11-tool", "--module", run.module, "--read-object", "--type", "pubkey", "--id", "01"]
                    + ["--output-file", "rsa.der"])
        } verify: { finished in
            let result = try finished.verify("rsa.sig", with: "rsa.der")
            #expect(result.output == "Verified OK\n", "\(finished.name): \(result)")
        }
    }

    @Test func java() throws {
        for program in ["java", "javac", "keytool"] { try require(program: program) }
        // Java leaves the module as the process ends, without C_Finalize.
        let comparison = Comparison(
            client: "Java", finalizing: 0,
            settings: [Comparison.serialize, Comparison.report.merging(Comparison.serialize) { $1 }],
            files: ["rsa.sig", "kt.der"])
        try comparison.run { run in
            let slot = try #require(run.token.slot)
            try "name = p11gen\nlibrary = \(run.module)\nslot = \(slot)\n"
                .write(toFile: run.path("java.cfg"), atomically: true, encoding: .utf8)
            let compiled = try TestSupport.run(
                "javac", ["-d", run.folder, "\(Project.root)/Tests/Programs/UseToken.java"])
            try #require(compiled.status == 0, "\(compiled)")
            // The key in the store: Java wants a certificate with it.
            try FileManager.default.createSymbolicLink(atPath: run.module, withDestinationPath: run.token.module)
            let made = try TestSupport.run(
                "keytool",
                ["-genkeypair", "-alias", "kt", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=kt"]
                    + Self.store, in: run.folder, environment: run.environment)
            try #require(made.status == 0, "\(made)")
            try FileManager.default.removeItem(atPath: run.module)
        } _: { run in
            try run.call(["java", "-XX:TieredStopAtLevel=1", "-cp", ".", "UseToken", "java.cfg", "1234", "."])
            try run.call(["keytool", "-list", "-v"] + Self.store)
        } verify: { finished in
            let result = try finished.verify("rsa.sig", with: "kt.der")
            #expect(result.output == "Verified OK\n", "\(finished.name): \(result)")
        }
    }

    private static let store = [
        "-keystore", "NONE", "-storetype", "PKCS11", "-storepass", "1234", "-providerClass",
        "sun.security.pkcs11.SunPKCS11", "-providerArg", "java.cfg",
    ]
}
