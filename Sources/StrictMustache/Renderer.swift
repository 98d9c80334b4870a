// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Spelling

/// One run over a template's operations. It keeps its own stack, so templates cannot exhaust the thread's.
struct Renderer: ~Copyable {
    struct Tag: Hashable {
        let template: Int
        let offset: Int
    }

    /// A walk over some operations of one template. A section's walk starts again for each record that remains.
    private struct Walk {
        let template: Int
        let body: Range<Int>
        var next: Int
        var records: [Record] = []
        /// The record of the innermost scope.
        var index = 0
        var hasScope = false
    }

    /// A record in which names are looked up.
    private struct Scope {
        var record: Record
        var shape: Int
        var isLast: Bool
    }

    private(set) var output = ByteBuffer(capacity: 1 << 16)
    private(set) var faults: [Tag: Diagnostic] = [:]
    private let templates: [TemplateLibrary.Template]
    private let program: TemplateProgram
    private let escaping: TemplateLibrary.Escaping
    private let limits: TemplateLibrary.Limits
    private let outermost: LazyRecord
    /// The values of the outermost record, by the numbers of their names; nil for a name that was not looked up yet.
    private var found: [Value?]
    private var scopes: [Scope] = []
    private var shapes: Shapes
    /// For each section the shape of the last record that it was entered with.
    private var lastShapes: [Int]
    private var walk: Walk
    /// The walks to go back to, the innermost last.
    private var outerWalks: [Walk] = []
    private var steps = 0
    private var isGivenUp = false

    init(
        _ templates: [TemplateLibrary.Template], _ program: TemplateProgram, rendering number: Int,
        _ outermost: LazyRecord, escaping: TemplateLibrary.Escaping, limits: TemplateLibrary.Limits
    ) {
        self.templates = templates
        self.program = program
        self.outermost = outermost
        self.limits = limits
        self.escaping = escaping
        found = Array(repeating: nil, count: program.names.count)
        shapes = Shapes(program)
        lastShapes = Array(repeating: -1, count: program.operations.count)
        walk = Walk(template: number, body: program.bodies[number], next: program.bodies[number].lowerBound)
    }

    mutating func run() {
        repeat {
            while walk.next < walk.body.upperBound, !isGivenUp { takeStep() }
        } while !isGivenUp && goOnAfterWalk()
    }

    private mutating func takeStep() {
        let number = walk.next
        let operation = program.operations[number]
        walk.next += 1
        steps += 1
        switch operation.kind {
        case .literal:
            program.literals.withUnsafeBufferPointer { literals in
                output.append(UnsafeBufferPointer(rebasing: literals[operation.operand..<operation.end]))
            }
        case .value: insert(operation)
        case .section, .invertedSection:
            walk.next = operation.end
            enter(operation, number)
        case .partial:
            if isTooMuch(at: operation) { return }
            outerWalks.append(walk)
            let body = program.bodies[operation.operand]
            walk = Walk(template: operation.operand, body: body, next: body.lowerBound)
        }
    }

    /// Starts the walk again with its next record, or goes back to the walk around it, if there is one.
    private mutating func goOnAfterWalk() -> Bool {
        if walk.index + 1 < walk.records.count {
            walk.index += 1
            let record = walk.records[walk.index]
            let shape = scopes[scopes.count - 1].shape
            scopes[scopes.count - 1] = Scope(
                record: record, shape: shapes.shape(of: record, isListed: true, guess: shape),
                isLast: walk.index + 1 == walk.records.count)
            walk.next = walk.body.lowerBound
            return true
        }
        if walk.hasScope { scopes.removeLast() }
        guard let outer = outerWalks.popLast() else { return false }
        walk = outer
        return true
    }

    /// Only what repeats or includes can make more than the template has.
    private mutating func isTooMuch(at operation: TemplateProgram.Operation) -> Bool {
        if steps <= limits.steps, output.count <= limits.bytes { return false }
        isGivenUp = true
        let most = "\(limits.steps) steps or \(limits.bytes >> 20) MiB"
        let advice = "check nested lists, and partials that include others several times"
        fault(.templateEndless, at: operation, "rendering takes more than \(most); \(advice)")
        return true
    }

