// SPDX-License-Identifier: MIT

import Foundation
import Glibc
import TestSupport
import Testing

extension FileTests {
    func base(_ file: String) throws -> Data { try Data(Base.text(file).utf8) }

    /// A file of the base in two parts, of which the second begins with a text that stands in it once.
    func halves(_ file: String, at place: String) throws -> (Data, Data) {
        let text = try Base.text(file)
        let ranges = text.ranges(of: place)
        try #require(ranges.count == 1, "\(place)")
        return (Data(text[..<ranges[0].lowerBound].utf8), Data(text[ranges[0].lowerBound...].utf8))
    }

    func replace(_ path: String, withLinkTo target: String) throws {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    func expect(
        _ lines: [String], sourceLocation: SourceLocation = #_sourceLocation, _ change: (String) throws -> Void
    ) async throws {
        let report = try await report(change)
        #expect(report == Report(expected: lines), sourceLocation: sourceLocation)
    }

    func expect(
        _ lines: [String], schema: String?, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let report = try await report(schema: schema ?? "") {
            if schema == nil { try FileManager.default.removeItem(atPath: "\($0)/schema.rng") }
        }
        #expect(report == Report(expected: lines), sourceLocation: sourceLocation)
    }

    /// Loads a copy of the base that something was done to, with the package's schema or with another.
    func report(schema: String? = nil, _ change: (String) throws -> Void) async throws -> Report {
        try await Base.withFolder { folder in
            if let schema { try Data(schema.utf8).write(to: folder, "schema.rng") }
            try change(folder)
            return try await Report.loadingInChild(folder, schema: schema.map { _ in "\(folder)/schema.rng" })
        }
    }
}

extension Data {
    func write(to folder: String, _ file: String) throws {
        try write(to: URL(filePath: "\(folder)/\(file)"))
    }
}
