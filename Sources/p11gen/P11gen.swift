// SPDX-License-Identifier: MIT

import ArgumentParser

/// The command line.
@main
struct P11gen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "p11gen",
        abstract: "Generate enforcement code and headers for PKCS #11 from one XML file.",
        discussion: """
            Without arguments, anywhere inside the package, p11gen generates all outputs and writes those that changed.
            Exit codes: 0 success, 1 a finding (a difference, a broken rule, an output that is out of date), 64 wrong \
            usage, 65 wrong or unreadable input.
            """,
        version: "0.9.0",
        subcommands: [Generate.self, Export.self, Verify.self, Trace.self, Explain.self, Diff.self],
        defaultSubcommand: Generate.self)
}
