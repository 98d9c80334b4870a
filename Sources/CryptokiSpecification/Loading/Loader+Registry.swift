// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

// The headings that citations may name, and the versions and types.

extension Loader {
    mutating func load(headings root: XMLElement) {
        symbols.documents.expectDeclarations(in: root, of: root)
        for element in root.children("document") {
            symbols.documents.declare(element, by: .id, into: &diagnostics)
            var sections = Names<Never>("section")
            var headings: [String: String] = [:]
            for heading in element.children("heading") {
                sections.declare(heading, by: .section, into: &diagnostics)
                headings[heading.text("section")] = heading.text("title")
            }
            specification.documents.append(
                Document(
                    isIncomplete: element.hasFault, id: element.text("id"), name: element.text("name"),
                    version: element.text("version"),
                    title: element.text("title"), headings: headings))
        }
    }

    @inline(never)
    mutating func load(registry root: XMLElement) {
        load(versions: root)
        load(types: root)
        load(constants: root)
    }

    private mutating func load(versions root: XMLElement) {
        symbols.versions.expectDeclarations(in: root.child("versions"), of: root)
        var last: (Int, Int, Int)?
        var lastElement: XMLElement?
        for element in root.items("versions") {
            let isNew = element["name"].map { symbols.versions.find($0) == nil } ?? false
            symbols.versions.declare(element, by: .name, into: &diagnostics)
            specification.registry.versions.append(
                .init(
                    name: element.text("name"), major: element.text("major"), minor: element.text("minor"),
                    amendment: element.text("amendment")))
            let number = (element.number("major"), element.number("minor"), element.number("amendment"))
            if !isNew || element.isFaulty { continue }
            if let before = last, before >= number, let other = lastElement {
                diagnostics.report(
                    element.place, .versionOrder, "versions must be listed from the oldest to the newest",
                    notes: [.init(place: other.place, message: "this one is not older")])
            } else if element["name"] != "\(number.0).\(number.1)" {
                diagnostics.report(
                    element.place(of: "name"), .wrongValue,
                    "the version with the numbers \(number.0) and \(number.1) is called \(number.0).\(number.1)")
            }
            last = number
            lastElement = element
        }
    }
}
