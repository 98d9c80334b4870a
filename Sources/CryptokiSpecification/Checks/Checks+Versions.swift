// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

// What the versions of the standard must fulfil.

extension Checks {
    /// What a version has is made of what that version has.
    mutating func checkSince() {
        for element in registry.items("types") {
            for attribute in ["is", "to", "returns"] { checkSince(of: element, element, attribute) }
            for part in element.children { checkSince(of: element, part, "type") }
        }
        for function in functions {
            for part in function.children("parameter") { checkSince(of: function, part, "type") }
        }
    }

    private mutating func checkSince(of user: XMLElement, _ part: XMLElement, _ attribute: String) {
        guard let type = part[attribute], let element = symbols.types.declaration(of: type) else { return }
        let (version, own) = (element.text("since"), user.text("since"))
        if version == own { return }
        let age = specification.registry.age
        if age(version) > age(own), symbols.versions.find(own) != nil {
            diagnostics.report(
                part.place(of: attribute), .laterThanItsUser,
                "\(type) is newer (\(version)) than \(user.text("name")) (\(own)), which uses it",
                notes: [.init(place: element.place(of: "since"), message: "the version of \(type)")])
        }
    }

    /// The function lists grow by appending: a function of an earlier version has a smaller number.
    mutating func checkOrderOfFunctions() {
        let registry = specification.registry
        let functions = specification.functions.filter {
            !$0.origin.isFaulty && $0.isListed && $0.number <= Self.mostNumber
        }.sorted {
            $0.number < $1.number
        }
        for (function, next) in zip(functions, functions.dropFirst())
        where registry.age(of: next.since) < registry.age(of: function.since) {
            diagnostics.report(
                next.origin.place(of: "since"), .sinceGoesBackwards,
                "\(next.name) is older than \(function.name) of \(function.since), whose number is smaller; "
                    + "the function lists only grow",
                notes: [.init(place: function.origin.place(of: "number"), message: "the smaller number")])
        }
    }
}