    private mutating func insert(_ operation: TemplateProgram.Operation) {
        switch value(of: operation) {
        case .text(let text)?:
            switch escaping {
            case .none: output.append(text)
            case .markup: output.appendEscaped(text)
            case .markdown:
                if !output.appendIfPlain(text) {
                    let template = templates[walk.template].source.bytes
                    output.appendEscaped(text, at: MarkdownPlace(template, operation.offset))
                }
            }
        case let value?:
            let name = program.names[operation.operand]
            let problem = "'\(name)' is \(value.kind), which has no text; use it as a section, '{{#\(name)}}'"
            fault(.templateSectionAsValue, at: operation, problem)
        case nil:
            missing(operation)
        }
    }

    /// Acts on a section, of which the walk is already past the body.
    private mutating func enter(_ operation: TemplateProgram.Operation, _ number: Int) {
        let isInverted = operation.kind == .invertedSection
        switch value(of: operation) {
        case .text?:
            let name = program.names[operation.operand]
            let problem = "'\(name)' is a text, not a section; write '{{\(name)}}' or pass a flag"
            fault(.templateTextAsSection, at: operation, problem)
        case .flag(let isOn)?:
            if isOn != isInverted { walk.next = number + 1 }
        case .list(let records)? where isInverted:
            if records.isEmpty { walk.next = number + 1 }
        case .list(let records)?:
            if !isTooMuch(at: operation) { enter(records, isListed: true, operation, number) }
        case .record(let record)?:
            if !isInverted { enter([record], isListed: false, operation, number) }
        case nil:
            missing(operation)
        }
    }

    private mutating func enter(
        _ records: [Record], isListed: Bool, _ operation: TemplateProgram.Operation, _ number: Int
    ) {
        guard let first = records.first else { return }
        let shape = shapes.shape(of: first, isListed: isListed, guess: lastShapes[number])
        lastShapes[number] = shape
        scopes.append(Scope(record: first, shape: shape, isLast: records.count == 1))
        outerWalks.append(walk)
        walk = Walk(
            template: walk.template, body: number + 1..<operation.end, next: number + 1, records: records,
            hasScope: true)
    }

    // MARK: Names

    /// The innermost value of the operation's name.
    private mutating func value(of operation: TemplateProgram.Operation) -> Value? {
        let symbol = operation.operand
        var depth = scopes.count - 1
        while depth >= 0 {
            let place = shapes.place(of: symbol, in: scopes[depth].shape)
            if place >= 0 { return scopes[depth].record[place] }
            if place == Shapes.isLast { return .flag(scopes[depth].isLast) }
            depth -= 1
        }
        if let value = found[symbol] { return value }
        found[symbol] = outermost[program.names[symbol]]
        return found[symbol]
    }

    /// Notes that no record has a value of that name.
    private mutating func missing(_ operation: TemplateProgram.Operation) {
        let name = program.names[operation.operand]
        var names: [String] = []
        for scope in scopes.reversed() {
            names += scope.record.fields.map(\.name)
            if shapes.isListed(scope.shape) { names.append("last") }
        }
        names += outermost.names
        let advice =
            name == "else"
            ? "Mustache has no 'else'; close the section and open it again with '^'"
            : "add it to the values or correct the name"
        fault(
            .templateUnknownName, at: operation,
            "unknown field '\(name)'; \(hint(for: name, among: names, otherwise: advice))")
    }

    /// Notes a fault of the current template. A loop meets the same one often, so only the first gets a message.
    private mutating func fault(
        _ id: Diagnostic.ID, at operation: TemplateProgram.Operation, _ message: @autoclosure () -> String
    ) {
        let tag = Tag(template: walk.template, offset: operation.offset)
        guard faults[tag] == nil else { return }
        faults[tag] = templates[walk.template].source.fault(id, at: operation.offset, message())
    }
}
