// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Spelling
import TypedTables
import ValidatedXML

/// The names that one kind of element declares, and the items that they refer to. Where only the names matter, `Item` is `Never`.
struct Names<Item> {
    /// What messages call such a thing, for instance "operation".
    let noun: String
    /// The diagnostic of a name that is not declared.
    let unknown: Diagnostic.ID
    private var table = NameTable<(item: Ref<Item>, element: XMLElement?)>()
    private var reservations = Reservations<Item>()
    /// Whether messages list the names in alphabetical order, and not as they were declared.
    private let isListedByName: Bool
    /// A faulty declaration has been reported, so some names may be missing: unknown names are not reported.
    private(set) var isIncomplete = false

    init(_ noun: String, unknown: Diagnostic.ID = .unknownName, isListedByName: Bool = false) {
        self.noun = noun
        self.unknown = unknown
        self.isListedByName = isListedByName
    }

    /// Enters the element under its attribute; a name that is there already is an error at the second place.
    ///
    /// Elements are declared in the order in which their items will stand in the table.
    mutating func declare(_ element: XMLElement, by attribute: NamingAttribute, into diagnostics: inout Diagnostics) {
        let item = reservations.reserve()
        guard let name = element[attribute.rawValue] else {
            isIncomplete = true
            return
        }
        guard let other = table.enter((item, element), under: name)?.element else { return }
        let (first, second) = inOrder(other, element)
        diagnostics.report(
            second.place(of: attribute.rawValue), attribute.duplicate,
            "duplicate \(noun) \(attribute.rawValue) '\(name)'",
            notes: [.init(place: first.place(of: attribute.rawValue), message: "the first one")])
    }

    /// Enters a name whose duplicates are reported by another table.
    mutating func enter(_ element: XMLElement, by attribute: NamingAttribute) {
        let item = reservations.reserve()
        guard let name = element[attribute.rawValue] else {
            isIncomplete = true
            return
        }
        table.enter((item, nil), under: name)
    }

    /// Checks whether all elements are present to declare their names. A missing container is either
    /// optional, or its absence has been reported for its parent.
    mutating func expectDeclarations(in container: XMLElement?, of parent: XMLElement) {
        guard let container else {
            if parent.isFaulty { isIncomplete = true }
            return
        }
        if container.isFaulty || container.children.contains(where: \.isUnknown) { isIncomplete = true }
    }

    mutating func markIncomplete() { isIncomplete = true }

    func find(_ name: String) -> Ref<Item>? { table[name]?.item }

    /// Where a name is declared.
    func declaration(of name: String) -> XMLElement? { table[name]?.element }

    /// All names, in the order in which they were entered.
    var all: [String] { table.entries.map(\.name) }

    /// The names whose elements stand in such a layer: 0 is the data.
    func names(inLayers isMeant: (Int) -> Bool) -> [String] {
        table.entries.filter { $0.value.element.map { isMeant($0.place.source.tag) } ?? false }.map(\.name)
    }

    /// The end of a message about an unknown name: what was most likely meant, or all there are if those are few.
    func suggestion(for name: String, or words: [String] = []) -> String {
        let names = isListedByName ? all.sorted() : all
        guard let first = names.first, let last = names.last else { return "" }
        // Numbers look alike: a near one is no useful suggestion.
        let areNumbers = first.utf8.count < 5 && first.last?.isNumber == true
        let near = areNumbers ? "" : Spelling.suggestion(for: name, among: names.sorted() + words)
        if !near.isEmpty { return near }
        if names.count <= few {
            return "; use \(names.joined(separator: ", "))"
        }
        return areNumbers ? "; use \(first) to \(last)" : ""
    }

}

/// An attribute that identifies an element among those of its kind.
enum NamingAttribute: String {
    case bit, group, id, name, noun, number, pair, rule, section

    /// The diagnostic of two elements with the same value.
    var duplicate: Diagnostic.ID {
        switch self {
        case .bit: .duplicateBit
        case .group: .duplicateGroup
        case .id: .duplicateID
        case .name: .duplicateName
        case .noun: .duplicateNoun
        case .number: .duplicateNumber
        case .pair: .duplicatePair
        case .rule: .duplicateRule
        case .section: .duplicateSection
        }
    }
}

/// The number of names that fit into a message.
private let few = 13

/// Two elements, the earlier one first: an overlay comes after the data, in whatever order they are read.
func inOrder(_ one: XMLElement, _ other: XMLElement) -> (first: XMLElement, second: XMLElement) {
    one.place.source.tag > other.place.source.tag ? (other, one) : (one, other)
}
