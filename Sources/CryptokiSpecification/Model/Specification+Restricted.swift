// SPDX-License-Identifier: MIT

import TypedTables

extension Specification {
    /// What the standard was in an earlier version: without the functions, types, constants, role variants and readings
    /// that came later, and without what nothing names any more once they are gone.
    ///
    /// Numbers and bits stay as they are: code of different versions agrees about them.
    ///
    /// - Parameter version: one of `registry.versions`, by its name.
    package func restricted(to version: String) -> Specification {
        let age = registry.age(of: version)
        func isThere(_ since: String) -> Bool { registry.age(of: since) <= age }
        var result = self
        result.registry = registry.filtered { isThere($0) }
        result.functions.keep { isThere($1.since) }
        result.readings.keep { $1.since.map(isThere) ?? true }
        result.roles.updateEach { role in
            if !(role.variant?.since.map(isThere) ?? true) { role.variant = nil }
        }
        result.dropWhatNothingNames()
        return result
    }

    private mutating func dropWhatNothingNames() {
        let constants = Set(registry.numbers.keys)
        let named = Set(functions.flatMap(\.operations))
        keepOperations(named)
        keepRoles(reachableRoles)
        keepOutcomes { $0.value.map(constants.contains) ?? true }
        keepFacts(Set(roles.compactMap { $0.variant?.fact } + outcomes.compactMap(\.fact)))
        let isCancelled = roles.contains { $0.scope == .flagged }
        keepUses { use in
            use.value.map(constants.contains) ?? true && (use.test != .flags || isCancelled)
                && (use.fact != nil || !use.test.tellsFact)
        }
        if !isCancelled { operations.updateEach { $0.flag = nil } }
        if !outcomes.contains(where: { $0.effect == .pending }) { meanwhile = nil }
        let rules = ruleIDs
        functions.updateEach { function in
            if !isCancelled { function.flag = nil }
            function.returnValues.removeAll { !constants.contains($0) }
            function.answers.removeAll { !constants.contains($0.returnValue) || !rules.contains($0.ruleID) }
        }
        codeSets.updateEach { $0.values.removeAll { !constants.contains($0) } }
        universal.removeAll { !constants.contains($0) }
        keepGroups(Set(functions.compactMap(\.group)))
    }

    /// The rules that a call can break.
    private var ruleIDs: Set<String> {
        let rules = exclusions.map(\.rule) + roles.flatMap(\.refusals).map(\.rule)
        return Set((rules + [concurrency?.rule, meanwhile?.rule].compactMap { $0 }).map(\.id))
    }

    /// The roles of functions, and those that take their place.
    private var reachableRoles: Set<Ref<Role>> {
        var found = Set(functions.map(\.role))
        while true {
            let more = found.union(found.compactMap { roles[$0].variant?.role })
            if more == found { return found }
            found = more
        }
    }

    // MARK: Keeping a part of a table, and the references to it right

    private mutating func keepOperations(_ kept: Set<Ref<Operation>>) {
        let moved = operations.keep { ref, _ in kept.contains(ref) }
        pairs = Table(
            pairs.compactMap { pair in
                guard let first = moved(pair.first), let second = moved(pair.second) else { return nil }
                return Pair(rule: pair.rule, first: first, second: second, origin: pair.origin)
            })
        functions.updateEach { $0.operations = moved($0.operations) }
    }

    /// - Parameter kept: the roles of all functions, and those that take their place.
    private mutating func keepRoles(_ kept: Set<Ref<Role>>) {
        let moved = roles.keep { ref, _ in kept.contains(ref) }
        roles.updateEach { role in
            role.variant = role.variant.flatMap { variant in
                moved(variant.role).map { .init(fact: variant.fact, role: $0, since: variant.since) }
            }
        }
        functions.updateEach { $0.role = moved($0.role)! }
    }

    private mutating func keepOutcomes(_ isKept: (Outcome) -> Bool) {
        let all = outcomes
        let moved = outcomes.keep { isKept($1) }
        // A class that is gone leaves what it would have been otherwise.
        func place(_ outcome: Ref<Outcome>?) -> Ref<Outcome>? {
            outcome.flatMap { moved($0) ?? place(all[$0].otherwise) }
        }
        outcomes.updateEach { $0.otherwise = place($0.otherwise) }
        roles.updateEach { role in
            role.afters = role.afters.compactMap { after in
                guard let outcome = moved(after.outcome) else { return nil }
                var after = after
                after.outcome = outcome
                return after
            }
        }
    }

    private mutating func keepFacts(_ kept: Set<Ref<Fact>>) {
        let moved = facts.keep { ref, _ in kept.contains(ref) }
        uses.updateEach { $0.fact = $0.fact.flatMap { moved($0) } }
        outcomes.updateEach { $0.fact = $0.fact.flatMap { moved($0) } }
        roles.updateEach { role in
            role.variant = role.variant.flatMap { variant in
                moved(variant.fact).map { .init(fact: $0, role: variant.role, since: variant.since) }
            }
        }
    }

    private mutating func keepUses(_ isKept: (Use) -> Bool) {
        let moved = uses.keep { isKept($1) }
        functions.updateEach { function in
            for index in function.parameters.indices {
                function.parameters[index].use = function.parameters[index].use.flatMap { moved($0) }
            }
        }
    }

    private mutating func keepGroups(_ kept: Set<Ref<Group>>) {
        let moved = groups.keep { ref, _ in kept.contains(ref) }
        functions.updateEach { $0.group = $0.group.flatMap { moved($0) } }
        roles.updateEach { $0.group = $0.group.flatMap { moved($0) } }
        func refused(_ exclusion: Exclusion) -> Exclusion.Refused? {
            guard case .calls(let group) = exclusion.refused else { return exclusion.refused }
            return moved(group).map { .calls(group: $0) }
        }
        let refusals = exclusions.column { refused(exclusions[$0]) }
        let movedExclusions = exclusions.keep { ref, _ in refusals[ref] != nil }
        for (ref, refusal) in refusals.withReferences {
            if let refusal, let place = movedExclusions(ref) { exclusions[place].refused = refusal }
        }
        policies.updateEach { $0.exclusions = movedExclusions($0.exclusions) }
    }
}

extension Registry {
    fileprivate func filtered(_ isThere: (String) -> Bool) -> Registry {
        var result = self
        result.versions = versions.filter { isThere($0.name) }
        result.scalars = scalars.filter { isThere($0.since) }
        result.pointers = pointers.filter { isThere($0.since) }
        result.callbacks = callbacks.filter { isThere($0.since) }
        result.structures = structures.filter { isThere($0.since) }
        result.functionLists = functionLists.filter { isThere($0.since) }
        let names = Set(groups.flatMap(\.constants).filter { isThere($0.since) }.map(\.name))
        result.numbers = numbers.filter { names.contains($0.key) }
        result.groups = groups.compactMap { group in
            var group = group
            group.constants = group.constants.filter { names.contains($0.name) }.map { constant in
                // The name that it is another one of is younger: it stands for itself.
                guard constant.isAlias, !names.contains(constant.value) else { return constant }
                var constant = constant
                constant.value = "0x" + String(numbers[constant.name] ?? 0, radix: 16, uppercase: true)
                constant.isAlias = false
                return constant
            }
            return group.constants.isEmpty ? nil : group
        }
        return result
    }
}
