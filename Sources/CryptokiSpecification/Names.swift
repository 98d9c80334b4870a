// SPDX-License-Identifier: MIT

import Spelling

/// The names that one kind of element declares, to find what references mean.
struct Names {
    /// What messages call such a thing, for instance "operation".
    let noun: String
    private(set) var indices: [String: Int] = [:]
    private var declarations: [String: XMLElement] = [:]

    init(_ noun: String) { self.noun = noun }

    /// Enters the element under its attribute; a name that is there already is an error at the second place.
    mutating func declare(
        _ element: XMLElement, by attribute: String, as index: Int, into diagnostics: inout Diagnostics
    ) {
        guard let name = element[attribute] else { return }
        if let first = declarations[name] {
            return diagnostics.error(
                element.place(of: attribute), "duplicate-\(attribute)",
                "a second \(noun) with the \(attribute) '\(name)'",
                notes: [.init(place: first.place(of: attribute), message: "the first one")])
        }
        indices[name] = index
        declarations[name] = element
    }

    func find(_ name: String) -> Int? { indices[name] }
}

extension XMLElement {
    /// The elements in a container of this one.
    func items(_ container: String) -> [XMLElement] { child(container)?.children ?? [] }

    /// The attribute as text; empty where it is missing, which the schema has said already.
    func text(_ attribute: String) -> String { self[attribute] ?? "" }

    func number(_ attribute: String) -> Int { Int(self[attribute] ?? "") ?? 0 }
}
