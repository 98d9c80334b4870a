// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleAnalysis
import SourceDiagnostics
import Spelling

/// A log of calls.
package struct CallLog: Sendable {
    /// How a log is written.
    package enum Format: String, CaseIterable, Sendable {
        /// One call per line: `C_EncryptInit CKR_OK`, optionally with `session=…`, facts and flags; `#` starts a comment.
        case plain
        /// What OpenSC's pkcs11-spy writes.
        case spy
        /// What p11-kit writes with `log-calls: yes`.
        case p11Kit = "p11-kit"
    }

    /// A call that returned.
    package struct Entry: Sendable {
        /// Where the call starts in the log, from 1.
        let line: Int
        let call: Interpreter.Call
        /// The name of its return value, or its number where the data has no name.
        let returnValue: String
        /// What the log calls the session; nil if the call has none.
        let session: String?

        init(line: Int, call: Interpreter.Call, returnValue: String, session: String?) {
            self.line = line
            self.call = call
            // Both may be whatever the log has, and are shown.
            self.returnValue = printable(returnValue)
            self.session = session.map { printable($0) }
        }
    }

    /// Its form, given or found out.
    let format: Format
    /// The calls that returned, in that order: one that was made inside another stands before it.
    package let entries: [Entry]
    /// Calls of functions that the data does not know, such as a vendor's.
    package let unknown: Int

    /// Reads the text of a log.
    ///
    /// - Parameters:
    ///   - text: what the log holds.
    ///   - specification: the functions and return values that there are.
    ///   - format: the form of the log; nil to find it out.
    ///   - path: what messages call it.
    /// - Throws: every line of a log of the plain form that cannot be understood. Other forms have lines of other kinds as
    ///   well, which are passed over.
    package init(
        _ text: String, _ specification: Specification, format: Format? = nil, path: String = "<standard input>"
    ) throws(DiagnosticsError) {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        let format = format ?? Self.format(of: lines)
        self.format = format
        var reader = CallReader(specification)
        for (index, line) in lines.enumerated() {
            switch format {
            case .plain: reader.plain(line, index + 1)
            case .spy: reader.spy(line, index + 1)
            case .p11Kit: reader.p11Kit(line, index + 1)
            }
        }
        if reader.entries.isEmpty { reader.explainNothing(in: lines, format) }
        if !reader.faults.isEmpty {
            let source = SourceText(path: path, bytes: Array(text.utf8))
            throw DiagnosticsError(
                reader.faults.map { word, message in
                    let offset = text.utf8.distance(from: text.startIndex, to: word.startIndex)
                    let place = Place(source: source, offset: offset, length: word.utf8.count)
                    return Diagnostic(place, .log, message)
                })
        }
        entries = reader.entries
        unknown = reader.unknown
    }

    static func format(of lines: [Substring]) -> Format {
        for line in lines {
            if spyCall(line) != nil { return .spy }
            if p11KitReturn(line) != nil { return .p11Kit }
        }
        return .plain
    }

    /// `7: C_Login`: the name.
    static func spyCall(_ line: Substring) -> Substring? {
        guard let colon = line.firstIndex(of: ":"), colon != line.startIndex, line[..<colon].allSatisfy(\.isNumber)
        else {
            return nil
        }
        let name = line[colon...].dropFirst(2)
        return name.hasPrefix("C_") && !name.contains(" ") ? name : nil
    }

    /// `C_Login = CKR_OK`: both.
    static func p11KitReturn(_ line: Substring) -> (name: Substring, value: Substring)? {
        let parts = line.split(separator: " ")
        guard parts.count >= 3, parts[0].hasPrefix("C_"), parts[1] == "=", !line.hasPrefix(" ") else { return nil }
        return (parts[0], parts[2])
    }
}
