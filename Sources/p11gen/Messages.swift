// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import Glibc
import SourceDiagnostics

/// How a command prints diagnostics.
struct MessageOptions: ParsableArguments {
    enum Color: String, CaseIterable, ExpressibleByArgument { case auto, always, never }

    @Option(help: "Colour messages: auto (depends on the terminal and NO_COLOR), always or never.")
    var color = Color.auto

    @Option(help: ArgumentHelp("The number of errors and warnings to print; 0 prints all.", valueName: "number"))
    var errorLimit = 20

    func validate() throws {
        if errorLimit < 0 { throw ValidationError("--error-limit must not be negative; 0 prints all messages.") }
    }

    /// Runs a command, and prints the diagnostics if an input is wrong.
    ///
    /// - Parameter consequence: what an error means for the result, such as "nothing was written".
    /// - Throws: the exit code of wrong input.
    func reportingErrors(_ consequence: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let failure as DiagnosticsError {
            show(failure.diagnostics)
            printError("p11gen: \(summary(failure.diagnostics)); \(failure.consequence ?? consequence)")
            throw ExitCode.badInput
        }
    }

    /// Prints diagnostics, up to the limit.
    func show(_ diagnostics: [Diagnostic]) {
        if diagnostics.isEmpty { return }
        let style = self.style
        for diagnostic in shown(diagnostics) { printError(diagnostic.rendered(in: style)) }
    }

    private func shown(_ diagnostics: [Diagnostic]) -> ArraySlice<Diagnostic> {
        errorLimit == 0 ? diagnostics[...] : diagnostics.prefix(errorLimit)
    }

    private func summary(_ diagnostics: [Diagnostic]) -> String {
        func count(_ severity: Diagnostic.Severity) -> String? {
            let count = diagnostics.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        let counts = [count(.error), count(.warning)].compactMap { $0 }.joined(separator: " and ")
        let isAll = shown(diagnostics).count == diagnostics.count
        return isAll ? counts : "\(counts), of which \(errorLimit) are shown; use --error-limit 0 for all"
    }

    private var style: MessageStyle {
        let isTerminal = isatty(STDERR_FILENO) == 1
        var style = MessageStyle(isColored: isColored(isTerminal))
        var size = winsize()
        if isTerminal, ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            style.columns = Int(size.ws_col)
        }
        return style
    }

    /// As https://no-color.org and https://bixense.com/clicolors ask for it.
    private func isColored(_ isTerminal: Bool) -> Bool {
        func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        switch color {
        case .always: return true
        case .never: return false
        case .auto:
            if !variable("NO_COLOR").isEmpty { return false }
            if !["", "0"].contains(variable("CLICOLOR_FORCE")) { return true }
            return isTerminal && !["", "dumb"].contains(variable("TERM"))
        }
    }
}

extension ExitCode {
    /// The inputs are right, and what was looked for was found: a difference, a broken rule, an output that is out of date.
    static let finding = ExitCode(1)
    /// An input cannot be read, or is wrong; `EX_DATAERR` of sysexits.h.
    static let badInput = ExitCode(65)
}

/// Prints a line on standard error.
func printError(_ message: String) {
    var line = message + "\n"
    line.withUTF8 { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) } ?? -1
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
