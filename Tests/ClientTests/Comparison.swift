// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What two runs on equal tokens need not have in common.
struct Difference {
    /// Why it is nothing that the guard does.
    let reason: String
    let pattern: String

    /// What C_GetTokenInfo says, as pkcs11-spy and PyKCS11 print it.
    static let tokenTime = Difference(
        reason: "time of the token", pattern: "(?<='utcTime': '|^      time:                   ')[0-9]{16}")

    func hidden(in line: String) -> String {
        line.replacingOccurrences(of: pattern, with: "<\(reason)>", options: .regularExpression)
    }
}

/// What is to be loaded in order to get to a module, and what it wants in its environment.
struct Layer {
    let module: String
    let environment: [String: String]
}

/// A client's sequence of programs, run with a module and run with the guard in front of the module: they say the same, line by
/// line, and end in the same way.
///
/// Each run has the same token: not one that was made in the same way, but a copy with the same serial number, slot and keys. Each
/// has the same paths as well. So little has to be overlooked when they are compared.
struct Comparison {
    static let library = ".build/guard/release/libp11guard.so"

    let client: String
    /// How many of the processes call C_Finalize, upon which the guard sums up in a report. Some just end.
    let finalizing: Int
    /// The settings beside those that every client is run with.
    var settings: [[String: String]] = []
    /// What differs from run to run without the guard as well.
    var differences: [Difference] = []
    /// Files that must be the same in each run, byte by byte.
    var files: [String] = []
    /// And those that must be the same but for the differences.
    var texts: [String] = []
    /// Puts something in front of the module, which the client or the guard uses in its place.
    var between: @Sendable (_ token: Token, _ folder: String) throws -> Layer = { token, _ in
        Layer(module: token.module, environment: [:])
    }

    static let enforce = ["P11GUARD_MODE": "enforce"]
    static let report = ["P11GUARD_MODE": "report"]
    /// It refuses whatever the standard lets a token refuse.
    static let strict = ["P11GUARD_POLICY": "strict"]
    static let serialize = ["P11GUARD_THREADS": "serialize"]

