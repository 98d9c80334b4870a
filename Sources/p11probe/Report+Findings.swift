// SPDX-License-Identifier: MIT

import CryptokiSession

extension Report {
    // MARK: The matrix

    var matrix: [String] {
        let offered = bench.offered
        var cells: [SessionOperation: [SessionOperation: Cell]] = [:]
        for one in of(.pair, .restart) {
            if let then = one.then { cells[one.active[0], default: [:]][then] = Cell(one) }
        }
        let rows = offered.map { first in
            (name: "\(first)", cells: offered.map { cells[first]?[$0]?.text ?? "" })
        }
        let used = Set(cells.values.flatMap(\.values).map(\.text))
        let legend = Cell.legend.filter { used.contains($0.text) }.map { "  \(Layout.pad($0.text, 6))  \($0.meaning)" }
        return ["While the operation of the row is active, the one of the column is started"]
            + Layout.table(titles: offered.map { "\($0)" }, rows: rows) + [""] + legend + otherRefusals
    }

    private struct Cell {
        let text: String

        init(_ one: Observation) {
            let isForbidden = one.verdict != .admitted
            text =
                switch one.outcome {
                case .allowed: isForbidden ? "yes!" : "yes"
                case .refused: isForbidden ? "no" : "no*"
                case .abandoned: "drops"
                case .wrong: "WRONG!"
                case .unusable: "vain"
                case .broken: "breaks"
                default: "?"
                }
        }

        static let legend: [(text: String, meaning: String)] = [
            ("yes", "both are active and give the right results"),
            ("yes!", "the same, but the rules forbid it"),
            ("no", "refused, as the rules say; the older one goes on"),
            ("no*", "refused, but the rules admit it: a token may do less; the older one goes on"),
            ("drops", "the newer one works, the older one ended in silence (the usage guide permits it, 4.1)"),
            ("WRONG!", "a result is wrong"),
            ("vain", "the start answered CKR_OK, but the newer one does not work; the older one goes on"),
            ("breaks", "the older one is gone, and the newer one does not work either"),
            ("?", "could not be tried"),
        ]
    }

    /// A refusal is expected to say that an operation is active.
    private var otherRefusals: [String] {
        let others = of(.pair, .restart, .third).filter {
            ($0.outcome == .refused || $0.outcome == .broken) && $0.value != .operationActive && $0.value != .ok
        }
        return grouped(others, "refused with another value than \(ReturnValue.operationActive)", \.names) {
            "\($0.value)"
        }
    }

    // MARK: The rest

    var secondStarts: [String] {
        ["Second starts of an operation that was fed a part"]
            + grouped(of(.restart), "", { "\($0.active[0])" }) { one in
                switch one.outcome {
                case .refused: "refused with \(one.value)"
                case .abandoned: "begins anew, the first part is lost"
                case .allowed: "accepted as a second one beside the first!"
                case .wrong: "accepted, and a result is WRONG!"
                case .unusable: "answered \(one.value), but changed nothing"
                case .broken: "the operation is gone (\(one.value))"
                default: "could not be tried"
                }
            }
    }

    var thirds: [String] {
        let thirds = of(.third)
        if thirds.isEmpty {
            return ["Third operations", "  none tried: no two are allowed together that the rules admit"]
        }
        let title = "Third operations beside two that the rules admit: \(thirds.count) tried"
        if thirds.allSatisfy({ $0.outcome == .refused }) { return ["\(title), all refused"] }
        let others = thirds.filter { $0.outcome != .refused }
        let end = others.count == thirds.count ? [] : ["  all others refused"]
        return [title] + grouped(others, "", \.names) { "\($0.outcome.rawValue)\($0.brokenRule == nil ? "" : "!")" }
            + end
    }

    var singles: [String] {
        let singles = of(.single)
        if singles.isEmpty { return [] }
        return ["The call that does all in one part, after a part, where the standard contradicts itself"]
            + grouped(singles, "", { "\($0.active[0])" }) { one in
                switch one.outcome {
                case .allowed: "accepted\(one.brokenRule == nil ? "" : "!") (\(one.value))"
                case .refused: "refused with \(one.value), the operation goes on"
                case .ended: "error \(one.value), the operation is ended"
                case .wrong: "error \(one.value), and the operation goes on to a WRONG result!"
                default: "could not be tried"
                }
            }
    }

