// SPDX-License-Identifier: MIT

import CryptokiSpecification

/// The rules as masks and maps, ready to be written down as constant tables.
///
/// An operation with the bit n has its phase in the bits 2n and 2n + 1 of the state; a mask here has the lower of the
/// two set for each of its operations.
public struct RuleTables: Sendable {
    /// What refuses a call: the operations that must not be active.
    public struct Contention: Sendable {
        /// The operation whose start contends, or nil for calls that nothing refuses.
        public let starting: Int?
        /// For each policy of the specification, in its order.
        public let maskByPolicy: [UInt64]
        /// For each exclusion, in its order: the part of the mask that is due to it.
        public let maskByExclusion: [UInt64]
    }

    /// Where the phase of an operation goes, for each phase that it comes from.
    public struct PhaseMap: Sendable, Equatable {
        /// By the code of the phase it comes from.
        public let targets: [Phase.Code]
        /// Only if all operations of the call may be active.
        public let together: Bool

        public static let keep = PhaseMap(targets: Phase.Code.allCases, together: false)
    }

    public struct RoleRow: Sendable {
        public let role: Int
        /// By the code of the phase; nil where the call is in phase.
        public let refusals: [Role.Refusal?]
        /// For each perspective and each outcome of the specification, in their order.
        public let after: [[PhaseMap]]

        /// Whether a call in this role can neither be refused nor change anything.
        var isInert: Bool { refusals.allSatisfy { $0 == nil } && after.allSatisfy { $0.allSatisfy { $0 == .keep } } }
    }

    public struct FunctionRow: Sendable {
        public let function: Int
        public let operations: UInt64
        /// An index into `contentions`.
        public let contention: Int
        /// The parameters whose use makes a difference, in their order, and whether it makes one before the call.
        public let parameters: [(parameter: Function.Parameter, admits: Bool)]
        /// Whether the rules have anything to do for this function.
        public let isRuled: Bool
    }

    public let specification: Specification
    public let contentions: [Contention]
    public let roles: [RoleRow]
    public let functions: [FunctionRow]

    public init(_ specification: Specification) {
        self.specification = specification
        let contentions = Self.contentions(specification)
        let roles = specification.roles.indices.map { Self.row(of: $0, specification) }
        self.contentions = contentions
        self.roles = roles
        functions = specification.functions.indices.sorted {
            specification.functions[$0].number < specification.functions[$1].number
        }.map { Self.row(of: $0, specification, contentions, roles) }
    }

    public static func mask(_ operation: Operation) -> UInt64 { 1 << UInt64(2 * operation.bit) }

    // MARK: Starts that exclude each other

    private static func contentions(_ specification: Specification) -> [Contention] {
        let nothing = Contention(
            starting: nil, maskByPolicy: specification.policies.map { _ in 0 },
            maskByExclusion: specification.exclusions.map { _ in 0 })
        return [nothing]
            + specification.operations.indices.map { starting in
                let masks = specification.exclusions.map { mask(of: $0, starting: starting, specification) }
                return Contention(
                    starting: starting,
                    maskByPolicy: specification.policies.map { $0.exclusions.reduce(0) { $0 | masks[$1] } },
                    maskByExclusion: masks)
            }
    }

    private static func mask(of exclusion: Exclusion, starting: Int, _ specification: Specification) -> UInt64 {
        let started = specification.operations[starting]
        if case .kind(let kind) = exclusion.starting, started.kind != kind { return 0 }
        return specification.operations.indices.reduce(0) { mask, index in
            let active = specification.operations[index]
            let applies =
                switch exclusion.beside {
                case .itself: index == starting
                case .other: index != starting
                case .kind(let kind): index != starting && active.kind == kind
                }
            let isPair = specification.pairs.contains { Set([$0.first, $0.second]) == [index, starting] }
            return applies && !(exclusion.unlessPair && isPair) ? mask | Self.mask(active) : mask
        }
    }

    // MARK: Roles

    private static func row(of index: Int, _ specification: Specification) -> RoleRow {
        let role = specification.roles[index]
        return RoleRow(
            role: index,
            refusals: Phase.Code.allCases.map { code in
                role.refusals.first { specification.phases[$0.phase].code == code }
            },
            after: specification.perspectives.map { perspective in
                specification.outcomes.indices.map { map(role, $0, perspective, specification) }
            })
    }

    private static func map(
        _ role: Role, _ outcome: Int, _ perspective: Perspective, _ specification: Specification
    ) -> PhaseMap {
        let lines = role.afters.filter { $0.outcome == outcome }
        guard !lines.isEmpty else {
            let otherwise = specification.outcomes[outcome].otherwise
            return otherwise.map { map(role, $0, perspective, specification) } ?? .keep
        }
        let targets = Phase.Code.allCases.map { code in
            let special = lines.first { $0.from.map { specification.phases[$0].code } == code }
            guard let line = special ?? lines.first(where: { $0.from == nil }), let to = line.to else { return code }
            let target = specification.phases[to].code
            guard target == .uncertain else { return target }
            // Nothing is uncertain to somebody who knows; and what is idle is not made doubtful by the way.
            return !perspective.knowsUncertainty || (code == .idle && line.from == nil) ? code : .uncertain
        }
        return PhaseMap(targets: targets, together: lines.contains(where: \.together))
    }

    // MARK: Functions

    private static func row(
        of index: Int, _ specification: Specification, _ contentions: [Contention], _ roles: [RoleRow]
    ) -> FunctionRow {
        let function = specification.functions[index]
        let role = specification.roles[function.role]
        let operations = function.operations.map { specification.operations[$0] }
        let starting = role.starts ? function.operations.first : nil
        let parameters = function.parameters.compactMap { parameter -> (parameter: Function.Parameter, admits: Bool)? in
            guard let use = parameter.use.map({ specification.uses[$0] }) else { return nil }
            let admits = decidesAdmission(use, role, specification)
            return admits || decidesOutcome(use, role, specification, roles) ? (parameter, admits) : nil
        }
        return FunctionRow(
            function: index, operations: role.scope == .own ? operations.reduce(0) { $0 | mask($1) } : 0,
            contention: contentions.firstIndex { $0.starting == starting } ?? 0,
            parameters: parameters, isRuled: role.starts || !roles[function.role].isInert)
    }

    /// Whether the use tells a fact that puts a role in the place of this one that is refused otherwise.
    private static func decidesAdmission(_ use: Use, _ role: Role, _ specification: Specification) -> Bool {
        guard let variant = role.variant, variant.fact == use.fact else { return false }
        let other = specification.roles[variant.role]
        return role.starts != other.starts || role.refusals.map(\.rule.id) != other.refusals.map(\.rule.id)
    }

    /// Whether the use tells something that the role, or the one that takes its place, makes a difference of afterwards.
    private static func decidesOutcome(
        _ use: Use, _ role: Role, _ specification: Specification, _ roles: [RoleRow]
    ) -> Bool {
        if use.test == .flags { return role.scope == .flagged }
        guard let fact = use.fact else { return false }
        if role.variant?.fact == fact { return true }
        let inPlay = roles.filter { specification.roles[$0.role].name == role.name || $0.role == role.variant?.role }
        return inPlay.contains { row in
            row.after.contains { maps in
                specification.outcomes.enumerated().contains { index, outcome in
                    outcome.fact == fact && outcome.otherwise.map { maps[index] != maps[$0] } ?? true
                }
            }
        }
    }
}
