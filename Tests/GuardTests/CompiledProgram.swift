// SPDX-License-Identifier: MIT

import Foundation
import Synchronization
import TestSupport

/// A guard that was built before the tests, and the compiler for what it is run with.
enum GuardBuild {
    /// As it is delivered.
    case plain
    /// Built ordinarily, with a sanitizer.
    case sanitized(Compiler.Sanitizer)

    var path: String {
        switch self {
        case .plain: ".build/guard/release/libp11guard.so"
        case .sanitized(.thread): ".build/tsan/debug/libp11guard.so"
        case .sanitized(.address): ".build/asan/debug/libp11guard.so"
        }
    }

    var compiler: Compiler {
        switch self {
        case .plain: .plain
        case .sanitized(let sanitizer): .with(sanitizer)
        }
    }

    /// Ends the test where the guard was not built.
    func requireIt() throws {
        switch self {
        case .plain: try require(file: path, "make guard builds it")
        case .sanitized: try require(file: path, "make sanitizers builds it")
        }
    }
}

/// A program in a folder of `Tests/Programs`, with the module that it puts behind the guard.
struct CompiledProgram: Sendable {
    let program: String
    let module: String
    let guardPath: String
    private let environment: [String: String]

    /// The program, compiled for the first test that wants it.
    static func shared(_ name: String, _ build: GuardBuild = .plain) throws -> CompiledProgram {
        try build.requireIt()
        return try compiled.withLock { compiled in
            let key = "\(name) \(build.path)"
            let program = try compiled[key] ?? CompiledProgram(name, build)
            compiled[key] = program
            return program
        }
    }

    private static let compiled = Mutex<[String: CompiledProgram]>([:])

    private init(_ name: String, _ build: GuardBuild) throws {
        let folder = try Rubbish.newFolder()
        (program, module) = ("\(folder)/\(name)", "\(folder)/permissive.so")
        guardPath = "\(Project.root)/\(build.path)"
        environment = build.compiler.environment
        try build.compiler.makeModule("permissive", at: module)
        try build.compiler.makeProgram(name, at: program)
    }

    func run(_ arguments: [String], environment more: [String: String] = [:]) throws -> CommandResult {
        try TestSupport.run(program, arguments, environment: environment.merging(more) { $1 })
    }
}

/// A number from the environment, for longer runs than a test should be.
func setting(_ name: String, otherwise value: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
}
