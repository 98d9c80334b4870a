// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// OpenSC's pkcs11-tool.
///
/// Its `--test-threads` is not among this: with SoftHSM alone it crashes or hangs as often as not, since the tool's threads initialise
/// the module while others are about to use it.
struct ToolTests {
    private static let comparison = Comparison(
        client: "pkcs11-tool", finalizing: 34, settings: [Comparison.serialize],
        differences: [
            Difference(reason: "point of a new key", pattern: "(?<=EC_POINT:   )[0-9a-f]{134}"),
            // SoftHSM numbers objects in the order of their files, which have random names.
            Difference(reason: "handle", pattern: "(?<=^Data object )[0-9]+"),
        ], files: ["rsa.sig", "rsa.der", "digest", "AES-CBC-PAD.dec", "AES-ECB.dec", "thing"])

    private static let aes = [
        ("AES-ECB", []), ("AES-CBC-PAD", ["--iv", String(repeating: "0", count: 32)]),
    ]

    @Test func pkcs11Tool() throws {
        try Self.comparison.run { run in
            try "0123456789abcdef".write(toFile: run.path("block"), atomically: true, encoding: .utf8)
            let hashed = try TestSupport.run(
                "openssl", ["dgst", "-sha256", "-binary", "-out", "hash", "data"], in: run.folder)
            try #require(hashed.status == 0, "\(hashed)")
        } _: { run in
            let anybody = ["pkcs11-tool", "--module", run.module]
            let user = anybody + ["--token-label", "p11gen", "--login", "--pin", "1234"]
            for what in ["--show-info", "--list-slots", "--list-token-slots", "--list-mechanisms", "--list-objects"] {
                try run.call(anybody + [what])
            }
            try run.call(user + ["--list-objects"])
            // It stops where SoftHSM answers CKR_ARGUMENTS_BAD to its parameters for RSA-PKCS-OAEP.
            try run.call(user + ["--test"], exits: 1)
            // And here, where SoftHSM cannot sign with ECDSA-SHA1.
            try run.call(user + ["--session-rw", "--test-ec", "--id", "05", "--key-type", "EC:secp256r1"], exits: 1)
            // SoftHSM takes the child for its parent.
            try run.call(user + ["--test-fork"], exits: 1)

            try run.call(user + ["--keypairgen", "--key-type", "EC:secp256r1", "--id", "02", "--label", "ec"])
            try run.call(user + ["--keygen", "--key-type", "aes:16", "--id", "03", "--label", "aes"])
            try run.call(user + ["--list-objects"], isSorted: true)
            try Self.sign(run, user)
            for (mechanism, parameter) in Self.aes {
                let aes = user + ["--mechanism", mechanism, "--id", "03"] + parameter
                try run.call(aes + ["--encrypt", "--input-file", "block", "--output-file", "\(mechanism).enc"])
                try run.call(
                    aes + ["--decrypt", "--input-file", "\(mechanism).enc", "--output-file", "\(mechanism).dec"])
            }
            try run.call(user + ["--hash", "--mechanism", "SHA256", "--input-file", "data", "--output-file", "digest"])
            try run.call(anybody + ["--generate-random", "16", "--output-file", "random"])
            let thing = ["--type", "data", "--label", "thing"]
            try run.call(user + ["--write-object", "data"] + thing)
            try run.call(user + ["--read-object", "--output-file", "thing"] + thing)
            try run.call(user + ["--delete-object", "--type", "secrkey", "--id", "03"])
            try run.call(user + ["--list-objects"], isSorted: true)

            try run.call(anybody + ["--token-label", "p11gen", "--login", "--pin", "4321", "--list-objects"], exits: 1)
            // It does not call C_Finalize here, and nowhere else.
            try run.call(user + ["--change-pin", "--new-pin", "5678"])
            try run.call(user + ["--list-objects"], exits: 1)
            try run.call(
                anybody + ["--token-label", "p11gen", "--login", "--pin", "5678", "--list-objects"], isSorted: true)
        } verify: { finished in
            let results = [
                try finished.verify("rsa.sig", with: "rsa.der"),
                try finished.verify(
                    "pss.sig", with: "rsa.der", ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]),
                try finished.verify("ec.sig", with: "ec.der"),
            ]
            for result in results { #expect(result.output == "Verified OK\n", "\(finished.name): \(result)") }
            #expect(try finished.bytes("digest") == finished.bytes("hash"))
            for (mechanism, _) in Self.aes {
                #expect(try finished.bytes("\(mechanism).dec") == finished.bytes("block"))
                #expect(try finished.bytes("\(mechanism).enc") != finished.bytes("block"))
            }
            #expect(try finished.bytes("random").count == 16)
        }
    }

    private static func sign(_ run: Run, _ user: [String]) throws {
        let input = ["--input-file", "data"]
        let rsa = user + ["--mechanism", "SHA256-RSA-PKCS", "--id", "01"]
        try run.call(rsa + input + ["--sign", "--output-file", "rsa.sig"])
        try run.call(rsa + input + ["--verify", "--signature-file", "rsa.sig"])
        let pss = user + ["--mechanism", "SHA256-RSA-PKCS-PSS", "--mgf", "MGF1-SHA256", "--id", "01"]
        try run.call(pss + input + ["--sign", "--output-file", "pss.sig"])
        try run.call(pss + input + ["--verify", "--signature-file", "pss.sig"])
        // What was signed is something else.
        let other = try run.call(rsa + ["--input-file", "block", "--verify", "--signature-file", "rsa.sig"])
        if run.isDirect { #expect(other.output == "Invalid signature\n") }
        let ecdsa = user + ["--mechanism", "ECDSA", "--signature-format", "openssl", "--id", "02"]
        try run.call(ecdsa + ["--input-file", "hash", "--sign", "--output-file", "ec.sig"])
        try run.call(ecdsa + ["--input-file", "hash", "--verify", "--signature-file", "ec.sig"])
        for (id, name) in [("01", "rsa"), ("02", "ec")] {
            try run.call(user + ["--read-object", "--type", "pubkey", "--id", id, "--output-file", "\(name).der"])
        }
    }
}

extension Finished {
    /// OpenSSL, without the token, on a signature of the data.
    func verify(_ signature: String, with key: String, _ more: [String] = []) throws -> CommandResult {
        try TestSupport.run(
            "openssl", ["dgst", "-sha256", "-verify", key, "-signature", signature] + more + ["data"], in: folder)
    }
}
