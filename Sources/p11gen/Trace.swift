// SPDX-License-Identifier: MIT

import CallTracing
import SourceDiagnostics
import ArgumentParser
import CodeGeneration
import CryptokiSpecification
import Glibc
import RuleAnalysis
import Spelling

struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Follows a log of calls, and says what the rules say of each.",
        discussion: """
            The log is read from standard input: a call a line (C_EncryptInit CKR_OK, with session=NAME, facts such as query, \
            and flags as one likes), or what OpenSC's pkcs11-spy or p11-kit's "log-calls: yes" writes.
            Exit codes: 0 nothing to say, 1 a rule was broken or an operation left open, or the log cannot be read.
            """)

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Option(
        help: ArgumentHelp(
            "The policy to hold the calls against; the first of the data if not given.", valueName: "name"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "Who looks: an observer takes what it cannot know for uncertain; the one of the data that does if not given.",
            valueName: "name"))
    var perspective: String?

    @Option(help: ArgumentHelp("plain, spy or p11-kit; found out if not given.", valueName: "form"))
    var format: String?

    @Flag(help: "Show only calls of which there is something to say.")
    var quiet = false

    func run() throws {
        try messages.reportingErrors("nothing was traced") {
            let data = try data.load(messages)
            let specification = data.tables.specification
            let policy = try choose(policy, "policy", specification.policies, \.name) { _ in true }
            let perspective = try choose(
                perspective, "perspective", specification.perspectives, \.name, usual: \.knowsUncertainty)
            let refusing = specification.conflicts.first { !$0.abandons } ?? specification.conflicts.first!
            let form = try format.map { name in
                guard let form = CallLog.Format(rawValue: name) else {
                    let hint = suggestion(for: name, among: CallLog.Format.allCases.map(\.rawValue))
                    throw ValidationError("There is no form '\(name)' of a log: plain, spy or p11-kit\(hint).")
                }
                return form
            }
            let log = try CallLog(standardInput(), specification, format: form)
            trace(log, Interpreter(specification, policy, perspective, refusing))
        }
    }

    private func trace(_ log: CallLog, _ interpreter: Interpreter) {
        var tracer = Tracer(interpreter)
        for entry in log.entries {
            let remark = tracer.follow(entry)
            if remark.notes.isEmpty, quiet || !remark.concernsOperations { continue }
            print("\(remark.line): \(remark.call)")
            for note in remark.notes { print("    \(note)") }
        }
        for note in tracer.finish() { print(note) }
        let unknown = log.unknown > 0 ? ", \(log.unknown) of functions that the data does not know" : ""
        print(
            "\(log.entries.count) calls\(unknown), \(tracer.sessionCount) sessions, \(tracer.brokenRules) rules broken, "
                + "\(tracer.leftOpen) operations left open (\(interpreter.policy.name), \(interpreter.perspective.name))"
        )
        if tracer.brokenRules + tracer.leftOpen > 0 { Trace.exit(withError: ExitCode(1)) }
    }

    private func choose<Item>(
        _ name: String?, _ noun: String, _ items: some Collection<Item>, _ names: (Item) -> String,
        usual: (Item) -> Bool
    ) throws -> Item {
        guard let name else { return items.first(where: usual) ?? items.first! }
        if let item = items.first(where: { names($0) == name }) { return item }
        throw ValidationError(
            "No \(noun) is called '\(name)'\(suggestion(for: name, among: items.map(names))); "
                + "there are \(items.map(names).joined(separator: ", ")).")
    }

    private func standardInput() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
