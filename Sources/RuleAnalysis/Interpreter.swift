// SPDX-License-Identifier: MIT

import CryptokiSpecification
import TypedTables

/// What the data says of a call, read from its lines one by one.
///
/// Written to be obviously right and not to be fast: it knows nothing of masks, maps or tables, and shares nothing with
/// what the emitted code is made of. `p11gen verify` and the tests of the emitted code hold against it.
package struct Interpreter: Sendable {
    /// A call, as far as the rules ask for its arguments.
    package struct Call: Hashable, Sendable {
        package var function: Ref<Function>
        /// The bits of the facts that its arguments tell.
        package var facts: UInt
        /// The flags with which it names operations, if it does.
        package var flags: UInt

        package init(function: Ref<Function>, facts: UInt = 0, flags: UInt = 0) {
            self.function = function
            self.facts = facts
            self.flags = flags
        }
    }

    /// The verdict on a call before it is made.
    package enum Verdict: Equatable, Sendable {
        /// It may be done.
        case admitted
        /// It is out of phase, and goes ahead all the same.
        case reported(Rule)
        /// It is not done, and answered with that value.
        case refused(Rule, returnValue: String)

        /// Rules are the same whose IDs are.
        package static func == (left: Verdict, right: Verdict) -> Bool {
            switch (left, right) {
            case (.admitted, .admitted): true
            case (.reported(let one), .reported(let other)): one.id == other.id
            case (.refused(let one, let value), .refused(let other, let otherValue)):
                one.id == other.id && value == otherValue
            default: false
            }
        }
    }

    package let specification: Specification
    /// Which operations may be active at the same time.
    package let policy: Policy
    /// Who asks.
    package let perspective: Perspective
    /// What becomes of a start that the policy excludes.
    package let conflict: Conflict

    /// Reads the lines of a specification for one choice of rules, each of them the specification's own.
    package init(_ specification: Specification, _ policy: Policy, _ perspective: Perspective, _ conflict: Conflict) {
        self.specification = specification
        self.policy = policy
        self.perspective = perspective
        self.conflict = conflict
    }

    // MARK: Who is who

    package func function(of call: Call) -> Function { specification.functions[call.function] }

    /// The role of the function, or the one that takes its place for these facts.
    package func role(of call: Call) -> Role {
        let role = specification.roles[function(of: call).role]
        guard let variant = role.variant, holds(variant.fact, call) else { return role }
        return specification.roles[variant.role]
    }

    private func holds(_ fact: Ref<Fact>, _ call: Call) -> Bool {
        call.facts >> UInt(specification.facts[fact].bit) & 1 == 1
    }

    /// The operations that the call is about.
    package func operations(of call: Call) -> [Operation] {
        switch role(of: call).scope {
        case .own: function(of: call).operations.map { specification.operations[$0] }
        case .every: Array(specification.operations)
        case .flagged:
            specification.operations.filter { operation in
                let flag = operation.flag.flatMap { specification.registry.numbers[$0] } ?? 0
                return call.flags & flag != 0
            }
        }
    }

    /// The operation that the call starts.
    package func started(by call: Call) -> Operation? {
        role(of: call).starts ? function(of: call).operations.first.map { specification.operations[$0] } : nil
    }

    /// The group to which the call belongs.
    private func group(of call: Call) -> Ref<Group>? {
        let function = function(of: call)
        let own = specification.roles[function.role]
        // A role that takes the place of the function's own brings its own group along.
        return role(of: call).name == own.name ? function.group : role(of: call).group
    }

    // MARK: Before the call

    /// An exclusion that the call may break, and the operations whose activity breaks it.
    package struct Blocker: Sendable {
        package let rule: Rule
        let returnValue: String
        package let operations: [Operation]
    }

    /// What can stand in the call's way, in the order of the exclusions.
    package func blockers(of call: Call) -> [Blocker] {
        specification.exclusions.indices.compactMap { index in
            let exclusion = specification.exclusions[index]
            guard policy.exclusions.contains(index), concerns(exclusion, call) else { return nil }
            let starting = started(by: call)
            let blocking = specification.operations.filter { active in
                let isItself = active.name == starting?.name
                let isMeant =
                    switch exclusion.beside {
                    case .itself: isItself
                    case .other: !isItself
                    case .every: true
                    case .kind(let kind): active.kind == kind && !isItself
                    }
                return isMeant && !(exclusion.unlessPair && starting.map { arePair($0, active) } ?? false)
            }
            return Blocker(rule: exclusion.rule, returnValue: exclusion.returnValue, operations: blocking)
        }
    }

    private func concerns(_ exclusion: Exclusion, _ call: Call) -> Bool {
        switch exclusion.refused {
        case .everyStart: started(by: call) != nil
        case .start(let kind): started(by: call)?.kind == kind
        // A start is never refused as one of a group.
        case .calls(let group): started(by: call) == nil && self.group(of: call) == group
        }
    }

    package func arePair(_ one: Operation, _ other: Operation) -> Bool {
        specification.pairs.contains { pair in
            let names = [specification.operations[pair.first].name, specification.operations[pair.second].name]
            return names == [one.name, other.name] || names == [other.name, one.name]
        }
    }

    /// What refuses the call in a phase of one of its operations.
    package func refusal(in phase: Phase.Code, of call: Call) -> Role.Refusal? {
        role(of: call).refusals.first { specification.phases[$0.phase].code == phase }
    }

    /// Says whether the call may be done in that state.
    package func admit(_ call: Call, in state: SessionState) -> Verdict {
        let goesAhead = conflict.abandons && started(by: call) != nil
        for blocker in blockers(of: call) where blocker.operations.contains(where: { state[$0.bit].blocks }) {
            if goesAhead { break }
            return .refused(blocker.rule, returnValue: answer(of: call, to: blocker.rule, blocker.returnValue))
        }
        for operation in operations(of: call).sorted(by: { $0.bit < $1.bit }) {
            guard role(of: call).scope != .flagged, let refusal = refusal(in: state[operation.bit], of: call) else {
                continue
            }
            return verdict(on: refusal, call)
        }
        return .admitted
    }

    /// What is made of a call out of phase.
    package func verdict(on refusal: Role.Refusal, _ call: Call) -> Verdict {
        let isRefused = policy.refusesOutOfPhase || (perspective.refusesOutOfPhase && !refusal.isSoft)
        if !isRefused { return .reported(refusal.rule) }
        return .refused(refusal.rule, returnValue: answer(of: call, to: refusal.rule, refusal.returnValue))
    }

    /// The value with which the function answers that it broke the rule: its own, or that of the rule.
    package func answer(of call: Call, to rule: Rule, _ usual: String) -> String {
        function(of: call).answers.first { $0.ruleID == rule.id }?.returnValue ?? usual
    }

    // MARK: After the call

    /// The class of a return value.
    package func outcome(of returnValue: String, _ call: Call) -> Ref<Outcome> {
        let named = specification.outcomes.indices.filter { specification.outcomes[$0].value == returnValue }
        return named.first { specification.outcomes[$0].fact.map { holds($0, call) } ?? false }
            ?? named.first { specification.outcomes[$0].fact == nil } ?? specification.otherOutcome
    }

    /// The state after the call has returned a value.
    package func complete(_ call: Call, in state: SessionState, returning returnValue: String) -> SessionState {
        let outcome = outcome(of: returnValue, call)
        switch specification.outcomes[outcome].effect {
        case .pending: return state
        case .gone: return SessionState()
        case .doubt: return doubted(call, in: state)
        case .contradiction: return contradicted(call, in: state)
        case nil:
            return moved(
                call, outcome, in: outcome == specification.usualOutcome ? abandoned(by: call, in: state) : state)
        }
    }

    /// A start that succeeded although something stood in its way: that is idle now.
    private func abandoned(by call: Call, in state: SessionState) -> SessionState {
        guard conflict.abandons, started(by: call) != nil else { return state }
        var state = state
        for operation in blockers(of: call).flatMap(\.operations) where state[operation.bit].blocks {
            state[operation.bit] = .idle
        }
        return state
    }

    private func moved(_ call: Call, _ outcome: Ref<Outcome>, in state: SessionState) -> SessionState {
        let operations = operations(of: call)
        let lines = lines(for: outcome, of: role(of: call))
        if lines.contains(where: \.together), operations.contains(where: { state[$0.bit] == .idle }) { return state }
        var next = state
        for operation in operations { next[operation.bit] = target(lines, from: state[operation.bit]) }
        if lines.contains(where: \.endsUnsaved) {
            for operation in specification.operations where !operation.isSaved { next[operation.bit] = .idle }
        }
        return next
    }

    /// What the role says of the outcome, or of the one whose effect it has otherwise.
    package func lines(for outcome: Ref<Outcome>, of role: Role) -> [Role.After] {
        let lines = role.afters.filter { $0.outcome == outcome }
        if !lines.isEmpty { return lines }
        return specification.outcomes[outcome].otherwise.map { self.lines(for: $0, of: role) } ?? []
    }

    package func target(_ lines: [Role.After], from phase: Phase.Code) -> Phase.Code {
        let special = lines.first { $0.from.map { specification.phases[$0].code } == phase }
        guard let line = special ?? lines.first(where: { $0.from == nil }), let to = line.to else { return phase }
        guard specification.phases[to].code == .uncertain else { return specification.phases[to].code }
        if !perspective.knowsUncertainty { return line.known.map { specification.phases[$0].code } ?? phase }
        return phase == .idle && line.from == nil ? .idle : .uncertain
    }

    /// Whether an error of the call leaves every phase as it is.
    package func errorKeeps(_ call: Call) -> Bool {
        let lines = lines(for: specification.otherOutcome, of: role(of: call))
        return Phase.Code.allCases.allSatisfy { target(lines, from: $0) == $0 }
    }

    /// Where an error would change something, it is unknown whether this one did.
    private func doubted(_ call: Call, in state: SessionState) -> SessionState {
        guard perspective.knowsUncertainty, !errorKeeps(call) else { return state }
        var next = state
        for operation in operations(of: call) where state[operation.bit] != .idle { next[operation.bit] = .uncertain }
        return next
    }

    /// The module refused a start because of an active operation.
    private func contradicted(_ call: Call, in state: SessionState) -> SessionState {
        guard perspective.knowsUncertainty else { return state }
        let isExplained = blockers(of: call).contains { $0.operations.contains { state[$0.bit].blocks } }
        if isExplained { return state }
        var next = state
        if state == SessionState() {
            for operation in specification.operations { next[operation.bit] = .uncertain }
        } else if let operation = started(by: call) {
            next[operation.bit] = .uncertain
        } else {
            return doubted(call, in: state)
        }
        return next
    }

    /// The sessions that the call touched.
    package func reach(of call: Call, returning returnValue: String) -> Reach {
        let outcome = outcome(of: returnValue, call)
        switch specification.outcomes[outcome].effect {
        case .gone: return specification.outcomes[outcome].reach
        case nil: return lines(for: outcome, of: role(of: call)).map(\.reach).first { $0 != .session } ?? .session
        default: return .session
        }
    }
}
