// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the data for programs in other languages.",
        discussion: "What it holds is described in docs/export.md.")

    @OptionGroup var data: DataOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if !json { throw ValidationError("Say in which form: --json is the one that there is.") }
    }

    func run() throws {
        try explaining("nothing was printed") {
            let data = try RuleData(try data.sources)
            leave(data)
            for warning in data.warnings { complain(warning) }
            print(data.json, terminator: "")
        }
    }
}
