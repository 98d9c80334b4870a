// SPDX-License-Identifier: MIT

import StageTimes

extension StageTimes {
    /// A line for each stage, and one for all of them: milliseconds, bytes and the name.
    var table: String {
        let lines = stages.map { Self.line($0.nanoseconds, $0.bytes, $0.name) }
        return (["      ms    bytes  stage"] + lines + [Self.line(nanoseconds, nil, "total")]).joined(separator: "\n")
    }

    private static func line(_ nanoseconds: UInt64, _ bytes: Int?, _ name: String) -> String {
        let hundredths = (nanoseconds + 5_000) / 10_000
        let fraction = hundredths % 100
        let time = "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
        return "\(aligned(time, to: 8)) \(aligned(bytes.map { "\($0)" } ?? "", to: 8))  \(name)"
    }

    private static func aligned(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
}
