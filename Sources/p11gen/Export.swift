// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the data for programs in other languages, or the names that templates can use.",
        discussion: "docs/export.md describes the JSON, Templates/README.md the names.")

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Flag(help: "Print the data as JSON (default).")
    var json = false

    @Flag(help: "Print each name that templates can use, with the kind of its value: text, flag, list or record.")
    var templateNames = false

    func validate() throws {
        if json, templateNames { throw ValidationError("give --json or --template-names, not both") }
    }

    func run() throws {
        try messages.reportingErrors("nothing was printed") {
            let data = try data.load(messages)
            print(templateNames ? TemplateNames(data).listing : data.json, terminator: "")
        }
    }
}
