// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import PathArgument
import RuleAnalysis

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract:
            "Says what changed between two data files in behaviour, and shows a shortest sequence of calls for it.",
        discussion: """
            Exit codes: 0 no change of behaviour, or only such as are accepted; 1 another change, or the data is wrong.
            """)

    @Argument(help: "The data as it was.", completion: .file(), transform: PathArgument.parse)
    var old: String

    @Argument(help: "The data as it is.", completion: .file(), transform: PathArgument.parse)
    var new: String

    @Option(
        help: ArgumentHelp("The schema; cryptoki.rng beside the new data if not given.", valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var schema: String?

    @Option(
        help: ArgumentHelp(
            "Where the files that the data names are, for data that stands elsewhere, as git's copies do.",
            valueName: "folder"),
        completion: .directory, transform: PathArgument.parse)
    var beside: String?

    @Option(
        help: ArgumentHelp(
            "A kind of change that is no reason to exit with 1: tighter, looser, other, added, removed, documented; may be "
                + "given several times.", valueName: "kind"))
    var accept: [String] = []

    @OptionGroup var messages: MessageOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        for kind in accept where Comparison.Kind(rawValue: kind) == nil {
            let kinds = Comparison.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no kind of change '\(kind)'; there are \(kinds).")
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
            print(json ? changes.json : changes.text, terminator: "")
            let isAccepted = { (change: Comparison.Change) in
                change.kind == .words || accept.contains(change.kind.rawValue)
            }
            if !changes.allSatisfy(isAccepted) { throw ExitCode(1) }
        }
    }
}
