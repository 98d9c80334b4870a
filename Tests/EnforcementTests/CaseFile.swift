// SPDX-License-Identifier: MIT

import Testing
import TestSupport

/// A hand-written case: calls of one session, and what is expected of each.
struct Case: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        let line: Int
        /// Nil for a line that sets the state.
        let function: String?
        let facts: [String]
        let admission: String
        let returnValue: String
        let state: [String: String]
    }

    let file: String
    let line: Int
    let perspectives: [String]
    let policy: String
    let title: String
    var steps: [Step] = []

    var testDescription: String { "\(file):\(line) \(title)" }

    static func read(_ name: String) throws -> [Case] {
        var cases: [Case] = []
        for (index, line) in try Project.text("Tests/Cases/\(name).cases").split(
            separator: "\n", omittingEmptySubsequences: false
        ).enumerated() {
            if line.hasPrefix("case ") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                let perspectives = words[1] == "both" ? ["owner", "observer"] : [words[1]]
                cases.append(
                    Case(file: name, line: index + 1, perspectives: perspectives, policy: words[2], title: words[3]))
            } else if line.hasPrefix("  ") {
                let fields = line.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
                let isSet = fields[0][0] == "set"
                let state = fields[isSet ? 1 : 3].filter { $0 != "idle" }.map {
                    $0.split(separator: "=").map(String.init)
                }
                cases[cases.count - 1].steps.append(
                    Step(
                        line: index + 1, function: isSet ? nil : fields[0][0], facts: Array(fields[0].dropFirst()),
                        admission: isSet ? "" : fields[1].joined(separator: " "),
                        returnValue: isSet ? "" : fields[2][0],
                        state: Dictionary(uniqueKeysWithValues: state.map { ($0[0], $0[1]) })))
            }
        }
        return cases
    }

    /// The numbers of the return values, written by hand from the standard.
    static let returnValues: [String: UInt] = {
        let lines = (try? Project.text("Tests/Cases/return-values.tsv"))?.split(separator: "\n") ?? []
        return Dictionary(
            uniqueKeysWithValues: lines.filter { !$0.hasPrefix("#") }.map {
                let fields = $0.split(separator: "\t")
                return (String(fields[0]), UInt(fields[1].dropFirst(2), radix: 16)!)
            })
    }()
}
