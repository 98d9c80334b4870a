// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Makes programs and modules of the C sources in `Tests/Programs`, with the generated headers and every warning an error.
package struct Compiler: Sendable {
    /// What is compiled in to look for faults. The guard that it is loaded with has to have the same.
    package enum Sanitizer: String, Sendable {
        case thread, address
    }

    private let command: [String]
    private let forPrograms: [String]
    /// What a program that was compiled so needs in its environment.
    package let environment: [String: String]

    /// As people compile.
    package static let plain = Compiler(
        command: ["gcc", "-std=c11", "-g", "-O1"], forPrograms: [], environment: [:])

    /// With a sanitizer of Swift's own clang: a module in Swift was linked with that one, whose library has to be in the program that
    /// loads it, and there with what only Swift's code calls.
    package static func with(_ sanitizer: Sanitizer) -> Compiler {
        let runtime = "\(toolchain)/usr/lib/swift/linux"
        let exported = sanitizer == .thread ? ["-Wl,-u,__tsan_external_write"] : []
        return Compiler(
            command: [
                "\(toolchain)/usr/bin/clang", "-std=c11", "-g", "-O1", "-fsanitize=\(sanitizer.rawValue)",
                "-fno-omit-frame-pointer",
            ],
            forPrograms: exported
                + ["-rdynamic", "-L", runtime, "-ldispatch", "-lBlocksRuntime", "-Wl,-rpath,\(runtime)"],
            environment: [
                "LSAN_OPTIONS": "suppressions=\(Project.root)/Tests/Programs/lsan.supp",
                "TSAN_OPTIONS": "second_deadlock_stack=1",
            ])
    }

    /// A program of its own.
    ///
    /// - Parameters:
    ///   - source: the name in `Tests/Programs` of a C file, or of a folder whose C files are compiled together.
    ///   - path: where the program is made.
    ///   - options: more for the compiler.
    package func makeProgram(_ source: String, at path: String, _ options: [String] = []) throws {
        try compile(source, path, options + forPrograms)
    }

    /// A module that others load.
    package func makeModule(_ source: String, at path: String, _ options: [String] = []) throws {
        try compile(source, path, options + ["-shared", "-fPIC"])
    }

    private func compile(_ source: String, _ path: String, _ options: [String]) throws {
        try require(program: command[0])
        let common = ["-Wall", "-Wextra", "-Werror", "-I", "Sources/Generated/c/include"]
        let words = try common + Self.files(of: source) + ["-o", path, "-pthread", "-ldl"] + options
        let result = try run(command[0], command.dropFirst() + words)
        try #require(result.status == 0, "\(result)")
    }

    private static func files(of source: String) throws -> [String] {
        let path = "Tests/Programs/\(source)"
        if source.hasSuffix(".c") { return [path] }
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(Project.root)/\(path)")
        return names.filter { $0.hasSuffix(".c") }.sorted().map { "\(path)/\($0)" }
    }

    /// The folder in which `usr/bin/swift` is.
    private static let toolchain: String = {
        let path = (try? run("sh", ["-c", "readlink -f \"$(command -v swiftc)\""]).output) ?? ""
        var folder = URL(filePath: path.trimmingCharacters(in: .whitespacesAndNewlines))
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder.path
    }()
}
