// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// An empty path, as `--output "$OUT"` gives where the variable is unset, is wrong usage of every option and argument.
struct PathArgumentTests {
    /// What takes a value that is no path. Everything else must complete file names, and is given an empty one here.
    private static let others: Set = [
        "accept", "api", "color", "error-limit", "format", "init-args", "input-format", "names", "null-mechanism",
        "perspective", "pin",
        "policy", "seed", "slot", "subcommands", "walk",
    ]

    private struct Help: Decodable { let command: Command }

    private struct Command: Decodable {
        let commandName: String
        let arguments: [Argument]?
        let subcommands: [Command]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable { let name: String }
        struct Nothing: Decodable {}
        struct Completion: Decodable {
            let file: Nothing?
            let directory: Nothing?
        }

        let kind: String
        let valueName: String?
        let preferredName: Name?
        let completionKind: Completion?

        var name: String { preferredName?.name ?? valueName ?? "" }
        var isPath: Bool { completionKind?.file != nil || completionKind?.directory != nil }
    }

    @Test(arguments: [
        (
            "p11gen",
            [
                "diff beside", "diff new", "diff old", "diff schema", "explain overlay", "explain schema",
                "explain spec",
                "export overlay", "export schema", "export spec", "generate depfile", "generate only",
                "generate output", "generate overlay", "generate schema", "generate spec", "generate target",
                "generate templates", "trace overlay", "trace schema", "trace spec", "verify overlay", "verify schema",
                "verify spec",
            ]
        ),
        ("p11probe", [" module"]),
    ])
    func anEmptyPath(_ program: String, _ known: [String]) throws {
        let help = try run(Project.program(program), ["--experimental-dump-help"]).output
        let root = try JSONDecoder().decode(Help.self, from: Data(help.utf8)).command
        var found: [String] = []
        for (words, command) in [([], root)] + (root.subcommands ?? []).map({ ([$0.commandName], $0) }) {
            let arguments = (command.arguments ?? []).filter { $0.kind != "flag" }
            for argument in arguments where !Self.others.contains(argument.name) {
                #expect(argument.isPath, "'\(argument.name)' takes a value: use PathArgument, or name it in 'others'")
                found.append("\(words.joined()) \(argument.name)")
                let before = arguments.prefix { $0.name != argument.name }.filter { $0.kind == "positional" }
                let empty = argument.kind == "positional" ? before.map { _ in "x" } + [""] : ["--\(argument.name)", ""]
                try expectRefusal(program, words + empty, of: argument.name)
            }
        }
        #expect(found.sorted() == known)
    }

    @Test func aCommandThatIsNotNamed() throws { try expectRefusal("p11gen", ["--output", ""], of: "output") }

    private func expectRefusal(_ program: String, _ arguments: [String], of name: String) throws {
        try Project.withFolder { folder in
            let result = try run(Project.program(program), arguments, in: folder)
            #expect(result.status == 64, "\(arguments): \(result)")
            let line = result.errors.split(separator: "\n").first ?? ""
            #expect(line.hasPrefix("Error: The value '' is invalid for '") && line.contains(name), "\(result)")
            #expect(line.hasSuffix(": the path is empty, perhaps because a variable is unset; give a path"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }
}
