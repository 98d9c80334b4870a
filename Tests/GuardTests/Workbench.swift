// SPDX-License-Identifier: MIT

import Foundation
import Synchronization
import TestSupport
import Testing

/// The programs that the tests run with a guard, compiled once, in a folder that is removed when the tests end.
struct Workbench: Sendable {
    let folder: String
    let guardPath: String

    /// With the guard as it is delivered.
    static func ordinary() throws -> Workbench {
        try GuardBuild.plain.requireIt()
        return try made.get()
    }

    /// With the address sanitizer in all three: the guard in ordinary Swift, the module and the client.
    static func sanitized() throws -> Workbench {
        try GuardBuild.sanitized(.address).requireIt()
        return try madeSanitized.get()
    }

    private static let made = Result { try make(.plain) }
    private static let madeSanitized = Result { try make(.sanitized(.address)) }

    private static let libraries: [(source: String, name: String, options: [String])] = [
        ("permissive", "permissive.so", []), ("permissive", "permissive240.so", ["-DPERMISSIVE_240"]),
        ("odd_module.c", "odd.so", []), ("odd_module.c", "undefined.so", ["-DODD_UNDEFINED"]),
        ("other_c_functions.c", "other_c_functions.so", []), ("shorter_waits.c", "shorter_waits.so", []),
        ("odd_system.c", "odd_system.so", []),
    ]

    private static func make(_ build: GuardBuild) throws -> Workbench {
        let bench = Workbench(folder: try Rubbish.newFolder(), guardPath: "\(Project.root)/\(build.path)")
        for library in libraries {
            try build.compiler.makeModule(library.source, at: bench.path(library.name), library.options)
        }
        try build.compiler.makeProgram("check_guard", at: bench.path("check_guard"))
        return bench
    }

    func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(folder)/\(name)" }

    /// Runs a scenario, perhaps by a command that makes another user of it. Nothing of the guard's own environment comes from who
    /// runs the tests.
    func check(
        _ scenario: String, guard guardPath: String? = nil, module: String? = "permissive.so",
        environment: [String: String] = [:], as user: [String] = []
    ) throws -> CommandResult {
        let cleared = ["MODULE", "POLICY", "MODE", "THREADS", "LOG", "REFERENCE"].flatMap { ["-u", "P11GUARD_\($0)"] }
        let settings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var words = cleared + settings + user + [path("check_guard"), guardPath ?? self.guardPath, scenario]
        if let module { words.append(path(module)) }
        return try run("env", words)
    }
}

/// Folders to be removed when the process ends.
enum Rubbish {
    private static let folders = Mutex<[String]>([])
    private static let isRegistered: Void = { _ = atexit { Rubbish.remove() } }()

    static func newFolder() throws -> String {
        _ = isRegistered
        let folder = FileManager.default.temporaryDirectory.appending(path: "p11guard-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        folders.withLock { $0.append(folder) }
        return folder
    }

    private static func remove() {
        for folder in folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: folder) }
    }
}

/// What the guard wrote. Of very long ones only the beginning is looked at line by line.
struct GuardLog {
    let lines: [Substring]

    init(_ text: String) { lines = text.split(separator: "\n") }

    /// Without the time, the process and the thread, which every line has.
    var texts: [String] { lines.prefix(1000).map { String($0.trimmingPrefix(Self.head)) } }

    var violations: Int { lines.count { $0.contains(#/: (refused|would refuse|noticed) C_/#) } }

    /// Lines that are not as they should be.
    var oddLines: [String] {
        lines.prefix(1000).filter { $0.prefixMatch(of: Self.head) == nil }.map(String.init)
            + texts.prefix(1000).filter { text in
                let rest = text.trimmingPrefix(Self.module)
                return rest.wholeMatch(of: Self.violation) == nil && rest.wholeMatch(of: Self.summary) == nil
                    && rest.wholeMatch(of: Self.unchecked) == nil
            }
    }

    private static var head: Regex<Substring> {
        #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z p11guard\[[1-9]\d*\/[1-9]\d*\] /#
    }
    private static var module: Regex<Substring> { #/[\w.-]+: /# }
    private static var summary: Regex<Substring> {
        #/C_Finalize: \d+ sessions, \d+ violations(?:: [a-z-]+ \d+(?:, [a-z-]+ \d+)*)?(?:; log lines lost: \d+)?/#
    }
    private static var unchecked: Regex<Substring> { #/C_\w+ in session 0x[0-9a-f]+, which .*/# }
    private static var violation: Regex<Substring> {
        #/(?:refused|would refuse|noticed) C_\w+ in session 0x[0-9a-f]+, call \d+; active: .+; rule [a-z-]+: .+ \(.+\)(?:; answered CKR_\w+)?(?:; see .+)?/#
    }
}
