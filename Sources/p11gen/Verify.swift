// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import RuleAnalysis

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks what must hold of the rules as a whole.",
        discussion: """
            A property that does not hold is shown with a shortest sequence of calls.
            Exit codes: 0 all hold, 1 one does not, or the data is wrong.
            """)

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Option(help: ArgumentHelp("The seed of the random walks.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("How many calls each random walk has.", valueName: "number"))
    var walk = 20_000

    func validate() throws {
        if walk < 0 { throw ValidationError("A walk has 0 calls or more.") }
    }

    func run() throws {
        try messages.reportingErrors("nothing was verified") {
            let specification = try data.load(messages).tables.specification
            let sources = try data.files
            let version = data.api.map { " in version \($0)" } ?? ""
            let files = ([sources.specification] + sources.overlays).joined(separator: " with ") + version
            let findings = Verification(specification, seed: seed, walkLength: walk).run()
            for finding in findings { show(finding) }
            let broken = findings.count { $0.violation != nil }
            if broken > 0 {
                printError("p11gen: \(broken) of \(findings.count) properties do not hold for \(files)")
                throw ExitCode(1)
            }
            print("all \(findings.count) properties hold for \(files)")
        }
    }

    private func show(_ finding: Verification.Finding) {
        print("\(finding.number). \(finding.claim): \(finding.violation == nil ? "holds" : "DOES NOT HOLD")")
        guard let violation = finding.violation else {
            for line in finding.basis { print("     \(line)") }
            return
        }
        print("   under \(violation.rules):")
        for step in violation.steps { print("     \(step)") }
        print("   \(violation.conclusion)")
    }
}
