// SPDX-License-Identifier: MIT

import CLibXML2
import Spelling

/// A RELAX NG schema. libxml2 decides whether a document is valid; what is wrong is then worded from the schema itself,
/// since libxml2 tells neither the attribute nor all faults.
final class Schema {
    private let schema: xmlRelaxNGPtr
    private let forms: [String: ElementForm]

    deinit { xmlRelaxNGFree(schema) }

    init?(_ source: SourceText, into diagnostics: inout Diagnostics) {
        guard let document = XMLDocument.parse(source, into: &diagnostics) else { return nil }
        let messages = Messages()
        let parsed = messages.collect {
            xmlRelaxNGNewDocParserCtxt(document.tree).flatMap { context in
                defer { xmlRelaxNGFreeParserCtxt(context) }
                return xmlRelaxNGParse(context)
            }
        }
        guard let parsed else {
            for message in messages.all { diagnostics.error(message.place(in: source), "schema", message.text) }
            return nil
        }
        schema = parsed
        forms = ElementForm.all(in: document.root)
    }

    /// Says what is wrong with the document, and returns the words that its faulty elements hold: what they were to
    /// declare is not known, so a reference to one of these words is no fault of its own.
    func validate(_ document: XMLDocument, into diagnostics: inout Diagnostics) -> Set<String> {
        guard let context = xmlRelaxNGNewValidCtxt(schema) else { return [] }
        defer { xmlRelaxNGFreeValidCtxt(context) }
        let messages = Messages()
        if messages.collect({ xmlRelaxNGValidateDoc(context, document.tree) }) == 0 {
            // The schema's data types let some values pass that a closer look does not.
            if !isWorthExplaining(document.root) { return [] }
        }

        var explanation = Explanation()
        explain(document.root, as: document.root.name, into: &explanation)
        if !explanation.diagnostics.hasErrors {
            // The schema says more than the words here can explain: libxml2's own are better than none.
            let source = document.root.place.source
            for message in messages.all {
                explanation.diagnostics.error(message.place(in: source), "schema", message.text)
            }
        }
        diagnostics.append(contentsOf: explanation.diagnostics)
        return explanation.doubtful
    }

    /// Whether some attribute's value is not what its type allows.
    private func isWorthExplaining(_ element: XMLElement) -> Bool {
        guard let form = forms[element.name] else { return true }
        for attribute in element.attributes {
            guard let index = form.attributes.firstIndex(where: { $0.name == attribute.name }) else { return true }
            if !form.attributes[index].type.allows(attribute.value) { return true }
        }
        if form.text != nil, element.text.isEmpty { return true }
        for child in element.children where isWorthExplaining(child) { return true }
        return false
    }

    private struct Explanation {
        var diagnostics = Diagnostics()
        var doubtful: Set<String> = []

        mutating func error(
            _ element: XMLElement, at place: Place? = nil, _ check: String, _ message: String,
            notes: [Diagnostic.Note] = []
        ) {
            diagnostics.error(place ?? element.place, check, message, notes: notes)
            doubtful.formUnion(element.attributes.map(\.value))
        }
    }

    private func explain(_ element: XMLElement, as name: String, into explanation: inout Explanation) {
        guard let form = forms[name] else {
            let hint = suggestion(for: name, among: forms.keys)
            return explanation.error(element, "unknown-element", "no element is called <\(name)>\(hint)")
        }
        explainAttributes(of: element, form, into: &explanation)
        explainChildren(of: element, form, into: &explanation)
        if form.text == nil, !element.text.isEmpty {
            explanation.error(element, "unexpected-text", "<\(name)> holds no text of its own")
        } else if form.text != nil, element.text.isEmpty {
            explanation.error(element, "missing-text", "<\(name)> needs a text")
        }
    }

    private func explainAttributes(of element: XMLElement, _ form: ElementForm, into explanation: inout Explanation) {
        var meant: Set<String> = []
        for (name, value) in element.attributes {
            guard let attribute = form.attributes.first(where: { $0.name == name }) else {
                let free = form.attributes.map(\.name).filter { element[$0] == nil }
                if let guess = nearest(to: name, among: free) { meant.insert(guess) }
                let hint = suggestion(for: name, among: free)
                explanation.error(
                    element, at: element.place(ofName: name), "unknown-attribute",
                    "<\(form.name)> has no attribute '\(name)'\(hint)")
                continue
            }
            if !attribute.type.allows(value) {
                let hint = suggestion(for: value, among: attribute.type.values)
                explanation.error(
                    element, at: element.place(of: name), "wrong-value",
                    "'\(value)' cannot be the '\(name)' of <\(form.name)>: expected \(attribute.type.words)\(hint)")
            }
        }
        for group in form.required where !group.contains(where: { element[$0] != nil || meant.contains($0) }) {
            let names = group.map { "'\($0)'" }.joined(separator: " or ")
            let words = form.attributes.first { $0.name == group[0] }.map { ": \($0.type.words)" } ?? ""
            explanation.error(element, "missing-attribute", "<\(form.name)> needs the attribute \(names)\(words)")
        }
        for group in form.required where group.count > 1 {
            let given = group.filter { element[$0] != nil }
            if given.count > 1 {
                explanation.error(
                    element, at: element.place(ofName: given[1]), "conflicting-attributes",
                    "<\(form.name)> has both '\(given[0])' and '\(given[1])'; one of them is enough")
            }
        }
    }

    private func explainChildren(of element: XMLElement, _ form: ElementForm, into explanation: inout Explanation) {
        var meant: Set<String> = []
        var first: [String: XMLElement] = [:]
        var furthest = -1
        for child in element.children {
            guard let index = form.children.firstIndex(where: { $0.name == child.name }) else {
                let guess = nearest(to: child.name, among: form.children.map(\.name))
                let hint = guess.map { "; did you mean <\($0)>?" } ?? ""
                explanation.error(child, "unknown-element", "<\(child.name)> cannot stand in <\(form.name)>\(hint)")
                if let guess {
                    meant.insert(guess)
                    explain(child, as: guess, into: &explanation)
                }
                continue
            }
            if let earlier = first[child.name], !form.children[index].repeats {
                explanation.error(
                    child, "repeated-element", "a second <\(child.name)> in <\(form.name)>; only one may stand there",
                    notes: [.init(place: earlier.place, message: "the first one")])
            } else if index < furthest {
                explanation.error(
                    child, "element-order",
                    "<\(child.name)> must stand before <\(form.children[furthest].name)> in <\(form.name)>")
            }
            furthest = max(furthest, index)
            first[child.name] = first[child.name] ?? child
            explain(child, as: child.name, into: &explanation)
        }
        for wanted in form.children where wanted.needed && first[wanted.name] == nil && !meant.contains(wanted.name) {
            explanation.error(element, "missing-element", "<\(form.name)> needs a <\(wanted.name)>")
        }
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
