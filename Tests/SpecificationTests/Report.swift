// SPDX-License-Identifier: MIT

import CodeGeneration
import CryptokiSpecification
import Foundation
import Glibc
import SourceDiagnostics
import TestSupport
import Testing

/// What loading a specification says.
struct Report: Equatable, CustomStringConvertible {
    /// Every diagnostic and every note, a line each, in their order; paths are relative to the folder.
    let lines: [String]
    /// The same as it is printed, with the lines of the source.
    let printed: [String]
    /// Whether there is a result.
    let isLoaded: Bool

    static func == (one: Report, other: Report) -> Bool { one.lines == other.lines && one.isLoaded == other.isLoaded }

    var description: String { (lines + [isLoaded ? "(loaded)" : "(nothing loaded)"]).joined(separator: "\n") }

    /// What follows from these lines: errors leave no result.
    init(expected lines: [String]) {
        self.lines = lines
        printed = []
        isLoaded = !lines.contains { $0.contains(": error: ") }
    }

    private init(_ output: String, folder: String) {
        var lines = output.components(separatedBy: "\n").dropLast()
            .map { $0.hasPrefix("\(folder)/") ? String($0.dropFirst(folder.count + 1)) : $0 }
        isLoaded = lines.popLast() == "loaded"
        let end = lines.firstIndex(of: Self.separator) ?? lines.endIndex
        self.lines = Array(lines[..<end])
        printed = Array(lines[end...].dropFirst())
    }

    private static let separator = "--- as it is printed"

    /// Loads the `cryptoki.xml` of a folder, with overlays of that folder.
    static func loading(_ folder: String, schema: String? = nil, overlays: [String] = ["overlay.xml"]) -> Report {
        Report(text(folder, schema ?? Base.schema, overlays.map { "\(folder)/\($0)" }), folder: folder)
    }

    /// Does the same in a process of its own: where a file may crash it, hang it or exhaust its memory, one test fails and not all.
    static func loadingInChild(
        _ folder: String, schema: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Report {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardOutputContent], sourceLocation: sourceLocation
        ) {
            [folder = folder as String, schema = (schema ?? Base.schema) as String] in
            // The processor's time counts: a busy machine is no hang.
            var limit = rlimit(rlim_cur: 120, rlim_max: 120)
            setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
            alarm(1200)
            print(Report.text(folder, schema, ["\(folder)/overlay.xml"]), terminator: "")
        }
        guard let result else { throw Crash() }
        return Report(String(decoding: result.standardOutputContent, as: UTF8.self), folder: folder)
    }

    /// The diagnostics, a line each, then as they are printed, and at last whether there is a result.
    private static func text(_ folder: String, _ schema: String, _ overlays: [String]) -> String {
        var diagnostics = Diagnostics()
        let files = Specification.Files(specification: "\(folder)/cryptoki.xml", schema: schema, overlays: overlays)
        let loaded = Specification.load(files, into: &diagnostics)
        if let declarations = loaded.declarations { NameChecks.run(declarations, into: &diagnostics) }
        let sorted = diagnostics.sorted
        let lines = sorted.map(\.description) + [separator] + sorted.map { $0.rendered(in: MessageStyle()) }
        return (lines + [diagnostics.hasErrors ? "nothing" : "loaded"]).joined(separator: "\n") + "\n"
    }

    private struct Crash: Error, CustomStringConvertible {
        var description: String { "loading did not come to its end" }
    }
}

/// A small and complete specification without a fault, which the tests put one into.
enum Base {
    static let schema = "\(Project.root)/spec/cryptoki.rng"
    static let files = ["cryptoki.xml", "headings.xml", "registry.xml", "overlay.xml"]

    static func text(_ file: String) throws -> String {
        try Project.text("Tests/SpecificationTests/Base/\(file)")
    }

    /// A copy of the base for the time of the call.
    static func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "p11gen-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for file in files { try Data(text(file).utf8).write(to: URL(filePath: "\(folder)/\(file)")) }
        return try await body(folder)
    }

    /// Loads the base with other texts in the place of some of its files.
    static func loading(_ texts: [String: String], overlays: [String] = ["overlay.xml"]) throws -> Report {
        try withFolder(texts) { Report.loading($0, overlays: overlays) }
    }

    /// Does the same where nothing is wrong.
    static func specification(_ texts: [String: String], overlays: [String] = []) throws -> Specification {
        try withFolder(texts) { folder in
            var diagnostics = Diagnostics()
            let files = Specification.Files(
                specification: "\(folder)/cryptoki.xml", schema: schema, overlays: overlays.map { "\(folder)/\($0)" })
            let specification = Specification.load(files, into: &diagnostics).specification
            #expect(diagnostics.sorted.map(\.description) == [])
            return try #require(specification)
        }
    }

    private static func withFolder<Result>(
        _ texts: [String: String], _ body: (String) throws -> Result
    ) throws -> Result {
        try Project.withFolder { folder in
            for file in Set(files).union(texts.keys) {
                try Data((texts[file] ?? text(file)).utf8).write(to: folder, file)
            }
            return try body(folder)
        }
    }
}

/// For each policy the places of the exclusions that it applies.
func appliedExclusions(_ specification: Specification) -> [[Int]] {
    specification.policies.map { $0.exclusions.map(specification.exclusions.position) }
}
