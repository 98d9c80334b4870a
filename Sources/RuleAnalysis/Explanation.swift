// SPDX-License-Identifier: MIT

import CryptokiSpecification
import Spelling
import TypedTables

/// Explains a function, rule, operation, policy, role or reading, with the sections of the standard.
package struct Explanation {
    private let specification: Specification

    /// Explains what the names of a specification mean.
    package init(_ specification: Specification) { self.specification = specification }

    /// Why there is nothing to explain.
    package struct Unknown: Error, Sendable {
        /// Which word nothing is called, and what may have been meant.
        package let message: String
    }

    /// What holds of what has that name, or of two operations together.
    ///
    /// - Parameter words: the name of a function, rule, operation, policy, role or reading, or those of two operations.
    package func lines(for words: [String]) throws(Unknown) -> [String] {
        if words.count == 2 {
            return beside(try operation(words[0]), try operation(words[1]))
        }
        guard words.count == 1 else {
            throw Unknown(message: "pass one name, or those of two operations")
        }
        let word = words[0]
        if let function = specification.functions.firstIndex(where: { $0.name == word }) { return about(function) }
        if let operation = specification.operations.first(where: { $0.name == word }) { return about(operation) }
        if let policy = specification.policies.first(where: { $0.name == word }) { return about(policy) }
        if let lines = aboutRule(word) { return lines }
        if let reading = specification.readings.first(where: { $0.id == word }) { return about(reading) }
        if let role = specification.roles.first(where: { $0.name == word }) {
            return ["\(role.name): \(role.summary)"] + about(role)
        }
        throw Unknown(message: "unknown name '\(word)'\(suggestion(for: word, among: names))")
    }

    private var names: [String] {
        var names = specification.functions.map(\.name) + specification.operations.map(\.name)
        names += specification.policies.map(\.name) + specification.roles.map(\.name) + specification.readings.map(\.id)
        return names + rules.map(\.rule.id)
    }

    private func operation(_ word: String) throws(Unknown) -> Operation {
        if let operation = specification.operations.first(where: { $0.name == word }) { return operation }
        let hint = suggestion(for: word, among: specification.operations.map(\.name))
        throw Unknown(message: "unknown operation '\(word)'\(hint)")
    }

    private func place(_ rule: Rule) -> String {
        rule.citation.words + (rule.reading.map { "; reading \($0)" } ?? "")
    }

    private func interpreter(_ policy: Policy) -> Interpreter {
        let owner = specification.perspectives.first { !$0.knowsUncertainty } ?? specification.perspectives.first!
        let refusing = specification.conflicts.first { !$0.abandons } ?? specification.conflicts.first!
        return Interpreter(specification, policy, owner, refusing)
    }

    // MARK: Two operations

    private func beside(_ one: Operation, _ other: Operation) -> [String] {
        var lines = ["\(one.name) (\(one.summary)) and \(other.name) (\(other.summary)):"]
        for policy in specification.policies {
            let reasons = [(one, other), (other, one)].map { starting, active in
                refusal(of: starting, beside: active, interpreter(policy))
            }
            if let reason = reasons.compactMap({ $0 }).first {
                lines.append("  \(policy.name): not together. \(reason.text) \(reason.id), \(place(reason))")
            } else {
                lines.append("  \(policy.name): may be active together")
            }
        }
        let pair = specification.pairs.first {
            let names = [specification.operations[$0.first].name, specification.operations[$0.second].name]
            return names.sorted() == [one.name, other.name].sorted()
        }
        if let pair { lines.append("  they are a pair: \(pair.rule.id), \(place(pair.rule))") }
        let both = specification.functions.filter { function in
            let names = function.operations.map { specification.operations[$0].name }
            return names.count == 2 && names.sorted() == [one.name, other.name].sorted()
        }
        for function in both { lines.append("  \(function.name) \(function.summary): \(function.citation.words)") }
        return lines
    }

    private func refusal(of starting: Operation, beside active: Operation, _ interpreter: Interpreter) -> Rule? {
        let start = interpreter.calls.first { interpreter.started(by: $0)?.name == starting.name }
        return start.flatMap { call in
            interpreter.blockers(of: call).first { $0.operations.contains { $0.name == active.name } }?.rule
        }
    }

    // MARK: Functions and roles

    private func about(_ index: Ref<Function>) -> [String] {
        let function = specification.functions[index]
        let role = specification.roles[function.role]
        let operations = function.operations.map { specification.operations[$0].name }
        var lines = [
            "\(function.name) \(function.summary). \(function.citation.words), since \(function.since)",
            "  role \(role.name): \(role.summary)"
                + (operations.isEmpty ? "" : "; operation: \(operations.joined(separator: ", "))"),
        ]
        for policy in specification.policies {
            let interpreter = interpreter(policy)
            let call = Interpreter.Call(function: index)
            for blocker in interpreter.blockers(of: call) where !blocker.operations.isEmpty {
                let names = blocker.operations.map(\.name).joined(separator: ", ")
                let value = interpreter.answer(of: call, to: blocker.rule, blocker.returnValue)
                lines.append(
                    "  \(policy.name) refuses it with \(value) while one of these is active: \(names) "
                        + "(\(blocker.rule.id), \(place(blocker.rule)))")
            }
        }
        lines += about(role)
        for answer in function.answers {
            lines.append("  answers \(answer.ruleID) with \(answer.returnValue): \(answer.reason)")
        }
        let values = specification.universal.filter { !function.returnValues.contains($0) } + function.returnValues
        return lines + ["  documented: \(values.joined(separator: ", "))"]
    }

    private func about(_ role: Role) -> [String] {
        var lines = role.refusals.map { refusal in
            let phase = specification.phases[refusal.phase].name
            let soft = refusal.isSoft ? ", where the policy refuses calls out of phase" : ""
            return "  in the phase \(phase) it is out of phase: \(refusal.returnValue)\(soft). \(refusal.rule.text) "
                + "\(refusal.rule.id), \(place(refusal.rule))"
        }
        for after in role.afters {
            let outcome = specification.outcomes[after.outcome]
            let from = after.from.map { " from \(specification.phases[$0].name)" } ?? ""
            let target = after.to.map { "goes to \(specification.phases[$0].name)" } ?? "stays as it is"
            var line = "  \(outcome.name) (\(outcome.value ?? "any other value")): the operation\(from) \(target)"
            if let known = after.known { line += ", an owner's to \(specification.phases[known].name)" }
            if after.reach != .session { line += ", in every session of the \(after.reach.rawValue)" }
            lines.append("\(line). \(place(after.rule))")
        }
        if let variant = role.variant {
            let other = specification.roles[variant.role]
            lines.append("  \(specification.facts[variant.fact].summary): as \(other.name), \(other.summary)")
        }
        return lines
    }

    // MARK: Operations, policies, rules, readings

    private func about(_ operation: Operation) -> [String] {
        let index = specification.operations.firstIndex { $0.name == operation.name }!
        var lines = ["\(operation.name): \(operation.summary), of the kind \(operation.kind)"]
        for function in specification.functions where function.operations.contains(index) {
            lines.append("  \(function.name) \(function.summary) (\(specification.roles[function.role].name))")
        }
        for pair in specification.pairs where pair.first == index || pair.second == index {
            let other = specification.operations[pair.first == index ? pair.second : pair.first]
            lines.append("  a pair with \(other.name): \(pair.rule.id), \(place(pair.rule))")
        }
        return lines
    }

    private func about(_ policy: Policy) -> [String] {
        var lines = ["\(policy.name): \(policy.summary)"]
        if let most = policy.most { lines.append("  at most \(most) operations are active") }
        if let wider = policy.within {
            lines.append("  what it admits, \(specification.policies[wider].name) admits as well")
        }
        for index in policy.exclusions {
            let rule = specification.exclusions[index].rule
            lines.append("  \(rule.id): \(rule.text) \(place(rule))")
        }
        return lines
    }

    /// Every rule that has an ID of its own, with the value that answers it and who applies it.
    private var rules: [(rule: Rule, about: [String])] {
        var rules = specification.pairs.map { pair in
            let names = [specification.operations[pair.first].name, specification.operations[pair.second].name]
            return (pair.rule, ["  \(names.joined(separator: " and ")) may be active together"])
        }
        for (index, exclusion) in specification.exclusions.withReferences {
            let policies = specification.policies.filter { $0.exclusions.contains(index) }.map(\.name)
            let by = policies.isEmpty ? "no policy" : policies.joined(separator: ", ")
            rules.append((exclusion.rule, ["  answered with \(exclusion.returnValue); applied by \(by)"]))
        }
        for role in specification.roles {
            for refusal in role.refusals {
                let names = specification.functions.filter { specification.roles[$0.role].name == role.name }.map(
                    \.name)
                let line =
                    "  answered with \(refusal.returnValue); the role \(role.name) in the phase "
                    + "\(specification.phases[refusal.phase].name): \(names.joined(separator: ", "))"
                if let known = rules.firstIndex(where: { $0.0.id == refusal.rule.id }) {
                    rules[known].1.append(line)
                } else {
                    rules.append((refusal.rule, [line]))
                }
            }
        }
        if let concurrency = specification.concurrency {
            let values = "\(concurrency.startReturnValue) for a start, else \(concurrency.otherReturnValue)"
            rules.append((concurrency.rule, ["  answered with \(values)"]))
        }
        if let meanwhile = specification.meanwhile {
            rules.append((meanwhile.rule, ["  answered with \(meanwhile.returnValue)"]))
        }
        return rules.map { (rule: $0.0, about: $0.1) }
    }

    private func aboutRule(_ id: String) -> [String]? {
        guard let found = rules.first(where: { $0.rule.id == id }) else { return nil }
        let number = found.rule.number.map { " (number \($0))" } ?? ""
        let text = found.rule.text.isEmpty ? "" : ": \(found.rule.text)"
        var lines = ["\(id)\(number)\(text)", "  \(found.rule.citation.words)"] + found.about
        if let reading = specification.readings.first(where: { $0.id == found.rule.reading }) {
            lines += about(reading)
        }
        let answers = specification.functions.flatMap { function in
            function.answers.filter { $0.ruleID == id }.map {
                "  \(function.name) answers \($0.returnValue): \($0.reason)"
            }
        }
        return lines + answers
    }

    private func about(_ reading: Reading) -> [String] {
        [
            "reading \(reading.id): \(reading.question) \(reading.chosen). \(reading.reason)",
            "  \(reading.citation.words)",
        ]
    }
}
