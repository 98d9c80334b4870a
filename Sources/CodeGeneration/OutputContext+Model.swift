// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import StrictMustache
import TypedTables

extension OutputContext {
    /// What a formal model of one session needs, in the eyes of somebody who knows what it holds.
    @inline(never)
    var model: Record {
        let side = certainSide
        let moving = specification.roles.indices.filter { !moves(of: $0, side).isEmpty }
        return [
            "modelRoles": .list(moving.map { modelRole($0, side) }),
            "modelStarts": .list(modelStarts),
            "modelCalls": .list(specification.roles.indices.flatMap { modelCalls(of: $0, moving) }),
            "modelWholeCalls": .list(
                wholeCalls.filter { moving.contains($0.role) }.map {
                    [
                        "call": .text($0.words), "role": .text(modelName($0.role)),
                        "isFlagged": .flag(specification.roles[$0.role].scope == .flagged),
                    ]
                }),
            "modelPolicies": .list(
                specification.policies.map {
                    [
                        "constant": .text(Naming.constant($0.name)), "number": .text("\($0.number)"),
                        "most": .text("\($0.most ?? specification.operations.count)"),
                        "onlyPairs": .text(hasPairs($0) ? "1" : "0"),
                    ]
                }),
        ]
    }

    func hasPairs(_ policy: Policy) -> Bool {
        policy.exclusions.contains { specification.exclusions[$0].unlessPair }
    }

    private func modelName(_ role: Ref<Role>) -> String { Naming.constant(specification.roles[role].name).lowercased() }

    private struct Move: Hashable {
        let targets: [Phase.Code]
        let endsUnsaved: Bool
    }

    /// What calls in the role may do, each thing once, with the classes of return values that do it.
    private func moves(of role: Ref<Role>, _ side: Ref<Perspective>) -> [(move: Move, outcomes: [String])] {
        var moves: [(move: Move, outcomes: [String])] = []
        for (outcome, effects) in zip(tables.roleOutcomes, tables.roles[role].after) {
            let move = Move(targets: effects[side].targets, endsUnsaved: effects[side].endsUnsaved)
            if move.targets == RuleTables.Effect.keep.targets, !move.endsUnsaved { continue }
            let name = specification.outcomes[outcome].name
            if let index = moves.firstIndex(where: { $0.move == move }) {
                moves[index].outcomes.append(name)
            } else {
                moves.append((move, [name]))
            }
        }
        return moves
    }

    private func modelRole(_ role: Ref<Role>, _ side: Ref<Perspective>) -> Record {
        let refusals = tables.roles[role].refusals
        func fits(_ code: Phase.Code) -> Value {
            .text(refusals[code.rawValue] == nil || refusals[code.rawValue]!.isSoft ? "1" : "0")
        }
        func record(_ move: Move) -> Record {
            [
                "idle": .text("\(move.targets[Phase.Code.idle.rawValue].rawValue)"),
                "ready": .text("\(move.targets[Phase.Code.ready.rawValue].rawValue)"),
                "parts": .text("\(move.targets[Phase.Code.parts.rawValue].rawValue)"),
            ]
        }
        let usual = tables.roles[role].after.first.map { Move(targets: $0[side].targets, endsUnsaved: false) }
        return [
            "name": .text(modelName(role)), "summary": .text(specification.roles[role].summary),
            "idleFits": fits(.idle), "readyFits": fits(.ready), "partsFits": fits(.parts),
            "usual": .list([usual ?? Move(targets: Phase.Code.allCases, endsUnsaved: false)].map(record)),
            "moves": .list(
                moves(of: role, side).map { move, outcomes in
                    var record = record(move)
                    record.add("outcomes", .text(outcomes.joined(separator: ", ")))
                    return record
                }),
            "isWhole": .flag(specification.roles[role].scope != .own),
            "isDual": .flag(specification.functions.contains { $0.role == role && $0.operations.count == 2 }),
        ]
    }

    /// For each operation the others that must not be active when it starts, under each policy.
    private var modelStarts: [Record] {
        tables.contentions.compactMap { contention in
            guard case .start(let operation) = contention.calls else { return nil }
            let policies = zip(specification.policies, contention.maskByPolicy).map { policy, mask -> Record in
                let blocking = specification.operations.filter { mask.contains($0) }
                return [
                    "policy": .text(Naming.constant(policy.name)), "isFree": .flag(blocking.isEmpty),
                    "blocking": .list(blocking.map { ["name": .text($0.name)] }),
                ]
            }
            return ["name": .text(specification.operations[operation].name), "policies": .list(policies)]
        }
    }

    /// The calls of functions about operations of their own, each with its role and, if it starts one, what it starts.
    private func modelCalls(of role: Ref<Role>, _ moving: [Ref<Role>]) -> [Record] {
        tables.functions.flatMap { row -> [Record] in
            let function = specification.functions[row.function]
            guard function.role == role, specification.roles[role].scope == .own else { return [] }
            var calls = [(words: function.name, role: role)]
            if let variant = specification.roles[role].variant {
                calls.append(("\(function.name), \(specification.facts[variant.fact].name)", variant.role))
            }
            return calls.filter { moving.contains($0.role) && !function.operations.isEmpty }.map { call in
                let names = function.operations.map { specification.operations[$0].name }
                return [
                    "call": .text(call.words), "role": .text(modelName(call.role)), "first": .text(names[0]),
                    "isDual": .flag(names.count == 2), "second": .text(names.count == 2 ? names[1] : ""),
                    "starts": .flag(specification.roles[call.role].starts),
                ]
            }
        }
    }

    /// The calls about all operations, or about those that flags name.
    private var wholeCalls: [(words: String, role: Ref<Role>)] {
        tables.functions.flatMap { row -> [(words: String, role: Ref<Role>)] in
            let function = specification.functions[row.function]
            let role = specification.roles[function.role]
            if role.scope == .own { return [] }
            let variant = role.variant.map { ("\(function.name), \(specification.facts[$0.fact].name)", $0.role) }
            return [(function.name, function.role)] + [variant].compactMap { $0 }
        }
    }
}
