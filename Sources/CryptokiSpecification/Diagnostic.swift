// SPDX-License-Identifier: MIT

import Spelling

/// A place in a source text, found again only when a message needs it.
public struct Place: Sendable {
    /// The file.
    let source: SourceText
    /// Bytes from the start of the file.
    let offset: Int

    /// Counted from 1.
    var line: Int { source.position(of: offset).line }
    /// Counted from 1, in characters.
    var column: Int { source.position(of: offset).column }
    /// `file:line:column`, as compilers write it.
    var description: String { "\(source.path):\(line):\(column)" }
}

/// One thing to say about the input, in the form that compilers use.
public struct Diagnostic: Sendable {
    enum Severity: String, Sendable { case error, warning }
    /// What else to say about it, at another place.
    public struct Note: Sendable {
        let place: Place
        let message: String
    }

    /// An error leaves no result; a warning does.
    let severity: Severity
    let place: Place
    /// What is wrong, and what to do about it where that is known.
    let message: String
    /// A stable name of the check that speaks, for searching.
    let check: String
    let notes: [Note]

    /// `file:line:column: error: message [check]`, followed by the notes, a line each.
    public var description: String {
        notes.reduce("\(place.description): \(severity.rawValue): \(printable(message)) [\(check)]") {
            $0 + "\n\($1.place.description): note: \(printable($1.message))"
        }
    }
}

/// Collects what a run has to say.
public struct Diagnostics: Sendable {
    /// Everything that was said, in the order in which it was.
    public private(set) var all: [Diagnostic] = []

    /// Nothing to say yet.
    public init() {}

    /// Whether there is a reason to give no result: warnings are none.
    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    /// The same without warnings.
    var errors: Diagnostics {
        var errors = Diagnostics()
        errors.all = all.filter { $0.severity == .error }
        return errors
    }

    /// Says that something is wrong with the input.
    ///
    /// - Parameters:
    ///   - place: where the message points to.
    ///   - check: the stable name of the check, such as `unknown-operation`, which ends the message in brackets.
    ///   - message: what is wrong, without a full stop.
    ///   - notes: other places that have to do with it, a line each.
    public mutating func error(
        _ place: Place, _ check: String, _ message: String, notes: [Diagnostic.Note] = []
    ) {
        all.append(Diagnostic(severity: .error, place: place, message: message, check: check, notes: notes))
    }

    /// Says that something is most likely not meant, although there is a result.
    mutating func warning(_ place: Place, _ check: String, _ message: String) {
        all.append(Diagnostic(severity: .warning, place: place, message: message, check: check, notes: []))
    }

    /// Adds what another collection says.
    mutating func append(contentsOf others: Diagnostics) { all += others.all }

    /// By file, line and column, each thing once; what was said first comes first within a place.
    public var sorted: [Diagnostic] {
        var said: Set<String> = []
        return all.filter { said.insert($0.description).inserted }.enumerated().sorted { left, right in
            let (a, b) = (left.element.place, right.element.place)
            if a.source.path != b.source.path { return a.source.path < b.source.path }
            return a.offset != b.offset ? a.offset < b.offset : left.offset < right.offset
        }.map(\.element)
    }
}
