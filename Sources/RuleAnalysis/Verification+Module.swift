// SPDX-License-Identifier: MIT

import CryptokiSpecification

// An observer beside a module: what it thinks against what is so.
//
// The module does what the lines of the data say of a phase that is known, so this finds lines that contradict each other
// and not one that is wrong by itself: that is for the cases that are written by hand from the standard.

extension Verification {
    /// What the observer thinks, and what is so, of two operations.
    private struct Both: Hashable {
        var thought: SessionState
        var real: SessionState
    }

    // MARK: 6

    func nothingFalse() -> Finding {
        var finding = Finding(
            number: 6,
            claim:
                "an observer never believes something false beside a module that does what these lines say of a known "
                + "phase, and whatever it likes where they say 'uncertain'")
        for interpreter in observers.flatMap({ observer in
            specification.policies.flatMap { policy in
                specification.conflicts.map { self.interpreter(policy, observer, $0) }
            }
        }) {
            do {
                let calls = distinct(interpreter).map { ($0, ModuleCall($0.call, interpreter)) }
                var pairs = 0
                var states = 0
                for first in specification.operations.indices {
                    for second in specification.operations.indices[specification.operations.index(after: first)...] {
                        let both = [specification.operations[first], specification.operations[second]]
                        switch explore(interpreter, calls, both) {
                        case .success(let count): states += count
                        case .failure(let found):
                            finding.violation = found.violation
                            return finding
                        }
                        pairs += 1
                    }
                }
                finding.basis.append(
                    "\(name(interpreter)): \(states) states of \(pairs) times two operations beside a module that may "
                        + "refuse or fail at any time")
            }
        }
        return finding
    }

    private struct Falsehood: Error { let violation: Violation }

    private func explore(
        _ interpreter: Interpreter, _ calls: [(QuickCall, ModuleCall)], _ both: [Operation]
    ) -> Result<Int, Falsehood> {
        let own = OperationMask(both)
        let relevant = calls.filter { $0.1.concerns(only: own.rawValue) }
        var reached = ReachedStates<Set<Both>, (call: QuickCall, ending: Int)>(
            Both(thought: SessionState(), real: SessionState()), [])
        var index = 0
        while index < reached.states.count {
            let now = reached.states[index]
            for (call, module) in relevant where call.goesAhead(in: now.thought) {
                for (ending, real) in module.endings(in: now.real, own.rawValue) {
                    let thought = SessionState(word: call.complete(ending, in: now.thought).word & own.phases)
                    if !reached.add(Both(thought: thought, real: real), from: index, by: (call, ending)) { continue }
                    let wrong = both.first {
                        thought[$0.bit] != .uncertain && thought[$0.bit] != real[$0.bit]
                    }
                    guard let wrong else { continue }
                    let steps = reached.path(to: reached.states.count - 1).map { edge, state in
                        "\(interpreter.words(edge.call.call)) \(edge.call.returnValues[edge.ending]): "
                            + "thought \(interpreter.words(state.thought)); in truth \(interpreter.words(state.real))"
                    }
                    return .failure(
                        Falsehood(
                            violation: Violation(
                                rules: name(interpreter), steps: steps,
                                conclusion: "what is thought of \(wrong.name) is false")))
                }
            }
            index += 1
        }
        return .success(reached.states.count)
    }
}
