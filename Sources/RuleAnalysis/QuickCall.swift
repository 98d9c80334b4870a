// SPDX-License-Identifier: MIT

import CryptokiSpecification

/// A call whose lines have been looked up once, to be tried on many states.
///
/// What the `Interpreter` finds by reading, this remembers; `agrees` holds the two against each other. It is an object, and
/// what it looks at for each state are plain numbers: millions of states are tried, and counting references took most of
/// the time.
package final class QuickCall: Sendable {
    /// What was looked up.
    package let call: Interpreter.Call
    let behaviour: Behaviour
    /// Its return values, one for each class, in the order of its endings.
    package let returnValues: [String]

    let admission: Admission
    let endings: [Ending]

    /// What decides where the call leads from each state, whatever it is called and answers.
    struct Dynamics: Hashable {
        let admission: Admission
        let blocking: UInt64
        let effects: Set<Effect>
    }

    var dynamics: Dynamics {
        Dynamics(
            admission: admission, blocking: behaviour.blocking,
            effects: Set(behaviour.endings.filter { !$0.keepsAll }))
    }

    /// Everything that makes a difference: calls of different functions may well have the same.
    struct Behaviour: Hashable, Sendable {
        struct Blocker: Hashable, Sendable {
            /// Bit 0 of the phase of each operation: set where it is active.
            let mask: UInt64
            let ruleID: String
            let returnValue: String
        }
        /// What is said of the call in each phase of an operation: nothing, or the rule, and the value if it is refused.
        struct Step: Hashable, Sendable {
            let shift: UInt64
            let rules: [String?]
            let returnValues: [String?]
        }
        let blockers: [Blocker]
        let steps: [Step]
        let endings: [Effect]
        let goesAhead: Bool

        /// Bit 0 of each operation that stands in the call's way where it is active.
        var blocking: UInt64 { blockers.reduce(0) { $0 | $1.mask } }
    }

    /// What the call does to the state if it ends in one way.
    struct Effect: Hashable, Sendable {
        enum Kind: UInt8, Sendable { case moves, contradicts, clears }
        let kind: Kind
        let moves: [Move]
        let together: Bool
        /// Operations that become idle, both bits set.
        let cleared: UInt64
        /// Operations that become idle if they are active, bit 0 set.
        let abandoned: UInt64
        /// Both bits of the operation that a start starts.
        let started: UInt64

        /// Both bits of each operation that some state has otherwise afterwards.
        var changing: UInt64 {
            if kind != .moves { return .max }
            return moves.reduce(cleared | abandoned * 3) { $0 | 3 << $1.shift }
        }

        /// Whether no operation that was idle is something else afterwards.
        var keepsIdle: Bool { kind != .contradicts && moves.allSatisfy { $0.targets & 3 == 0 } }

        /// Whether no state is another one afterwards.
        var keepsAll: Bool { kind == .moves && moves.isEmpty && cleared == 0 && abandoned == 0 }
    }

    /// The shift of an operation, and where each phase of it goes, two bits each.
    struct Move: Hashable, Sendable {
        let shift: UInt64
        let targets: UInt64
    }

    init(_ call: Interpreter.Call, _ behaviour: Behaviour, _ returnValues: [String], _ all: UInt64) {
        self.call = call
        self.behaviour = behaviour
        self.returnValues = returnValues
        admission = Admission(behaviour)
        endings = behaviour.endings.map { Ending($0, blocking: behaviour.blocking, all: all) }
    }

    /// The verdict on a call before it is made; rules are named by their IDs.
    package enum Answer: Equatable, Sendable {
        /// It may be done.
        case admitted
        /// It is out of phase, and goes ahead all the same.
        case reported(String)
        /// It is not done, and answered with that value.
        case refused(String, returnValue: String)
    }

    /// Says whether the call may be done in that state.
    package func admit(in state: SessionState) -> Answer {
        if state.word & admission.blocked != 0 {
            let first = behaviour.blockers.first { state.word & $0.mask != 0 }!
            return .refused(first.ruleID, returnValue: first.returnValue)
        }
        for step in behaviour.steps {
            let phase = Int(state.word >> step.shift & 3)
            guard let rule = step.rules[phase] else { continue }
            return step.returnValues[phase].map { .refused(rule, returnValue: $0) } ?? .reported(rule)
        }
        return .admitted
    }

    /// Whether the call is admitted without a report.
    package func isAdmitted(in state: SessionState) -> Bool {
        let (goes, isInPhase) = attempt(in: state)
        return goes && isInPhase
    }

    /// Whether the call is not refused.
    package func goesAhead(in state: SessionState) -> Bool { attempt(in: state).goesAhead }

    /// Whether the call goes ahead, and whether it is in phase.
    func attempt(in state: SessionState) -> (goesAhead: Bool, isInPhase: Bool) { admission.attempt(in: state.word) }

    /// The state after the call has returned a value.
    ///
    /// - Parameter index: the value's place among `returnValues`.
    package func complete(_ index: Int, in state: SessionState) -> SessionState {
        SessionState(word: endings[index].complete(state.word))
    }
}

extension Interpreter {
    /// A value of each class of return values, the usual one first.
    package var returnValues: [String] {
        var values: [String] = []
        for value in specification.outcomes.compactMap(\.value) where !values.contains(value) { values.append(value) }
        let other = specification.universal.first { !values.contains($0) }
        return values + [other].compactMap { $0 }
    }

    /// Bit 0 of the phase of every operation.
    var all: UInt64 { OperationMask(Array(specification.operations)).rawValue }

