// SPDX-License-Identifier: MIT

/// What a specification must fulfil beyond form and references.
struct Checks {
    private let specification: Specification
    private var diagnostics = Diagnostics()

    init(_ specification: Specification) { self.specification = specification }

    consuming func run() -> Diagnostics {
        checkSizes()
        checkPairs()
        checkNumbering()
        checkElse()
        checkDistinct()
        checkOutcomes()
        checkRoles()
        for function in specification.functions where !function.element.hasFault { check(function) }
        checkOrderOfFunctions()
        return diagnostics
    }

    /// Two bits for each operation in a word of 64.
    private static let mostOperations = 32
    /// Numbers of functions, rules and the like are a byte in the tables; 0 means none.
    private static let mostNumber = 255

    private mutating func checkSizes() {
        for operation in specification.operations where operation.bit >= Self.mostOperations {
            diagnostics.error(
                operation.element.place(of: "bit"), "word-too-small",
                "the state has room for \(Self.mostOperations) operations, of bits 0 to \(Self.mostOperations - 1)")
        }
        for fact in specification.facts where fact.bit >= 8 {
            diagnostics.error(
                fact.element.place(of: "bit"), "word-too-small", "there is room for 8 facts, of bits 0 to 7")
        }
        if let meanwhile = specification.meanwhile, let number = meanwhile.rule.number, number > Self.mostNumber {
            diagnostics.error(
                meanwhile.element.place(of: "number"), "number-out-of-range",
                "the numbers of rules are 1 to \(Self.mostNumber)")
        }
        var numbered = specification.functions.map { ("functions", $0.number, $0.element) }
        numbered += specification.exclusions.map { ("rules", $0.rule.number ?? 0, $0.element) }
        numbered += specification.roles.flatMap(\.refusals).map { ("rules", $0.rule.number ?? 0, $0.element) }
        if let concurrency = specification.concurrency {
            numbered.append(("rules", concurrency.rule.number ?? 0, concurrency.element))
        }
        for (noun, number, element) in numbered
        where !(1...Self.mostNumber).contains(number) && element["number"] != nil {
            diagnostics.error(
                element.place(of: "number"), "number-out-of-range", "the numbers of \(noun) are 1 to \(Self.mostNumber)"
            )
        }
    }

    private mutating func checkPairs() {
        var seen: [Set<Int>: Pair] = [:]
        for pair in specification.pairs {
            let both: Set = [pair.first, pair.second]
            if both.count == 1 {
                diagnostics.error(
                    pair.element.place(of: "second"), "pair-with-itself",
                    "an operation is no pair with itself: it is either active or not")
            } else if let first = seen[both] {
                diagnostics.error(
                    pair.element.place, "duplicate-pair", "the two are a pair already",
                    notes: [.init(place: first.element.place, message: "the first one")])
            }
            seen[both] = pair
        }
    }

    /// Numbers that are places in the tables: each list is numbered from 0 in its order.
    private mutating func checkNumbering() {
        var lists = [("policies", specification.policies.map { ($0.number, $0.element) })]
        lists.append(("perspectives", specification.perspectives.map { ($0.number, $0.element) }))
        lists.append(("conflicts", specification.conflicts.map { ($0.number, $0.element) }))
        for (noun, items) in lists
        where !items.contains(where: { $0.1.isFaulty }) && Set(items.map(\.0)).count == items.count {
            for (index, (number, element)) in items.enumerated() where number != index {
                diagnostics.error(
                    element.place(of: "number"), "numbering",
                    "the \(noun) are numbered from 0 in their order: this one is \(index)")
                break
            }
        }
    }

    private mutating func checkOutcomes() {
        guard let last = specification.outcomes.last else { return }
        for (index, outcome) in specification.outcomes.enumerated()
        where !outcome.element.isFaulty && outcome.value == nil && index + 1 != specification.outcomes.count {
            diagnostics.error(
                outcomePlace(index), "outcome-order",
                "the outcome of any other value stands last: only that one has no 'value'")
        }
        if last.value != nil, !last.element.isFaulty {
            diagnostics.error(
                outcomePlace(specification.outcomes.count - 1), "outcome-order",
                "the last outcome must be that of any other value, without a 'value'")
        }
    }

    private func outcomePlace(_ index: Int) -> Place { specification.outcomes[index].element.place }

    private mutating func checkRoles() {
        for role in specification.roles {
            if !role.refusals.isEmpty, role.scope != .own {
                diagnostics.error(
                    role.element.place(of: "scope"), "role-scope",
                    "a role that refuses phases speaks of its function's own operations")
            }
            var seen: [Phase.Code: Role.Refusal] = [:]
            for refusal in role.refusals where !specification.phases[refusal.phase].element.isFaulty {
                let code = specification.phases[refusal.phase].code
                if let first = seen[code] {
                    diagnostics.error(
                        refusal.element.place(of: "phase"), "duplicate-refusal", "the role refuses that phase already",
                        notes: [.init(place: first.element.place(of: "phase"), message: "the first time")])
                }
                seen[code] = refusal
            }
        }
    }

