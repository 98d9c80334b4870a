// SPDX-License-Identifier: MIT

import RuleAnalysis

extension [Comparison.Change] {
    /// For people: each change with the rules under which it shows, and the calls that show it.
    package var text: String {
        let isBehaviour = contains { $0.kind != .words }
        var lines = isBehaviour ? [] : ["no change of behaviour"]
        for change in self {
            lines.append("\(change.kind.rawValue): \(change.subject)")
            if !change.rules.isEmpty { lines.append("  under \(grouped(change.rules))") }
            lines += change.steps.map { "    \($0)" }
            if !change.before.isEmpty {
                lines += [
                    "    \(change.subject): before: \(change.before)", "    \(change.subject): now: \(change.now)",
                ]
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `usage-guide, owner` and `usage-guide, observer` as `usage-guide: owner, observer`.
    private func grouped(_ rules: [String]) -> String {
        var groups: [(policy: Substring, rest: [Substring])] = []
        for rule in rules {
            let policy = rule.prefix { $0 != "," }
            let rest = rule.dropFirst(policy.count + 2).split(separator: ", ").joined(separator: " ")[...]
            if groups.last?.policy == policy {
                groups[groups.count - 1].rest.append(rest)
            } else {
                groups.append((policy, [rest]))
            }
        }
        return groups.map { "\($0.policy): \($0.rest.joined(separator: ", "))" }.joined(separator: "; ")
    }

    /// For machines: a list of objects with `kind`, `subject`, `rules`, `steps`, `before` and `now`.
    package var json: String {
        JSON.list(
            map { change in
                [
                    "kind": JSON(change.kind.rawValue), "subject": JSON(change.subject), "rules": JSON(change.rules),
                    "steps": JSON(change.steps), "before": JSON(change.before), "now": JSON(change.now),
                ]
            }
        ).text
    }
}