    /// - Parameters:
    ///   - prepare: adds to the folder with the token what each run finds there.
    ///   - sequence: the programs, which may fail where the module cannot be loaded.
    ///   - verify: looks at what a run left in its folder.
    func run(
        prepare: (_ run: Run) throws -> Void = { _ in }, _ sequence: (_ run: Run) throws -> Void,
        verify: (_ finished: Finished) throws -> Void = { _ in }
    ) throws {
        try require(file: Self.library, "make guard builds it")
        for package in ["opensc", "openssl"] { try require(package: package) }
        try Project.withFolder { folder in
            // A short name, since a socket's path may not be long.
            let (work, start) = ("\(folder)/w", "\(folder)/start")
            try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
            let token = try Token.softHSM(folder: work)
            try Self.addKey(token)
            try "hello".write(toFile: "\(work)/data", atomically: true, encoding: .utf8)
            let layer = try between(token, work)
            try prepare(Run(nil, folder: work, token: token, layer.environment))
            try FileManager.default.moveItem(atPath: work, toPath: start)

            func finish(_ name: String, _ guarding: [String: String]?) throws -> Finished {
                try #require(try TestSupport.run("cp", ["-a", start, work]).status == 0)
                var (settings, original) = (guarding, layer.module)
                if guarding != nil {
                    original = "\(Project.root)/\(Self.library)"
                    settings?.merge(["P11GUARD_MODULE": layer.module, "P11GUARD_LOG": "\(work)/guard.log"]) { old, _ in
                        old
                    }
                }
                let run = Run(settings, folder: work, token: token, layer.environment)
                // A copy, which everybody may read and beside which is no configuration.
                try #require(try TestSupport.run("cp", ["-L", original, run.module]).status == 0)
                try sequence(run)
                let kept = "\(folder)/\(name)"
                try FileManager.default.moveItem(atPath: work, toPath: kept)
                return Finished(name: "\(client), \(name)", steps: run.steps, folder: kept)
            }

            let direct = try finish("direct", nil)
            for step in direct.steps { #expect(step.result.status == step.expected, "\(step.words): \(step.result)") }
            try verify(direct)

            for settings in [Self.enforce, Self.report, Self.strict] + settings {
                let name = settings.map { "\($0)=\($1)" }.joined(separator: ",")
                let guarded = try finish(name, settings)
                compare(guarded, direct)
                try verify(guarded)
                for file in texts {
                    let changes = try changes(lines(of: file, guarded), since: lines(of: file, direct))
                    #expect(changes == [], "\(name): \(file)")
                }
                for file in files { #expect(try guarded.bytes(file) == direct.bytes(file), "\(name): \(file)") }
                expectLog(of: guarded, settings)
            }

            // If it was the guard's module that the client used, it cannot do without.
            let broken = try finish("broken", ["P11GUARD_MODULE": "\(work)/none.so"])
            #expect(!isSame(broken, direct), "\(client) does not notice that there is no module")
            #expect(broken.log.contains { $0.contains("error: the module cannot be loaded: ") }, "\(broken.log)")
        }
    }

    /// An RSA key, which takes some time to make.
    private static func addKey(_ token: Token) throws {
        let made = try TestSupport.run(
            "pkcs11-tool",
            [
                "--module", token.module, "--token-label", token.label, "--login", "--pin", token.pin ?? "",
                "--keypairgen", "--key-type", "rsa:2048", "--id", "01", "--label", "rsa",
            ], environment: token.environment)
        try #require(made.status == 0, "\(made)")
    }

    // MARK: What is the same

    private struct Said: Equatable {
        let status: Int32
        let output: [String]
        let errors: [String]
    }

    private func said(_ step: Run.Step) -> Said {
        let (output, errors) = (lines(step.result.output), lines(step.result.errors))
        return step.isSorted
            ? Said(status: step.result.status, output: output.sorted(), errors: errors.sorted())
            : Said(status: step.result.status, output: output, errors: errors)
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            differences.reduce(String(line)) { $1.hidden(in: $0) }
        }
    }

    private func lines(of file: String, _ finished: Finished) throws -> [String] {
        lines(try Project.text(finished.path(file)))
    }

    /// The first lines that differ, with a sign in front as diff has it.
    private func changes(_ lines: [String], since before: [String]) -> [String] {
        if lines == before { return [] }
        let changes = lines.difference(from: before)
        let removed = changes.removals.map { if case .remove(_, let line, _) = $0 { "- \(line)" } else { "" } }
        let inserted = changes.insertions.map { if case .insert(_, let line, _) = $0 { "+ \(line)" } else { "" } }
        return Array(removed.prefix(10) + inserted.prefix(10))
    }

    private func compare(_ guarded: Finished, _ direct: Finished) {
        #expect(guarded.steps.map(\.words) == direct.steps.map(\.words))
        for (step, other) in zip(guarded.steps, direct.steps) {
            let (said, before) = (said(step), said(other))
            let what = "\(guarded.name): \(step.words.joined(separator: " "))"
            #expect(said.status == before.status, "\(what)\n\(step.result)")
            #expect(changes(said.output, since: before.output) == [], "standard output of \(what)")
            #expect(changes(said.errors, since: before.errors) == [], "standard error of \(what)")
        }
    }

    private func isSame(_ one: Finished, _ other: Finished) -> Bool {
        one.steps.map { said($0) } == other.steps.map { said($0) }
    }

    /// A client that keeps to the rules leaves nothing in the log, but what the guard says to whoever wants a report: that it was
    /// there, and that there was nothing.
    private func expectLog(of guarded: Finished, _ settings: [String: String]) {
        let isReport = settings["P11GUARD_MODE"] == "report"
        let unexpected = guarded.log.filter {
            !(isReport
                && $0.wholeMatch(
                    of: /[^ ]+ p11guard\[\d+\/\d+\] [^:]+\.so: C_Finalize: \d+ sessions, 0 violations/) != nil)
        }
        #expect(unexpected.isEmpty, "\(guarded.name)")
        if isReport { #expect(guarded.log.count == finalizing, "\(guarded.name): the guard was not there") }
    }
}
