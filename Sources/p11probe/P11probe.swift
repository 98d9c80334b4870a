// SPDX-License-Identifier: MIT

import ArgumentParser
import CryptokiSession
import Glibc
import PathArgument

/// The command line, and the order of things.
@main
struct P11probe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "p11probe",
        abstract: "Probe which operations a PKCS #11 module allows at the same time, and compare it with the rules.",
        discussion: """
            p11probe loads the module, creates session keys, and starts every operation while every other one is active, in \
            read-only sessions. Nothing is left on the token. Each result is compared with that of the operation alone.
            Exit codes: 0 every forbidden combination was refused, 1 one was allowed, 2 nothing could be tried, 64 wrong \
            usage.
            """)

    @Argument(
        help: ArgumentHelp("The module, a shared library.", valueName: "module"), completion: .file(),
        transform: PathArgument.parse)
    var module: String

    @Option(
        help: ArgumentHelp(
            "The slot of the token (default: the first one with an initialised token).", valueName: "id"))
    var slot: UInt?

    @Option(
        help: ArgumentHelp(
            "The user's PIN.",
            discussion: """
                Other users of the machine can see it in the list of processes; use the environment variable P11PROBE_PIN or \
                --ask-pin instead. Without a PIN there is no login.
                """, valueName: "pin"))
    var pin: String?

    @Flag(help: "Ask for the PIN, without showing it.")
    var askPin = false

    @Option(
        help: ArgumentHelp(
            "The string that C_Initialize gets in pReserved.",
            discussion: """
                NSS softoken expects its configuration here, for instance "flags=noCertDB,noModDB" or \
                "configdir='sql:/some/folder' certPrefix='' keyPrefix='' secmod='' flags=readOnly".
                """, valueName: "string"))
    var initArgs: String?

    @Option(
        help: ArgumentHelp(
            "The policy to compare with: \(Policy.names) (default: \(Policy.usageGuide.name)).",
            valueName: "name"),
        transform: Policy.init(named:))
    var policy: Policy?

    enum Format: String, CaseIterable, ExpressibleByArgument { case text, tsv }

    @Option(
        help: ArgumentHelp(
            "The format of the output: text, or tsv, one line of fields separated by tabs for each experiment.",
            discussion: """
                The observed behaviour of a start or a single-part call is refused, allowed, abandoned (the older operation \
                ended silently), wrong (an incorrect result), unusable (started, but does not work), broken (the older \
                operation ended and there was no result) or ended (by an error); that of an interruption is goes-on, ended or \
                crashed. An experiment that could not be made is untried.
                """))
    var format = Format.text

    /// The process of its own in which a start without a mechanism is tried.
    @Option(help: .private)
    var nullMechanism: String?

    func run() throws {
        let isClean: Bool
        do throws(Failure) {
            isClean = try probe()
        } catch {
            let line = Array("p11probe: error: \(error.message)\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
            throw ExitCode(2)
        }
        if !isClean { throw ExitCode(1) }
    }

    /// - Returns: whether the module allows nothing that the rules forbid.
    private func probe() throws(Failure) -> Bool {
        let pin = try chosenPIN()
        if nullMechanism == nil { CrashReport.prepare() }
        let module = try Module(path: module)
        try module.initialize(initArgs)
        defer { module.finalize() }
        let token = try Token(module, slot: slot, pin: pin)
        if let operation = SessionOperation.allCases.first(where: { "\($0)" == nullMechanism }) {
            let bench = try Bench(token, wanted: [operation])
            defer { bench.close() }
            print(try Experiments.nullMechanism(operation, bench), terminator: "")
            // Seen even if the module does not survive its end.
            fflush(nil)
            return true
        }
        let bench = try Bench(token)
        defer { bench.close() }
        guard !bench.offers.isEmpty else {
            throw Failure(
                "the token offers none of the operations to this user"
                    + (pin == nil ? "; without a login it may not, try --pin" : ""))
        }
        let policy = policy ?? .usageGuide
        let experiments = Experiments(bench: bench, expectation: Expectation(policy)) { again($0, token) }
        var observations = try experiments.pairs()
        observations += try experiments.thirds(observations)
        observations += try experiments.singles()
        observations += try experiments.interruptions()
        let report = Report(bench: bench, policy: policy, observations: observations)
        CrashReport.rest()
        print(format == .tsv ? report.table : report.text, terminator: "")
        fflush(nil)
        CrashReport.note("its use was ended")
        return observations.allSatisfy { $0.brokenRule == nil }
    }

    private func again(_ operation: SessionOperation, _ token: Token) -> ProcessEnd {
        var arguments = [module, "--slot", "\(token.slot)", "--null-mechanism", "\(operation)"]
        if let initArgs { arguments += ["--init-args=\(initArgs)"] }
        // Not as an argument, which others can see.
        if let pin = token.pin { setenv("P11PROBE_PIN", pin, 1) }
        return runAgain(arguments)
    }

    private func chosenPIN() throws(Failure) -> String? {
        if let pin { return pin }
        if askPin {
            guard let typed = getpass("PIN: ") else {
                throw Failure("there is no terminal to ask for the PIN; use P11PROBE_PIN")
            }
            return String(cString: typed)
        }
        return getenv("P11PROBE_PIN").map { String(cString: $0) }
    }
}

extension Policy {
    static var names: String { allCases.map { "\($0.name)" }.joined(separator: ", ") }

    init(named name: String) throws {
        guard let policy = Policy.allCases.first(where: { "\($0.name)" == name }) else {
            throw ValidationError("unknown policy '\(name)'; use \(Policy.names)")
        }
        self = policy
    }
}
