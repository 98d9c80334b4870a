// SPDX-License-Identifier: MIT

import Foundation

/// A token of a module that people use, ready for sessions: a user can log in where it has a PIN.
package struct Token: Sendable {
    /// The path of the module to load.
    package let module: String
    /// What a program that loads the module finds in its environment.
    package let environment: [String: String]
    /// What the program passes to `C_Initialize` as `pReserved`, where the module wants something there.
    package let initArgs: String?
    /// The user's PIN, where there is a user.
    package let pin: String?
    /// The number of the token's slot, where it is known.
    package let slot: UInt?
    /// The token's label, without the blanks that fill it up.
    package let label: String

    /// The PIN of every token here, unless a test has its own.
    private static let userPIN = "1234"

    /// SoftHSM2: one session has one operation at a time.
    ///
    /// - Parameters:
    ///   - folder: an empty folder, which holds the token.
    ///   - pin: the user's PIN.
    package static func softHSM(folder: String, pin: String? = nil) throws -> Token {
        let pin = pin ?? userPIN
        let configured = try SoftHSM(folder: folder)
        let made = try run(
            "softhsm2-util",
            ["--init-token", "--free", "--label", "p11gen", "--pin", pin, "--so-pin", "12345678"],
            environment: configured.environment)
        // The slot changes its number as it gets a token, and keeps that one.
        guard made.status == 0, let slot = made.output.split(whereSeparator: \.isWhitespace).last.flatMap({ UInt($0) })
        else { throw NoToken(description: "softhsm2-util: \(made)") }
        return Token(
            module: SoftHSM.module, environment: configured.environment, initArgs: nil, pin: pin, slot: slot,
            label: "p11gen")
    }

    /// The softoken of NSS: dual cryptographic operations, and version 3.0 of the interface.
    ///
    /// - Parameters:
    ///   - folder: an empty folder, which holds the key database.
    ///   - keys: whether it is the slot of the key database, whose user logs in, or the one for all other cryptography,
    ///     which knows no user.
    package static func nss(folder: String, keys: Bool = true) throws -> Token {
        for package in ["libnss3", "libnss3-tools"] { try require(package: package) }
        try "\(userPIN)\n".write(toFile: "\(folder)/pin", atomically: true, encoding: .utf8)
        let made = try run("certutil", ["-N", "-d", "sql:\(folder)", "-f", "\(folder)/pin"])
        if made.status != 0 { throw NoToken(description: "certutil: \(made)") }
        return Token(
            module: try file("libsoftokn3.so", ofPackage: "libnss3"), environment: [:],
            initArgs: "configdir='sql:\(folder)' certPrefix='' keyPrefix='' secmod='secmod.db' flags=",
            pin: keys ? userPIN : nil, slot: keys ? 2 : 1,
            label: keys ? "NSS Certificate DB" : "NSS Generic Crypto Services")
    }

    /// opencryptoki's software token: each operation of a session is on its own. It is the machine's, so a test leaves no
    /// objects on it.
    ///
    /// One test at a time has it, of all processes: a login empties a file for a moment, and whoever initialises the module
    /// just then finds no slot.
    package static func withOpencryptoki<Result>(_ body: (Token) throws -> Result) throws -> Result {
        for package in ["libopencryptoki0", "opencryptoki"] { try require(package: package) }
        // The folder serves as the lock: whoever may not read it may not use the token either.
        let lock = open("/var/lib/opencryptoki/swtok", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if lock >= 0 { close(lock) } }
        if lock >= 0 { while flock(lock, LOCK_EX) != 0 && errno == EINTR {} }
        let ready = try run("Tests/Programs/opencryptoki-token")
        guard ready.status == 0, let slot = UInt(ready.output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            try skip(ready.errors.trimmingCharacters(in: .whitespacesAndNewlines))
            throw NoToken(description: "\(ready)")
        }
        return try body(
            Token(
                module: try file("pkcs11/libopencryptoki.so", ofPackage: "opencryptoki"), environment: [:],
                initArgs: nil, pin: userPIN, slot: slot, label: "p11gen"))
    }

    /// A module for programs that pass nothing to `C_Initialize`: the token's own, or one that passes `initArgs` to it.
    ///
    /// - Parameter folder: where that one is made.
    package func moduleForPrograms(folder: String) throws -> String {
        guard let initArgs else { return module }
        let adapter = "\(folder)/with_init_args.so"
        try Compiler.plain.makeModule(
            "with_init_args.c", at: adapter,
            ["-DMODULE=\(module.debugDescription)", "-DINIT_ARGS=\(initArgs.debugDescription)"])
        return adapter
    }

    /// Where a package has put a file: libraries are in a folder that is named after the architecture.
    private static func file(_ name: String, ofPackage package: String) throws -> String {
        let files = try run("dpkg-query", ["-L", package])
        guard let path = files.output.split(separator: "\n").first(where: { $0.hasSuffix("/\(name)") }) else {
            throw NoToken(description: "\(package) has no \(name)\n\(files)")
        }
        return String(path)
    }

    private struct NoToken: Error, CustomStringConvertible { let description: String }
}

/// SoftHSM2, a software token, with its objects in a folder of the test's own. It has no user yet.
package struct SoftHSM {
    /// The module to load.
    package static let module = "/usr/lib/softhsm/libsofthsm2.so"

    /// What a program that loads the module finds in its environment.
    package let environment: [String: String]

    /// - Parameter folder: an empty folder, which holds the tokens.
    package init(folder: String) throws {
        try require(package: "softhsm2")
        let configuration = "\(folder)/softhsm2.conf"
        try FileManager.default.createDirectory(atPath: "\(folder)/tokens", withIntermediateDirectories: true)
        try "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
            .write(toFile: configuration, atomically: true, encoding: .utf8)
        environment = ["SOFTHSM2_CONF": configuration]
    }
}
