// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// A line of the table that p11probe prints for programs.
struct Line: Equatable {
    let kind: String
    let first: String
    let second: String
    let third: String
    let rules: String
    let observed: String
    let value: String
    let isViolation: Bool
}

/// What p11probe says of a module.
struct Probe {
    static let program = Project.program("p11probe")
    /// A PIN that stands out wherever it is printed.
    static let pin = "pin-84619"

    let result: CommandResult
    let lines: [Line]

    /// Runs it and reads its table. Through `timeout`, as a module may hang.
    init(_ arguments: [String], _ environment: [String: String] = [:]) throws {
        result = try Self.run(arguments + ["--format", "tsv"], environment)
        lines = result.output.split(separator: "\n").dropFirst().compactMap { text in
            let fields = text.components(separatedBy: "\t")
            guard fields.count == 8 else { return nil }
            return Line(
                kind: fields[0], first: fields[1], second: fields[2], third: fields[3], rules: fields[4],
                observed: fields[5], value: fields[6], isViolation: fields[7] == "yes")
        }
    }

    static func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> CommandResult {
        try TestSupport.run("timeout", ["120", program] + arguments, environment: environment)
    }

    func of(_ kind: String) -> [Line] { lines.filter { $0.kind == kind } }

    var violations: [Line] { lines.filter(\.isViolation) }

    var offered: [String] { of("alone").filter { $0.observed == "offered" }.map(\.first) }

    /// What came of starting the second while the first was active.
    func pair(_ first: String, _ second: String) -> Line? {
        lines.first { ["pair", "restart"].contains($0.kind) && $0.first == first && $0.second == second }
    }

    func third(_ first: String, _ second: String, _ third: String) -> Line? {
        of("third").first { ($0.first, $0.second, $0.third) == (first, second, third) }
    }
}

extension Token {
    /// A token of SoftHSM2, for the time of a test, and the folder that holds it.
    static func withSoftHSM(_ body: (Token, String) throws -> Void) throws {
        try Project.withFolder { folder in try body(try softHSM(folder: folder, pin: Probe.pin), folder) }
    }
}
