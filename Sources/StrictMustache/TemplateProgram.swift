// SPDX-License-Identifier: MIT

/// The nodes of all templates as one list of operations, in which names and texts are numbers: what one output needs is
/// looked up once and not for each record.
struct TemplateProgram: Sendable {
    struct Operation: Sendable {
        enum Kind: Sendable { case literal, value, section, invertedSection, partial }

        let kind: Kind
        /// The number of the name; of a partial, that of its template; of a literal, where its bytes start.
        let operand: Int
        /// The operation after a section's body; of a literal, where its bytes end.
        let end: Int
        /// Where the tag stands in its template.
        let offset: Int
    }

    private(set) var operations: [Operation] = []
    /// The operations of each template.
    private(set) var bodies: [Range<Int>] = []
    /// The names that occur in tags, each once.
    private(set) var names: [String] = []
    /// The bytes of all literals.
    private(set) var literals: [UInt8] = []
    private var symbols: [String: Int] = [:]

    init(_ templates: [TemplateLibrary.Template]) {
        for template in templates {
            let start = operations.count
            for node in template.nodes {
                operations.append(operation(of: node, in: template, from: start))
            }
            bodies.append(start..<operations.count)
        }
    }

    /// The number of a name; nil where no template mentions it.
    func symbol(of name: String) -> Int? { symbols[name] }

    private mutating func operation(
        of node: TemplateNode, in template: TemplateLibrary.Template, from start: Int
    ) -> Operation {
        switch node {
        case .literal(let range):
            let first = literals.count
            literals += template.source.bytes[range]
            return Operation(kind: .literal, operand: first, end: literals.count, offset: range.lowerBound)
        case .value(let name, let offset):
            return Operation(kind: .value, operand: enter(name), end: 0, offset: offset)
        case .section(let name, let inverted, let end, let offset):
            return Operation(
                kind: inverted ? .invertedSection : .section, operand: enter(name), end: start + end, offset: offset)
        case .partial(let number, let offset):
            return Operation(kind: .partial, operand: number, end: 0, offset: offset)
        }
    }

    private mutating func enter(_ name: String) -> Int {
        if let symbol = symbols[name] { return symbol }
        symbols[name] = names.count
        names.append(name)
        return names.count - 1
    }
}
