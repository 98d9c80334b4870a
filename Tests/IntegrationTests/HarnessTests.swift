// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// The harnesses of Tests/Fuzz, which `make fuzz` runs for longer: each takes the inputs that are committed, once.
struct HarnessTests {
    @Test(arguments: ["loader", "renderer", "trace", "configuration"])
    func everyInputOnce(_ harness: String) throws {
        let program = ".build/fuzz-build/release/fuzz-\(harness)"
        try require(file: program, "make harnesses builds it")
        let folders = ["seeds", "regressions"].map { "Tests/Fuzz/\(harness.capitalized)/\($0)" }
        let inputs = try run("find", folders + ["-type", "f"]).output.split(separator: "\n").map(String.init)
        #expect(inputs.count > 5)
        let result = try run("\(Project.root)/\(program)", inputs)
        #expect(result.status == 0, "\(result)")
        for input in inputs { #expect(result.errors.contains("Executed \(input) in "), "\(result)") }
    }
}
