// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Spelling

/// Templates in a strict subset of Mustache, for plain text and for markup.
///
/// | Tag | Meaning |
/// | --- | --- |
/// | `{{name}}` | the text of a field, escaped where markup is rendered |
/// | `{{#name}}…{{/name}}` | a list: once for each record; a record: once inside it; a flag: if it is true |
/// | `{{^name}}…{{/name}}` | if a flag is false or a list is empty |
/// | `{{>name}}` | another template of the library |
/// | `{{! comment }}` | nothing; it may span lines |
///
/// A tag that is alone on its line, other than a value, takes the whole line away with it; lines end with LF or CRLF.
/// Names are letters, digits and `_`, and are looked up from the innermost record outwards. All else is a fault, above
/// all a name that no record has, a partial that includes itself and an indented partial that is alone on its line.
public struct TemplateLibrary: Sendable {
    private let templates: [Template]
    private let numbers: [String: Int]
    /// Lists in lists, and partials that stand twice in each other, multiply: few lines can ask for more than a machine has.
    var limits = Limits()

    /// How much one run may do and make.
    struct Limits: Sendable {
        /// Far more than any source text needs.
        var steps = 100_000_000
        var bytes = 256 << 20
    }

    struct Template: Sendable {
        let name: String
        let source: SourceText
        let nodes: [TemplateNode]
    }

    /// Parses every source and throws all the faults found in them.
    ///
    /// - Parameter sources: `name` is what `{{>name}}` and `render` use; `file` is what messages show.
    public init(_ sources: [(name: String, file: String, text: String)]) throws(TemplateFaults) {
        try self.init(
            sources.map { ($0.name, SourceText(path: $0.file, bytes: Array($0.text.utf8))) })
    }

    /// Parses every source and throws all the faults found in them.
    ///
    /// - Parameter sources: `name` is what `{{>name}}` and `render` use.
    public init(_ sources: [(name: String, text: SourceText)]) throws(TemplateFaults) {
        var faults: [Diagnostic] = []
        var numbers: [String: Int] = [:]
        var templates: [Template] = []
        for (number, source) in sources.enumerated() {
            if let first = numbers.updateValue(number, forKey: source.name) {
                let problem = "'\(sources[first].text.path)' is already named '\(source.name)': rename one of them"
                let start = Place(source: source.text, offset: 0)
                faults.append(Diagnostic(.error, start, "template-duplicate-name", problem))
            }
        }
        for source in sources {
            let parser = TemplateParser(parsing: source.text, partials: numbers)
            faults += parser.faults
            templates.append(Template(name: source.name, source: source.text, nodes: parser.nodes))
        }
        faults += Self.recursions(in: templates)
        if !faults.isEmpty { throw TemplateFaults(faults) }
        self.templates = templates
        self.numbers = numbers
    }

    /// What becomes of the texts of fields.
    public enum Escaping: Sendable {
        /// They are inserted as they are.
        case none
        /// They are text in HTML or XML: `&`, `<`, `>` and both quotation marks become references.
        case markup
    }

    /// Renders a template with the fields of a record.
    ///
    /// - Parameters:
    ///   - name: the template's.
    ///   - record: the values; the outermost record in which names are looked up.
    ///   - escaping: what becomes of texts, in the template and in its partials.
    /// - Throws: all the faults met in the run, each position once, sorted by file, line and column.
    public func render(
        _ name: String, _ record: Record, escaping: Escaping = .none
    ) throws(TemplateFaults) -> String {
        guard let number = numbers[name] else {
            let advice = hint(for: name, among: numbers.keys.sorted(), otherwise: "add it or correct the name")
            let problem = "no template is named '\(name)': \(advice)"
            throw TemplateFaults([
                Diagnostic(
                    .error, Place(source: SourceText(path: name, bytes: []), offset: 0), "template-unknown-template",
                    problem)
            ])
        }
        var renderer = Renderer(
            templates: templates, rendering: number, record: record, escaping: escaping, limits: limits)
        renderer.run()
        if !renderer.faults.isEmpty { throw TemplateFaults(Array(renderer.faults.values)) }
        return String(decoding: renderer.output, as: UTF8.self)
    }

    /// A fault for each partial tag that closes a circle of partials.
    private static func recursions(in templates: [Template]) -> [Diagnostic] {
        var faults: [Diagnostic] = []
        var isDone = templates.map { _ in false }
        for root in templates.indices where !isDone[root] {
            var path = [(template: root, next: 0)]
            while let (template, next) = path.last {
                guard next < templates[template].nodes.count else {
                    isDone[template] = true
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                guard case .partial(let target, let offset) = templates[template].nodes[next], !isDone[target] else {
                    continue
                }
                if let start = path.firstIndex(where: { $0.template == target }) {
                    let circle = (path[start...].map(\.template) + [target]).map { templates[$0].name }
                    let problem = "this partial includes itself (\(circle.joined(separator: " > "))): break the circle"
                    faults.append(templates[template].source.fault("template-recursive-partial", at: offset, problem))
                } else {
                    path.append((target, 0))
                }
            }
        }
        return faults
    }
}

/// One run over a template's nodes. It keeps its own stack, so templates cannot exhaust the thread's.
private struct Renderer {
    struct Tag: Hashable {
        let template: Int
        let offset: Int
    }

    /// A walk over some nodes of one template. A section's walk starts again for each record that remains.
    private struct Walk {
        let template: Int
        let body: Range<Int>
        var next: Int
        var remaining: ArraySlice<Record> = []
        var hasScope = false
    }

