// SPDX-License-Identifier: MIT

import Foundation
import TestSupport

/// A program of `Tests/Programs` with the module that it puts behind the guard, compiled for the time of a test.
struct CompiledProgram {
    /// What is compiled in to look for faults.
    enum Sanitizer: String {
        case thread, address
        /// Where `make sanitizers` puts the guard that has it as well.
        var guardPath: String {
            self == .thread ? ".build/tsan/debug/libp11guard.so" : ".build/asan/debug/libp11guard.so"
        }
    }

    let program: String
    let module: String
    let guardPath: String
    private let environment: [String: String]

    static let plainGuard = ".build/guard/release/libp11guard.so"

    init(_ name: String, in folder: String, _ sanitizer: Sanitizer? = nil) throws {
        (program, module) = ("\(folder)/\(name)", "\(folder)/permissive.so")
        guardPath = "\(Project.root)/\(sanitizer?.guardPath ?? Self.plainGuard)"
        let sources = "\(Project.root)/Tests/Programs"
        let headers = "\(Project.root)/Sources/Generated/c/include"
        let common = ["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-I", headers]
        let shared = ["-shared", "-fPIC", "\(sources)/permissive.c", "-o", module, "-pthread"]
        let whole = ["\(sources)/\(name).c", "-o", program, "-pthread", "-ldl"]
        guard let sanitizer else {
            environment = [:]
            try Self.compile("gcc", common + shared)
            try Self.compile("gcc", common + whole)
            return
        }
        // The guard was linked with the sanitizer of Swift's own clang, whose library has to be in the program that loads it,
        // and there with what only Swift's code calls.
        let runtime = "\(Self.toolchain)/usr/lib/swift/linux"
        let sanitized = common + ["-fsanitize=\(sanitizer.rawValue)", "-fno-omit-frame-pointer"]
        let exported = sanitizer == .thread ? ["-Wl,-u,__tsan_external_write"] : []
        let libraries = ["-rdynamic", "-L", runtime, "-ldispatch", "-lBlocksRuntime", "-Wl,-rpath,\(runtime)"]
        try Self.compile("\(Self.toolchain)/usr/bin/clang", sanitized + shared)
        try Self.compile("\(Self.toolchain)/usr/bin/clang", sanitized + whole + exported + libraries)
        environment = ["LSAN_OPTIONS": "suppressions=\(sources)/lsan.supp", "TSAN_OPTIONS": "second_deadlock_stack=1"]
    }

    func run(_ arguments: [String], environment more: [String: String] = [:]) throws -> CommandResult {
        try TestSupport.run(program, arguments, environment: environment.merging(more) { $1 })
    }

    private static func compile(_ compiler: String, _ arguments: [String]) throws {
        let result = try TestSupport.run(compiler, arguments)
        if result.status != 0 { throw NotCompiled(description: "\(result)") }
    }

    private struct NotCompiled: Error, CustomStringConvertible { let description: String }

    /// The folder in which `usr/bin/swift` is.
    private static let toolchain: String = {
        let path = (try? TestSupport.run("sh", ["-c", "readlink -f \"$(command -v swiftc)\""]).output) ?? ""
        var folder = URL(filePath: path.trimmingCharacters(in: .whitespacesAndNewlines))
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder.path
    }()
}

/// A number from the environment, for longer runs than a test should be.
func setting(_ name: String, otherwise value: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
}
