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
        abstract: "Check a log of calls against the rules.",
        discussion: """
            The log is read from standard input: the output of OpenSC's pkcs11-spy or of p11-kit with "log-calls: yes", or \
            plain text with one call per line, such as "C_EncryptInit CKR_OK session=1".
            Exit codes: 0 no finding, 1 a rule was broken or an operation left active, 64 wrong usage, 65 wrong or unreadable \
            input.
            """)

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Option(
        help: ArgumentHelp(
            "The policy to check the calls against (default: the first of the data).", valueName: "name"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "The perspective: owner, or observer (default), for whom an operation can be uncertain.",
            valueName: "name"))
    var perspective: String?

    @Option(help: "The format of the log: plain, spy or p11-kit (default: detected automatically).")
    var inputFormat: CallLog.Format?

    @Flag(help: "Print only calls with a finding.")
    var quiet = false

    func run() throws {
        try messages.reportingErrors("nothing was traced") {
            let data = try data.load(messages)
            let specification = data.tables.specification
            let policy = try choose(policy, "policy", specification.policies, \.name) { _ in true }
            let perspective = try choose(
                perspective, "perspective", specification.perspectives, \.name, usual: \.knowsUncertainty)
            let refusing = specification.conflicts.first { !$0.abandons } ?? specification.conflicts.first!
            let log = try CallLog(standardInput(), specification, format: inputFormat)
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
        if tracer.brokenRules + tracer.leftOpen > 0 { Trace.exit(withError: ExitCode.finding) }
    }

    private func choose<Item>(
        _ name: String?, _ noun: String, _ items: some Collection<Item>, _ names: (Item) -> String,
        usual: (Item) -> Bool
    ) throws -> Item {
        guard let name else { return items.first(where: usual) ?? items.first! }
        if let item = items.first(where: { names($0) == name }) { return item }
        throw ValidationError(
            "unknown \(noun) '\(name)'\(suggestion(for: name, among: items.map(names))); "
                + "use \(items.map(names).joined(separator: ", "))")
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

extension CallLog.Format: ExpressibleByArgument {}
