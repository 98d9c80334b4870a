// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import Spelling
import ValidatedXML

// What a vendor adds to the standard, and which of its rules a vendor restricts.

extension Loader {
    /// Puts what the overlay adds beside what is there: from then on it is read like the rest, and a name or number that
    /// is there already is found at both places.
    mutating func lay(_ overlay: XMLElement, over root: XMLElement, _ headings: XMLElement, _ registry: XMLElement) {
        if overlay.children.contains(where: \.isUnknown) { forgetWhatThereIs() }
        for addition in overlay.children where !addition.isUnknown {
            switch addition.name {
            case "document": headings.add(addition)
            case "types", "constants": registry.add(addition)
            case "operations", "exclusions", "roles", "code-sets", "functions": root.add(addition)
            default: break
            }
        }
        // Groups of the overlay's own may be added to as well.
        for addition in overlay.children("adds") { add(addition, to: registry) }
    }

    private mutating func add(_ addition: XMLElement, to registry: XMLElement) {
        let groups = registry.children("constants")
        if let group = groups.first(where: { $0["group"] != nil && $0["group"] == addition["group"] }) {
            return addition.children("constant").forEach(group.add)
        }
        symbols.constants.markIncomplete()
        let isGroupMissing = groups.contains { $0["group"] == nil } || registry.children.contains(where: \.isUnknown)
        guard let name = addition["group"], !isGroupMissing else { return }
        let hint = Spelling.suggestion(for: name, among: groups.map { $0.text("group") })
        diagnostics.report(
            addition.place(of: "group"), .unknownGroup, "unknown group of constants '\(name)'\(hint)")
    }

    /// An unknown element of an overlay may have declared names of any kind: suppress follow-up errors.
    private mutating func forgetWhatThereIs() {
        symbols.documents.markIncomplete()
        symbols.types.markIncomplete()
        symbols.constants.markIncomplete()
        symbols.operations.markIncomplete()
        symbols.exclusions.markIncomplete()
        symbols.roles.markIncomplete()
        symbols.codeSets.markIncomplete()
        symbols.functions.markIncomplete()
        symbols.rules.markIncomplete()
    }

    /// Takes back pairs, and makes policies apply more.
    mutating func restrict(by overlay: XMLElement) {
        for element in overlay.children("withdraws") {
            symbols.withdrawals.declare(element, by: .pair, into: &diagnostics)
            guard resolve(element, "pair", in: symbols.pairs) != nil else { continue }
            specification.pairs.updateEach { pair in
                if pair.rule.id == element["pair"] { pair.withdrawal = Origin(element) }
            }
        }
        for element in overlay.children("tightens") {
            let policy = resolve(element, "policy", in: symbols.policies)
            let exclusion = resolve(element, "exclusion", in: symbols.exclusions)
            guard let policy, let exclusion else { continue }
            if specification.policies[policy].exclusions.contains(exclusion) {
                let own = specification.policies[policy].origin.element.children("applies").first {
                    $0["exclusion"] == element["exclusion"]
                }
                let applied = own ?? tightened[.init(policy: policy, exclusion: exclusion)]
                diagnostics.report(
                    element.place(of: "exclusion"), .needlessExclusion,
                    "the policy '\(element.text("policy"))' already applies this exclusion",
                    notes: applied.map { [.init(place: $0.place(of: "exclusion"), message: "here")] } ?? [])
            } else {
                specification.policies[policy].exclusions.append(exclusion)
                tightened[.init(policy: policy, exclusion: exclusion)] = element
            }
        }
    }
}
