// SPDX-License-Identifier: MIT

/// The outermost values of templates, in parts. A part is made once a template asks for a name that no earlier part has.
package final class LazyRecord {
    private var parts: ArraySlice<() -> Record>
    /// The names of the parts that were made, in their order.
    private var made: [String] = []
    private var values: [String: Value] = [:]

    /// - Parameter parts: those that most templates need first. Two with a name in common are a programming error.
    package init(_ parts: [() -> Record]) { self.parts = parts[...] }

    /// The value of that name, for which parts are made until one has it.
    subscript(name: String) -> Value? {
        while true {
            if let value = values[name] { return value }
            guard makePart() else { return nil }
        }
    }

    /// The names of all parts.
    var names: [String] {
        while makePart() {}
        return made
    }

    private func makePart() -> Bool {
        guard let part = parts.popFirst() else { return false }
        for (name, value) in part().fields {
            made.append(name)
            let former = values.updateValue(value, forKey: name)
            precondition(former == nil, "two parts have a field '\(name)'")
        }
        return true
    }
}
