// SPDX-License-Identifier: MIT

import CryptokiSpecification

// What calls do: both versions are walked together, for as long as they do the same.
extension Comparison {
    /// A call in both versions.
    private struct ComparedCall {
        let old: QuickCall
        let new: QuickCall
        let oldBehaviour: QuickCall.Behaviour
        let newBehaviour: QuickCall.Behaviour
        var differs: Bool { oldBehaviour != newBehaviour }
    }

    func behaviour() -> [Change] {
        var changes: [Change] = []
        for policy in new.policies {
            for perspective in new.perspectives {
                for conflict in new.conflicts {
                    guard let oldPolicy = old.policies.first(where: { $0.name == policy.name }),
                        let oldPerspective = old.perspectives.first(where: { $0.name == perspective.name }),
                        let oldConflict = old.conflicts.first(where: { $0.name == conflict.name })
                    else { continue }
                    let before = Interpreter(old, oldPolicy, oldPerspective, oldConflict)
                    let now = Interpreter(new, policy, perspective, conflict)
                    let rules = "\(policy.name), \(perspective.name)" + (conflict.abandons ? ", \(conflict.name)" : "")
                    for change in differences(before, now) { merge(change, rules, into: &changes) }
                }
            }
        }
        return changes
    }

    /// The same change under several rules is said once.
    private func merge(_ change: Change, _ rules: String, into changes: inout [Change]) {
        let same = changes.firstIndex {
            $0.kind == change.kind && $0.subject == change.subject && $0.steps == change.steps
                && $0.before == change.before
                && $0.now == change.now
        }
        if let same {
            changes[same].rules.append(rules)
        } else {
            var change = change
            change.rules = [rules]
            changes.append(change)
        }
    }

    private func comparedCalls(_ before: Interpreter, _ now: Interpreter) -> [ComparedCall] {
        before.calls.compactMap { call in
            let name = old.functions[call.function].name
            guard let index = new.functions.firstIndex(where: { $0.name == name }) else { return nil }
            var other = Interpreter.Call(function: index, flags: call.flags)
            for fact in old.facts where call.facts >> UInt(fact.bit) & 1 == 1 {
                guard let same = new.facts.first(where: { $0.name == fact.name }) else { return nil }
                other.facts |= 1 << UInt(same.bit)
            }
            let (one, two) = (before.quick(call), now.quick(other))
            return ComparedCall(
                old: one, new: two, oldBehaviour: normal(one.behaviour), newBehaviour: normal(two.behaviour))
        }
    }

    /// Without operations that only one version has, and with the old names of rules.
    private func normal(_ behaviour: QuickCall.Behaviour) -> QuickCall.Behaviour {
        func id(_ id: String) -> String { renamed[id] ?? id }
        var blockers: [QuickCall.Behaviour.Blocker] = behaviour.blockers.compactMap { blocker in
            let mask = blocker.mask & common
            return mask == 0
                ? nil : .init(mask: mask, ruleID: id(blocker.ruleID), returnValue: blocker.returnValue)
        }
        if behaviour.goesAhead {
            // The blocking rule is never reported, so the search for a state that shows it would visit all states.
            blockers = [.init(mask: blockers.reduce(0) { $0 | $1.mask }, ruleID: "", returnValue: "")]
        }
        return .init(
            blockers: blockers,
            steps: behaviour.steps.filter { common >> $0.shift & 1 == 1 }.map { step in
                .init(shift: step.shift, rules: step.rules.map { $0.map(id) }, returnValues: step.returnValues)
            },
            endings: behaviour.endings.map { ending in
                .init(
                    kind: ending.kind, moves: ending.moves.filter { common >> $0.shift & 1 == 1 },
                    together: ending.together,
                    cleared: ending.cleared & (common * 3), abandoned: ending.abandoned & common,
                    started: ending.started & (common * 3))
            }, goesAhead: behaviour.goesAhead)
    }

    private func differences(_ before: Interpreter, _ now: Interpreter) -> [Change] {
        let comparedCalls = comparedCalls(before, now)
        var open = comparedCalls.filter(\.differs)
        if open.isEmpty { return [] }
        let found = walk(before, now, comparedCalls, &open)
        return found.sorted { ($0.order, $0.change.kind.rawValue) < ($1.order, $1.change.kind.rawValue) }.map(\.change)
    }

    private typealias Found = (order: Int, change: Change)

