// SPDX-License-Identifier: MIT

/// A place in a source text, found again only when a message needs it.
package struct Place: Sendable {
    /// The file.
    package let source: SourceText
    /// Bytes from the start of the file.
    package let offset: Int
    /// The length in bytes of the token that starts there; 0 if unknown.
    package let length: Int
    /// Whether the file as a whole is meant, for instance since it cannot be written.
    let isWholeFile: Bool

    /// A place, and the token that starts there.
    package init(source: SourceText, offset: Int, length: Int = 0) {
        self.source = source
        self.offset = min(max(offset, 0), source.bytes.count)
        self.length = min(max(length, 0), source.bytes.count - self.offset)
        isWholeFile = false
    }

    /// A file or folder, of which no place in particular is meant.
    package init(file path: String) {
        source = SourceText(path: path, bytes: [])
        offset = 0
        length = 0
        isWholeFile = true
    }

    /// Counted from 1.
    package var line: Int { source.position(of: offset).line }
    /// Counted from 1, in characters.
    package var column: Int { source.position(of: offset).column }

    /// `file:line:column`, as compilers write it.
    var description: String {
        if isWholeFile { return printable(source.path) }
        let (line, column) = source.position(of: offset)
        return "\(printable(source.path)):\(line):\(column)"
    }
}

/// One problem found in an input.
package struct Diagnostic: Error, Sendable {
    /// How bad it is.
    package enum Severity: String, Sendable {
        /// Leaves no result.
        case error
        /// Most likely not meant, although there is a result.
        case warning
    }

    /// What else to say about it, at another place.
    package struct Note: Sendable {
        let place: Place
        let message: String

        /// What there is at the other place, without a full stop.
        package init(place: Place, message: String) {
            self.place = place
            self.message = message
        }
    }

    /// The stable name of the diagnostic.
    package let id: ID
    /// The place that the message points to.
    package let place: Place
    /// What is wrong, and what to do about it where that is known.
    package let message: String
    /// Other places that have to do with it.
    package let notes: [Note]

    /// An error leaves no result; a warning does.
    package var severity: Severity { id.severity }

    /// Describes one problem.
    ///
    /// - Parameters:
    ///   - place: the place that the message points to.
    ///   - id: the stable name of the diagnostic, which ends the message in brackets.
    ///   - message: what is wrong, without a full stop.
    ///   - notes: other places that have to do with it.
    package init(_ place: Place, _ id: ID, _ message: String, notes: [Note] = []) {
        self.id = id
        self.place = place
        self.message = message
        self.notes = notes
    }
}

/// The problems found so far.
package struct Diagnostics: Sendable {
    /// All diagnostics, in the order in which they were reported.
    package private(set) var all: [Diagnostic] = []

    /// No diagnostics yet.
    package init() {}

    /// Whether there is an error, as opposed to warnings only.
    package var hasErrors: Bool { all.contains { $0.severity == .error } }

    /// The same without warnings.
    package var errors: Diagnostics {
        var errors = Diagnostics()
        errors.all = all.filter { $0.severity == .error }
        return errors
    }

    /// Adds a diagnostic.
    ///
    /// - Parameters:
    ///   - place: the place that the message points to.
    ///   - id: the stable name of the diagnostic, which ends the message in brackets.
    ///   - message: what is wrong, without a full stop.
    ///   - notes: other places that have to do with it.
    package mutating func report(
        _ place: Place, _ id: Diagnostic.ID, _ message: String, notes: [Diagnostic.Note] = []
    ) {
        all.append(Diagnostic(place, id, message, notes: notes))
    }

    /// Adds the diagnostics of another collection.
    package mutating func append(contentsOf others: Diagnostics) { all += others.all }

    /// Adds diagnostics.
    package mutating func append(contentsOf others: some Sequence<Diagnostic>) { all += others }

    /// By file, line and column, without repetitions; within a place in the order in which they were reported.
    package var sorted: [Diagnostic] {
        struct Thing: Hashable {
            let path: String
            let offset: Int
            let id: Diagnostic.ID
            let message: String
        }
        var said: Set<Thing> = []
        return all.filter {
            let place = $0.place
            return said.insert(
                Thing(path: place.source.path, offset: place.offset, id: $0.id, message: $0.message)
            ).inserted
        }.enumerated().sorted { left, right in
            let (a, b) = (left.element.place, right.element.place)
            if a.source.path != b.source.path { return a.source.path < b.source.path }
            return a.offset != b.offset ? a.offset < b.offset : left.offset < right.offset
        }.map(\.element)
    }
}
