// SPDX-License-Identifier: MIT

import Spelling

/// The names that one kind of element declares, to find what references mean.
struct Names {
    /// What messages call such a thing, for instance "operation".
    let noun: String
    private(set) var indices: [String: Int] = [:]
    private var declarations: [String: XMLElement] = [:]
    /// A declaration is faulty, and that has been said: nobody knows what names there are.
    private(set) var isIncomplete = false

    init(_ noun: String) { self.noun = noun }

    /// Enters the element under its attribute; a name that is there already is an error at the second place.
    mutating func declare(
        _ element: XMLElement, by attribute: String, as index: Int, into diagnostics: inout Diagnostics
    ) {
        guard let name = element[attribute] else {
            isIncomplete = true
            return
        }
        if let other = declarations[name] {
            let (first, second) = inOrder(other, element)
            return diagnostics.error(
                second.place(of: attribute), "duplicate-\(attribute)",
                "a second \(noun) with the \(attribute) '\(name)'",
                notes: [.init(place: first.place(of: attribute), message: "the first one")])
        }
        indices[name] = index
        declarations[name] = element
    }

    /// Enters a name of which somebody else says whether it is there already.
    mutating func enter(_ element: XMLElement, by attribute: String, as index: Int) {
        guard let name = element[attribute] else {
            isIncomplete = true
            return
        }
        if indices[name] == nil { indices[name] = index }
    }

    /// Looks whether all elements are there to declare their names. A container that is missing is either one that may
    /// be, or its absence has been said of the element around it.
    mutating func expectDeclarations(in container: XMLElement?, of parent: XMLElement) {
        guard let container else {
            if parent.isFaulty { isIncomplete = true }
            return
        }
        if container.isFaulty || container.children.contains(where: \.isUnknown) { isIncomplete = true }
    }

    mutating func markIncomplete() { isIncomplete = true }

    func find(_ name: String) -> Int? { indices[name] }

    /// The end of a message about an unknown name.
    func suggestion(for name: String, or words: [String] = []) -> String {
        Spelling.suggestion(for: name, among: indices.keys.sorted() + words)
    }
}

/// Two elements of which the first was there first: what is laid over the data comes after it, however it is read.
func inOrder(_ one: XMLElement, _ other: XMLElement) -> (first: XMLElement, second: XMLElement) {
    one.place.source.layer > other.place.source.layer ? (other, one) : (one, other)
}
