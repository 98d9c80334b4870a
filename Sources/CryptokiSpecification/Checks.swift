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
        checkAnswersOfSuccess()
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
        if specification.roles.count > Self.mostNumber, let role = specification.roles.last {
            diagnostics.error(role.element.place, "number-out-of-range", "there is room for \(Self.mostNumber) roles")
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
        let outcomes = specification.outcomes
        guard let first = outcomes.first, let last = outcomes.last, !outcomes.contains(where: \.element.isFaulty) else {
            return
        }
        func fault(_ outcome: Outcome, _ message: String) {
            diagnostics.error(outcome.element.place, "outcome-order", message)
        }
        for outcome in outcomes.dropLast() where outcome.value == nil {
            fault(outcome, "the outcome of any other value stands last: only that one has no 'value'")
        }
        if last.value != nil || last.fact != nil || last.effect != nil || last.otherwise != nil {
            fault(last, "the last outcome must be that of any other value, with nothing but its name and summary")
        }
        if first.value == nil || first.fact != nil || first.effect != nil || first.otherwise != nil {
            fault(first, "the first outcome must be that of success: a 'value', no 'fact', 'effect' or 'else'")
        }
        for outcome in outcomes {
            if let other = outcome.otherwise.map({ outcomes[$0] }), other.effect != nil {
                diagnostics.error(
                    outcome.element.place(of: "else"), "else-effect",
                    "'\(other.name)' has an effect of its own, which no role says")
            }
        }
        let pending = outcomes.filter { $0.effect == .pending }
        if pending.count != 1 {
            fault(pending.last ?? last, "exactly one outcome must have the effect 'pending'")
        }
    }

    private mutating func checkRoles() {
        for role in specification.roles {
            if !role.refusals.isEmpty, role.scope != .own {
                diagnostics.error(
                    role.element.place(of: "scope"), "role-scope",
                    "a role that refuses phases speaks of its function's own operations")
            }
            checkAfters(role)
            checkVariant(role)
            if role.refusals.filter(\.isSoft).count > 1 {
                diagnostics.error(
                    role.refusals.last!.element.place(of: "softly"), "softly-twice",
                    "only one refusal of a role can be soft")
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

    /// A line that nobody would read, or two for one phase under two names.
    private mutating func checkAfters(_ role: Role) {
        var seen: [[Int]: Role.After] = [:]
        for after in role.afters where !after.element.isFaulty {
            let outcome = specification.outcomes[after.outcome]
            if let effect = outcome.effect {
                diagnostics.error(
                    after.element.place(of: "outcome"), "outcome-effect",
                    "'\(outcome.name)' has the effect '\(effect.rawValue)' whatever the role: nobody would read this line"
                )
            }
            guard let from = after.from.map({ specification.phases[$0].code.rawValue }) else { continue }
            if let first = seen[[after.outcome, from]], first.from != after.from {
                diagnostics.error(
                    after.element.place(of: "from"), "duplicate-after",
                    "the phase is that of another line for the outcome",
                    notes: [.init(place: first.element.place(of: "from"), message: "that one")])
            }
            seen[[after.outcome, from]] = after
        }
    }

    /// A role that takes another's place does so for refusals and effects, on the same operations.
    private mutating func checkVariant(_ role: Role) {
        guard let other = role.variant.map({ specification.roles[$0.role] }), !other.element.isFaulty else { return }
        if other.starts || other.group != nil || other.scope != role.scope || other.variant?.role == role.variant?.role
        {
            diagnostics.error(
                role.element.child("variant")?.place(of: "role") ?? role.element.place, "variant-role",
                "'\(other.name)' takes the place of '\(role.name)' for refusals and effects only: it has the same scope, "
                    + "and neither 'starts' nor a 'group'")
        }
    }

    /// A rule that answered the value of success would let the call seem done.
    private mutating func checkAnswersOfSuccess() {
        guard let success = specification.outcomes.first?.value else { return }
        var answers = specification.exclusions.map { ($0.returnValue, $0.element, "with") }
        answers += specification.roles.flatMap(\.refusals).map { ($0.returnValue, $0.element, "with") }
        answers += specification.functions.flatMap(\.answers).map { ($0.returnValue, $0.element, "with") }
        if let meanwhile = specification.meanwhile {
            answers.append((meanwhile.returnValue, meanwhile.element, "with"))
        }
        if let concurrency = specification.concurrency {
            answers.append((concurrency.startReturnValue, concurrency.element, "start"))
            answers.append((concurrency.otherReturnValue, concurrency.element, "other"))
            if !specification.universal.contains(concurrency.otherReturnValue), !concurrency.element.isFaulty,
                !specification.universal.isEmpty, !specification.codeSets.contains(where: \.element.hasFault)
            {
                diagnostics.error(
                    concurrency.element.place(of: "other"), "undocumented-return-value",
                    "any function may answer it, so it must be one of the universal return values")
            }
        }
        for (value, element, attribute) in answers where value == success {
            diagnostics.error(
                element.place(of: attribute), "answer-of-success",
                "\(value) says that the work was done; a rule answers that it was not")
        }
    }

    /// No two classes are told by the same value and fact, and there is a phase in which an operation is not active.
    private mutating func checkDistinct() {
        var seen: [String: Outcome] = [:]
        for outcome in specification.outcomes where !outcome.element.isFaulty {
            let number = outcome.value.flatMap { specification.registry.numbers[$0] }
            let key =
                "\(number.map { String($0) } ?? outcome.value ?? "") \(outcome.fact.map { specification.facts[$0].name } ?? "")"
            if let first = seen[key], outcome.value != nil {
                diagnostics.error(
                    outcome.element.place(of: "value"), "duplicate-outcome", "the value tells another class already",
                    notes: [.init(place: first.element.place(of: "value"), message: "the first one")])
            }
            seen[key] = outcome
        }
        guard let first = specification.phases.first, !specification.phases.contains(where: \.element.isFaulty) else {
            return
        }
        for code in Phase.Code.allCases where !specification.phases.contains(where: { $0.code == code }) {
            diagnostics.error(
                first.element.place(of: "code"), "missing-phase",
                "no phase has the code \(code.rawValue); each of 0 to 3 needs one")
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

    /// What makes an idle operation active is a start, which policies may refuse.
    consuming func starts() -> Diagnostics {
        for role in specification.roles where !role.starts && role.scope == .own && !role.element.isFaulty {
            let refusesIdle = role.refusals.contains {
                specification.phases[$0.phase].code == .idle && !$0.isSoft
            }
            let isUsed = specification.functions.contains { function in
                let own = specification.roles[function.role]
                let roles = [own.name] + (own.variant.map { [specification.roles[$0.role].name] } ?? [])
                return !function.operations.isEmpty && roles.contains(role.name)
            }
            guard !refusesIdle, isUsed else { continue }
            for after in role.afters {
                guard let to = after.to, [.ready, .parts].contains(specification.phases[to].code) else { continue }
                let from = after.from.map { specification.phases[$0].code }
                if from != nil, from != .idle { continue }
                diagnostics.error(
                    role.element.place(of: "name"), "start-without-starts",
                    "the role makes an idle operation active, so it starts it: say starts=\"yes\", or refuse it in the idle phase",
                    notes: [.init(place: after.element.place(of: "to"), message: "makes it active")])
                break
            }
        }
        return diagnostics
    }

    private mutating func checkDual(_ function: Function) {
        guard function.operations.count == 2 else { return }
        guard function.operations[0] != function.operations[1] else { return }
        let pair = specification.pairs.first { Set([$0.first, $0.second]) == Set(function.operations) }
        if pair == nil || pair?.withdrawal != nil {
            let names = function.operations.map { specification.operations[$0].name }.joined(separator: " and ")
            diagnostics.warning(
                pair?.withdrawal?.place ?? function.element.place, "dual-without-pair",
                "\(function.name) needs \(names) at once, which are no pair: no policy that asks for pairs lets it be called"
            )
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
        let registry = specification.registry
        let functions = specification.functions.filter { !$0.element.isFaulty && $0.isListed }.sorted {
            $0.number < $1.number
        }
        for (function, next) in zip(functions, functions.dropFirst())
        where registry.age(of: next.since) < registry.age(of: function.since) {
            diagnostics.error(
                next.element.place(of: "since"), "since-goes-backwards",
                "\(next.name) is older than \(function.name) of \(function.since), whose number is smaller: "
                    + "it would not stand where the function lists have it")
        }
    }
}
