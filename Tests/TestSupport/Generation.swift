// SPDX-License-Identifier: MIT

import Foundation

/// Runs the generator on data of its own, for tests that change a rule and look at what follows.
package struct Workshop {
    /// The folder in which everything is; it is gone once the test is done.
    package let folder: String

    /// A folder with a copy of the package's data and templates, in the package's own layout.
    package static func open<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
        try Project.withFolder { folder in
            for part in ["spec", "Templates"] {
                try FileManager.default.copyItem(atPath: "\(Project.root)/\(part)", toPath: "\(folder)/\(part)")
            }
            try FileManager.default.createDirectory(atPath: "\(folder)/Sources", withIntermediateDirectories: true)
            return try body(Workshop(folder: folder))
        }
    }

    /// The path of a file, given by its path in the folder.
    package func path(_ file: String) -> String { "\(folder)/\(file)" }

    /// What a file of the folder holds.
    package func text(_ file: String) throws -> String { try Project.text(path(file)) }

    /// Replaces a file of the folder, or makes it together with the folders around it.
    package func write(_ text: some StringProtocol, to file: String) throws {
        let url = URL(filePath: path(file))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }

    /// Replaces a piece of text that must be there once.
    package func edit(_ file: String, _ old: String, _ new: String) throws {
        let text = try text(file)
        let pieces = text.components(separatedBy: old)
        guard pieces.count == 2 else { throw EditError(description: "\(pieces.count - 1) times in \(file): \(old)") }
        try write(pieces.joined(separator: new), to: file)
    }

    private struct EditError: Error, CustomStringConvertible { let description: String }

    /// The generator, run in the folder.
    @discardableResult
    package func generate(_ arguments: String...) throws -> CommandResult {
        try run(Project.generator, arguments, in: folder)
    }

    /// Writes a file and returns its path.
    package func writing(_ file: String, _ text: String) throws -> String {
        try write(text, to: file)
        return path(file)
    }

    /// Compiles a C program of the tests with the generated headers and runs it.
    package func runC(_ program: String, _ arguments: [String] = []) throws -> CommandResult {
        let source = program.hasPrefix("/") ? program : "\(Project.root)/Tests/Programs/\(program)"
        let compiled = try run(
            "gcc",
            [
                "-std=c99", "-Wall", "-Wextra", "-Werror", "-I", path("Sources/Generated/c/include"), source, "-o",
                path("program"),
            ])
        if compiled.status != 0 { return compiled }
        return try run(path("program"), arguments)
    }

    /// Compiles the generated Swift together with a main program and runs it.
    package func runSwift(_ main: String) throws -> CommandResult {
        try write(main, to: "main.swift")
        let sources = ["Sources/Generated/swift/CryptokiSession.swift", "main.swift"].map(path)
        let compiled = try run(
            "swiftc",
            ["-swift-version", "6", "-warnings-as-errors", "-Onone"] + sources + ["-o", path("swift-program")])
        if compiled.status != 0 { return compiled }
        return try run(path("swift-program"))
    }
}
