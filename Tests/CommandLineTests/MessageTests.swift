// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// How messages arrive: in colour on a terminal, without in a pipe, and not too many of them.
struct MessageTests {
    private static let escape = "\u{1B}["
    private static let caret = "\u{1B}[1;32m^~~~~~\u{1B}[0m"
    /// What the environment of the test run says of colour is not meant here.
    private static let neutral = ["NO_COLOR": "", "CLICOLOR_FORCE": "", "TERM": "xterm"]

    /// A package with a misspelt operation.
    private static func faulty<Result>(_ body: (Workshop) throws -> Result) throws -> Result {
        try Workshop.open { workshop in
            try workshop.edit(
                "spec/cryptoki.xml", "first=\"digest\"  second=\"encrypt\"", "first=\"digset\"  second=\"encrypt\"")
            return try body(workshop)
        }
    }

    /// What the program writes to a terminal, which `script` makes.
    private static func onTerminal(
        _ arguments: String, _ environment: [String: String] = [:], before: String = "true"
    ) throws -> String {
        try faulty { workshop in
            let command = "\(before); \(Project.generator) \(arguments)"
            let result = try run(
                "script", ["-qec", command, "/dev/null"], in: workshop.folder,
                environment: neutral.merging(environment) { $1 })
            #expect(result.status == 65, "\(result)")
            return result.output.replacing("\r\n", with: "\n")
        }
    }

    private static func inPipe(_ arguments: [String], _ environment: [String: String] = [:]) throws -> String {
        try faulty { workshop in
            let result = try run(
                Project.generator, arguments, in: workshop.folder, environment: neutral.merging(environment) { $1 })
            #expect(result.status == 65, "\(result)")
            return result.errors
        }
    }

    @Test(.enabled(if: has("script"))) func aTerminalHasColour() throws {
        let output = try Self.onTerminal("generate")
        #expect(output.contains("\u{1B}[1;31merror:\u{1B}[0m \u{1B}[1munknown operation 'digset'"), "\(output)")
        #expect(output.contains(Self.caret), "\(output)")
    }

    @Test(
        .enabled(if: has("script")),
        arguments: [["NO_COLOR": "1"], ["TERM": "dumb"], ["TERM": ""], ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"]])
    func aTerminalThatWantsNone(_ environment: [String: String]) throws {
        let output = try Self.onTerminal("generate", environment)
        #expect(!output.contains("\u{1B}") && output.contains("      |     "), "\(output)")
    }

    @Test(.enabled(if: has("script"))) func neverMeansNever() throws {
        #expect(try !Self.onTerminal("generate --color never", ["CLICOLOR_FORCE": "1"]).contains("\u{1B}"))
    }

    @Test(.enabled(if: has("script"))) func aNarrowTerminal() throws {
        let output = try Self.onTerminal("generate --color never", before: "stty cols 60")
        #expect(
            output.contains(
                """
                   50 | ...digest-encrypt" first="digset"  second="encryp...
                      |                           ^~~~~~
                """), "\(output)")
    }

    @Test func aPipeHasNone() throws {
        let errors = try Self.inPipe(["generate"])
        #expect(!errors.utf8.contains(0x1B))
        #expect(errors.hasSuffix("^~~~~~\np11gen: 1 error; nothing was written\n"), "\(errors)")
    }

    @Test func aPipeHasColourIfAsked() throws {
        #expect(try Self.inPipe(["generate", "--color", "always"], ["NO_COLOR": "1"]).contains(Self.caret))
        #expect(try Self.inPipe(["generate"], ["CLICOLOR_FORCE": "1"]).contains(Self.caret))
        #expect(try !Self.inPipe(["generate"], ["CLICOLOR_FORCE": "0"]).contains("\u{1B}"))
    }

    @Test func everyCommandKnowsTheOptions() throws {
        for command in [["verify"], ["export"], ["explain", "digest"], ["trace"]] {
            let errors = try Self.inPipe(command + ["--color", "always"])
            #expect(errors.contains(Self.caret), "\(command)")
        }
        let diff = try Self.inPipe(["diff", "--color", "always", "spec/cryptoki.xml", "spec/cryptoki.xml"])
        #expect(diff.contains(Self.caret) && diff.hasSuffix("p11gen: 1 error; nothing was compared\n"))
    }

    // MARK: How many

    /// Without its return value of an active operation, the data has many faults.
    private static func withManyFaults(_ arguments: String...) throws -> [Substring] {
        try Workshop.open { workshop in
            let registry = try workshop.text("spec/registry.xml").components(separatedBy: "\n")
            let rest = registry.filter { !$0.contains("name=\"CKR_OPERATION_ACTIVE\"") }
            try workshop.write(rest.joined(separator: "\n"), to: "spec/registry.xml")
            return try run(Project.generator, arguments, in: workshop.folder).errors.split(separator: "\n")
        }
    }

    @Test func twentyAreShownAndAllAreCounted() throws {
        let all = try Self.withManyFaults("generate", "--error-limit", "0")
        let count = all.count { $0.contains(": error: ") }
        try #require(count > 20)
        #expect(all.last == "p11gen: \(count) errors; nothing was written")
        let lines = try Self.withManyFaults("generate")
        #expect(lines.count == 61 && lines.dropLast() == all.prefix(60))
        #expect(
            lines.last
                == "p11gen: \(count) errors, of which 20 are shown; use --error-limit 0 for all; nothing was written")
        #expect(try Self.withManyFaults("generate", "--error-limit", "1").count == 4)
    }