    /// UTF-8. Appending bytes is several times as fast as appending strings.
    private(set) var output: [UInt8] = []
    private(set) var faults: [Tag: Diagnostic] = [:]
    private let templates: [TemplateLibrary.Template]
    private let escaping: TemplateLibrary.Escaping
    /// The records that names are looked up in, the innermost last.
    private var scopes: [Record]
    private var walk: Walk
    /// The walks to go back to, the innermost last.
    private var outerWalks: [Walk] = []
    private let limits: TemplateLibrary.Limits
    private var steps = 0
    private var isGivenUp = false

    init(
        templates: [TemplateLibrary.Template], rendering number: Int, record: Record,
        escaping: TemplateLibrary.Escaping, limits: TemplateLibrary.Limits
    ) {
        self.templates = templates
        self.escaping = escaping
        self.limits = limits
        scopes = [record]
        walk = Walk(template: number, body: templates[number].nodes.indices, next: 0)
    }

    mutating func run() {
        repeat {
            while walk.next < walk.body.upperBound, !isGivenUp { takeStep() }
        } while !isGivenUp && goOnAfterWalk()
    }

    private mutating func takeStep() {
        let node = templates[walk.template].nodes[walk.next]
        walk.next += 1
        steps += 1
        switch node {
        case .literal(let text):
            append(text)
        case .value(let name, let offset):
            insert(name, at: offset)
        case .section(let name, let inverted, let end, let offset):
            let body = walk.next..<end
            walk.next = end
            enter(name, inverted: inverted, body: body, at: offset)
        case .partial(let number, let offset):
            if isTooMuch(at: offset) { return }
            outerWalks.append(walk)
            walk = Walk(template: number, body: templates[number].nodes.indices, next: 0)
        }
    }

    /// Starts the walk again with its next record, or goes back to the walk around it, if there is one.
    private mutating func goOnAfterWalk() -> Bool {
        if let record = walk.remaining.popFirst() {
            scopes[scopes.count - 1] = record
            walk.next = walk.body.lowerBound
            return true
        }
        if walk.hasScope { scopes.removeLast() }
        guard let outer = outerWalks.popLast() else { return false }
        walk = outer
        return true
    }

    /// Only what repeats or includes can make more than the template has.
    private mutating func isTooMuch(at offset: Int) -> Bool {
        if steps <= limits.steps, output.count <= limits.bytes { return false }
        isGivenUp = true
        let most = "\(limits.steps) steps or \(limits.bytes >> 20) MiB"
        let advice = "look for lists in lists, and for partials that include others several times"
        fault("template-endless", at: offset, "more than \(most), and no end: \(advice)")
        return true
    }

    private mutating func append(_ text: String) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { output.append(contentsOf: $0) }
        if isDone == nil { output.append(contentsOf: text.utf8) }
    }

    private mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "\""): append("&quot;")
            case UInt8(ascii: "'"): append("&#39;")
            default: output.append(byte)
            }
        }
    }

    private mutating func insert(_ name: String, at offset: Int) {
        switch value(of: name, at: offset) {
        case .text(let text)?:
            switch escaping {
            case .none: append(text)
            case .markup: appendEscaped(text)
            }
        case let value?:
            let problem = "'\(name)' is \(value.kind), which has no text: use it as a section, '{{#\(name)}}'"
            fault("template-section-as-value", at: offset, problem)
        case nil:
            break
        }
    }

    /// Acts on a section, of which the walk is already past the body.
    private mutating func enter(_ name: String, inverted: Bool, body: Range<Int>, at offset: Int) {
        switch value(of: name, at: offset) {
        case .text?:
            let problem = "'\(name)' is a text, which cannot be a section: write '{{\(name)}}' or pass a flag"
            fault("template-text-as-section", at: offset, problem)
        case .flag(let isOn)?:
            if isOn != inverted { walk.next = body.lowerBound }
        case .list(let records)? where inverted:
            if records.isEmpty { walk.next = body.lowerBound }
        case .list(let records)?:
            if !isTooMuch(at: offset) { enter(records, body: body) }
        case .record(let record)?:
            if !inverted { enter([record], body: body) }
        case nil:
            break
        }
    }

    private mutating func enter(_ records: [Record], body: Range<Int>) {
        guard let first = records.first else { return }
        scopes.append(first)
        outerWalks.append(walk)
        walk = Walk(
            template: walk.template, body: body, next: body.lowerBound, remaining: records.dropFirst(), hasScope: true)
    }

    /// The innermost value of that name. That there is none is a fault.
    private mutating func value(of name: String, at offset: Int) -> Value? {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        let names = scopes.reversed().lazy.flatMap { $0.fields.map(\.name) }
        let advice =
            name == "else"
            ? "Mustache has no 'else': close the section, and open it again with '^'"
            : "add it to the values or correct the name"
        fault(
            "template-unknown-name", at: offset,
            "no record here has a field '\(name)': \(hint(for: name, among: names, otherwise: advice))")
        return nil
    }

    /// Notes a fault of the current template. A loop meets the same one often, so only the first gets a message.
    private mutating func fault(_ check: String, at offset: Int, _ message: @autoclosure () -> String) {
        let tag = Tag(template: walk.template, offset: offset)
        guard faults[tag] == nil else { return }
        faults[tag] = templates[walk.template].source.fault(check, at: offset, message())
    }
}
