// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Twice the data costs no more than about twice the work, in each stage. Instructions are counted, which the machine's load
/// does not change.
struct GrowthTests {
    /// Stages, by what the call graph calls their functions. Those of values are inside rendering.
    private static let stages = [
        "parse the data": "ValidatedXML.XMLDocument.parse(",
        "validate": "ValidatedXML.Schema.validate(",
        "load the registry": "CryptokiSpecification.Loader.load(registry:",
        "load the functions": "CryptokiSpecification.Loader.load(functions:",
        "check the data": "CryptokiSpecification.Checks.run(",
        "compile the rules": "RuleCompiler.RuleTables.init(",
        "values: names": "CodeGeneration.OutputContext.names.getter",
        "values: tables": "CodeGeneration.OutputContext.tableRecords.getter",
        "values: functions by name": "CodeGeneration.OutputContext.byName.getter",
        "values: headers": "CodeGeneration.OutputContext.headers.getter",
        "values: guard": "CodeGeneration.OutputContext.guarded.getter",
        "values: model": "CodeGeneration.OutputContext.model.getter",
        "values: page": "CodeGeneration.OutputContext.page.getter",
        "make values and render": "StrictMustache.TemplateLibrary.bytes(of:",
        "write": "CodeGeneration.OutputFolder.write(",
    ]

    private static let whole = "the whole"

    @Test func twiceTheDataCostsAtMostTwiceAndABit() throws {
        try require(program: "valgrind")
        try Workshop.open { workshop in
            let once = try instructions(workshop)
            try double(workshop)
            let twice = try instructions(workshop)
            for stage in once.keys.sorted() {
                let growth = try #require(twice[stage]) / #require(once[stage])
                print("twice the data, \(stage): \(String(format: "%.2f", growth)) times the instructions")
                #expect(growth <= (stage == Self.whole ? 1.8 : 2.1), "\(stage)")
            }
        }
    }

    // MARK: Counting

    /// What the whole costs and each stage, everything included that it calls.
    private func instructions(_ workshop: Workshop) throws -> [String: Double] {
        // Files that are there would be compared as well.
        try? FileManager.default.removeItem(atPath: workshop.path("Sources/Generated"))
        let counts = workshop.path("callgrind.out")
        let result = try run(
            "valgrind", ["--tool=callgrind", "--callgrind-out-file=\(counts)", Project.generator], in: workshop.folder)
        #expect(result.status == 0, "\(result)")
        let table = try run("callgrind_annotate", ["--inclusive=yes", "--threshold=100", counts])
        try workshop.write(table.output, to: "table")
        let lines = try run("sh", ["-c", "swift demangle --compact < \(workshop.path("table"))"]).output
            .split(separator: "\n")
        var costs = [Self.whole: try cost(lines, "PROGRAM TOTALS")]
        for (stage, function) in Self.stages { costs[stage] = try cost(lines, function) }
        return costs
    }

    /// The cost of a function: the table has a line for each file that it has code from.
    private func cost(_ lines: [Substring], _ function: String) throws -> Double {
        let costs = lines.filter { $0.contains(function) }.compactMap { line in
            Double(line.drop { $0 == " " }.prefix { $0 != " " }.replacing(",", with: ""))
        }
        return try #require(costs.max(), "no cost of \(function)")
    }

    // MARK: Doubling

    /// Every function, type and constant once more, under another name.
    private func double(_ workshop: Workshop) throws {
        let rules = try workshop.text("spec/cryptoki.xml")
        let start = try #require(rules.range(of: "  <functions ")).lowerBound
        let end = try #require(rules.range(of: "  </functions>")).lowerBound
        let first = try #require(rules[start...].firstIndex(of: "\n"))
        let more = rules[first..<end]
            .replacing(/<function number="(\d+)" name="C_/) {
                "<function number=\"\(Int($0.1)! + 120)\" name=\"C_More"
            }
            .replacing(/since="[\d.]+"/, with: "since=\"3.2\"")
        try workshop.write(rules[..<end] + more + rules[end...], to: "spec/cryptoki.xml")

        let registry = try workshop.text("spec/registry.xml")
        let types = registry.replacing(
            #/    <(?:(?:scalar|pointer) name="CK_[^>]*/>|struct name="CK_(?:.|\n)*?</struct>)\n/#
        ) { $0.0 + $0.0.replacing(" name=\"CK_", with: " name=\"CK_MORE_") }
        let constants = types.replacing(#/    <constant [^>]*/>\n/#) { $0.0 + another($0.0) }
        try workshop.write(constants, to: "spec/registry.xml")
    }

    /// A constant of another name and another value; none beside the one of which all bits are set.
    private func another(_ constant: Substring) -> String {
        let named = constant.replacing(#/ name="(\w+)"/#) { " name=\"\($0.1)_MORE\"" }
        if named.contains("value=\"~0\"") { return "" }
        return String(
            named.replacing(#/ value="(0x)?(\w+)"/#) { match in
                let number = Int(match.2, radix: match.1 == nil ? 10 : 16)!
                return " value=\"0x\(String(number ^ 0x2000_0000, radix: 16, uppercase: true))\""
            })
    }
}
