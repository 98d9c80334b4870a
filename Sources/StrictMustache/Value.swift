// SPDX-License-Identifier: MIT

/// A value that a template uses by its field's name.
public enum Value: Sendable {
    /// Inserted byte for byte by `{{name}}`: nothing is ever escaped.
    case text(String)
    /// Renders `{{#name}}` when true and `{{^name}}` when false.
    case flag(Bool)
    /// Repeats `{{#name}}` for each record; renders `{{^name}}` when there is none.
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
    public init(stringLiteral value: String) { self = .text(value) }
}

extension Value: ExpressibleByBooleanLiteral {
    /// A flag.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
}

/// Named values, in the order in which they were first set.
///
/// Fields are searched one by one, which is fast for the few short names that a template uses.
public struct Record: Sendable, ExpressibleByDictionaryLiteral {
    /// The fields; each name occurs once.
    public private(set) var fields: [(name: String, value: Value)] = []

    /// A record of these fields, whose names differ.
    public init(dictionaryLiteral elements: (String, Value)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The value of a field. Setting nil removes the field.
    public subscript(name: String) -> Value? {
        get {
            for field in fields where field.name == name { return field.value }
            return nil
        }
        set {
            let index = fields.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): fields.append((name, value))
            case (nil, nil): break
            }
        }
    }
}
