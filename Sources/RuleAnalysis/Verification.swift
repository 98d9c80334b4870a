// SPDX-License-Identifier: MIT

import CryptokiSpecification

/// Checks what must hold of the rules as a whole, on the data itself.
///
/// A token knows what it holds, so the states of a session in its eyes are few: all of them are tried. Beside a module
/// there are some ten million; there it is every operation by itself and up to three at a time, which is enough because a
/// call changes no operation that it does not name (checked as well), and walks of random calls beyond that.
package struct Verification: Sendable {
    /// What was claimed, on what it rests, and what speaks against it.
    package struct Finding: Sendable {
        /// The property's place among those that are checked, from 1.
        package let number: Int
        /// The property as a sentence.
        package let claim: String
        /// What was tried, a line each.
        package var basis: [String] = []
        /// What speaks against it; nil if it holds as far as was tried.
        package var violation: Violation?
    }

    /// A shortest sequence of calls after which the claim does not hold.
    package struct Violation: Sendable {
        /// Whose rules they are, such as `usage-guide, owner`.
        package let rules: String
        /// The calls in the words of the data, each with what it returned and the state afterwards.
        package let steps: [String]
        /// What is wrong after them.
        package let conclusion: String
    }

    let specification: Specification
    let seed: UInt64
    let walkLength: Int
    /// The states in which up to three operations are not idle.
    let few: [SessionState]

    /// - Parameters:
    ///   - seed: of the random walks; the same seed makes the same ones.
    ///   - walkLength: how many calls each of them has.
    package init(_ specification: Specification, seed: UInt64, walkLength: Int = 20_000) {
        self.specification = specification
        self.seed = seed
        self.walkLength = walkLength
        let any = Interpreter(
            specification, specification.policies.first!, specification.perspectives.first!,
            specification.conflicts.first!)
        few = any.states(withUpTo: 3)
    }

    /// Checks every property, in their order.
    package func run() -> [Finding] {
        let owned = explorations()
        return [
            neverTooMany(owned), bothOrders(owned), noDeadEnd(owned), nothingByTheWay(), policiesWithinOthers(),
            nothingFalse(), documentedAnswers(), readingsAgree(),
        ]
    }

    // MARK: What several properties need

    var owners: [Perspective] { specification.perspectives.filter { !$0.knowsUncertainty } }
    var observers: [Perspective] { specification.perspectives.filter(\.knowsUncertainty) }

    /// The way of dealing with a conflict that refuses.
    var refusing: Conflict { specification.conflicts.first { !$0.abandons } ?? specification.conflicts.first! }

    func interpreter(_ policy: Policy, _ perspective: Perspective, _ conflict: Conflict? = nil) -> Interpreter {
        Interpreter(specification, policy, perspective, conflict ?? refusing)
    }

    func name(_ interpreter: Interpreter) -> String {
        let conflict = interpreter.conflict.abandons ? ", \(interpreter.conflict.name)" : ""
        return "\(interpreter.policy.name), \(interpreter.perspective.name)\(conflict)"
    }

    /// Whether the policy knows pairs.
    func hasPairs(_ policy: Policy) -> Bool {
        policy.exclusions.contains { specification.exclusions[$0].unlessPair }
    }

    /// Calls that behave alike, once each.
    func distinct(_ interpreter: Interpreter) -> [QuickCall] {
        var seen: Set<QuickCall.Behaviour> = []
        return interpreter.calls.map(interpreter.quick).filter { seen.insert($0.behaviour).inserted }
    }

    // MARK: Violations in words

    func violation(
        _ interpreter: Interpreter, _ steps: [Step], then last: String? = nil, _ conclusion: String
    ) -> Violation {
        var state = SessionState()
        var lines = steps.map { step in
            state = interpreter.complete(step.call, in: state, returning: step.returnValue)
            return "\(interpreter.words(step.call)) \(step.returnValue): \(interpreter.words(state))"
        }
        if let last { lines.append(last) }
        return Violation(rules: name(interpreter), steps: lines, conclusion: conclusion)
    }

    /// A violation in a state to which the way is looked for.
    func violation(
        _ interpreter: Interpreter, in state: SessionState, then last: String? = nil, _ conclusion: String
    ) -> Violation {
        var exploration = Exploration(interpreter)
        exploration.run(most: 500_000) { $0 == state }
        guard exploration.states.last == state else {
            let start = "(a state that few calls do not reach: \(interpreter.words(state)))"
            return Violation(
                rules: name(interpreter), steps: [start] + [last].compactMap { $0 }, conclusion: conclusion)
        }
        let path = exploration.path(to: exploration.states.count - 1)
        return violation(interpreter, path, then: last, conclusion)
    }
}
