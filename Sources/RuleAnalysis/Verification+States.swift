// SPDX-License-Identifier: MIT

import CryptokiSpecification
import TypedTables

// What is said of every state of up to three operations, whoever asks, and of random histories.

extension Verification {
    /// Every policy in every perspective.
    var interpreters: [Interpreter] {
        specification.policies.flatMap { policy in
            specification.perspectives.flatMap { perspective in
                specification.conflicts.map { interpreter(policy, perspective, $0) }
            }
        }
    }

    // MARK: 4

    func nothingByTheWay() -> Finding {
        var finding = Finding(
            number: 4,
            claim: "a length query and a buffer too small change nothing, no error makes an idle operation active or "
                + "uncertain, an operation that turns uncertain never refuses more, and no call changes what it does not name"
        )
        for interpreter in interpreters {
            let trials = trials(interpreter)
            for state in few {
                if let found = disturbs(interpreter, trials, state) {
                    finding.violation = found
                    return finding
                }
            }
            finding.basis.append(
                "\(name(interpreter)): \(few.count) states of up to three operations, \(trials.count) kinds of calls")
        }
        for observer in observers {
            for policy in specification.policies {
                let interpreter = interpreter(policy, observer)
                if let found = walk(interpreter, trials(interpreter)) {
                    finding.violation = found
                    return finding
                }
                finding.basis.append("\(name(interpreter)): \(walkLength) random calls, seed \(seed)")
            }
        }
        return finding
    }

    /// What is claimed of one ending of a call.
    private struct Claim: Hashable {
        enum Kind { case keeps, gone, contradiction, error, other }
        let kind: Kind
        let outcome: Ref<Outcome>
        /// Both bits of each operation that may change.
        let mayChange: UInt64
    }

    /// A call, and what is claimed of it.
    private struct Trial {
        let call: QuickCall
        let claims: [Claim]
        /// The endings to try. The effects of the others alone show that they do not break the claim.
        let endings: [Int]
        /// Both bits of the operations of which it depends whether the call goes ahead.
        let watched: UInt64
    }

    /// Calls that behave alike and of which the same is claimed, once each.
    private func trials(_ interpreter: Interpreter) -> [Trial] {
        struct Key: Hashable {
            let behaviour: QuickCall.Behaviour
            let claims: [Claim]
        }
        var seen: Set<Key> = []
        return interpreter.calls.map(interpreter.quick).map { ($0, claims(of: $0, interpreter)) }.filter {
            seen.insert(Key(behaviour: $0.0.behaviour, claims: $0.1)).inserted
        }.map { call, claims in
            Trial(
                call: call, claims: claims, endings: doubtfulEndings(of: call, claims),
                watched: call.admission.watched)
        }
    }

    private func claims(of call: QuickCall, _ interpreter: Interpreter) -> [Claim] {
        let gives = givesOutput(interpreter, call.call)
        let named = interpreter.operations(of: call.call)
        return call.returnValues.map { value in
            let index = interpreter.outcome(of: value, call.call)
            let outcome = specification.outcomes[index]
            let usual = specification.outcomes.first?.value
            let lines = interpreter.lines(for: index, of: interpreter.role(of: call.call))
            let ended = lines.contains(where: \.endsUnsaved) ? specification.operations.filter { !$0.isSaved } : []
            let kind: Claim.Kind =
                switch outcome.effect {
                case .pending: .keeps
                case .gone: .gone
                case .contradiction: .contradiction
                default:
                    outcome.keeps && gives ? .keeps : outcome.value == usual ? .other : .error
                }
            // A start that succeeds may abandon what stood in its way.
            let isAbandoning =
                interpreter.conflict.abandons && interpreter.started(by: call.call) != nil
                && index == specification.usualOutcome
            let abandoned = isAbandoning ? interpreter.blockers(of: call.call).flatMap(\.operations) : []
            return Claim(
                kind: kind, outcome: index,
                mayChange: OperationMask(named + ended + abandoned).phases)
        }
    }

