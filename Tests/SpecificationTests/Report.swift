// SPDX-License-Identifier: MIT

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

    /// Loads the `cryptoki.xml` of a folder, with overlays of that folder, in a process of its own: a crash fails one test and not all of them.
    static func loading(
        _ folder: String, schema: String? = nil, overlays: [String] = ["overlay.xml"],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Report {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardOutputContent], sourceLocation: sourceLocation
        ) {
            [
                folder = folder as String, schema = (schema ?? Base.schema) as String,
                overlays = overlays.map { "\(folder)/\($0)" } as [String]
            ] in
            // A hang is the failure of one test as well. The processor's time counts: a busy machine is no hang.
            var limit = rlimit(rlim_cur: 120, rlim_max: 120)
            setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
            alarm(1200)
            var diagnostics = Diagnostics()
            let files = Specification.Files(
                specification: "\(folder)/cryptoki.xml", schema: schema, overlays: overlays)
            let loaded = Specification.load(files, into: &diagnostics).specification
            let sorted = diagnostics.sorted
            for diagnostic in sorted { print(diagnostic.description) }
            print(Report.separator)
            for diagnostic in sorted { print(diagnostic.rendered(in: MessageStyle())) }
            print(loaded == nil ? "nothing" : "loaded")
        }
        guard let result else { throw Crash() }
        return Report(String(decoding: result.standardOutputContent, as: UTF8.self), folder: folder)
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
    static func loading(
        _ texts: [String: String], overlays: [String] = ["overlay.xml"],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Report {
        try await withFolder { folder in
            for (file, text) in texts { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(file)")) }
            return try await Report.loading(folder, overlays: overlays, sourceLocation: sourceLocation)
        }
    }
}
