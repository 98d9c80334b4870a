// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import StrictMustache
import TypedTables

/// The phases of one operation for somebody who knows what the session holds, the calls that lead from one to another, and a drawing
/// of both: phases one below the other, arrows downwards on the left, upwards on the right.
struct Lifecycle {
    /// A call that leads from one phase to another.
    struct Step: Equatable {
        let call: String
        /// The fact that gives the call another role; nil for the ordinary call.
        let fact: String?
        var ifItWorks = false
        var ifItFails = false

        /// In a drawing: a mark and the call, and on a line of its own what is special.
        var lines: [String] {
            ["\(ifItWorks ? "✓" : "")\(ifItFails ? "✗" : "") \(call)"] + (fact.map { ["(\($0))"] } ?? [])
        }
    }

    /// All that leads from one phase to another, or back to the same.
    struct Edge {
        let from: Int
        let to: Int
        var steps: [Step]

        /// What a drawing says beside the arrow.
        var lines: [(text: String, fails: Bool)] {
            steps.flatMap { step in step.lines.map { ($0, !step.ifItWorks) } }
        }
    }

    /// The names of the phases, the idle one first.
    let phases: [String]
    /// Their codes, in the same order.
    let codes: [Phase.Code]
    let edges: [Edge]

    /// - Parameters:
    ///   - operation: an index into the operations of the specification.
    ///   - side: an index into its perspectives, of one that knows no uncertainty.
    init(of operation: Ref<Operation>, _ tables: RuleTables, side: Ref<Perspective>) {
        let specification = tables.specification
        let codes = Phase.Code.allCases.filter { $0 != .uncertain }
        var edges: [Edge] = []
        var roles: [Ref<Role>] = []
        for (call, role) in Self.calls(about: operation, tables) {
            roles.append(role)
            for (from, code) in codes.enumerated() {
                if let refusal = tables.roles[role].refusals[code.rawValue], !refusal.isSoft { continue }
                if specification.roles[role].starts, code != .idle { continue }
                let after = tables.roles[role].after
                for (effects, works) in [(after.first, true), (after.last, false)] {
                    guard let target = effects?[side].targets[code.rawValue], let to = codes.firstIndex(of: target)
                    else { continue }
                    // What stays as it is, is worth an arrow only where the call did its work.
                    if from == to, from == 0 || !works { continue }
                    Self.add(call, works, from, to, to: &edges)
                }
            }
        }
        // Phases that no call leads to are none of this operation.
        var reached = [0]
        for phase in codes.indices.dropFirst()
        where edges.contains(where: { $0.to == phase && reached.contains($0.from) }) {
            reached.append(phase)
        }
        self.codes = reached.map { codes[$0] }
        phases = reached.map { specification.name(of: codes[$0], in: roles) }
        self.edges = edges.compactMap { edge in
            guard let from = reached.firstIndex(of: edge.from), let to = reached.firstIndex(of: edge.to) else {
                return nil
            }
            return Edge(from: from, to: to, steps: edge.steps)
        }.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }

    /// Calls that act on the operation, not on the whole session, with their roles.
    private static func calls(about operation: Ref<Operation>, _ tables: RuleTables) -> [(Step, role: Ref<Role>)] {
        let specification = tables.specification
        return tables.functions.flatMap { row -> [(Step, role: Ref<Role>)] in
            let function = specification.functions[row.function]
            return specification.variants(of: function.role).compactMap { role, fact in
                let isAbout =
                    switch specification.roles[role].scope {
                    case .own: function.operations.contains(operation)
                    case .flagged: specification.operations[operation].flag != nil
                    case .every: false
                    }
                if !isAbout { return nil }
                return (Step(call: function.name, fact: fact.map { specification.facts[$0].name }), role)
            }
        }
    }

    private static func add(_ call: Step, _ works: Bool, _ from: Int, _ to: Int, to edges: inout [Edge]) {
        let edge = edges.firstIndex { $0.from == from && $0.to == to } ?? edges.count
        if edge == edges.count { edges.append(Edge(from: from, to: to, steps: [])) }
        let step =
            edges[edge].steps.firstIndex { $0.call == call.call && $0.fact == call.fact } ?? edges[edge].steps.count
        if step == edges[edge].steps.count { edges[edge].steps.append(call) }
        if works { edges[edge].steps[step].ifItWorks = true } else { edges[edge].steps[step].ifItFails = true }
    }
}

extension Specification {
    /// The roles that a call of a function with that role may have, and the fact of the arguments that gives it another.
    func variants(of role: Ref<Role>) -> [(role: Ref<Role>, fact: Ref<Fact>?)] {
        [(role, nil)] + (roles[role].variant.map { [($0.role, $0.fact)] } ?? [])
    }

    /// What the roles call a phase with that code: two operations may have different names for one.
    func name(of code: Phase.Code, in roles: [Ref<Role>]) -> String {
        let mentioned = roles.map { self.roles[$0] }.flatMap { role in
            role.refusals.map(\.phase) + role.afters.flatMap { [$0.to, $0.from, $0.known].compactMap { $0 } }
        }
        let names = phases.indices.filter { phases[$0].code == code }
        let used = names.filter(mentioned.contains)
        return (used.isEmpty ? names : used).map { phases[$0].name }.joined(separator: " / ")
    }
}
