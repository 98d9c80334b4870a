// SPDX-License-Identifier: MIT

import ArgumentParser

/// The command line, nothing else.
@main
struct P11gen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "p11gen",
        abstract: "Makes enforcement code and headers for PKCS #11 from one XML file.",
        discussion: """
            Without arguments, anywhere inside the package, it makes all outputs in place and writes what changed.
            Exit codes: 0 done, 1 the input or a check is wrong, 64 wrong usage.
            """,
        version: "0.9.0",
        subcommands: [Generate.self, Export.self, Verify.self, Trace.self, Explain.self, Diff.self],
        defaultSubcommand: Generate.self)
}
