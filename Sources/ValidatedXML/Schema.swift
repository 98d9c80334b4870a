// SPDX-License-Identifier: MIT

import CLibXML2
import SourceDiagnostics
import Spelling

/// A RELAX NG schema. libxml2 decides whether a document is valid; what is wrong is then worded from the schema itself,
/// since libxml2 tells neither the attribute nor all faults.
package final class Schema {
    private let schema: xmlRelaxNGPtr
    private let document: XMLDocument
    private let forms: [String: ElementForm]

    deinit { xmlRelaxNGFree(schema) }

    package init?(
        _ source: SourceText, valueForms: (String) -> ValueForm?, into diagnostics: inout Diagnostics
    ) {
        guard let document = XMLDocument.parse(source, into: &diagnostics) else { return nil }
        let messages = Messages()
        let parsed = messages.collect {
            xmlRelaxNGNewDocParserCtxt(document.tree).flatMap { context in
                defer { xmlRelaxNGFreeParserCtxt(context) }
                return xmlRelaxNGParse(context)
            }
        }
        guard let parsed else {
            for message in messages.all { diagnostics.report(message.place(in: source), .schema, message.text) }
            return nil
        }
        schema = parsed
        self.document = document
        forms = ElementForm.all(in: document.root, valueForms)
    }

    /// Says what is wrong with the document, and marks and mends its elements accordingly.
    package func validate(_ document: XMLDocument, into diagnostics: inout Diagnostics) {
        guard let context = xmlRelaxNGNewValidCtxt(schema) else { return }
        defer { xmlRelaxNGFreeValidCtxt(context) }
        let messages = Messages()
        if messages.collect({ xmlRelaxNGValidateDoc(context, document.tree) }) == 0 {
            // The schema's data types let some values pass that a closer look does not.
            if !isWorthExplaining(document.root, forms[document.root.name]) { return }
        }

        var explained = Diagnostics()
        explain(document.root, as: document.root.name, into: &explained)
        if !explained.hasErrors {
            // The schema says more than the words here can explain: libxml2's own are better than none.
            let source = document.root.place.source
            for message in messages.all { explained.report(message.place(in: source), .schema, message.text) }
        }
        diagnostics.append(contentsOf: explained)
    }

    /// Whether some attribute's value is not what its type allows.
    private func isWorthExplaining(_ element: XMLElement, _ form: ElementForm?) -> Bool {
        guard let form else { return true }
        var next = form.attributes.startIndex
        for attribute in element.attributes {
            // Most attributes stand in the order of the schema: what follows the last one is looked at first.
            while next < form.attributes.endIndex, form.attributes[next].name != attribute.name { next += 1 }
            if next == form.attributes.endIndex {
                guard let index = form.attributes.firstIndex(where: { $0.name == attribute.name }) else { return true }
                next = index
            }
            if !form.attributes[next].type.allows(attribute.value) { return true }
        }
        if let type = form.text, !type.allows(element.text) { return true }
        // Most elements stand among others of their name.
        var last: (name: String, form: ElementForm?)?
        for child in element.children {
            let form = last?.name == child.name ? last?.form : forms[child.name]
            if isWorthExplaining(child, form) { return true }
            last = (child.name, form)
        }
        return false
    }

    private func fault(
        _ element: XMLElement, at place: Place, _ id: Diagnostic.ID, _ message: String, notes: [Diagnostic.Note] = [],
        into diagnostics: inout Diagnostics
    ) {
        element.markFaulty()
        diagnostics.report(place, id, message, notes: notes)
    }

    private func explain(_ element: XMLElement, as name: String, into diagnostics: inout Diagnostics) {
        if element.isInNamespace {
            return fault(
                element, at: element.place, .namespace,
                "<\(name)> must not have a namespace; remove xmlns and prefixes",
                into: &diagnostics)
        }
        guard let form = forms[name] else {
            let hint = suggestion(for: name, among: forms.keys.sorted())
            return fault(
                element, at: element.place, .unknownElement, "unknown element <\(name)>\(hint)",
                into: &diagnostics)
        }
        explainAttributes(of: element, form, into: &diagnostics)
        explainChildren(of: element, form, into: &diagnostics)
        if form.text == nil, !element.text.isEmpty {
            fault(
                element, at: element.placeOfText, .unexpectedText, "<\(name)> must not contain text",
                into: &diagnostics)
        } else if form.text != nil, element.text.isEmpty {
            fault(element, at: element.place, .missingText, "<\(name)> must contain text", into: &diagnostics)
        } else if let type = form.text, !type.allows(element.text) {
            let wrong = type.forbidden(in: element.text).flatMap { element.place(ofTextPart: $0) }
            fault(
                element, at: wrong ?? element.placeOfText, .wrongText, "the text of <\(name)> must be \(type.words)",
                into: &diagnostics)
        }
    }

    private func explainAttributes(of element: XMLElement, _ form: ElementForm, into diagnostics: inout Diagnostics) {
        for attribute in element.attributes where !form.attributes.contains(where: { $0.name == attribute.name }) {
            let free = form.attributes.map(\.name).filter { element[$0] == nil }
            let hint = suggestion(for: attribute.name, among: free)
            fault(
                element, at: element.place(ofName: attribute.name), .unknownAttribute,
                "<\(form.name)> has no attribute '\(attribute.name)'\(hint)", into: &diagnostics)
            if let guess = nearest(to: attribute.name, among: free) { element.take(attribute.name, as: guess) }
        }
        for group in form.required where !group.contains(where: { element[$0] != nil }) {
            let names = group.map { "'\($0)'" }.joined(separator: " or ")
            let words = form.attributes.first { $0.name == group[0] }.map { ": \($0.type.words)" } ?? ""
            fault(
                element, at: element.place, .missingAttribute, "<\(form.name)> needs the attribute \(names)\(words)",
                into: &diagnostics)
        }
        for group in form.required where group.count > 1 {
            let given = group.filter { element[$0] != nil }
            if given.count > 1 {
                fault(
                    element, at: element.place(ofName: given[1]), .conflictingAttributes,
                    "<\(form.name)> has both '\(given[0])' and '\(given[1])'; remove one",
                    notes: [.init(place: element.place(ofName: given[0]), message: "the other one")],
                    into: &diagnostics)
            }
        }
        for attribute in element.attributes {
            guard let type = form.attributes.first(where: { $0.name == attribute.name })?.type else { continue }
            if type.allows(attribute.value) { continue }
            let mended = type.mended(attribute.value).map { "; did you mean '\($0)'?" }
            let hint = mended ?? suggestion(for: attribute.value, among: type.values)
            let wrong = type.forbidden(in: attribute.value)
            fault(
                element,
                at: wrong.flatMap { element.place(ofPart: $0, of: attribute.name) }
                    ?? element.place(of: attribute.name),
                .wrongValue,
                "'\(attribute.value)' cannot be the '\(attribute.name)' of <\(form.name)>: expected \(type.words)\(hint)",
                into: &diagnostics)
            element.drop(attribute.name)
        }
    }

    private func explainChildren(of element: XMLElement, _ form: ElementForm, into diagnostics: inout Diagnostics) {
        var first: [String: XMLElement] = [:]
        var furthest = -1
        var misplaced: Int?
        for child in element.children {
            if !form.children.contains(where: { $0.name == child.name }) {
                // What is there already and stands there once is not what was meant.
                let free = form.children.filter { $0.repeats || first[$0.name] == nil }.map(\.name)
                let guess = nearest(to: child.name, among: free).flatMap { canBe(child, $0) ? $0 : nil }
                let hint = guess.map { "; did you mean <\($0)>?" } ?? places(of: child.name)
                fault(
                    child, at: child.place, .unknownElement, "<\(child.name)> is not allowed in <\(form.name)>\(hint)",
                    into: &diagnostics)
                guard let guess else {
                    child.markUnknown()
                    continue
                }
                child.take(as: guess)
            }
            guard let index = form.children.firstIndex(where: { $0.name == child.name }) else { continue }
            if let earlier = first[child.name], !form.children[index].repeats {
                fault(
                    child, at: child.place, .repeatedElement,
                    "duplicate <\(child.name)> in <\(form.name)>; only one is allowed",
                    notes: [.init(place: earlier.place, message: "the first one")], into: &diagnostics)
            } else if index < furthest, let later = first[form.children[furthest].name] {
                // Where one element stands too early, all that follow it stand too late.
                if misplaced == furthest {
                    child.markFaulty()
                } else {
                    fault(
                        child, at: child.place, .elementOrder,
                        "<\(child.name)> must come before <\(later.name)> in <\(form.name)>",
                        notes: [.init(place: later.place, message: "the <\(later.name)>")], into: &diagnostics)
                }
                misplaced = furthest
            }
            furthest = max(furthest, index)
            first[child.name] = first[child.name] ?? child
            explain(child, as: child.name, into: &diagnostics)
        }
        for wanted in form.children where wanted.needed && first[wanted.name] == nil {
            fault(
                element, at: element.place, .missingElement, "<\(form.name)> needs a <\(wanted.name)>",
                into: &diagnostics)
        }
    }
}