    /// No two classes are told by the same value and fact, and there is a phase in which an operation is not active.
    private mutating func checkDistinct() {
        var seen: [String: Outcome] = [:]
        for outcome in specification.outcomes where !outcome.element.isFaulty {
            let key = "\(outcome.value ?? "") \(outcome.fact.map { specification.facts[$0].name } ?? "")"
            if let first = seen[key], outcome.value != nil {
                diagnostics.error(
                    outcome.element.place(of: "value"), "duplicate-outcome", "the value tells another class already",
                    notes: [.init(place: first.element.place(of: "value"), message: "the first one")])
            }
            seen[key] = outcome
        }
        if let first = specification.phases.first,
            !specification.phases.contains(where: { $0.code == .idle || $0.element.isFaulty })
        {
            diagnostics.error(
                first.element.place(of: "code"), "no-idle-phase", "one phase must have the code 0: not active")
        }
    }

    /// An outcome that is "else" itself, perhaps by others, has no end.
    private mutating func checkElse() {
        for (index, outcome) in specification.outcomes.enumerated() {
            var next = outcome.otherwise
            var steps = 0
            while let other = next, other != index, steps < specification.outcomes.count {
                next = specification.outcomes[other].otherwise
                steps += 1
            }
            if next == index {
                diagnostics.error(outcome.element.place(of: "else"), "else-circle", "the outcome is \"else\" itself")
            }
        }
    }

    private mutating func check(_ function: Function) {
        let role = specification.roles[function.role]
        let element = function.element
        let needsOperation = role.starts || !role.refusals.isEmpty
        if needsOperation, function.operations.isEmpty {
            diagnostics.error(
                element.place(of: "role"), "role-without-operation",
                "the role '\(role.name)' speaks of an operation; name it with 'operation'")
        }
        if element["second"] != nil, element["operation"] == nil {
            diagnostics.error(
                element.place(ofName: "second"), "second-without-first", "a second operation needs a first, 'operation'"
            )
        }
        if function.operations.count == 2, function.operations[0] == function.operations[1] {
            diagnostics.error(element.place(of: "second"), "same-operation", "the second operation is the first one")
        }
        checkDual(function)
        checkAnswers(function, role)
    }

    private mutating func checkDual(_ function: Function) {
        guard function.operations.count == 2 else { return }
        guard function.operations[0] != function.operations[1] else { return }
        let isPair = specification.pairs.contains { Set([$0.first, $0.second]) == Set(function.operations) }
        if !isPair {
            let names = function.operations.map { specification.operations[$0].name }.joined(separator: " and ")
            diagnostics.warning(
                function.element.place, "dual-without-pair",
                "\(function.name) needs \(names) at once, which are no pair: it can never be called")
        }
    }

    /// Every return value with which a rule answers must be documented for the function, or be an exception with its reason.
    private mutating func checkAnswers(_ function: Function, _ role: Role) {
        // Where a rule is faulty itself, or the sets of values are, nobody knows with what it answers.
        let inPlay = [role] + (role.variant.map { [specification.roles[$0.role]] } ?? [])
        if inPlay.contains(where: \.element.hasFault) || specification.codeSets.contains(where: \.element.hasFault) {
            return
        }
        let documented = Set(function.returnValues).union(specification.universal)
        var broken: [String: (value: String, place: Place)] = [:]
        var roles = [role]
        if let variant = role.variant { roles.append(specification.roles[variant.role]) }
        for refusal in roles.flatMap(\.refusals) where !refusal.element.hasFault {
            broken[refusal.rule.id] = (refusal.returnValue, refusal.element.place(of: "with"))
        }
        for exclusion in specification.exclusions
        where !exclusion.element.hasFault && canBreak(exclusion, function, role) {
            broken[exclusion.rule.id] = (exclusion.returnValue, exclusion.element.place(of: "with"))
        }
        for answer in function.answers {
            if broken[answer.ruleID] == nil {
                diagnostics.error(
                    answer.element.place(of: "rule"), "needless-answer",
                    "\(function.name) cannot break the rule '\(answer.ruleID)'")
            } else if documented.contains(broken[answer.ruleID]!.value) {
                diagnostics.error(
                    answer.element.place, "needless-answer",
                    "the exception no longer applies: \(broken[answer.ruleID]!.value) is documented for \(function.name)"
                )
            }
            broken[answer.ruleID] = (answer.returnValue, answer.element.place(of: "with"))
        }
        for (rule, answer) in broken.sorted(by: { $0.key < $1.key }) where !documented.contains(answer.value) {
            diagnostics.error(
                function.element.place(of: "name"), "undocumented-return-value",
                "\(function.name) does not document \(answer.value), with which the rule '\(rule)' answers; "
                    + "correct the rule, or give the exception with <answers> and its reason",
                notes: [.init(place: answer.place, message: "the answer of the rule")])
        }
    }

    private func canBreak(_ exclusion: Exclusion, _ function: Function, _ role: Role) -> Bool {
        switch exclusion.refused {
        case .calls(let group): function.group == group
        case .everyStart: role.starts
        case .start(let kind): role.starts && function.operations.contains { specification.operations[$0].kind == kind }
        }
    }

    /// The function lists grow by appending: a function of an earlier version has a smaller number.
    private mutating func checkOrderOfFunctions() {
        func version(_ since: String) -> Int {
            let parts = since.split(separator: ".").compactMap { Int($0) }
            return parts.count == 2 ? parts[0] * 1000 + parts[1] : 0
        }
        let functions = specification.functions.filter { !$0.element.isFaulty }.sorted { $0.number < $1.number }
        for (function, next) in zip(functions, functions.dropFirst())
        where version(next.since) < version(function.since) {
            diagnostics.error(
                next.element.place(of: "since"), "since-goes-backwards",
                "\(next.name) is older than \(function.name) of \(function.since), whose number is smaller: "
                    + "it would not stand where the function lists have it")
        }
    }
}
