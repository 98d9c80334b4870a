// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

// Names become what they name.
extension Loader {
    mutating func resolve(
        _ element: XMLElement, _ attribute: String, in names: Names, or words: [String] = []
    ) -> Int? {
        guard let name = element[attribute] else { return nil }
        if let index = names.find(name) { return index }
        element.markFaulty()
        if !names.isIncomplete {
            let check = "unknown-\(names.noun.split(separator: " ").joined(separator: "-"))"
            let hint = names.suggestion(for: name, or: words)
            diagnostics.error(element.place(of: attribute), check, "no \(names.noun) is called '\(name)'\(hint)")
        }
        return nil
    }

    /// The version of the standard that an element came with.
    mutating func since(_ element: XMLElement) -> String {
        _ = resolve(element, "since", in: versions)
        return element.text("since")
    }

    /// The name of a constant, which must be in the registry.
    mutating func constant(_ element: XMLElement, _ attribute: String) -> String {
        _ = resolve(element, attribute, in: constants)
        return element.text(attribute)
    }

    mutating func citation(_ element: XMLElement, document: Int?, section: String, _ attribute: String) -> Citation {
        guard let document else { return Citation(document: 0, section: section, title: "", words: "") }
        let found = specification.documents[document]
        let title = found.headings[section]
        if title == nil, element[attribute] != nil, !found.isIncomplete {
            // One digit more than there should be; any other number is as near as the next.
            let near = found.headings[String(section.dropLast())].map { _ in "did you mean '\(section.dropLast())'?" }
            let advice = near ?? "the headings file lists those there are"
            diagnostics.error(
                element.place(ofLast: section, of: attribute), "unknown-section",
                "\(found.title) has no section \(section); \(advice)")
        }
        let words = "\(found.name) \(found.version), \(section) \(title ?? "")"
        return Citation(document: document, section: section, title: title ?? "", words: words)
    }

    mutating func citation(_ element: XMLElement) -> Citation {
        let parts = element.text("cite").split(separator: " ").map(String.init)
        guard parts.count == 2 else { return Citation(document: 0, section: "", title: "", words: "") }
        let document = documents.find(parts[0])
        if document == nil, !documents.isIncomplete {
            let hint = documents.suggestion(for: parts[0])
            diagnostics.error(
                element.place(ofFirst: parts[0], of: "cite"), "unknown-document",
                "no document is called '\(parts[0])'\(hint)")
        }
        return citation(element, document: document, section: parts[1], "cite")
    }

    /// The element as a rule: its ID is unique, and so is its number.
    mutating func rule(_ element: XMLElement) -> Rule {
        rules.declare(element, by: "id", as: 0, into: &diagnostics)
        claim(element, "number", among: "rules")
        _ = resolve(element, "reading", in: readings)
        return Rule(
            id: element.text("id"), number: element["number"].flatMap { Int($0) }, citation: citation(element),
            text: element.text, reading: element["reading"])
    }

    /// Takes a number or bit that no other element of its kind may have.
    mutating func claim(_ element: XMLElement, _ attribute: String, among kind: String) {
        if let number = element[attribute], let other = numbers[kind]?.declaration(of: number) {
            claimedTwice.append((kind, attribute, other, element))
        } else {
            numbers[kind, default: Names("one of the \(kind)")]
                .declare(element, by: attribute, as: 0, into: &diagnostics)
        }
    }

    /// Once all are known, one can say which number is free.
    mutating func sayNumbersClaimedTwice() {
        for (kind, attribute, one, other) in claimedTwice {
            let (first, second) = inOrder(one, other)
            diagnostics.error(
                second.place(of: attribute), "duplicate-\(attribute)",
                "a second one of the \(kind) with the \(attribute) '\(second.text(attribute))'\(freeNumber(kind, second))",
                notes: [.init(place: first.place(of: attribute), message: "the first one")])
        }
    }

    /// Numbers are append-only: one that nothing has now may have had a meaning once.
    private func freeNumber(_ kind: String, _ element: XMLElement) -> String {
        guard let names = numbers[kind], let most = Self.mostNumbers[kind] else { return "" }
        let isOfVendors = element.place.source.tag > 0
        let hasRanges = ["functions", "rules"].contains(kind)
        let taken = names.names { isOfVendors && !hasRanges || ($0 > 0) == isOfVendors }.compactMap { Int($0) }
        let least = isOfVendors && hasRanges ? Function.firstNumberOfVendors : 0
        let free = max(least, (taken.max() ?? -1) + 1)
        return free > most ? "" : "; the next one that is free is \(free)"
    }

    /// What a number of a kind can be; others are places in a list.
    private static let mostNumbers = [
        "functions": Checks.mostNumber, "rules": Checks.mostNumber, "operations": Checks.mostOperations - 1,
        "facts": Checks.mostFacts - 1,
    ]
}