    /// Walks as long as both versions do the same, the nearest states first, and looks at each call that differs.
    private func walk(
        _ before: Interpreter, _ now: Interpreter, _ comparedCalls: [ComparedCall], _ open: inout [ComparedCall]
    ) -> [Found] {
        struct Key: Hashable {
            let old: QuickCall.Behaviour
            let new: QuickCall.Behaviour
        }
        var known: Set<Key> = []
        let moving = comparedCalls.filter { known.insert(Key(old: $0.oldBehaviour, new: $0.newBehaviour)).inserted }
        var found: [Found] = []
        var said: Set<String> = []
        var reached = ReachedStates<Set<SessionState>, Step>(SessionState(), [])
        func look(at state: SessionState, _ steps: () -> [String]) {
            for (order, compared) in open.enumerated() {
                guard let change = difference(before, now, compared, in: state) else { continue }
                if !said.insert("\(change.kind) \(change.subject)").inserted { continue }
                var witness = change
                witness.steps = steps()
                found.append((order, witness))
            }
        }
        var index = 0
        let expected = expected(open)
        while index < reached.states.count, said.count < expected {
            let state = reached.states[index]
            look(at: state) { words(reached.path(to: index), before) }
            let going = moving.filter { $0.old.goesAhead(in: state) && $0.new.goesAhead(in: state) }
            // Calls that succeed come first: a witness of them is easier to follow than one of failures.
            for endings in [0..<1, 1..<before.returnValues.count] {
                for compared in going where reached.states.count < most {
                    for ending in endings {
                        let value = compared.old.returnValues[ending]
                        guard let other = compared.new.returnValues.firstIndex(of: value) else { continue }
                        let next = compared.old.complete(ending, in: state)
                        if next == state || next != compared.new.complete(other, in: state) { continue }
                        _ = reached.add(next, from: index, by: Step(call: compared.old.call, returnValue: value))
                    }
                }
            }
            index += 1
        }
        if said.isEmpty {
            // Not within reach of few calls: the states of up to two operations, whether they are reached or not.
            for state in before.states(withUpTo: 2) {
                look(at: state) { ["(a state that few calls do not reach: \(before.words(state)))"] }
            }
        }
        return found
    }

    /// How many kinds of differences there are to be found.
    private func expected(_ open: [ComparedCall]) -> Int {
        open.reduce(0) { count, compared in
            let (old, new) = (refused(compared.oldBehaviour), refused(compared.newBehaviour))
            let isTighter = new.mask & ~old.mask != 0 || !new.steps.subtracting(old.steps).isEmpty
            let isLooser = old.mask & ~new.mask != 0 || !old.steps.subtracting(new.steps).isEmpty
            let isOther =
                compared.oldBehaviour.endings != compared.newBehaviour.endings
                || (compared.oldBehaviour.steps != compared.newBehaviour.steps && !isTighter && !isLooser)
            return count + max(1, (isTighter ? 1 : 0) + (isLooser ? 1 : 0) + (isOther ? 1 : 0))
        }
    }

    private func refused(_ behaviour: QuickCall.Behaviour) -> (mask: UInt64, steps: Set<String>) {
        let mask = behaviour.goesAhead ? 0 : behaviour.blockers.reduce(0) { $0 | $1.mask }
        let steps = behaviour.steps.flatMap { step in
            step.returnValues.enumerated().compactMap { $1 == nil ? nil : "\(step.shift) \($0)" }
        }
        return (mask, Set(steps))
    }

    private func words(_ path: [(edge: Step, state: SessionState)], _ interpreter: Interpreter) -> [String] {
        path.map { step, state in
            "\(interpreter.words(step.call)) \(step.returnValue): \(interpreter.words(state))"
        }
    }

    /// How the call differs in that state, if it does.
    private func difference(
        _ before: Interpreter, _ now: Interpreter, _ compared: ComparedCall, in state: SessionState
    ) -> Change? {
        // Words are made only for a difference: this is asked of every state and every call that differs.
        func change(_ kind: Kind, _ old: String, _ new: String) -> Change {
            Change(kind: kind, subject: before.words(compared.old.call), before: old, now: new)
        }
        let (one, two) = (compared.old.admit(in: state), compared.new.admit(in: state))
        let (oldGoes, newGoes) = (compared.old.goesAhead(in: state), compared.new.goesAhead(in: state))
        if oldGoes != newGoes { return change(oldGoes ? .tighter : .looser, words(one), words(two)) }
        if one != withOldNames(two) { return change(.other, words(one), words(two)) }
        if !oldGoes { return nil }
        for (ending, value) in compared.old.returnValues.enumerated() {
            guard let other = compared.new.returnValues.firstIndex(of: value) else { continue }
            let (left, right) = (
                compared.old.complete(ending, in: state).word & (common * 3),
                compared.new.complete(other, in: state).word & (common * 3)
            )
            if left == right { continue }
            return change(
                .other, "\(value): \(before.words(SessionState(word: left)))",
                "\(value): \(now.words(SessionState(word: right)))")
        }
        return nil
    }

    private func withOldNames(_ answer: QuickCall.Answer) -> QuickCall.Answer {
        switch answer {
        case .admitted: .admitted
        case .reported(let rule): .reported(renamed[rule] ?? rule)
        case .refused(let rule, let value): .refused(renamed[rule] ?? rule, returnValue: value)
        }
    }

    private func words(_ answer: QuickCall.Answer) -> String {
        switch answer {
        case .admitted: "admitted"
        case .reported(let rule): "let through and reported (\(rule))"
        case .refused(let rule, let value): "refused with \(value) (\(rule))"
        }
    }
}
