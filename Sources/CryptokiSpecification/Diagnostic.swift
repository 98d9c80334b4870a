// SPDX-License-Identifier: MIT

/// A place in a source text, found again only when a message needs it.
public struct Place: Sendable {
    public let source: SourceText
    /// Bytes from the start of the file.
    public let offset: Int

    public var line: Int { source.position(of: offset).line }
    /// Counted from 1, in characters.
    public var column: Int { source.position(of: offset).column }
    public var description: String { "\(source.path):\(line):\(column)" }
}

/// One thing to say about the input, in the form that compilers use.
public struct Diagnostic: Sendable {
    public enum Severity: String, Sendable { case error, warning }
    public struct Note: Sendable {
        public let place: Place
        public let message: String
    }

    public let severity: Severity
    public let place: Place
    public let message: String
    /// A stable name of the check that speaks, for searching.
    public let check: String
    public let notes: [Note]

    /// `file:line:column: error: message [check]`, followed by the notes, a line each.
    public var description: String {
        notes.reduce("\(place.description): \(severity.rawValue): \(message) [\(check)]") {
            $0 + "\n\($1.place.description): note: \($1.message)"
        }
    }
}

/// Collects what a run has to say.
public struct Diagnostics: Sendable {
    public private(set) var all: [Diagnostic] = []

    public init() {}

    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    /// The same without warnings.
    var errors: Diagnostics {
        var errors = Diagnostics()
        errors.all = all.filter { $0.severity == .error }
        return errors
    }

    public mutating func error(
        _ place: Place, _ check: String, _ message: String, notes: [Diagnostic.Note] = []
    ) {
        all.append(Diagnostic(severity: .error, place: place, message: message, check: check, notes: notes))
    }

    public mutating func warning(_ place: Place, _ check: String, _ message: String) {
        all.append(Diagnostic(severity: .warning, place: place, message: message, check: check, notes: []))
    }

    public mutating func append(contentsOf others: Diagnostics) { all += others.all }

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
