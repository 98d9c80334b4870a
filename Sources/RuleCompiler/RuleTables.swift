// SPDX-License-Identifier: MIT

import CryptokiSpecification
import TypedTables

/// The rules as masks and maps, ready to be written down as constant tables.
///
/// An operation with the bit n has its phase in the bits 2n and 2n + 1 of the state; a mask here has the lower of the
/// two set for each of its operations.
package struct RuleTables: Sendable {
    /// What refuses a call: the operations that must not be active.
    package struct Contention: Sendable {
        /// Calls that are refused beside the same operations.
        package enum Calls: Sendable, Equatable {
            /// Calls that nothing refuses.
            case unrefused
            /// The start of an operation.
            case start(operation: Ref<Operation>)
            /// The calls of a group.
            case group(Ref<Group>)
        }
        /// Which calls are refused.
        package let calls: Calls
        /// The operations that must not be active under each policy.
        package let maskByPolicy: Column<Policy, OperationMask>
        /// The part of the mask that is due to each exclusion.
        package let maskByExclusion: Column<Exclusion, OperationMask>
    }

    /// What a call does to operations: where the phase of each goes, for each phase that it comes from.
    package struct Effect: Sendable, Hashable {
        /// By the code of the phase it comes from.
        package var targets = Phase.Code.allCases
        /// Only if all operations of the call may be active.
        package var together = false
        /// All operations of the session, not those of the call.
        package var every = false
        /// Operations that a saved state cannot hold become idle instead.
        package var endsUnsaved = false
        /// See `Outcome.Effect.contradiction`; the targets are the doubt.
        package var contradiction = false
        /// The sessions in which it happens.
        package var reach = Reach.session

        /// What changes nothing.
        package static let keep = Effect()
    }

    /// What a call in a role needs, and what it does.
    package struct RoleRow: Sendable {
        package let role: Ref<Role>
        /// By the code of the phase; nil where the call is in phase.
        package let refusals: [Role.Refusal?]
        /// For each of `roleOutcomes` the effect in each perspective.
        package let after: [Column<Perspective, Effect>]

        /// Whether a call in this role can neither be refused nor change anything by itself.
        var isInert: Bool {
            refusals.allSatisfy { $0 == nil } && after.allSatisfy { $0.allSatisfy { $0 == .keep || $0.contradiction } }
        }
    }

    /// A function with the operations that it names, before anything is known of its arguments.
    package struct FunctionRow: Sendable {
        package let function: Ref<Function>
        /// The operations of its role's scope; none where flags of the call name them.
        package let operations: OperationMask
        /// An index into `contentions`.
        package let contention: Int
        /// The parameters whose use makes a difference, in their order, and whether it makes one before the call.
        package let parameters: [(parameter: Function.Parameter, admits: Bool)]
        /// Whether the call can be refused while another is pending: it could be by another rule, and documents the value.
        package let waits: Bool
        /// Whether the rules have anything to do for this function.
        package let isRuled: Bool
    }

    /// The data that the tables are made of.
    package let specification: Specification
    /// Outcomes whose effect depends on the role.
    package let roleOutcomes: [Ref<Outcome>]
    /// Outcomes whose effect is the same for every role.
    package let commonOutcomes: [Ref<Outcome>]
    /// For each of `commonOutcomes` the effect in each perspective.
    package let common: [Column<Perspective, Effect>]
    /// What refuses calls: first that of calls that nothing refuses, then one for each operation's start and for each group.
    package let contentions: [Contention]
    package let roles: Column<Role, RoleRow>
    /// A row for each function, by its number.
    package let functions: [FunctionRow]

    /// Compiles a specification that has no errors; whether it makes sense as a whole, `check` says.
    package init(_ specification: Specification) {
        self.specification = specification
        let isCommon = { (outcome: Ref<Outcome>) in
            [.pending, .gone].contains(specification.outcomes[outcome].effect)
        }
        let roleOutcomes = specification.outcomes.indices.filter { !isCommon($0) }
        let contentions = Self.contentions(specification)
        let roles = specification.roles.column { Self.row(of: $0, roleOutcomes, specification) }
        self.roleOutcomes = roleOutcomes
        commonOutcomes = specification.outcomes.indices.filter(isCommon)
        common = commonOutcomes.map { Self.common(specification.outcomes[$0], specification) }
        self.contentions = contentions
        self.roles = roles
        functions = specification.functions.indices.sorted {
            specification.functions[$0].number < specification.functions[$1].number
        }.map { Self.row(of: $0, specification, contentions, roles, roleOutcomes) }
    }

    /// The lower of the operation's two bits in the state.

    // MARK: Calls that are refused beside active operations

    private static func contentions(_ specification: Specification) -> [Contention] {
        let calls =
            [.unrefused] + specification.operations.indices.map { Contention.Calls.start(operation: $0) }
            + specification.groups.indices.map { Contention.Calls.group($0) }
        return calls.map { calls in
            let masks = specification.exclusions.column { mask(of: specification.exclusions[$0], calls, specification) }
            return Contention(
                calls: calls,
                maskByPolicy: specification.policies.column {
                    specification.policies[$0].exclusions.reduce([]) { $0.union(masks[$1]) }
                },
                maskByExclusion: masks)
        }
    }

    private static func mask(
        of exclusion: Exclusion, _ calls: Contention.Calls, _ specification: Specification
    ) -> OperationMask {
        var starting: Ref<Operation>?
        switch (exclusion.refused, calls) {
        case (.everyStart, .start(let operation)):
            starting = operation
        case (.start(let kind), .start(let operation)) where specification.operations[operation].kind == kind:
            starting = operation
        case (.calls(let refused), .group(let group)) where refused == group:
            break
        default:
            return []
        }
        let mask: OperationMask = specification.operations.indices.reduce([]) { mask, index in
            let active = specification.operations[index]
            let applies =
                switch exclusion.beside {
                case .itself: index == starting
                case .other: index != starting
                case .every: true
                case .kind(let kind): index != starting && active.kind == kind
                }
            return applies ? mask.union(OperationMask(active)) : mask
        }
        guard exclusion.unlessPair, let starting else { return mask }
        return specification.pairs.reduce(mask) { mask, pair in
            guard pair.first == starting || pair.second == starting else { return mask }
            let other = pair.first == starting ? pair.second : pair.first
            return mask.subtracting(OperationMask(specification.operations[other]))
        }
    }

    // MARK: Effects

    private static func row(
        of ref: Ref<Role>, _ outcomes: [Ref<Outcome>], _ specification: Specification
    ) -> RoleRow {
        let role = specification.roles[ref]
        return RoleRow(
            role: ref,
            refusals: Phase.Code.allCases.map { code in
                role.refusals.first { specification.phases[$0.phase].code == code }
            },
            after: outcomes.map { outcome in
                specification.perspectives.column {
                    effect(role, outcome, specification.perspectives[$0], specification)
                }
            })
    }

    private static func effect(
        _ role: Role, _ ref: Ref<Outcome>, _ perspective: Perspective, _ specification: Specification
    ) -> Effect {
        let outcome = specification.outcomes[ref]
        if outcome.effect == .doubt || outcome.effect == .contradiction {
            // What a refusal or a stub means is known to whoever answers it.
            guard perspective.knowsUncertainty else { return .keep }
            let error = effect(role, specification.otherOutcome, perspective, specification)
            var effect = error.targets == Effect.keep.targets ? .keep : Effect(targets: doubtful)
            effect.contradiction = outcome.effect == .contradiction
            return effect
        }
        let lines = role.afters.filter { $0.outcome == ref }
        guard !lines.isEmpty else {
            return outcome.otherwise.map { effect(role, $0, perspective, specification) } ?? .keep
        }
        let targets = Phase.Code.allCases.map { code in
            let special = lines.first { $0.from.map { specification.phases[$0].code } == code }
            let line = special ?? lines.first { $0.from == nil }
            return line.map { target(of: $0, from: code, perspective, specification) } ?? code
        }
        return Effect(
            targets: targets, together: lines.contains(where: \.together),
            endsUnsaved: lines.contains(where: \.endsUnsaved),
            reach: lines.lazy.map(\.reach).first { $0 != .session } ?? .session)
    }

    /// What may be active is uncertain.
    private static let doubtful: [Phase.Code] = [.idle, .uncertain, .uncertain, .uncertain]

    private static func target(
        of line: Role.After, from code: Phase.Code, _ perspective: Perspective, _ specification: Specification
    ) -> Phase.Code {
        guard let target = line.to.map({ specification.phases[$0].code }) else { return code }
        guard target == .uncertain else { return target }
        if !perspective.knowsUncertainty { return line.known.map { specification.phases[$0].code } ?? code }
        // What is idle is not made doubtful by the way.
        return code == .idle && line.from == nil ? .idle : .uncertain
    }

    private static func common(
        _ outcome: Outcome, _ specification: Specification
    ) -> Column<Perspective, Effect> {
        specification.perspectives.column { _ in
            outcome.effect == .gone
                ? Effect(targets: [.idle, .idle, .idle, .idle], every: true, reach: outcome.reach) : .keep
        }
    }

    // MARK: Functions

    private static func row(
        of ref: Ref<Function>, _ specification: Specification, _ contentions: [Contention],
        _ roles: Column<Role, RoleRow>, _ roleOutcomes: [Ref<Outcome>]
    ) -> FunctionRow {
        let function = specification.functions[ref]
        let role = specification.roles[function.role]
        let operations: [Operation] =
            switch role.scope {
            case .own: function.operations.map { specification.operations[$0] }
            case .every: Array(specification.operations)
            case .flagged: []
            }
        let calls: Contention.Calls =
            role.starts
            ? function.operations.first.map { .start(operation: $0) } ?? .unrefused
            : function.group.map { .group($0) } ?? .unrefused
        let parameters = function.parameters.compactMap { parameter -> (parameter: Function.Parameter, admits: Bool)? in
            guard let use = parameter.use.map({ specification.uses[$0] }) else { return nil }
            let admits = decidesAdmission(use, function, specification)
            let matters = admits || decidesOutcome(use, role, specification, roles, roleOutcomes)
            return matters ? (parameter, admits) : nil
        }
        let documentsMeanwhile = specification.meanwhile.map { function.returnValues.contains($0.returnValue) } ?? false
        let usesSession = function.parameters.contains { $0.use.map { specification.uses[$0].isSession } ?? false }
        return FunctionRow(
            function: ref, operations: OperationMask(operations),
            contention: contentions.firstIndex { $0.calls == calls }!, parameters: parameters,
            waits: documentsMeanwhile && (calls != .unrefused || !role.refusals.isEmpty),
            isRuled: usesSession || role.starts || !roles[function.role].isInert)
    }

    /// Whether the use tells a fact that puts a role in the place of the function's own that is refused otherwise.
    private static func decidesAdmission(_ use: Use, _ function: Function, _ specification: Specification) -> Bool {
        let role = specification.roles[function.role]
        guard let variant = role.variant, variant.fact == use.fact else { return false }
        let other = specification.roles[variant.role]
        return role.starts != other.starts || function.group != other.group
            || role.refusals.map(\.rule.id) != other.refusals.map(\.rule.id)
    }

    /// Whether the use tells something that the role, or the one that takes its place, makes a difference of afterwards.
    private static func decidesOutcome(
        _ use: Use, _ role: Role, _ specification: Specification, _ roles: Column<Role, RoleRow>,
        _ roleOutcomes: [Ref<Outcome>]
    ) -> Bool {
        if use.test == .flags { return role.scope == .flagged }
        guard let fact = use.fact else { return false }
        if role.variant?.fact == fact { return true }
        let inPlay = roles.filter { specification.roles[$0.role].name == role.name || $0.role == role.variant?.role }
        return inPlay.contains { row in
            zip(roleOutcomes, row.after).contains { index, effects in
                let outcome = specification.outcomes[index]
                guard outcome.fact == fact else { return false }
                let other = outcome.otherwise.flatMap { roleOutcomes.firstIndex(of: $0) }
                return other.map { effects != row.after[$0] } ?? true
            }
        }
    }
}
