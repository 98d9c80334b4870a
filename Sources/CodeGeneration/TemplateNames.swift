// SPDX-License-Identifier: MIT

import StrictMustache

/// The names that templates can use.
package struct TemplateNames {
    /// All names, nested as their records are.
    package let schema: FieldSchema

    /// Collects the names of all records, of which some may depend on the data.
    package init(_ data: RuleData) {
        let parts = OutputContext(tables: data.tables, source: "").parts
        schema = FieldSchema(parts.reduce(Record()) { $0.adding($1()) })
    }

    /// One line for each name: its path, such as `roles.after.outcome`, and the kind of its value in a column.
    package var listing: String {
        let names = schema.paths
        let width = Naming.width(of: names.map(\.path))
        return names.map { "\(Naming.padded($0.path, to: width))  \($0.field.kind.rawValue)\n" }.joined()
    }
}
