// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// GnuTLS's p11tool, and p11-kit with the guard as a module that it is configured to use.
struct KitTests {
    /// SoftHSM gives what is new a random place among the objects.
    private static let place = Difference(reason: "place in the list", pattern: "(?<=^Object )[0-9]+")

    @Test func p11tool() throws {
        try require(package: "gnutls-bin")
        let comparison = Comparison(
            client: "p11tool", finalizing: 15, differences: [Self.place], files: ["rsa.pem", "cert.pem", "back.pem"])
        try comparison.run { run in
            // Nothing in it is random or tells the time.
            let dates = "activation_date=\"2025-01-01 00:00:00\"\nexpiration_date=\"2045-01-01 00:00:00\"\n"
            try "cn=p11gen\n\(dates)signing_key\nserial=7\n"
                .write(toFile: run.path("template"), atomically: true, encoding: .utf8)
        } _: { run in
            let anybody = ["p11tool", "--provider", run.module, "--batch"]
            let user = anybody + ["--login", "--set-pin=1234"]
            let key = "pkcs11:token=p11gen;object=rsa;type=private"
            try run.call(anybody + ["--list-tokens"])
            try run.call(anybody + ["--list-mechanisms", "pkcs11:token=p11gen"])
            try run.call(anybody + ["--list-all", "pkcs11:token=p11gen"])
            try run.call(user + ["--list-all", "pkcs11:token=p11gen"])
            try run.call(user + ["--info", key])
            try run.call(user + ["--test-sign", key])
            try run.call(
                user + ["--generate-privkey=ecdsa", "--curve=secp256r1", "--label", "ec", "--id", "02"]
                    + ["--outfile", "ec.pem", "pkcs11:token=p11gen"])
            try run.call(user + ["--test-sign", "pkcs11:token=p11gen;object=ec;type=private"])
            try run.call(user + ["--export-pubkey", "--outfile", "rsa.pem", key])
            try run.call(
                ["certtool", "--generate-self-signed", "--provider", run.module, "--load-privkey", key]
                    + ["--hash", "SHA256", "--template", "template", "--outfile", "cert.pem"],
                ["GNUTLS_PIN": "1234"])
            try run.call(
                user + ["--write", "--load-certificate", "cert.pem", "--label", "cert", "--id", "01"]
                    + ["pkcs11:token=p11gen"])
            try run.call(
                user + ["--export", "--outfile", "back.pem", "pkcs11:token=p11gen;object=cert;type=cert"])
            try run.call(user + ["--list-all", "pkcs11:token=p11gen"], isSorted: true)
            try run.call(user + ["--delete", "pkcs11:token=p11gen;object=ec;type=private"])
            try run.call(user + ["--list-privkeys", "pkcs11:token=p11gen"])
        } verify: { finished in
            // The certificate is signed with the key that was exported, and came back as it was.
            let checked = try finished.check("openssl", "verify", "-check_ss_sig", "-CAfile", "cert.pem", "back.pem")
            #expect(checked.status == 0, "\(finished.name): \(checked)")
            let key = try finished.check("openssl", "x509", "-in", "cert.pem", "-noout", "-pubkey")
            #expect(try Data(key.output.utf8) == finished.bytes("rsa.pem"), "\(finished.name)")
        }
    }

    private static let proxy = "/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so"

    /// p11-kit does not read a configuration of root's own, so somebody else calls it.
    @Test func p11Kit() throws {
        for package in ["p11-kit", "p11-kit-modules", "gnutls-bin"] { try require(package: package) }
        let isRoot = try TestSupport.run("id", ["-u"]).output == "0\n"
        let somebody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
        let comparison = Comparison(client: "p11-kit", finalizing: 9, files: ["rsa.sig", "rsa.der"])
        try comparison.run { run in
            let folder = run.path(".config/pkcs11")
            try FileManager.default.createDirectory(atPath: "\(folder)/modules", withIntermediateDirectories: true)
            try "user-config: only\n".write(toFile: "\(folder)/pkcs11.conf", atomically: true, encoding: .utf8)
            try "module: \(run.module)\n".write(
                toFile: "\(folder)/modules/token.module", atomically: true, encoding: .utf8)
            try #require(try TestSupport.run("chmod", ["-R", "a+rwX", run.folder]).status == 0)
        } _: { run in
            try run.call(somebody + ["p11-kit", "list-modules"])
            let user = ["p11tool", "--batch", "--login", "--set-pin=1234"]
            try run.call(somebody + user + ["--list-tokens"])
            try run.call(somebody + user + ["--list-all", "pkcs11:token=p11gen"])
            try run.call(somebody + user + ["--test-sign", "pkcs11:token=p11gen;object=rsa;type=private"])
            let tool = somebody + ["pkcs11-tool", "--module", Self.proxy]
            let login = tool + ["--token-label", "p11gen", "--login", "--pin", "1234"]
            try run.call(tool + ["--list-slots"])
            try run.call(login + ["--list-objects"])
            try run.call(login + ["--test"], exits: 1)
            try run.call(
                login + ["--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01"]
                    + ["--input-file", "data", "--output-file", "rsa.sig"])
            try run.call(login + ["--read-object", "--type", "pubkey", "--id", "01", "--output-file", "rsa.der"])
        } verify: { finished in
            let result = try finished.verify("rsa.sig", with: "rsa.der")
            #expect(result.output == "Verified OK\n", "\(finished.name): \(result)")
        }
    }
}
