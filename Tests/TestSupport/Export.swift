// SPDX-License-Identifier: MIT

import Foundation

/// A value of JSON, to look into. What is not there is empty.
package struct ExportedValue: @unchecked Sendable {
    private let value: Any?

    /// Parses a text; throws if it is no JSON.
    package init(_ text: String) throws { value = try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    private init(value: Any?) { self.value = value }

    /// The member of an object.
    package subscript(name: String) -> ExportedValue {
        ExportedValue(value: (value as? [String: Any])?[name])
    }
    /// The elements of an array.
    package var list: [ExportedValue] { (value as? [Any])?.map { ExportedValue(value: $0) } ?? [] }
    /// A string.
    package var text: String { value as? String ?? "" }
    /// A whole number; nil for anything else.
    package var number: Int? { value as? Int }
    /// Whether it is there and `null`.
    package var isNull: Bool { value is NSNull }
    /// The names of an object's members, sorted.
    package var names: [String] { ((value as? [String: Any])?.keys).map { $0.sorted() } ?? [] }
}

extension Project {
    /// The package's data as `p11gen export` prints it.
    package static func export(_ arguments: String...) throws -> ExportedValue {
        let result = try run(generator, ["export"] + arguments)
        if result.status != 0 { throw NoExport(description: "\(result)") }
        return try ExportedValue(result.output)
    }

    private struct NoExport: Error, CustomStringConvertible { let description: String }
}
