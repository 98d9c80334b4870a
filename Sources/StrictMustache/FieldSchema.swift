// SPDX-License-Identifier: MIT

/// A name that templates can use, with the names below it: what all records of a list have together.
///
/// It serves documentation, and finds fields that no template reads.
package final class FieldSchema {
    /// The kinds of values, the more specific last.
    package enum Kind: String, Comparable {
        case flag, text, record, list

        package static func < (one: Kind, other: Kind) -> Bool { one.rank < other.rank }

        private var rank: Int {
            switch self {
            case .flag: 0
            case .text: 1
            case .record: 2
            case .list: 3
            }
        }
    }

    /// The field's name; empty for the outermost record.
    package let name: String
    /// The kind of its values. A flag that is never true stands for a record that is missing.
    package private(set) var kind: Kind
    /// The fields of its records, in their order.
    package private(set) var fields: [FieldSchema] = []
    /// Whether a template uses the name.
    package fileprivate(set) var isRead = false

    /// The names of the outermost values.
    package convenience init(_ record: Record) {
        self.init("", .record)
        add(record)
    }

    private init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// The field of that name.
    package subscript(name: String) -> FieldSchema? { fields.first { $0.name == name } }

    private func add(_ record: Record) {
        for (name, value) in record.fields {
            let field = self[name] ?? FieldSchema(name, .flag)
            if self[name] == nil { fields.append(field) }
            switch value {
            case .flag: break
            case .text: field.kind = max(field.kind, .text)
            case .record(let record):
                field.kind = max(field.kind, .record)
                field.add(record)
            case .list(let records):
                field.kind = max(field.kind, .list)
                for record in records { field.add(record) }
            }
        }
    }

    /// All fields below this one, each with its path, such as `roles.after.outcome`.
    package var paths: [(path: String, field: FieldSchema)] {
        fields.flatMap { field in
            let prefix = name.isEmpty ? "" : "\(name)."
            return [("\(prefix)\(field.name)", field)] + field.paths.map { ("\(prefix)\($0.path)", $0.field) }
        }
    }
}

extension TemplateLibrary {
    /// Marks the fields that a template and its partials read, whatever the values are.
    ///
    /// - Parameters:
    ///   - name: the template's.
    ///   - schema: the outermost names.
    package func markReads(of name: String, in schema: FieldSchema) {
        guard let template = template(named: name) else { return }
        markReads(of: template, template.nodes.indices, [schema])
    }

    private func markReads(of template: Template, _ range: Range<Int>, _ scopes: [FieldSchema]) {
        var next = range.lowerBound
        while next < range.upperBound {
            let node = template.nodes[next]
            next += 1
            switch node {
            case .literal: break
            case .value(let name, _): Self.field(name, scopes)?.isRead = true
            case .partial(let number, _):
                let partial = self.template(number)
                markReads(of: partial, partial.nodes.indices, scopes)
            case .section(let name, let isInverted, let end, _):
                let field = Self.field(name, scopes)
                field?.isRead = true
                let isScope = !isInverted && (field.map { $0.kind > .text } ?? false)
                markReads(of: template, next..<end, scopes + (isScope ? [field].compactMap { $0 } : []))
                next = end
            }
        }
    }

    /// The innermost field of that name.
    private static func field(_ name: String, _ scopes: [FieldSchema]) -> FieldSchema? {
        for scope in scopes.reversed() {
            if let field = scope[name] { return field }
        }
        return nil
    }
}
