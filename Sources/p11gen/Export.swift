// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the data as JSON, or the names that templates can use.",
        discussion: "docs/export.md describes the JSON, Templates/README.md the names.")

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Flag(help: "Print each name that templates can use, with the kind of its value: text, flag, list or record.")
    var templateNames = false

    func run() throws {
        try messages.reportingErrors("nothing was printed") {
            let data = try data.load(messages)
            print(templateNames ? TemplateNames(data).listing : data.json, terminator: "")
        }
    }
}
