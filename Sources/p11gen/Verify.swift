// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import RuleAnalysis

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check properties that the rules as a whole must have.",
        discussion: """
            A property that does not hold is printed with a shortest sequence of calls.
            Exit codes: 0 all properties hold, 1 one does not, 64 wrong usage, 65 wrong or unreadable data.
            """)

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Option(help: ArgumentHelp("The seed of the random walks.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The number of calls in each random walk.", valueName: "number"))
    var walk = 20_000

    func validate() throws {
        if walk < 0 { throw ValidationError("--walk must not be negative.") }
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
                throw ExitCode.finding
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
