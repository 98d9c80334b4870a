// SPDX-License-Identifier: MIT

/// A value that a template uses by its field's name.
package enum Value: Sendable {
    /// Inserted by `{{name}}`: byte for byte, or escaped where markup or Markdown is rendered.
    case text(String)
    /// Renders `{{#name}}` when true and `{{^name}}` when false.
    case flag(Bool)
    /// Repeats `{{#name}}` for each record; renders `{{^name}}` when there is none. In the last one the flag `last` is true,
    /// unless the records have a field of that name.
    case list([Record])
    /// Renders `{{#name}}` once, with the record as the innermost one, and never `{{^name}}`.
    case record(Record)

    /// What messages call this kind of value.
    var kind: String {
        switch self {
        case .text: "a text"
        case .flag: "a flag"
        case .list: "a list"
        case .record: "a record"
        }
    }
}

extension Value: ExpressibleByStringInterpolation {
    /// A text.
    package init(stringLiteral value: String) { self = .text(value) }
}

extension Value: ExpressibleByBooleanLiteral {
    /// A flag.
    package init(booleanLiteral value: Bool) { self = .flag(value) }
}

/// Named values, in the order in which they were added. No value overrides another of the same name: that is a programming error.
///
/// Fields are searched one by one, which is fast for the few short names that a template uses.
package struct Record: Sendable, ExpressibleByDictionaryLiteral {
    /// The fields, in their order; each name occurs once.
    package var fields: some Sequence<(name: String, value: Value)> { all.lazy.map { (name: $0, value: $1) } }

    /// As the literal gives them: to copy each into a tuple with names would take longer than all else.
    private var all: [(String, Value)] = []

    /// Creates a record of these fields, whose names differ; builds without optimisation check that they do.
    package init(dictionaryLiteral elements: (String, Value)...) {
        all = elements
        assert(Set(elements.map(\.0)).count == elements.count, "a record names a field twice: \(elements.map(\.0))")
    }

    /// The value of the field at an index.
    @inline(__always)
    subscript(index: Int32) -> Value { all[Int(index)].1 }

    /// Whether these are the names of the fields, in that order.
    @inline(__always)
    func hasNames(_ names: [String]) -> Bool {
        if all.count != names.count { return false }
        for index in names.indices where all[index].0 != names[index] { return false }
        return true
    }

    /// The value of a field.
    package subscript(name: String) -> Value? {
        for field in all where field.0 == name { return field.1 }
        return nil
    }

    /// Adds a field of a new name.
    package mutating func add(_ name: String, _ value: Value) {
        precondition(self[name] == nil, "the record already has a field '\(name)'")
        all.append((name, value))
    }

    /// Returns the record with the fields of another, which have new names.
    package func adding(_ other: Record) -> Record {
        var record = self
        for (name, value) in other.all { record.add(name, value) }
        return record
    }
}
