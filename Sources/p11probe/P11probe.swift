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
        abstract: "Tries out which operations a PKCS #11 module really allows at the same time, beside the rules.",
        discussion: """
            It loads the module, makes keys that live as long as its session, and starts every operation beside every other \
            in sessions that cannot change the token. Nothing is left on the token. Each result is compared with what the \
            operation gives alone.
            Exit codes: 0 nothing that the rules forbid was allowed, 1 something was, 2 nothing could be tried, 64 wrong \
            usage.
            """)

    @Argument(
        help: ArgumentHelp("The module, a shared library.", valueName: "module"), completion: .file(),
        transform: PathArgument.parse)
    var module: String

    @Option(
        help: ArgumentHelp(
            "The slot of the token.",
            discussion: "The first one with an initialised token if not given.", valueName: "id"))
    var slot: UInt?

    @Option(
        help: ArgumentHelp(
            "The user's PIN.",
            discussion: """
                Other users of the machine can see it; the environment's P11PROBE_PIN or --ask-pin keeps it from them. \
                Without any of them there is no login.
                """, valueName: "pin"))
    var pin: String?

    @Flag(help: "Ask for the PIN; it is not shown.")
    var askPin = false

    @Option(
        help: ArgumentHelp(
            "What C_Initialize is given in pReserved.",
            discussion: """
                NSS softoken wants its configuration here, for instance "flags=noCertDB,noModDB" or \
                "configdir='sql:/some/folder' certPrefix='' keyPrefix='' secmod='' flags=readOnly".
                """, valueName: "string"))
    var initArgs: String?

    @Option(
        help: ArgumentHelp(
            "The rules to hold the module against: \(Policy.names); \(Policy.usageGuide.name) if not given.",
            valueName: "name"),
        transform: Policy.init(named:))
    var policy: Policy?

    @Flag(
        help: ArgumentHelp(
            "Print one line for each experiment, its fields separated by tabs.",
            discussion: """
                Observed is, of a start and of a call in one part: refused, allowed, abandoned (the older operation ended in \
                silence), wrong (a result), unusable (started, but does not work), broken (the older one is gone and nothing \
                came), ended (by an error); of what interrupts: goes-on, ended, crashed. Untried: it could not be made.
                """))
    var tsv = false

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
        print(tsv ? report.table : report.text, terminator: "")
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
            throw ValidationError("No policy is called '\(name)'; there are \(Policy.names).")
        }
        self = policy
    }
}
