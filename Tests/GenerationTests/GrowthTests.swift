// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Twice the data costs about twice the work. Instructions are counted, which the machine's load does not change.
struct GrowthTests {
    private func instructions(_ workshop: Workshop) throws -> Double {
        let result = try run(
            "valgrind", ["--tool=callgrind", "--callgrind-out-file=/dev/null", Project.generator], in: workshop.folder)
        #expect(result.status == 0, "\(result)")
        let line = try #require(result.errors.split(separator: "\n").last { $0.contains("Collected : ") })
        return try #require(Double(line.split(separator: " ").last!))
    }

    @Test func twiceTheFunctionsCostAtMostTwiceAndABit() throws {
        try require(program: "valgrind")
        try Workshop.open { workshop in
            let once = try instructions(workshop)
            let text = try workshop.text("spec/cryptoki.xml")
            let start = try #require(text.range(of: "  <functions ")).lowerBound
            let end = try #require(text.range(of: "  </functions>")).lowerBound
            let first = try #require(text[start...].firstIndex(of: "\n"))
            // Every function once more, under another name and number.
            let more = text[first..<end]
                .replacing(/<function number="(\d+)" name="C_/) {
                    "<function number=\"\(Int($0.1)! + 120)\" name=\"C_More"
                }
                .replacing(/since="[\d.]+"/, with: "since=\"3.2\"")
            try workshop.write(text[..<end] + more + text[end...], to: "spec/cryptoki.xml")
            let twice = try instructions(workshop)
            print("twice the functions: \(twice / once) times the instructions")
            #expect(twice <= 2.2 * once)
        }
    }
}