extension Schema {
    /// Whether an element that has the name of one that stands elsewhere was meant to be this one.
    private func canBe(_ element: XMLElement, _ name: String) -> Bool {
        guard forms[element.name] != nil, let form = forms[name] else { return true }
        return element.attributes.allSatisfy { given in form.attributes.contains { $0.name == given.name } }
    }

    /// Where an element of that name belongs, as the end of a message.
    private func places(of name: String) -> String {
        let parents = forms.values.filter { $0.children.contains { $0.name == name } }.map { "<\($0.name)>" }.sorted()
        return parents.isEmpty || parents.count > 3 ? "" : "; it belongs in \(parents.joined(separator: " or "))"
    }
}

/// What libxml2 says while something runs.
private final class Messages {
    struct Message {
        let line: Int
        let text: String
        func place(in source: SourceText) -> Place {
            Place(source: source, offset: source.offset(line: line, column: 1))
        }
    }
    private(set) var all: [Message] = []

    func collect<Result>(_ body: () -> Result) -> Result {
        xmlSetStructuredErrorFunc(Unmanaged.passUnretained(self).toOpaque()) { messages, error in
            let text = error!.pointee.message.map { String(cString: $0) } ?? "invalid"
            let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            Unmanaged<Messages>.fromOpaque(messages!).takeUnretainedValue().all
                .append(Message(line: Int(error!.pointee.line), text: words))
        }
        defer { xmlSetStructuredErrorFunc(nil, nil) }
        return body()
    }
}
