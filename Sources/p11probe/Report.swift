// SPDX-License-Identifier: MIT

import CryptokiSession

/// What was found out, for people and for programs.
struct Report {
    let bench: Bench
    let policy: Policy
    let observations: [Observation]

    var text: String {
        let parts = [head, operations, matrix, secondStarts, thirds, singles, interruptions, summary]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    func of(_ kinds: Observation.Kind...) -> [Observation] {
        observations.filter { kinds.contains($0.kind) }
    }

    // MARK: For programs

    var table: String {
        var lines = [["kind", "first", "second", "third", "rules", "observed", "value", "violation"]]
        for operation in SessionOperation.allCases {
            let reason = bench.reasons[operation]
            lines.append([
                "alone", "\(operation)", "-", "-", "-", reason == nil ? "offered" : "not-offered", "\(reason ?? .ok)",
                "no",
            ])
        }
        for one in observations {
            let names = one.active.map { "\($0)" } + (one.then.map { ["\($0)"] } ?? []) + ["-", "-"]
            lines.append(
                [one.kind.rawValue] + names.prefix(3) + [
                    one.verdict?.text ?? "-", one.outcome.rawValue, one.valueText, one.brokenRule == nil ? "no" : "yes",
                ])
        }
        return lines.map { $0.joined(separator: "\t") + "\n" }.joined()
    }

    // MARK: What was looked at

    private var head: [String] {
        let token = bench.token
        let module = token.module
        var lines = ["Module  \(module.path)"]
        if let info = module.info {
            lines.append(
                "        \(text(of: info.libraryDescription)), \(text(of: info.manufacturerID)), version "
                    + "\(p11probe.text(info.libraryVersion)), Cryptoki \(p11probe.text(info.cryptokiVersion))")
        }
        lines.append(
            "        functions used: "
                + (module.list30 == nil
                    ? "the 68 of C_GetFunctionList" : "those of the interface \(p11probe.text(module.version))"))
        lines.append(
            "Token   \(text(of: token.info.label)) in slot \(token.slot): \(text(of: token.info.manufacturerID)), "
                + "\(text(of: token.info.model)), hardware \(p11probe.text(token.info.hardwareVersion)), firmware "
                + "\(p11probe.text(token.info.firmwareVersion))")
        lines.append(
            "        CKF_DUAL_CRYPTO_OPERATIONS is \(token.hasDualOperations ? "set" : "not set"); "
                + (token.pin == nil ? "not logged in" : "logged in as the user"))
        if bench.isSingle { lines.append("        has one session only: each experiment began with new keys") }
        return lines + ["Rules   policy \(policy.name)"]
    }

    private func text<Characters>(of characters: Characters) -> String {
        let text = p11probe.text(characters)
        return text.isEmpty ? "(no name)" : text
    }

    private var operations: [String] {
        let width = SessionOperation.allCases.map { "\($0)".count }.max() ?? 0
        let lines = SessionOperation.allCases.map { operation in
            let what: String
            if let offer = bench.offers[operation] {
                what =
                    (offer.driver.mechanism?.description ?? "offered")
                    + (offer.expected == nil ? " (its result differs every time, so it is not compared)" : "")
            } else if let reason = bench.reasons[operation],
                bench.tried.contains(operation) || reason != .mechanismInvalid
            {
                what = "not offered: \(reason)"
            } else {
                what = "not offered: no mechanism, no key, or nothing to work on"
            }
            return "  \(Layout.pad("\(operation)", width))  \(what)"
        }
        return ["Operations"] + lines
    }
}

extension Observation {
    /// Where nothing was answered there is no value.
    var valueText: String { outcome == .crashed ? "-" : "\(value)" }

    /// What was active, and what then started.
    var names: String {
        let older = active.map { "\($0)" }.joined(separator: "+")
        return then.map { "\(older) then \($0)" } ?? older
    }
}
