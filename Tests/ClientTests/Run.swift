// SPDX-License-Identifier: MIT

import Foundation
import TestSupport

/// One run of a client's sequence of programs, on a token of its own.
final class Run {
    /// What a program did, and what was expected of it.
    struct Step {
        let words: [String]
        let result: CommandResult
        let expected: Int32
        let isSorted: Bool
    }

    /// In front of what the run had the guard, and with which settings; nil: the client had the module itself.
    let guarding: [String: String]?
    /// The folder that the run has to itself while it runs. It is the same in all runs of a comparison, and so is everything in it
    /// at the start: the token with its serial number, which the slot is named after, and its keys.
    let folder: String
    let token: Token
    var isDirect: Bool { guarding == nil }
    private let moduleEnvironment: [String: String]
    private(set) var steps: [Step] = []

    init(_ guarding: [String: String]?, folder: String, token: Token, _ more: [String: String]) {
        (self.guarding, self.folder, self.token) = (guarding, folder, token)
        moduleEnvironment = token.environment.merging(more) { $1 }
    }

    /// What the client is told to load: the module, or the guard.
    var module: String { "\(folder)/module.so" }

    func path(_ file: String) -> String { "\(folder)/\(file)" }

    var environment: [String: String] {
        // The user's own settings are nobody's business here.
        let usual = ["HOME": folder, "XDG_CONFIG_HOME": "\(folder)/.config", "LC_ALL": "C", "TZ": "UTC"]
        let unguarded = ["MODULE", "POLICY", "MODE", "THREADS", "LOG"].map { ("P11GUARD_\($0)", "") }
        return moduleEnvironment.merging(usual) { $1 }.merging(unguarded) { $1 }.merging(guarding ?? [:]) { $1 }
    }

    /// Runs a program in the run's folder.
    ///
    /// - Parameters:
    ///   - words: the program and its arguments.
    ///   - status: how it ends.
    ///   - isSorted: whether the order of the lines is left out of the comparison. SoftHSM lists objects in the order of the names of
    ///     their files, and these are random for each object that the run itself has made.
    @discardableResult
    func call(
        _ words: [String], _ more: [String: String] = [:], exits status: Int32 = 0, isSorted: Bool = false
    ) throws -> CommandResult {
        let result = try TestSupport.run(
            "timeout", ["-k", "5", "60"] + words, in: folder, environment: environment.merging(more) { $1 })
        steps.append(Step(words: words, result: result, expected: status, isSorted: isSorted))
        return result
    }
}

/// What is left of a run: what its programs said, and the folder, which has another name now.
struct Finished {
    /// What the run was, for messages.
    let name: String
    let steps: [Run.Step]
    let folder: String

    func path(_ file: String) -> String { "\(folder)/\(file)" }

    func bytes(_ file: String) throws -> Data { try Data(contentsOf: URL(filePath: path(file))) }

    var log: [String] {
        let text = (try? String(contentsOfFile: path("guard.log"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// A program that has nothing to do with the token says whether what came of it is right.
    func check(_ words: String...) throws -> CommandResult {
        try TestSupport.run(words[0], Array(words.dropFirst()), in: folder)
    }
}
