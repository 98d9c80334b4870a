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
                let calls = distinct(interpreter).map { ($0, Module($0.call, interpreter)) }
                var pairs = 0
                var states = 0
                for first in specification.operations.indices {
                    for second in specification.operations.indices.dropFirst(first + 1) {
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
        _ interpreter: Interpreter, _ calls: [(QuickCall, Module)], _ both: [Operation]
    ) -> Result<Int, Falsehood> {
        let mask = both.reduce(UInt64(0)) { $0 | 3 << UInt64(2 * $1.bit) }
        let bits = Set(both.map(\.bit))
        let relevant = calls.filter { call, _ in
            let named = interpreter.operations(of: call.call).map(\.bit)
            return named.allSatisfy(bits.contains) || named.count == specification.operations.count
        }
        var seen: Set<Both> = [Both(thought: SessionState(), real: SessionState())]
        var queue: [(both: Both, origin: Int, step: String)] = [(seen.first!, -1, "")]
        var index = 0
        while index < queue.count {
            let now = queue[index].both
            for (call, module) in relevant where call.goesAhead(in: now.thought) {
                for (ending, real) in module.endings(in: now.real, both) {
                    let thought = SessionState(word: call.complete(ending, in: now.thought).word & mask)
                    let next = Both(thought: thought, real: real)
                    if !seen.insert(next).inserted { continue }
                    let step =
                        "\(interpreter.words(call.call)) \(call.returnValues[ending]): thought \(interpreter.words(thought)); "
                        + "in truth \(interpreter.words(real))"
                    queue.append((next, index, step))
                    guard
                        let wrong = both.first(where: {
                            thought[$0.bit] != .uncertain && thought[$0.bit] != real[$0.bit]
                        })
                    else { continue }
                    var steps: [String] = []
                    var at = queue.count - 1
                    while at > 0 {
                        steps.append(queue[at].step)
                        at = queue[at].origin
                    }
                    return .failure(
                        Falsehood(
                            violation: Violation(
                                rules: name(interpreter), steps: steps.reversed(),
                                conclusion: "what is thought of \(wrong.name) is false")))
                }
            }
            index += 1
        }
        return .success(seen.count)
    }
}

/// What a module that keeps the standard may do with a call: refuse it where a rule of any policy refuses it, do it if it
/// is in phase, or fail; and where the data says "uncertain", whatever one cannot tell.
private struct Module {
    private let specification: Specification
    private let role: Role
    private let operations: [Operation]
    private let started: Operation?
    /// For each phase the value with which the call is refused, and whether it may go ahead all the same.
    private let refusals: [(returnValue: Int, isSoft: Bool)?]
    private let hindrances: [(mask: UInt64, returnValue: Int)]
    /// For each return value: the lines that say what it does; nil if no module in phase returns it.
    private let lines: [[Role.After]?]
    private let effects: [Outcome.Effect?]
    private let errorKeeps: Bool
    /// What a start abandons once it succeeds.
    private let abandoned: UInt64

    init(_ call: Interpreter.Call, _ interpreter: Interpreter) {
        specification = interpreter.specification
        role = interpreter.role(of: call)
        operations = interpreter.operations(of: call)
        started = interpreter.started(by: call)
        errorKeeps = interpreter.errorKeeps(call)
        let isAbandoning = interpreter.conflict.abandons && interpreter.started(by: call) != nil
        abandoned =
            isAbandoning
            ? interpreter.hindrances(of: call).flatMap(\.operations).reduce(0) { $0 | 3 << UInt64(2 * $1.bit) } : 0
        let values = interpreter.returnValues
        func place(_ value: String) -> Int { values.firstIndex(of: value) ?? values.count - 1 }
        refusals = Phase.Code.allCases.map { phase in
            interpreter.refusal(in: phase, of: call).map { refusal in
                (place(interpreter.answer(of: call, to: refusal.rule, refusal.returnValue)), refusal.isSoft)
            }
        }
        // Whichever policy the module has.
        hindrances = interpreter.specification.policies.flatMap { policy in
            Interpreter(interpreter.specification, policy, interpreter.perspective, interpreter.conflict)
                .hindrances(of: call)
        }.map { hindrance in
            (hindrance.operations.reduce(0) { $0 | 1 << UInt64(2 * $1.bit) }, place(hindrance.returnValue))
        }
        let outcomes = values.map { interpreter.outcome(of: $0, call) }
        effects = outcomes.map { interpreter.specification.outcomes[$0].effect }
        let refusing = Set(refusals.compactMap { $0?.returnValue })
        let role = role
        lines = zip(values.indices, outcomes).map { value, outcome in
            refusing.contains(value) ? nil : interpreter.lines(for: outcome, of: role)
        }
    }

    /// Each way in which the call may end, and what is then so.
    func endings(in real: SessionState, _ both: [Operation]) -> [(returnValue: Int, real: SessionState)] {
        let mine = both.filter { operation in operations.contains { $0.bit == operation.bit } }
        var endings: [(returnValue: Int, real: SessionState)] = []
        for (value, effect) in effects.enumerated() where effect == .gone { endings.append((value, SessionState())) }
        let other = effects.count - 1

        let broken = mine.sorted { $0.bit < $1.bit }.lazy.compactMap { refusals[real[$0.bit].rawValue] }.first
        if let broken, role.scope != .flagged {
            endings += [(broken.returnValue, real), (other, real)]
            if !broken.isSoft { return endings }
        }
        for hindrance in hindrances where real.word & hindrance.mask != 0 {
            endings.append((hindrance.returnValue, real))
        }
        let isRestart = started.map { real[$0.bit] != .idle } ?? false
        if isRestart, abandoned == 0 { return endings + [(other, real)] }
        for (value, lines) in lines.enumerated() {
            guard let lines else { continue }
            if value == 0, abandoned != 0 {
                endings += moved(lines, mine, SessionState(word: real.word & ~abandoned)).map { (value, $0) }
                continue
            }
            switch effects[value] {
            case .gone, .pending, .contradiction: continue
            case .doubt:
                endings.append((value, real))
                if !errorKeeps { endings += every(mine.filter { real[$0.bit] != .idle }, real).map { (value, $0) } }
            case nil: endings += moved(lines, mine, real).map { (value, $0) }
            }
        }
        return endings
    }

    /// The states in which each of the operations is in any phase that one knows.
    private func every(_ operations: [Operation], _ real: SessionState) -> [SessionState] {
        operations.reduce([real]) { states, operation in
            states.flatMap { state in
                [Phase.Code.idle, .ready, .parts].map { phase in
                    var state = state
                    state[operation.bit] = phase
                    return state
                }
            }
        }
    }

    private func moved(_ lines: [Role.After], _ mine: [Operation], _ real: SessionState) -> [SessionState] {
        if lines.contains(where: \.together), mine.contains(where: { real[$0.bit] == .idle }) { return [real] }
        var states = [real]
        for operation in mine {
            let phase = real[operation.bit]
            let special = lines.first { $0.from.map { specification.phases[$0].code } == phase }
            guard let line = special ?? lines.first(where: { $0.from == nil }), let to = line.to else { continue }
            let target = specification.phases[to].code
            if target == .uncertain {
                if phase != .idle || line.from != nil { states = states.flatMap { every([operation], $0) } }
            } else {
                for index in states.indices { states[index][operation.bit] = target }
            }
        }
        if lines.contains(where: \.endsUnsaved) {
            for index in states.indices {
                for operation in specification.operations where !operation.isSaved {
                    states[index][operation.bit] = .idle
                }
            }
        }
        return states
    }
}
