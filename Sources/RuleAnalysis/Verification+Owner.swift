// SPDX-License-Identifier: MIT

import CryptokiSpecification

// What is said of every state that a token's session reaches.

extension Verification {
    /// All that an owner reaches, under each policy; where that is limited, with each way of dealing with a conflict.
    func explorations() -> [Exploration] {
        owners.flatMap { owner in
            specification.policies.flatMap { policy in
                (isLimited(policy) ? Array(specification.conflicts) : [refusing]).map { conflict in
                    var exploration = Exploration(interpreter(policy, owner, conflict))
                    exploration.run(most: 2_000_000)
                    return exploration
                }
            }
        }
    }

    // MARK: 1

    func neverTooMany(_ owned: [Exploration]) -> Finding {
        var finding = Finding(
            number: 1, claim: "never more operations are active than the policy allows, nor two that are no pair")
        for exploration in owned where isLimited(exploration.interpreter.policy) {
            finding.basis.append("\(name(exploration.interpreter)): \(exploration.extent)")
            if let found = tooMany(exploration) {
                finding.violation = found
                return finding
            }
        }
        for observer in observers {
            for policy in specification.policies where isLimited(policy) {
                var exploration = Exploration(interpreter(policy, observer))
                exploration.run(.certain, most: 2_000_000)
                finding.basis.append(
                    "\(name(exploration.interpreter)): \(exploration.extent) of histories in which "
                        + "nothing became uncertain and no call was out of phase")
                if let found = tooMany(exploration) {
                    finding.violation = found
                    return finding
                }
            }
        }
        return finding
    }

    private func isLimited(_ policy: Policy) -> Bool { policy.most != nil || hasPairs(policy) }

    private func tooMany(_ exploration: Exploration) -> Violation? {
        let interpreter = exploration.interpreter
        for (index, state) in exploration.states.enumerated() {
            let active = specification.operations.filter { state[$0.bit].blocks }
            let names = active.map(\.name).joined(separator: ", ")
            if let most = interpreter.policy.most, active.count > most {
                return violation(
                    interpreter, exploration.path(to: index), "\(names) are active, which are more than \(most)")
            }
            guard hasPairs(interpreter.policy), active.count == 2 else { continue }
            if !interpreter.arePair(active[0], active[1]) {
                return violation(interpreter, exploration.path(to: index), "\(names) are active and are no pair")
            }
        }
        return nil
    }

    // MARK: 2

    func bothOrders(_ owned: [Exploration]) -> Finding {
        var finding = Finding(number: 2, claim: "every pair is reached in both orders")
        for exploration in owned {
            let interpreter = exploration.interpreter
            let policy = interpreter.policy
            if interpreter.conflict.abandons || !(hasPairs(policy) || policy.most == nil) { continue }
            var orders = 0
            for pair in specification.pairs {
                let both = (specification.operations[pair.first], specification.operations[pair.second])
                for (first, second) in [both, (both.1, both.0)] {
                    if let found = cannotFollow(exploration, first, second) {
                        finding.violation = found
                        return finding
                    }
                    orders += 1
                }
            }
            finding.basis.append("\(name(interpreter)): \(orders) orders of \(specification.pairs.count) pairs")
        }
        return finding
    }

    private func cannotFollow(_ exploration: Exploration, _ first: Operation, _ second: Operation) -> Violation? {
        let interpreter = exploration.interpreter
        let usual = interpreter.returnValues[0]
        let all = interpreter.all
        let alone = exploration.states.indices.filter {
            exploration.states[$0].active(all) == OperationMask(first).rawValue
        }
        let starts = interpreter.calls.filter { interpreter.started(by: $0)?.name == second.name }
        for index in alone {
            for call in starts where interpreter.admit(call, in: exploration.states[index]) == .admitted {
                let next = interpreter.complete(call, in: exploration.states[index], returning: usual)
                if next[first.bit].blocks, next[second.bit].blocks { return nil }
            }
        }
        return violation(
            interpreter, alone.first.map(exploration.path) ?? [],
            alone.isEmpty
                ? "no calls make \(first.name) active by itself"
                : "\(second.name) cannot start beside \(first.name), although the two are a pair")
    }

    // MARK: 3

    func noDeadEnd(_ owned: [Exploration]) -> Finding {
        var finding = Finding(
            number: 3,
            claim: "from every state calls that succeed lead back to idle, and closing the session always does")
        for exploration in owned where !exploration.interpreter.conflict.abandons {
            if let end = deadEnd(exploration.interpreter, exploration.states) {
                finding.violation = violation(exploration.interpreter, exploration.path(to: end.state), end.why)
                return finding
            }
            finding.basis.append("\(name(exploration.interpreter)): \(exploration.extent)")
        }
        for observer in observers {
            for policy in specification.policies {
                let interpreter = interpreter(policy, observer)
                if let end = deadEnd(interpreter, few) {
                    finding.violation = violation(interpreter, in: few[end.state], end.why)
                    return finding
                }
                finding.basis.append("\(name(interpreter)): \(few.count) states of up to three operations")
            }
        }
        return finding
    }

    /// The first state from which no calls about operations of their own lead to idle, or which closing does not end.
    private func deadEnd(_ interpreter: Interpreter, _ states: [SessionState]) -> (state: Int, why: String)? {
        let all = interpreter.all
        let calls = distinct(interpreter)
        let own = calls.filter { interpreter.role(of: $0.call).scope == .own && !$0.behaviour.endings[0].moves.isEmpty }
        let closing = interpreter.calls.map(interpreter.quick).filter { interpreter.role(of: $0.call).async == .end }
        for (index, state) in states.enumerated() {
            for call in closing where call.admit(in: state) != .admitted || call.complete(0, in: state).word != 0 {
                return (index, "\(interpreter.function(of: call.call).name) does not end what is active")
            }
        }
        var good = StateSet(bits: 2 * specification.operations.map(\.bit).max()! + 2)
        good.add(SessionState())
        var left = states.indices.filter { states[$0].word != 0 }.sorted {
            states[$0].count(all) < states[$1].count(all)
        }
        while true {
            let open = left.filter { index in
                let state = states[index]
                for call in own where call.goesAhead(in: state) {
                    let next = call.complete(0, in: state)
                    if next == state || !good.contains(next) { continue }
                    good.add(state)
                    return false
                }
                return true
            }
            if open.isEmpty { return nil }
            if open.count == left.count {
                return (open.min()!, "no calls that succeed lead from here to where every operation is idle")
            }
            left = open
        }
    }
}