    @Test func aLimitBelowNothingIsWrongUsage() throws {
        #expect(try run(Project.generator, ["generate", "--error-limit=-1"]).status == 64)
        #expect(try run(Project.generator, ["generate", "--color", "blue"]).status == 64)
    }

    // MARK: Templates and paths

    @Test func aTemplateIsShownAsTheDataIs() throws {
        try Workshop.open { workshop in
            try workshop.write(
                "a\n\t{{#operations}}é {{nmae}}\n\t{{/operation}}\n", to: "Templates/doc/new.txt.mustache")
            let result = try workshop.generate()
            #expect(
                result.errors == """
                    Templates/doc/new.txt.mustache:3:2: error: '{{/operation}}' does not close '{{#operations}}'; close that first with '{{/operations}}' [template-wrong-close]
                        3 |         {{/operation}}
                          |         ^~~~~~~~~~~~~~
                    Templates/doc/new.txt.mustache:2:2: note: '{{#operations}}' opened here
                        2 |         {{#operations}}é {{nmae}}
                          |         ^~~~~~~~~~~~~~~
                    p11gen: 1 error; nothing was written

                    """, "\(result)")
        }
    }

    @Test func aTemplateThatIsNoText() throws {
        try Workshop.open { workshop in
            let file = workshop.path("Templates/doc/new.txt.mustache")
            try Data([0x61, 0xE9, 0x0A]).write(to: URL(filePath: file))
            let result = try workshop.generate()
            #expect(
                result.errors == """
                    Templates/doc/new.txt.mustache:1:2: error: is not UTF-8 from here on; save it as UTF-8 [not-utf-8]
                        1 | a<E9>
                          |  ^~~~
                    p11gen: 1 error; nothing was written

                    """, "\(result)")
        }
    }

    @Test(arguments: [
        (["generate", "--spec", "spec"], "spec:1:1: error: is a folder; pass a file [not-a-file]"),
        (
            ["generate", "--spec", "spec/registry.xml"],
            "spec/registry.xml:8:1: error: expected <cryptoki>, found <registry>; the file is the registry, which the data names [unexpected-root]"
        ),
        (
            ["generate", "--overlay", "spec/cryptoki.xml"],
            "spec/cryptoki.xml:12:1: error: expected <overlay>, found <cryptoki>; the file is the data itself [unexpected-root]"
        ),
        (
            ["generate", "--templates", "spec"],
            "spec: error: no template in a subfolder; the names of templates end with '.mustache' [no-template]"
        ),
        (
            ["generate", "--only", "doc/session-rule.md"],
            "Templates: error: no template generates 'doc/session-rule.md'; did you mean 'doc/session-rules.md'? [no-template]"
        ),
    ])
    func anotherFileThanWasMeant(_ arguments: [String], _ message: String) throws {
        try Workshop.open { workshop in
            let result = try run(Project.generator, arguments, in: workshop.folder)
            #expect(result.status == 65)
            #expect(result.errors.split(separator: "\n").first.map(String.init) == message, "\(result)")
        }
    }
}
