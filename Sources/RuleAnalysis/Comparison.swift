// SPDX-License-Identifier: MIT

import CryptokiSpecification

/// What is different between two versions of the data in what calls may do, and not in how it is written down.
package struct Comparison {
    /// In which way calls may do something else.
    package enum Kind: String, CaseIterable, Sendable {
        /// A call is refused that was not.
        case tighter
        /// A call is no longer refused.
        case looser
        /// A call leaves another state, or is answered with another value or rule.
        case other
        /// A function, operation, policy or the like is new.
        case added
        /// A function, operation, policy or the like is no more.
        case removed
        /// A function documents other return values.
        case documented
        /// Only names, texts and citations: nothing is done otherwise.
        case words
    }

    /// One thing that is different.
    package struct Change: Sendable {
        /// In which way.
        package let kind: Kind
        /// What it is about, such as a call.
        package let subject: String
        /// Under which rules, such as `usage-guide, owner`.
        package var rules: [String] = []
        /// A shortest sequence of calls after which it shows, each with the state afterwards.
        package var steps: [String] = []
        /// What happens then in the old version; empty if there is nothing to say.
        package var before = ""
        /// What happens then in the new version.
        package var now = ""
    }

    let old: Specification
    let new: Specification
    /// Bit 0 of the phase of every operation that both have.
    let common: UInt64
    /// Names of rules of the new version that are only other names of old ones.
    let renamed: [String: String]
    /// How many states are tried for a witness; the nearest come first.
    let most = 100_000

    /// Compares two specifications, of which neither has errors.
    package init(_ old: Specification, _ new: Specification) {
        self.old = old
        self.new = new
        let names = Set(old.operations.map(\.name)).intersection(new.operations.map(\.name))
        common = OperationMask(old.operations.filter { names.contains($0.name) }).rawValue
        let oldRules = Self.rules(old)
        var renamed: [String: String] = [:]
        for rule in Self.rules(new) where !oldRules.contains(where: { $0.id == rule.id }) {
            if let number = rule.number { renamed[rule.id] = oldRules.first { $0.number == number }?.id }
        }
        self.renamed = renamed
    }

    private static func rules(_ specification: Specification) -> [Rule] {
        specification.exclusions.map(\.rule) + specification.roles.flatMap(\.refusals).map(\.rule)
            + [specification.concurrency?.rule, specification.meanwhile?.rule].compactMap { $0 }
    }

    /// Every change, those of behaviour first.
    package func run() -> [Change] {
        let moved = old.operations.filter { operation in
            new.operations.contains { $0.name == operation.name && $0.bit != operation.bit }
        }
        if !moved.isEmpty {
            return moved.map {
                Change(kind: .other, subject: "the operation \($0.name) has another place in the state")
            }
        }
        return behaviour() + listed() + documented() + words()
    }

    // MARK: Lists

    private func listed() -> [Change] {
        func compare(_ noun: String, _ old: [String], _ new: [String]) -> [Change] {
            new.filter { !old.contains($0) }.map { Change(kind: .added, subject: "\(noun) \($0)") }
                + old.filter { !new.contains($0) }.map { Change(kind: .removed, subject: "\(noun) \($0)") }
        }
        return compare("function", old.functions.map(\.name), new.functions.map(\.name))
            + compare("operation", old.operations.map(\.name), new.operations.map(\.name))
            + compare("policy", old.policies.map(\.name), new.policies.map(\.name))
            + compare("perspective", old.perspectives.map(\.name), new.perspectives.map(\.name))
            + compare("conflict", old.conflicts.map(\.name), new.conflicts.map(\.name))
    }

    private func documented() -> [Change] {
        new.functions.compactMap { function in
            guard let earlier = old.functions.first(where: { $0.name == function.name }) else { return nil }
            let (before, now) = (
                Set(old.universal + earlier.returnValues), Set(new.universal + function.returnValues)
            )
            if before == now { return nil }
            let words =
                now.subtracting(before).sorted().map { "+ \($0)" } + before.subtracting(now).sorted().map { "- \($0)" }
            return Change(kind: .documented, subject: "\(function.name): \(words.joined(separator: ", "))")
        }
    }

    private func words() -> [Change] {
        var changes = renamed.sorted { $0.key < $1.key }.map { now, before in
            Change(kind: .words, subject: "the rule \(before) is called \(now)")
        }
        for rule in Self.rules(new) {
            guard let earlier = Self.rules(old).first(where: { $0.id == renamed[rule.id] ?? rule.id }) else { continue }
            if earlier.text != rule.text { changes.append(Change(kind: .words, subject: "the text of \(rule.id)")) }
            if earlier.citation.words != rule.citation.words {
                changes.append(Change(kind: .words, subject: "the citation of \(rule.id)"))
            }
        }
        func pairs(_ specification: Specification) -> [String] {
            specification.pairs.map { pair in
                let names = [specification.operations[pair.first].name, specification.operations[pair.second].name]
                return "\(names.sorted().joined(separator: " and "))"
            }
        }
        let (before, now) = (pairs(old), pairs(new))
        changes += now.filter { !before.contains($0) }.map { Change(kind: .words, subject: "\($0) are a pair") }
        changes += before.filter { !now.contains($0) }.map {
            Change(kind: .words, subject: "\($0) are no pair any more")
        }
        return changes
    }
}
