// SPDX-License-Identifier: MIT

import Spelling

// What a vendor adds to the standard, and which of its rules a vendor restricts.

extension Loader {
    /// Puts what the overlay adds beside what is there: from then on it is read like the rest, and a name or number that
    /// is there already is found at both places.
    mutating func lay(_ overlay: XMLElement, over root: XMLElement, _ headings: XMLElement, _ registry: XMLElement) {
        for addition in overlay.children where !addition.isUnknown {
            switch addition.name {
            case "document": headings.add(addition)
            case "types", "constants": registry.add(addition)
            case "adds": add(addition, to: registry)
            case "operations", "exclusions", "roles", "code-sets", "functions": root.add(addition)
            default: break
            }
        }
    }

    private mutating func add(_ addition: XMLElement, to registry: XMLElement) {
        guard let name = addition["group"] else { return }
        let groups = registry.children("constants").filter { $0["group"] != nil }
        guard let group = groups.first(where: { $0["group"] == name }) else {
            let hint = Spelling.suggestion(for: name, among: groups.map { $0.text("group") })
            return diagnostics.error(
                addition.place(of: "group"), "unknown-group", "no group of constants is called '\(name)'\(hint)")
        }
        addition.children("constant").forEach(group.add)
    }

    /// Takes back pairs, and makes policies apply more.
    mutating func restrict(by overlay: XMLElement) {
        for element in overlay.children("withdraws") {
            guard let id = element["pair"] else { continue }
            if let index = specification.pairs.firstIndex(where: { $0.rule.id == id }) {
                specification.pairs.remove(at: index)
            } else {
                let hint = Spelling.suggestion(for: id, among: specification.pairs.map(\.rule.id))
                diagnostics.error(element.place(of: "pair"), "unknown-pair", "no pair is called '\(id)'\(hint)")
            }
        }
        for element in overlay.children("tightens") {
            let policy = resolve(element, "policy", in: policies)
            let exclusion = resolve(element, "exclusion", in: exclusions)
            guard let policy, let exclusion else { continue }
            if specification.policies[policy].exclusions.contains(exclusion) {
                diagnostics.error(
                    element.place(of: "exclusion"), "needless-exclusion",
                    "'\(element.text("policy"))' applies this exclusion already")
            } else {
                specification.policies[policy].exclusions.append(exclusion)
            }
        }
    }
}
