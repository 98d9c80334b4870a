// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import ValidatedXML

// Names become what they name.
extension Loader {
    mutating func resolve<Item>(
        _ element: XMLElement, _ attribute: String, in names: Names<Item>, or words: [String] = []
    ) -> Ref<Item>? {
        guard let name = element[attribute] else { return nil }
        if let item = names.find(name) { return item }
        element.markFaulty()
        if !names.isIncomplete {
            let hint = names.suggestion(for: name, or: words)
            diagnostics.report(
                element.place(of: attribute), names.unknown, "unknown \(names.noun) '\(name)'\(hint)")
        }
        return nil
    }

    /// The version of the standard that an element came with.
    mutating func since(_ element: XMLElement) -> String {
        _ = resolve(element, "since", in: symbols.versions)
        return element.text("since")
    }

    /// The name of a constant, which must be in the registry.
    mutating func constant(_ element: XMLElement, _ attribute: String) -> String {
        _ = resolve(element, attribute, in: symbols.constants)
        return element.text(attribute)
    }

    mutating func citation(_ element: XMLElement, document: Ref<Document>?, section: String, _ attribute: String)
        -> Citation
    {
        guard let document else { return Citation(document: "", section: section, title: "", words: "") }
        let found = specification.documents[document]
        let title = found.headings[section]
        if title == nil, element[attribute] != nil, !found.isIncomplete {
            // One digit more than there should be; any other number is as near as the next.
            let near = found.headings[String(section.dropLast())].map { _ in "did you mean '\(section.dropLast())'?" }
            let advice = near ?? "the headings file lists all sections"
            diagnostics.report(
                element.place(ofLast: section, of: attribute), .unknownSection,
                "\(found.title) has no section \(section); \(advice)")
        }
        let name = "\(found.name) \(found.version)"
        return Citation(
            document: name, section: section, title: title ?? "", words: "\(name), \(section) \(title ?? "")")
    }

    mutating func citation(_ element: XMLElement) -> Citation {
        let parts = element.text("cite").split(separator: " ").map(String.init)
        guard parts.count == 2 else { return Citation(document: "", section: "", title: "", words: "") }
        let document = symbols.documents.find(parts[0])
        if document == nil, !symbols.documents.isIncomplete {
            let hint = symbols.documents.suggestion(for: parts[0])
            diagnostics.report(
                element.place(ofFirst: parts[0], of: "cite"), .unknownDocument,
                "unknown document '\(parts[0])'\(hint)")
        }
        return citation(element, document: document, section: parts[1], "cite")
    }

    /// The element as a rule: its ID is unique, and so is its number.
    mutating func rule(_ element: XMLElement) -> Rule {
        symbols.rules.declare(element, by: .id, into: &diagnostics)
        claims.claim(element, .number, among: "rule", into: &diagnostics)
        _ = resolve(element, "reading", in: symbols.readings)
        return Rule(
            id: element.text("id"), number: element["number"].flatMap { Int($0) }, citation: citation(element),
            text: element.text, reading: element["reading"])
    }
}
