// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints the data for programs in other languages.",
        discussion: "What it holds is described in docs/export.md.")

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if !json { throw ValidationError("Say in which form: --json is the one that there is.") }
    }

    func run() throws {
        try messages.explaining("nothing was printed") {
            let data = try RuleData(try data.sources)
            leave(data)
            messages.say(data.warnings)
            print(data.json, terminator: "")
        }
    }
}