    var interruptions: [String] {
        let all = of(.cancel, .nullMechanism, .login, .logout)
        if all.isEmpty { return [] }
        let names: [(Observation.Kind, String)] = [
            (.cancel, "C_SessionCancel"), (.nullMechanism, "a start with a NULL mechanism"), (.logout, "C_Logout"),
            (.login, "C_Login"),
        ]
        var lines = ["What becomes of an operation that is active (for information)"]
        for (kind, name) in names {
            lines += grouped(all.filter { $0.kind == kind }, name, { "\($0.active[0])" }) { one in
                let what =
                    switch one.outcome {
                    case .goesOn: "goes on"
                    case .ended: "ended"
                    case .wrong: "goes on to a WRONG result"
                    case .crashed: "the module CRASHES"
                    default: "could not be tried"
                    }
                return one.outcome == .crashed ? what : "\(what) (\(one.value))"
            }
        }
        return lines
    }

    /// One line for each group: what they have in common, and their names.
    private func grouped(
        _ observations: [Observation], _ prefix: String, _ name: (Observation) -> String,
        by key: (Observation) -> String
    ) -> [String] {
        var groups: [(key: String, names: [String])] = []
        for one in observations {
            let key = key(one)
            if let index = groups.firstIndex(where: { $0.key == key }) {
                groups[index].names.append(name(one))
            } else {
                groups.append((key, [name(one)]))
            }
        }
        return groups.flatMap { Layout.list("\(prefix)\(prefix.isEmpty ? "" : ": ")\($0.key):", $0.names) }
    }

    // MARK: The summary

    var summary: [String] {
        let starts = of(.pair, .restart, .third)
        var lines = ["Summary"]
        let wrong = observations.filter { $0.outcome == .wrong }
        if !wrong.isEmpty { lines += Layout.list("WRONG RESULTS, \(wrong.count):", wrong.map(described)) }
        lines += violations
        let abandoned = starts.filter { $0.outcome == .abandoned }.count
        if abandoned > 0 {
            lines.append(
                "  \(counted(abandoned, "start")) ended an older operation in silence; the guide permits that (4.1), but data is lost."
            )
        }
        let broken = starts.filter { $0.outcome == .broken || $0.outcome == .unusable }.count
        if broken > 0 {
            lines.append("  \(counted(broken, "start")) left an operation that cannot be used, or none at all.")
        }
        let pairs = of(.pair).filter { $0.verdict == .admitted }
        let works = pairs.filter { $0.outcome == .allowed }.count
        if !pairs.isEmpty {
            lines.append(
                "  Of \(pairs.count) starts that make a pair which the rules admit, \(works) are allowed with the right results."
            )
        }
        let refused = starts.filter { $0.outcome == .refused }.count
        lines.append("  \(refused) of \(starts.count) starts beside an active operation are refused.")
        if works > 0, !bench.token.hasDualOperations {
            lines.append(
                "  The token allows pairs although CKF_DUAL_CRYPTO_OPERATIONS is not set: see --policy single.")
        }
        if works == 0, bench.token.hasDualOperations, !pairs.isEmpty {
            lines.append("  The token sets CKF_DUAL_CRYPTO_OPERATIONS, but allows no pair.")
        }
        let crashes = observations.filter { $0.outcome == .crashed }.count
        if crashes > 0 {
            lines.append("  \(counted(crashes, "start")) with a NULL mechanism ended in a crash of the module.")
        }
        return lines
    }

    private func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private var violations: [String] {
        let all = observations.filter { $0.brokenRule != nil }
        if all.isEmpty { return ["  Nothing that the rules forbid is allowed."] }
        var lines = [
            "  \(all.count) forbidden combination\(all.count == 1 ? " is" : "s are") allowed under the policy \(policy.name):"
        ]
        for rule in Rule.allCases {
            let own = all.filter { $0.brokenRule == rule }
            if own.isEmpty { continue }
            lines.append("  \(rule.id) (\(rule.citation)): \(own.count)")
            lines.append("    \(rule.text)")
            lines += Layout.list("", own.map(described), indent: 3)
        }
        return lines
    }

    private func described(_ one: Observation) -> String {
        one.kind == .single ? "\(one.active[0]) after a part" : one.names
    }
}
