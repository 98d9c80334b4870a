// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import ValidatedXML

/// Checks what a specification must fulfil beyond the form and the references of each declaration.
struct Checks {
    let specification: Specification
    let symbols: Symbols
    let claims: NumberClaims
    /// The elements of the data and of the registry, with what overlays add.
    let root: XMLElement
    let registry: XMLElement
    let hasFaultyCodeSet: Bool
    /// What loading found, and then what the checks find.
    var diagnostics: Diagnostics

    init(_ loader: Loader, _ root: XMLElement, _ registry: XMLElement) {
        specification = loader.specification
        symbols = loader.symbols
        claims = loader.claims
        diagnostics = loader.diagnostics
        self.root = root
        self.registry = registry
        hasFaultyCodeSet = specification.codeSets.contains(where: \.origin.hasFault)
    }

    /// Runs all passes, in their order. Each finds all its faults.
    ///
    /// 1. Versions: what a version has is made of what that version has.
    /// 2. Numbers: no two declarations of a kind have the same one.
    /// 3. Meaning: sizes, policies, pairs, outcomes, roles and functions make sense. After an error of loading or of an earlier pass,
    ///    warnings are dropped: what could not be resolved leaves gaps, and a warning about a gap misleads.
    /// 4. Only if there is no error so far: roles that start an operation without saying so.
    ///
    /// - Returns: what loading and the checks found.
    @inline(never)
    consuming func run() -> Diagnostics {
        checkSince()
        claims.reportDuplicates(&diagnostics)
        let earlier = diagnostics
        diagnostics = Diagnostics()
        checkMeaning()
        let found = diagnostics
        diagnostics = earlier
        diagnostics.append(contentsOf: earlier.hasErrors ? found.errors : found)
        if !diagnostics.hasErrors {
            checkStarts()
        }
        return diagnostics
    }

    /// The elements of all functions, those included of which the specification has no function for their faults.
    var functions: [XMLElement] { root.children("functions").flatMap { $0.children("function") } }

    private mutating func checkMeaning() {
        checkSizes()
        checkWithin()
        checkPairs()
        checkNumbering()
        checkElse()
        checkDistinct()
        checkAnswersOfSuccess()
        checkOutcomes()
        checkRoles()
        for function in specification.functions where !function.origin.hasFault { check(function) }
        checkOrderOfFunctions()
    }

    /// Two bits for each operation in a word of 64.
    static let mostOperations = 32
    /// A bit each in a byte.
    static let mostFacts = 8
    /// Numbers of functions, rules and the like are a byte in the tables; 0 means none.
    static let mostNumber = 255

    private mutating func checkSizes() {
        for operation in specification.operations where operation.bit >= Self.mostOperations {
            diagnostics.report(
                operation.origin.place(of: "bit"), .wordTooSmall,
                "the state has room for \(Self.mostOperations) operations; use a bit from 0 to \(Self.mostOperations - 1)"
            )
        }
        for fact in specification.facts where fact.bit >= Self.mostFacts {
            diagnostics.report(
                fact.origin.place(of: "bit"), .wordTooSmall, "a call has room for 8 facts; use a bit from 0 to 7")
        }
        if let meanwhile = specification.meanwhile, let number = meanwhile.rule.number, number > Self.mostNumber {
            diagnostics.report(
                meanwhile.origin.place(of: "number"), .numberOutOfRange,
                "rule numbers range from 1 to \(Self.mostNumber)")
        }
        if specification.roles.count > Self.mostNumber, let role = specification.roles.last {
            diagnostics.report(
                role.origin.place, .numberOutOfRange, "the tables have room for \(Self.mostNumber) roles")
        }
        var numbered = functions.map { ("function", $0.number("number"), Origin($0)) }
        numbered += specification.exclusions.map { ("rule", $0.rule.number ?? 0, $0.origin) }
        numbered += specification.roles.flatMap(\.refusals).map { ("rule", $0.rule.number ?? 0, $0.origin) }
        if let concurrency = specification.concurrency {
            numbered.append(("rule", concurrency.rule.number ?? 0, concurrency.origin))
        }
        for (noun, number, origin) in numbered
        where !(1...Self.mostNumber).contains(number) && origin.has("number") {
            diagnostics.report(
                origin.place(of: "number"), .numberOutOfRange, "\(noun) numbers range from 1 to \(Self.mostNumber)"
            )
        }
    }

    /// A policy within itself claims nothing. Two that are within one another claim to admit the same.
    private mutating func checkWithin() {
        for (policy, item) in specification.policies.withReferences where item.within == policy {
            diagnostics.report(
                item.origin.place(of: "within"), .withinItself,
                "'within' names the policy itself; name another policy that admits at least as much")
        }
    }

    private mutating func checkPairs() {
        var seen: [Set<Ref<Operation>>: Pair] = [:]
        for pair in specification.pairs {
            let both: Set = [pair.first, pair.second]
            if both.count == 1 {
                diagnostics.report(
                    pair.origin.place(of: "second"), .pairWithItself,
                    "an operation cannot form a pair with itself")
            } else if let first = seen[both], first.rule.id != pair.rule.id {
                diagnostics.report(
                    pair.origin.place, .duplicatePair, "duplicate pair",
                    notes: [.init(place: first.origin.place, message: "the first one")])
            }
            seen[both] = pair
        }
    }

    /// Numbers that are places in the tables: each list is numbered from 0 in its order.
    private mutating func checkNumbering() {
        var lists = [("policies", specification.policies.map { ($0.number, $0.origin) })]
        lists.append(("perspectives", specification.perspectives.map { ($0.number, $0.origin) }))
        lists.append(("conflicts", specification.conflicts.map { ($0.number, $0.origin) }))
        for (noun, items) in lists
        where !items.contains(where: { $0.1.isFaulty }) && Set(items.map(\.0)).count == items.count {
            for (index, (number, origin)) in items.enumerated() where number != index {
                diagnostics.report(
                    origin.place(of: "number"), .numbering,
                    "\(noun) are numbered from 0 in the order of their declarations; this number must be \(index)")
                break
            }
        }
    }
}
