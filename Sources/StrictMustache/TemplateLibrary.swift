// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Spelling

/// Templates in a strict subset of Mustache, for plain text, markup and Markdown.
///
/// | Tag | Meaning |
/// | --- | --- |
/// | `{{name}}` | the text of a field, escaped where markup or Markdown is rendered |
/// | `{{#name}}…{{/name}}` | a list: once for each record; a record: once inside it; a flag: if it is true |
/// | `{{^name}}…{{/name}}` | if a flag is false or a list is empty |
/// | `{{>name}}` | another template of the library |
/// | `{{! comment }}` | nothing; it may span lines |
///
/// A tag that is alone on its line, other than a value, takes the whole line away with it; lines end with LF or CRLF.
/// Names are letters, digits and `_`, and are looked up from the innermost record outwards. All else is a fault, above
/// all a name that no record has, a partial that includes itself and an indented partial that is alone on its line.
package struct TemplateLibrary: Sendable {
    private let templates: [Template]
    private let numbers: [String: Int]
    private let program: TemplateProgram
    /// Lists in lists, and partials that stand twice in each other, multiply: few lines can ask for more than a machine has.
    var limits = Limits()

    /// How much one run may do and make.
    struct Limits: Sendable {
        /// Far more than any source text needs.
        var steps = 100_000_000
        var bytes = mostBytes
    }

    /// How many bytes one run can make.
    package static let mostBytes = 256 << 20

    struct Template: Sendable {
        let name: String
        let source: SourceText
        let nodes: [TemplateNode]
    }

    /// Parses every source and throws all the faults found in them.
    ///
    /// - Parameter sources: `name` is what `{{>name}}` and `render` use; `file` is what messages show.
    package init(_ sources: [(name: String, file: String, text: String)]) throws(DiagnosticsError) {
        try self.init(
            sources.map { ($0.name, SourceText(path: $0.file, bytes: Array($0.text.utf8))) })
    }

    /// Parses every source and throws all the faults found in them.
    ///
    /// - Parameter sources: `name` is what `{{>name}}` and `render` use.
    package init(_ sources: [(name: String, text: SourceText)]) throws(DiagnosticsError) {
        var faults: [Diagnostic] = []
        var numbers: [String: Int] = [:]
        var templates: [Template] = []
        for (number, source) in sources.enumerated() {
            if let first = numbers.updateValue(number, forKey: source.name) {
                let problem = "'\(sources[first].text.path)' is already named '\(source.name)'; rename one of them"
                let start = Place(source: source.text, offset: 0)
                faults.append(Diagnostic(start, .templateDuplicateName, problem))
            }
        }
        for source in sources {
            let parser = TemplateParser(parsing: source.text, partials: numbers)
            faults += parser.faults
            templates.append(Template(name: source.name, source: source.text, nodes: parser.nodes))
        }
        faults += Self.recursions(in: templates)
        if !faults.isEmpty { throw DiagnosticsError(faults: faults) }
        self.templates = templates
        self.numbers = numbers
        program = TemplateProgram(templates)
    }

    /// The template of that name; nil if there is none.
    func template(named name: String) -> Template? { numbers[name].map(template) }

    /// The template of a number, as partials have it.
    func template(_ number: Int) -> Template { templates[number] }

    /// What becomes of the texts of fields.
    package enum Escaping: Sendable {
        /// They are inserted as they are.
        case none
        /// They are text in HTML or XML: `&`, `<`, `>` and both quotation marks become references.
        case markup
        /// They are literal text in Markdown, in a cell of a table as well. In code, between backticks or in a fenced block, nothing is
        /// escaped but the `|` of a table, and a backtick becomes an apostrophe.
        case markdown
    }

    /// Renders a template with the fields of a record.
    ///
    /// - Parameters:
    ///   - name: the template's.
    ///   - record: the values; the outermost record in which names are looked up.
    ///   - escaping: what becomes of texts, in the template and in its partials.
    /// - Throws: all the faults met in the run, each position once, sorted by file, line and column.
    package func render(
        _ name: String, _ record: Record, escaping: Escaping = .none
    ) throws(DiagnosticsError) -> String {
        String(decoding: try bytes(of: name, LazyRecord([{ record }]), escaping: escaping), as: UTF8.self)
    }

    /// Renders a template with values that are made when it asks for them.
    ///
    /// - Parameters:
    ///   - name: the template's.
    ///   - record: the outermost values.
    ///   - escaping: what becomes of texts, in the template and in its partials.
    /// - Throws: all the faults met in the run, each position once, sorted by file, line and column.
    package func bytes(
        of name: String, _ record: LazyRecord, escaping: Escaping = .none
    ) throws(DiagnosticsError) -> [UInt8] {
        guard let number = numbers[name] else {
            let advice = hint(for: name, among: numbers.keys.sorted(), otherwise: "add it or correct the name")
            let problem = "unknown template '\(name)'; \(advice)"
            throw DiagnosticsError([
                Diagnostic(
                    Place(source: SourceText(path: name, bytes: []), offset: 0), .templateUnknownTemplate,
                    problem)
            ])
        }
        var renderer = Renderer(templates, program, rendering: number, record, escaping: escaping, limits: limits)
        renderer.run()
        if !renderer.faults.isEmpty { throw DiagnosticsError(faults: Array(renderer.faults.values)) }
        return renderer.output.array
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
                    let problem = "this partial includes itself (\(circle.joined(separator: " > "))); break the cycle"
                    faults.append(templates[template].source.fault(.templateRecursivePartial, at: offset, problem))
                } else {
                    path.append((target, 0))
                }
            }
        }
        return faults
    }
}

extension DiagnosticsError {
    /// Sorts faults by file, line and column, and keeps the first that was found at each position.
    fileprivate init(faults: [Diagnostic]) {
        var diagnostics = Diagnostics()
        diagnostics.append(contentsOf: faults)
        self.init(
            diagnostics.sorted.reduce(into: []) { faults, fault in
                if let last = faults.last?.place, last.source === fault.place.source, last.offset == fault.place.offset
                {
                    return
                }
                faults.append(fault)
            })
    }
}
