// SPDX-License-Identifier: MIT

import CryptokiSpecification

/// What a module that keeps the standard may do with a call: refuse it where a rule of any policy refuses it, do it if it
/// is in phase, or fail; and where the data says "uncertain", whatever one cannot tell.
///
/// All that depends on the call only is looked up once, as words with bit 0 of each operation.
package struct ModuleCall {
    package typealias Ending = (returnValue: Int, real: SessionState)

    /// What becomes of the phase of an operation.
    private enum Target: Equatable {
        case stays
        case becomes(Phase.Code)
        /// Unknown.
        case any
    }

    /// The effect of a call that returns a certain value.
    private struct Motion {
        /// By the code of the phase in which an operation is before.
        let targets: [Target]
        let together: Bool
        let endsUnsaved: Bool

        init(_ lines: [Role.After], _ specification: Specification) {
            together = lines.contains(where: \.together)
            endsUnsaved = lines.contains(where: \.endsUnsaved)
            targets = Phase.Code.allCases.map { phase in
                let special = lines.first { $0.from.map { specification.phases[$0].code } == phase }
                guard let line = special ?? lines.first(where: { $0.from == nil }), let to = line.to else {
                    return .stays
                }
                let target = specification.phases[to].code
                if target != .uncertain { return .becomes(target) }
                return phase != .idle || line.from != nil ? .any : .stays
            }
        }
    }

    /// The operations of the call, from the lowest bit.
    private let operations: UInt64
    private let isAboutAll: Bool
    private let isFlagged: Bool
    /// Bit 0 of the operation that the call starts.
    private let started: UInt64
    /// For each phase the value with which the call is refused, and whether it may go ahead all the same.
    private let refusals: [(returnValue: Int, isSoft: Bool)?]
    private let blockers: [(mask: UInt64, returnValue: Int)]
    /// The effect of each return value; nil if no module in phase returns it.
    private let motions: [Motion?]
    private let effects: [Outcome.Effect?]
    private let errorKeeps: Bool
    /// The operations that a successful start abandons, both bits of each.
    private let abandoned: UInt64
    /// The operations that cannot be saved, both bits.
    private let unsaved: UInt64

    package init(_ call: Interpreter.Call, _ interpreter: Interpreter) {
        let specification = interpreter.specification
        let role = interpreter.role(of: call)
        let own = interpreter.operations(of: call)
        operations = OperationMask(own).rawValue
        isAboutAll = own.count == specification.operations.count
        isFlagged = role.scope == .flagged
        started = OperationMask([interpreter.started(by: call)].compactMap(\.self)).rawValue
        errorKeeps = interpreter.errorKeeps(call)
        unsaved = OperationMask(specification.operations.filter { !$0.isSaved }).phases
        let isAbandoning = interpreter.conflict.abandons && started != 0
        abandoned = isAbandoning ? OperationMask(interpreter.blockers(of: call).flatMap(\.operations)).phases : 0
        let values = interpreter.returnValues
        func place(_ value: String) -> Int { values.firstIndex(of: value) ?? values.count - 1 }
        refusals = Phase.Code.allCases.map { phase in
            interpreter.refusal(in: phase, of: call).map { refusal in
                (place(interpreter.answer(of: call, to: refusal.rule, refusal.returnValue)), refusal.isSoft)
            }
        }
        blockers = Self.blockers(of: call, interpreter).map {
            (OperationMask($0.operations).rawValue, place($0.returnValue))
        }
        let outcomes = values.map { interpreter.outcome(of: $0, call) }
        effects = outcomes.map { specification.outcomes[$0].effect }
        let refusing = Set(refusals.compactMap { $0?.returnValue })
        motions = zip(values.indices, outcomes).map { value, outcome in
            refusing.contains(value) ? nil : Motion(interpreter.lines(for: outcome, of: role), specification)
        }
    }

    /// Whichever policy the module has.
    private static func blockers(of call: Interpreter.Call, _ interpreter: Interpreter) -> [Interpreter.Blocker] {
        interpreter.specification.policies.flatMap { policy in
            Interpreter(interpreter.specification, policy, interpreter.perspective, interpreter.conflict)
                .blockers(of: call)
        }
    }

    /// Whether the call is about some of those operations and no others, or about all that there are.
    package func concerns(only mask: UInt64) -> Bool { isAboutAll || operations & ~mask == 0 }

    /// Each way in which the call may end, and what is then so.
    ///
    /// - Parameter both: the operations that are looked at.
    package func endings(in real: SessionState, _ both: UInt64) -> [Ending] {
        let mine = both & operations
        var endings: [Ending] = []
        for (value, effect) in effects.enumerated() where effect == .gone { endings.append((value, SessionState())) }
        let other = effects.count - 1

        if !isFlagged, let broken = refusal(in: real, mine) {
            endings += [(broken.returnValue, real), (other, real)]
            if !broken.isSoft { return endings }
        }
        for blocker in blockers where real.word & blocker.mask != 0 {
            endings.append((blocker.returnValue, real))
        }
        let isRestart = Lanes(real.word, started).idle != started
        if isRestart, abandoned == 0 { return endings + [(other, real)] }
        for value in effects.indices { add(value, real, mine, to: &endings) }
        return endings
    }

    /// That of the first operation for which the call is out of phase.
    private func refusal(in real: SessionState, _ mine: UInt64) -> (returnValue: Int, isSoft: Bool)? {
        for shift in Self.shifts(mine) {
            if let refusal = refusals[Int(real.word >> shift & 3)] { return refusal }
        }
        return nil
    }

    /// What may be so after the call has returned a value, if it is in phase.
    private func add(_ value: Int, _ real: SessionState, _ mine: UInt64, to endings: inout [Ending]) {
        guard let motion = motions[value] else { return }
        if value == 0, abandoned != 0 {
            return add(value, motion, SessionState(word: real.word & ~abandoned), mine, to: &endings)
        }
        switch effects[value] {
        case .gone, .pending, .contradiction: break
        case .doubt:
            endings.append((value, real))
            if errorKeeps { return }
            let active = mine & ~Lanes(real.word, mine).idle
            let states = Self.shifts(active).reduce([real]) { Self.any($0, at: $1) }
            endings += states.map { (value, $0) }
        case nil: add(value, motion, real, mine, to: &endings)
        }
    }

    private func add(
        _ value: Int, _ motion: Motion, _ real: SessionState, _ mine: UInt64, to endings: inout [Ending]
    ) {
        if motion.together, Lanes(real.word, mine).idle != 0 { return endings.append((value, real)) }
        var states = [real]
        for shift in Self.shifts(mine) {
            switch motion.targets[Int(real.word >> shift & 3)] {
            case .stays: break
            case .any: states = Self.any(states, at: shift)
            case .becomes(let phase):
                for index in states.indices { states[index] = Self.setting(phase, at: shift, in: states[index]) }
            }
        }
        for state in states {
            endings.append((value, motion.endsUnsaved ? SessionState(word: state.word & ~unsaved) : state))
        }
    }

    // MARK: Words

    /// The shifts of some operations, the lowest first.
    private static func shifts(_ mask: UInt64) -> UnfoldSequence<UInt64, UInt64> {
        sequence(state: mask) { rest in
            if rest == 0 { return nil }
            defer { rest &= rest - 1 }
            return UInt64(rest.trailingZeroBitCount)
        }
    }

    /// The states in which an operation is in any phase that one knows.
    private static func any(_ states: [SessionState], at shift: UInt64) -> [SessionState] {
        states.flatMap { state in
            [Phase.Code.idle, .ready, .parts].map { setting($0, at: shift, in: state) }
        }
    }

    private static func setting(_ phase: Phase.Code, at shift: UInt64, in state: SessionState) -> SessionState {
        SessionState(word: state.word & ~(3 << shift) | UInt64(phase.rawValue) << shift)
    }
}
