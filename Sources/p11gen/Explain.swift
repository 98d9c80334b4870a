// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import RuleAnalysis

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what holds, why, and where the standard says so.",
        discussion: "For instance: explain digest encrypt, explain C_SignUpdate, explain not-a-pair, explain S15.")

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Argument(help: "A function, rule, operation, policy, role or reading, or two operations.")
    var names: [String]

    func run() throws {
        try messages.explaining("nothing was explained") {
            let data = try RuleData(try data.sources)
            leave(data)
            do throws(Explanation.Unknown) {
                for line in try Explanation(data.tables.specification).lines(for: names) { print(line) }
            } catch {
                complain("p11gen: error: \(error.message)")
                throw ExitCode(1)
            }
        }
    }
}