    /// Every function with every shape of its arguments.
    package var calls: [Call] {
        specification.functions.indices.sorted {
            specification.functions[$0].number < specification.functions[$1].number
        }.flatMap { index -> [Call] in
            let uses = specification.functions[index].parameters.compactMap { $0.use.map { specification.uses[$0] } }
            let facts = uses.compactMap { $0.fact.map { UInt(1) << UInt(specification.facts[$0].bit) } }
            let shapes = facts.reduce([UInt(0)]) { shapes, fact in shapes + shapes.map { $0 | fact } }
            let flags = uses.contains { $0.test == .flags } ? flagSets : [0]
            return shapes.flatMap { facts in flags.map { Call(function: index, facts: facts, flags: $0) } }
        }
    }

    /// No flag, each flag that names operations, each two, and all.
    private var flagSets: [UInt] {
        var flags: [UInt] = []
        for name in specification.operations.compactMap(\.flag) {
            let flag = specification.registry.numbers[name] ?? 0
            if !flags.contains(flag) { flags.append(flag) }
        }
        let pairs = flags.indices.flatMap { one in flags[(one + 1)...].map { flags[one] | $0 } }
        return [0] + flags + pairs + [flags.reduce(0, |)]
    }

    /// Looks up what there is about the call.
    package func quick(_ call: Call) -> QuickCall {
        let own = operations(of: call).sorted { $0.bit < $1.bit }
        let phases = Phase.Code.allCases
        let isAdmitted = role(of: call).scope == .flagged
        let steps =
            isAdmitted
            ? []
            : own.map { operation -> QuickCall.Behaviour.Step in
                var alone: [Verdict] = []
                for phase in phases {
                    alone.append(refusal(in: phase, of: call).map { verdict(on: $0, call) } ?? .admitted)
                }
                return .init(
                    shift: UInt64(2 * operation.bit), rules: alone.map { $0.rule?.id },
                    returnValues: alone.map(\.returnValue))
            }
        let endings = returnValues.map { ending(of: call, own, returning: $0) }
        let blockers = blockers(of: call).map {
            QuickCall.Behaviour.Blocker(
                mask: OperationMask($0.operations).rawValue, ruleID: $0.rule.id,
                returnValue: answer(of: call, to: $0.rule, $0.returnValue))
        }
        return QuickCall(
            call,
            .init(
                blockers: blockers, steps: steps.filter { $0.rules.contains { $0 != nil } }, endings: endings,
                goesAhead: conflict.abandons && started(by: call) != nil),
            returnValues, all)
    }

    private func ending(of call: Call, _ own: [Operation], returning returnValue: String) -> QuickCall.Effect {
        let outcome = outcome(of: returnValue, call)
        func ending(
            _ kind: QuickCall.Effect.Kind, _ target: (Phase.Code) -> Phase.Code, together: Bool = false,
            cleared: UInt64 = 0, abandoned: UInt64 = 0
        ) -> QuickCall.Effect {
            var targets: UInt64 = 0
            for phase in Phase.Code.allCases {
                targets |= UInt64(target(phase).rawValue) << UInt64(2 * phase.rawValue)
            }
            let keeps = targets == 0b11_10_01_00
            let moves =
                keeps && !together
                ? []
                : own.map {
                    QuickCall.Move(shift: UInt64(2 * $0.bit), targets: targets)
                }
            let started = started(by: call).map { OperationMask($0).phases } ?? 0
            return .init(
                kind: kind, moves: moves, together: together, cleared: cleared, abandoned: abandoned,
                started: kind == .contradicts ? started : 0)
        }
        let doubt = { (phase: Phase.Code) -> Phase.Code in
            perspective.knowsUncertainty && !errorKeeps(call) && phase != .idle ? .uncertain : phase
        }
        switch specification.outcomes[outcome].effect {
        case .pending: return ending(.moves, { $0 })
        case .gone: return ending(.clears, { _ in .idle })
        case .doubt: return ending(.moves, doubt)
        case .contradiction:
            if !perspective.knowsUncertainty { return ending(.moves, { $0 }) }
            return ending(.contradicts, doubt)
        case nil:
            let lines = lines(for: outcome, of: role(of: call))
            let isAbandoning = conflict.abandons && started(by: call) != nil && outcome == specification.usualOutcome
            return ending(
                .moves, { target(lines, from: $0) }, together: lines.contains(where: \.together),
                cleared: lines.contains(where: \.endsUnsaved)
                    ? OperationMask(specification.operations.filter { !$0.isSaved }).phases : 0,
                abandoned: isAbandoning ? OperationMask(blockers(of: call).flatMap(\.operations)).rawValue : 0)
        }
    }

    /// Whether the quick reading of the call says the same as the slow one, in that state and for each return value.
    package func agrees(_ quick: QuickCall, in state: SessionState) -> Bool {
        let verdict = admit(quick.call, in: state)
        let isSame =
            switch (verdict, quick.admit(in: state)) {
            case (.admitted, .admitted): true
            case (.reported(let rule), .reported(let id)): rule.id == id
            case (.refused(let rule, let value), .refused(let id, let other)): rule.id == id && value == other
            default: false
            }
        return isSame
            && quick.returnValues.indices.allSatisfy {
                complete(quick.call, in: state, returning: quick.returnValues[$0]) == quick.complete($0, in: state)
            }
    }
}

extension Interpreter.Verdict {
    var rule: Rule? {
        switch self {
        case .admitted: nil
        case .reported(let rule), .refused(let rule, _): rule
        }
    }
    var returnValue: String? {
        if case .refused(_, let value) = self { return value }
        return nil
    }
}
