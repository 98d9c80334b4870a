// SPDX-License-Identifier: MIT

import CryptokiSpecification
import SourceDiagnostics

/// Checks that the names of the data stay different names, and no words of the languages, in generated code.
package struct NameChecks {
    /// What has an identifier.
    private enum Holder {
        /// The generated headers.
        case headers
        /// A type, function or constant, and which of these.
        case declaration(Origin, String)
        /// A parameter, member or argument.
        case variable(Origin)
    }

    private let declarations: Declarations
    private let types, functions: [Origin]
    private let groups: [(group: Origin, constants: [Origin])]
    private var diagnostics = Diagnostics()

    private init(_ declarations: Declarations) {
        self.declarations = declarations
        types = declarations.types
        functions = declarations.functions
        groups = declarations.constantGroups.map { ($0, $0.constants) }
    }

    /// Runs all checks.
    package static func run(_ declarations: Declarations, into diagnostics: inout Diagnostics) {
        var checks = NameChecks(declarations)
        checks.checkMangledNames()
        checks.checkIdentifiers()
        // A name that is wrong anyway most likely is another one in the end.
        if !diagnostics.hasErrors, !checks.diagnostics.hasErrors {
            checks.checkCalls()
            checks.checkSwiftTypes()
        }
        diagnostics.append(contentsOf: checks.diagnostics)
    }

    // MARK: Names that become the same

    private mutating func checkMangledNames() {
        for origins in declarations.enumerated { checkMangled(origins, by: "name") }
        checkMangled(declarations.rules + declarations.rulesOfConcurrency, by: "id")
        checkMangled(groups.map(\.group), by: "noun")
        for (group, constants) in groups {
            guard group["noun"] != nil, let prefix = group["prefix"] else { continue }
            check(constants, by: "name", in: "Swift") { Naming.member($0, without: prefix) }
        }
    }

    private mutating func checkMangled(_ origins: [Origin], by attribute: String) {
        let count = diagnostics.all.count
        check(origins, by: attribute, in: "C", Naming.constant)
        // Names that are the same in C are mostly the same in Swift as well.
        if diagnostics.all.count == count { check(origins, by: attribute, in: "Swift", Naming.camel) }
    }

    private mutating func check(
        _ origins: [Origin], by attribute: String, in language: String, _ mangled: (String) -> String
    ) {
        var seen: Set<String> = []
        seen.reserveCapacity(origins.count)
        for origin in origins {
            guard let name = origin[attribute], !seen.insert(mangled(name)).inserted,
                let other = origins.first(where: { $0[attribute].map { mangled($0) == mangled(name) } ?? false }),
                let otherName = other[attribute], otherName != name
            else { continue }
            let (old, new) = Origin.inOrder(other, origin)
            let names = new.isSame(as: origin) ? (name, otherName) : (otherName, name)
            diagnostics.report(
                new.place(of: attribute), .nameCollision,
                "'\(names.0)' and '\(names.1)' become the same name in \(language)",
                notes: [.init(place: old.place(of: attribute), message: "the first one")])
        }
    }

    // MARK: Identifiers of C

    /// Types, functions and constants share one space of names; constants are macros, which replace parameters and members.
    private mutating func checkIdentifiers() {
        var holders: [String: Holder] = [:]
        holders.reserveCapacity(1024)
        for name in ReservedWords.ofHeaders { holders[name] = .headers }
        for name in functions.compactMap({ $0["name"] }) { holders["CK_\(name)"] = .headers }
        for type in types { check(type, "type", among: &holders) }
        for function in functions { check(function, "function", among: &holders) }
        for declaration in types + functions {
            for variable in declaration.variables {
                guard let name = variable["name"] else { continue }
                checkWord(variable, name)
                if holders[name] == nil { holders[name] = .variable(variable) }
            }
        }
        for (_, constants) in groups {
            for constant in constants {
                guard let name = constant["name"] else { continue }
                checkWord(constant, name)
                checkPrefix(constant, name)
                if let holder = holders[name] { report(constant, "constant", name, holder) }
            }
        }
    }

    private mutating func check(_ origin: Origin, _ noun: String, among holders: inout [String: Holder]) {
        guard let name = origin["name"] else { return }
        checkWord(origin, name)
        checkPrefix(origin, name)
        if let holder = holders[name] {
            report(origin, noun, name, holder)
        } else {
            holders[name] = .declaration(origin, noun)
        }
    }

    private mutating func report(_ origin: Origin, _ noun: String, _ name: String, _ holder: Holder) {
        switch holder {
        case .headers: refuse(origin, "name", name, "a name of the generated headers")
        case .declaration(let other, let otherNoun):
            // A name that is declared twice has been reported.
            if otherNoun == noun { return }
            // In one layer the registry, with its types and constants, comes before the functions.
            let (old, new) =
                otherNoun == "function" ? Origin.inOrder(origin, other) : Origin.inOrder(other, origin)
            let nouns = new.isSame(as: origin) ? (noun, otherNoun) : (otherNoun, noun)
            reportCollision(of: new, "the \(nouns.0) '\(name)' has the name of a \(nouns.1)", old)
        case .variable(let variable):
            let (old, new) = Origin.inOrder(origin, variable)
            let message =
                new.isSame(as: origin)
                ? "the constant '\(name)' is a macro in C and has the name of a \(variable.kind)"
                : "the \(variable.kind) '\(name)' has the name of a constant, which is a macro in C"
            reportCollision(of: new, message, old)
        }
    }

    private mutating func reportCollision(of new: Origin, _ message: String, _ old: Origin) {
        diagnostics.report(
            new.place(of: "name"), .nameCollision, message,
            notes: [.init(place: old.place(of: "name"), message: "the other one")])
    }

    private mutating func checkWord(_ origin: Origin, _ name: String) {
        if ReservedWords.isKeywordOfC(name) {
            diagnostics.report(origin.place(of: "name"), .reservedWord, "'\(name)' is a keyword of C or C++")
        }
    }

    /// A name must not begin as those of the generated headers do.
    private mutating func checkPrefix(_ origin: Origin, _ name: String) {
        // Nearly all names begin with a C.
        if name.utf8.first == UInt8(ascii: "C") { return }
        let prefixes = origin.kind == "function" ? ReservedWords.prefixes : ReservedWords.prefixesOfAll
        if prefixes.contains(where: { name.utf8.starts(with: $0.utf8) }) {
            refuse(origin, "name", name, "a name of the generated headers")
        }
    }

    // MARK: Names in Swift

    private mutating func checkCalls() {
        let unused = Set(declarations.unusedUses.compactMap { $0["name"] })
        for parameter in functions.flatMap(\.variables) {
            guard let use = parameter["use"], let name = parameter["name"], !unused.contains(use) else { continue }
            if ReservedWords.ofCalls.contains(name) {
                refuse(parameter, "name", name, "a name of the generated functions, or a keyword of Swift")
            }
        }
        for rule in declarations.rules where rule["id"] == "none" { refuse(rule, "id", "none", "the name of no rule") }
    }

    private mutating func checkSwiftTypes() {
        for (group, _) in groups {
            guard let noun = group["noun"], ReservedWords.ofSwiftTypes.contains(Naming.type(noun)) else { continue }
            refuse(group, "noun", noun, "a type of Swift or of the generated code")
        }
    }

    private mutating func refuse(_ origin: Origin, _ attribute: String, _ name: String, _ what: String) {
        diagnostics.report(
            origin.place(of: attribute), .reservedName, "'\(name)' is \(what): choose another name")
    }
}
