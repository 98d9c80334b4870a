// SPDX-License-Identifier: MIT

import CryptokiSpecification
import SourceDiagnostics
import TypedTables

extension RuleTables {
    /// Says what makes no sense although each line of the data does: policies that contradict themselves, phases that
    /// nothing reaches, functions that can never be called.
    package func check(into diagnostics: inout Diagnostics) {
        for (index, policy) in specification.policies.withReferences {
            checkOrder(policy, index, &diagnostics)
            checkMost(policy, index, &diagnostics)
        }
        checkPhases(&diagnostics)
        let reached = specification.operations.column(phases)
        for row in functions { checkReachable(row, reached, &diagnostics) }
    }

    // MARK: Policies

    /// Whether the policy lets the second operation start while the first is active.
    private func admits(_ policy: Ref<Policy>, _ second: Ref<Operation>, beside first: Ref<Operation>) -> Bool {
        let row = contentions.first { $0.calls == .start(operation: second) }
        return row.map { !$0.maskByPolicy[policy].contains(specification.operations[first]) } ?? false
    }

    /// Two operations may be active together or not: it cannot depend on which was there first.
    private func checkOrder(_ policy: Policy, _ index: Ref<Policy>, _ diagnostics: inout Diagnostics) {
        var found: [(starting: Ref<Operation>, active: Ref<Operation>)] = []
        for first in specification.operations.indices {
            for second in specification.operations.indices[specification.operations.index(after: first)...]
            where admits(index, first, beside: second) != admits(index, second, beside: first) {
                found.append(admits(index, second, beside: first) ? (first, second) : (second, first))
            }
        }
        guard let refused = found.first else { return }
        let one = specification.operations[refused.starting].name
        let other = specification.operations[refused.active].name
        // One line of the policy makes a fault of every pair of operations of its kinds.
        let more = found.count == 1 ? "" : ", and so with \(found.count - 1) more pairs"
        diagnostics.report(
            policy.origin.place(of: "name"), .orderMatters,
            "under '\(policy.name)' \(other) may start while \(one) is active, but not \(one) while \(other) is active\(more); add or remove an exclusion",
            notes: exclusion(of: policy, index, against: refused).map {
                [.init(place: $0, message: "refuses \(one) while \(other) is active")]
            } ?? [])
    }

    /// The line of the policy that refuses a start beside an active operation.
    private func exclusion(
        of policy: Policy, _ index: Ref<Policy>, against start: (starting: Ref<Operation>, active: Ref<Operation>)
    ) -> Place? {
        let row = contentions.first { $0.calls == .start(operation: start.starting) }
        let broken = policy.exclusions.first { exclusion in
            row.map { $0.maskByExclusion[exclusion].contains(specification.operations[start.active]) } ?? false
        }
        guard let broken else { return nil }
        return policy.place(ofExclusion: specification.exclusions[broken].rule.id)
    }

    /// A policy must not let more operations be active together than it says.
    private func checkMost(_ policy: Policy, _ index: Ref<Policy>, _ diagnostics: inout Diagnostics) {
        guard let most = policy.most,
            let group = together(index, most + 1, [], from: specification.operations.startIndex)
        else { return }
        let names = group.map { specification.operations[$0].name }
        diagnostics.report(
            policy.origin.place(of: "most"), .tooManyActive,
            "under '\(policy.name)' \(names.joined(separator: ", ")) can be active together, which is more than 'most' (\(most)) allows"
        )
    }

    /// So many operations any two of which may be active together.
    private func together(
        _ policy: Ref<Policy>, _ count: Int, _ group: [Ref<Operation>], from start: Ref<Operation>
    ) -> [Ref<Operation>]? {
        if group.count == count { return group }
        for next in specification.operations.indices[start...]
        where group.allSatisfy({ admits(policy, next, beside: $0) && admits(policy, $0, beside: next) }) {
            if let found = together(policy, count, group + [next], from: specification.operations.index(after: next)) {
                return found
            }
        }
        return nil
    }

    // MARK: Phases

    /// Every phase but idle is reached by some role.
    private func checkPhases(_ diagnostics: inout Diagnostics) {
        let reached = Set(specification.roles.flatMap(\.afters).compactMap(\.to))
        for (index, phase) in specification.phases.withReferences where phase.code != .idle && !reached.contains(index)
        {
            diagnostics.report(
                phase.origin.place(of: "name"), .unreachablePhase, "no role leads to the phase '\(phase.name)'")
        }
    }

    /// Every function that needs its operations in some phase can be called in one that they reach.
    private func checkReachable(
        _ row: FunctionRow, _ reached: Column<Operation, Set<Phase.Code>>, _ diagnostics: inout Diagnostics
    ) {
        let function = specification.functions[row.function]
        let refusals = roles[function.role].refusals
        guard refusals.contains(where: { $0 != nil && !$0!.isSoft }) else { return }
        for operation in function.operations {
            if reached[operation].contains(where: { refusals[$0.rawValue] == nil }) { continue }
            let names = specification.phases.filter { refusals[$0.code.rawValue] == nil && $0.code != .uncertain }.map(
                \.name)
            diagnostics.report(
                function.origin.place(of: "role"), .neverInPhase,
                "\(function.name) needs \(specification.operations[operation].name) in the phase \(names.joined(separator: " or ")), which none of its functions reaches"
            )
        }
    }

    /// The phases that an operation reaches from idle by the functions that name it, for somebody who knows.
    private func phases(of operation: Ref<Operation>) -> Set<Phase.Code> {
        guard let side = specification.perspectives.firstIndex(where: { !$0.knowsUncertainty }) else {
            return Set(Phase.Code.allCases)
        }
        var inPlay: Set<Ref<Role>> = []
        for function in specification.functions where function.operations.contains(operation) {
            inPlay.insert(function.role)
            if let variant = specification.roles[function.role].variant { inPlay.insert(variant.role) }
        }
        var reached: Set<Phase.Code> = [.idle]
        while true {
            var next = reached
            for role in inPlay {
                for code in reached where roles[role].refusals[code.rawValue] == nil {
                    for effects in roles[role].after { next.insert(effects[side].targets[code.rawValue]) }
                }
            }
            if next == reached { return reached }
            reached = next
        }
    }
}
