// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import PathArgument
import RuleAnalysis

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare the behaviour of two data files, with a shortest sequence of calls for each change.",
        discussion: """
            Exit codes: 0 no change of behaviour, or only accepted ones; 1 another change; 64 wrong usage; 65 wrong or \
            unreadable data.
            """)

    @Argument(help: "The old data file.", completion: .file(), transform: PathArgument.parse)
    var old: String

    @Argument(help: "The new data file.", completion: .file(), transform: PathArgument.parse)
    var new: String

    @Option(
        help: ArgumentHelp("The schema (default: cryptoki.rng beside the new data file).", valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var schema: String?

    @Option(
        help: ArgumentHelp(
            "The folder of the files that the data names (default: that of the data file).",
            valueName: "folder"),
        completion: .directory, transform: PathArgument.parse)
    var beside: String?

    @Option(
        help: ArgumentHelp(
            "A kind of change that does not cause exit code 1: tighter, looser, other, added, removed or documented; may be "
                + "repeated.", valueName: "kind"))
    var accept: [String] = []

    @OptionGroup var messages: MessageOptions

    enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

    @Option(help: "The format of the output: text or json.")
    var format = Format.text

    func validate() throws {
        for kind in accept where Comparison.Kind(rawValue: kind) == nil {
            let kinds = Comparison.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("unknown kind of change '\(kind)'; use \(kinds)")
        }
    }

    func run() throws {
        try messages.reportingErrors("nothing was compared") {
            let folder = beside ?? new.lastIndex(of: "/").map { String(new[..<$0]) } ?? "."
            let schema = schema ?? "\(folder)/cryptoki.rng"
            func load(_ file: String) throws -> RuleData {
                try RuleData(.init(specification: file, schema: schema, folder: beside))
            }
            let (before, now) = (try load(old), try load(new))
            skipDeallocation(of: (before, now))
            let changes = Comparison(before.tables.specification, now.tables.specification).run()
            print(format == .json ? changes.json : changes.text, terminator: "")
            let isAccepted = { (change: Comparison.Change) in
                change.kind == .words || accept.contains(change.kind.rawValue)
            }
            if !changes.allSatisfy(isAccepted) { throw ExitCode.finding }
        }
    }
}
