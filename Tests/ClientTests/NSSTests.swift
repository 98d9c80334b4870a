// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// NSS, with a module that is not its own.
struct NSSTests {
    private static let differences = [
        // NSS numbers them as SoftHSM lists them: by the names of their files, which are random.
        Difference(reason: "place in the list", pattern: "(?<=^<) *[0-9]+(?=> )"),
        Difference(reason: "identifier of a new key", pattern: "\\b[0-9a-f]{40}\\b"),
    ]

    @Test func modutilAndCertutil() throws {
        try require(package: "libnss3-tools")
        let comparison = Comparison(
            client: "NSS", finalizing: 13, settings: [Comparison.serialize], differences: Self.differences)
        try comparison.run { run in
            let command =
                "printf '1234\\n' >pin; mkdir db; certutil -N -d sql:db -f pin; head -c 100 /dev/urandom >noise"
            let made = try TestSupport.run("sh", ["-ec", command], in: run.folder)
            try #require(made.status == 0, "\(made)")
        } _: { run in
            func modutil(_ words: String...) throws { try run.call(["modutil", "-dbdir", "sql:db"] + words) }
            func certutil(_ words: String..., exits status: Int32 = 0, isSorted: Bool = false) throws {
                try run.call(
                    ["certutil", "-d", "sql:db", "-h", "p11gen", "-f", "pin"] + words, exits: status,
                    isSorted: isSorted)
            }
            let make = ["-z", "noise", "-g", "2048"]
            try modutil("-add", "foreign", "-libfile", run.module, "-force")
            try modutil("-list")
            try modutil("-list", "foreign")
            try certutil("-K")
            try run.call(["certutil", "-G", "-d", "sql:db", "-h", "p11gen", "-f", "pin"] + make)
            try certutil("-K", isSorted: true)
            try run.call(
                ["certutil", "-R", "-d", "sql:db", "-h", "p11gen", "-f", "pin", "-s", "CN=request", "-a"]
                    + ["-o", "request.pem"] + make)
            // The certificate gets onto the token; that it is trusted has no place there.
            try run.call(
                ["certutil", "-S", "-d", "sql:db", "-h", "p11gen", "-f", "pin", "-s", "CN=self", "-n", "self"]
                    + ["-x", "-m", "7", "-t", ",,"] + make, exits: 255)
            try certutil("-L")
            try run.call(["sh", "-c", "certutil -d sql:db -h p11gen -f pin -L -n p11gen:self -a >self.pem"])
            try certutil("-D", "-n", "p11gen:self")
            try certutil("-L")
            try modutil("-delete", "foreign", "-force")
        } verify: { finished in
            let checked = try finished.check("openssl", "req", "-in", "request.pem", "-noout", "-verify", "-subject")
            let signed = try finished.check("openssl", "verify", "-check_ss_sig", "-CAfile", "self.pem", "self.pem")
            #expect(signed.status == 0, "\(finished.name): \(signed)")
            #expect(checked.status == 0 && checked.output.contains("CN = request"), "\(finished.name): \(checked)")
        }
    }
}
