// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import ValidatedXML

// Roles: their own lines, and those of the roles that they are like.

extension Loader {
    mutating func loadRoles(_ elements: [XMLElement]) {
        specification.roles = Table(
            elements.map { element in
                var role = Role(
                    name: element.text("name"), starts: element["starts"] == "yes",
                    scope: Role.Scope(rawValue: element["scope"] ?? "own") ?? .own,
                    group: resolve(element, "group", in: symbols.groups),
                    async: element["async"].flatMap { Role.Async(rawValue: $0) }, summary: element.text("summary"),
                    origin: Origin(element))
                if let variant = element.child("variant") {
                    let fact = resolve(variant, "fact", in: symbols.facts)
                    let other = resolve(variant, "role", in: symbols.roles)
                    let version = variant["since"].map { _ in since(variant) }
                    if let fact, let other { role.variant = .init(fact: fact, role: other, since: version) }
                }
                role.refusals = element.children("refuses").compactMap { refuses in
                    let rule = rule(refuses)
                    let returnValue = constant(refuses, "with")
                    return resolve(refuses, "phase", in: symbols.phases)
                        .map {
                            .init(
                                rule: rule, phase: $0, returnValue: returnValue, isSoft: refuses["softly"] == "yes",
                                origin: Origin(refuses))
                        }
                }
                role.afters = afters(of: element)
                return role
            })
        let origins = Column<Role, XMLElement>(elements)
        for role in origins.indices { inherit(role, origins) }
    }

    private mutating func afters(of role: XMLElement) -> [Role.After] {
        var seen: [String: XMLElement] = [:]
        return role.children("after").compactMap { element in
            let name = "\(role.text("name"))/\(element.text("outcome"))" + (element["from"].map { "/\($0)" } ?? "")
            if let first = seen[name], !element.isFaulty {
                diagnostics.report(
                    element.place, .duplicateAfter, "duplicate <after> for \(name)",
                    notes: [.init(place: first.place, message: "the first one")])
            }
            if !element.isFaulty { seen[name] = element }
            let outcome = resolve(element, "outcome", in: symbols.outcomes)
            let to = element["to"] == "same" ? nil : resolve(element, "to", in: symbols.phases, or: ["same"])
            let from = resolve(element, "from", in: symbols.phases)
            let known = resolve(element, "known", in: symbols.phases)
            _ = resolve(element, "reading", in: symbols.readings)
            let rule = Rule(
                id: name, number: nil, citation: citation(element), text: element.text, reading: element["reading"])
            return outcome.map {
                .init(
                    rule: rule, outcome: $0, to: to, from: from, known: known,
                    endsUnsaved: element["unsaved"] != nil,
                    reach: element["reach"].flatMap { Reach(rawValue: $0) } ?? .session,
                    together: element["together"] == "yes", origin: Origin(element))
            }
        }
    }

    /// Adds what the role that this one is like says of phases and outcomes of which this one says nothing.
    private mutating func inherit(_ role: Ref<Role>, _ elements: Column<Role, XMLElement>) {
        var ancestors = [role]
        while let other = resolve(elements[ancestors.last!], "like", in: symbols.roles) {
            if ancestors.contains(other) {
                // Once for a circle.
                if other != role { return }
                return diagnostics.report(
                    elements[role].place(of: "like"), .roleLikeItself,
                    "the roles form a cycle through 'like'; one must not use it",
                    notes: ancestors.dropFirst().map {
                        .init(place: elements[$0].place(of: "like"), message: "continues here")
                    })
            }
            ancestors.append(other)
            let base = specification.roles[other]
            let refused = specification.roles[role].refusals.map(\.phase)
            let spoken = specification.roles[role].afters.map(\.outcome)
            specification.roles[role].refusals += base.refusals.filter { !refused.contains($0.phase) }
            specification.roles[role].afters += base.afters.filter { !spoken.contains($0.outcome) }
            // What the other role inherits itself is already there if it stands earlier.
            if other < role { return }
        }
    }
}
