// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

/// The numbers and bits that declarations have, by kind.
struct NumberClaims {
    private var numbers: [String: Names<Never>] = [:]
    private var duplicates: [(kind: String, attribute: NamingAttribute, first: XMLElement, second: XMLElement)] = []

    /// Takes a number or bit that no other element of its kind may have.
    mutating func claim(
        _ element: XMLElement, _ attribute: NamingAttribute, among kind: String, into diagnostics: inout Diagnostics
    ) {
        if let number = element[attribute.rawValue], let other = numbers[kind]?.declaration(of: number) {
            duplicates.append((kind, attribute, other, element))
        } else {
            numbers[kind, default: Names<Never>(kind)]
                .declare(element, by: attribute, into: &diagnostics)
        }
    }

    /// Once all are known, one can say which number is free.
    func reportDuplicates(_ diagnostics: inout Diagnostics) {
        for (kind, attribute, one, other) in duplicates {
            let (first, second) = inOrder(one, other)
            diagnostics.report(
                second.place(of: attribute.rawValue), attribute.duplicate,
                "duplicate \(kind) \(attribute.rawValue) \(second.text(attribute.rawValue))\(freeNumber(kind, second))",
                notes: [.init(place: first.place(of: attribute.rawValue), message: "the first one")])
        }
    }

    /// Numbers are append-only: one that nothing has now may have had a meaning once.
    private func freeNumber(_ kind: String, _ element: XMLElement) -> String {
        guard let names = numbers[kind], let most = Self.mostNumbers[kind] else { return "" }
        let isOfVendors = element.place.source.tag > 0
        let hasRanges = ["function", "rule"].contains(kind)
        let taken = names.names { isOfVendors && !hasRanges || ($0 > 0) == isOfVendors }.compactMap { Int($0) }
        let least = isOfVendors && hasRanges ? Function.firstNumberOfVendors : 0
        let free = max(least, (taken.max() ?? -1) + 1)
        return free > most ? "" : "; the next free one is \(free)"
    }

    /// What a number of a kind can be; others are places in a list.
    private static let mostNumbers = [
        "function": Checks.mostNumber, "rule": Checks.mostNumber, "operation": Checks.mostOperations - 1,
        "fact": Checks.mostFacts - 1,
    ]
}
