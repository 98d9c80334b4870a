// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The tokens that other tests rely on: a program that knows nothing of us finds them and can work with them.
struct TokenTests {
    @Test func softHSM() throws {
        try Project.withFolder { try work(with: .softHSM(folder: $0), in: $0) }
    }

    @Test(arguments: [true, false])
    func nss(_ keys: Bool) throws {
        try Project.withFolder { try work(with: .nss(folder: $0, keys: keys), in: $0) }
    }

    @Test func opencryptoki() throws {
        try Project.withFolder { folder in
            try Token.withOpencryptoki { try work(with: $0, in: folder) }
        }
    }

    private func work(with token: Token, in folder: String) throws {
        try require(package: "opensc")
        let module = try token.moduleForPrograms(folder: folder)
        let slot = try #require(token.slot)
        func tool(_ arguments: [String]) throws -> CommandResult {
            try run("pkcs11-tool", ["--module", module] + arguments, environment: token.environment)
        }

        // "Slot 0 (0x7ce9680f): …" is followed by what is known of its token, a line each.
        let slots = try tool(["--list-slots"])
        let ours = slots.output.components(separatedBy: "\nSlot ").first {
            $0.contains("(0x\(String(slot, radix: 16))): ")
        }
        #expect(try #require(ours, "\(slots)").contains("  token label        : \(token.label)\n"), "\(slots)")

        let (input, output) = ("\(folder)/abc", "\(folder)/digest")
        try "abc".write(toFile: input, atomically: true, encoding: .utf8)
        let login = token.pin.map { ["--login", "--pin", $0] } ?? []
        let hash = ["--hash", "--mechanism", "SHA256", "--input-file", input, "--output-file", output]
        let hashed = try tool(["--slot", "\(slot)"] + login + hash)
        #expect(hashed.status == 0, "\(hashed)")
        let digest = try Data(contentsOf: URL(filePath: output)).map { String(format: "%02x", $0) }.joined()
        #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