    /// The endings that some state may show to be wrong, those once that do the same and of which the same is claimed.
    private func doubtfulEndings(of call: QuickCall, _ claims: [Claim]) -> [Int] {
        struct Key: Hashable {
            let effect: QuickCall.Effect
            let claim: Claim
        }
        var seen: Set<Key> = []
        return claims.indices.filter { index in
            let (effect, claim) = (call.behaviour.endings[index], claims[index])
            let isRight =
                switch claim.kind {
                case .keeps: effect.keepsAll
                case .gone: effect.kind == .clears
                case .contradiction: true
                case .error: effect.keepsIdle && effect.changing & ~claim.mayChange == 0
                case .other: effect.changing & ~claim.mayChange == 0
                }
            return !isRight && seen.insert(Key(effect: effect, claim: claim)).inserted
        }
    }

    private func disturbs(_ interpreter: Interpreter, _ trials: [Trial], _ state: SessionState) -> Violation? {
        let active = specification.operations.filter { state[$0.bit] != .idle }
        let doubtful = active.map { operation in
            var state = state
            state[operation.bit] = .uncertain
            return state
        }
        for trial in trials where !trial.endings.isEmpty || state.word & trial.watched != 0 {
            let (call, claims) = (trial.call, trial.claims)
            if !call.goesAhead(in: state) { continue }
            if let place = doubtful.firstIndex(where: { !call.goesAhead(in: $0) }) {
                return violation(
                    interpreter, in: doubtful[place], then: "\(interpreter.words(call.call)) is refused",
                    "it is admitted where \(active[place].name) is known to be active instead of uncertain")
            }
            for ending in trial.endings {
                let next = call.complete(ending, in: state)
                if next == state { continue }
                guard let why = isWrong(claims[ending], state, next) else { continue }
                return violation(
                    interpreter, in: state,
                    then: "\(interpreter.words(call.call)) \(call.returnValues[ending]): \(interpreter.words(next))",
                    why)
            }
        }
        return nil
    }

    /// Why a call that changed something ought not to have.
    private func isWrong(_ claim: Claim, _ state: SessionState, _ next: SessionState) -> String? {
        switch claim.kind {
        case .keeps: return "the outcome '\(specification.outcomes[claim.outcome].name)' changes nothing"
        case .gone: return next.word == 0 ? nil : "a session that is no more has no operations"
        case .contradiction: return nil
        case .error, .other: break
        }
        let changed = state.word ^ next.word
        let wasIdle = ~(state.word | state.word >> 1) & (UInt64.max / 3)
        let isStirred = claim.kind == .error && (changed | changed >> 1) & wasIdle != 0
        if !isStirred, changed & ~claim.mayChange == 0 { return nil }
        for operation in specification.operations where changed & OperationMask(operation).phases != 0 {
            if claim.kind == .error, state[operation.bit] == .idle {
                return "\(operation.name) was idle, and no error changes that"
            }
            if claim.mayChange & OperationMask(operation).phases == 0 {
                return "\(operation.name) is none of the operations of the call"
            }
        }
        return nil
    }

    /// Whether the call can ask for a length, and gives the output otherwise.
    private func givesOutput(_ interpreter: Interpreter, _ call: Interpreter.Call) -> Bool {
        let function = interpreter.function(of: call)
        let facts = function.parameters.compactMap { $0.use.flatMap { specification.uses[$0].fact } }
        let own = specification.roles[function.role]
        // A call that another role takes the place of gives output there: with the last part of a message, say.
        if let variant = own.variant, facts.contains(variant.fact), interpreter.role(of: call).name == own.name {
            return false
        }
        return specification.outcomes.contains { $0.keeps && ($0.fact.map(facts.contains) ?? false) }
    }

    private func walk(_ interpreter: Interpreter, _ trials: [Trial]) -> Violation? {
        var random = Random(state: seed)
        var state = SessionState()
        for _ in 0..<walkLength {
            if let found = disturbs(interpreter, [trials.randomElement(using: &random)!], state) { return found }
            let call = trials.randomElement(using: &random)!.call
            if !call.goesAhead(in: state) { continue }
            // The first two are those of success: as often as all others.
            let ending =
                Bool.random(using: &random) ? 0 : Int.random(in: call.behaviour.endings.indices, using: &random)
            state = call.complete(ending, in: state)
        }
        return nil
    }
}
