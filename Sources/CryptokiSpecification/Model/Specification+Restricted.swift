// SPDX-License-Identifier: MIT

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
        result.functions = functions.filter { isThere($0.since) }
        result.readings = readings.filter { $0.since.map(isThere) ?? true }
        for index in roles.indices where !(roles[index].variant?.since.map(isThere) ?? true) {
            result.roles[index].variant = nil
        }
        result.dropWhatNothingNames()
        return result
    }

    private mutating func dropWhatNothingNames() {
        let constants = Set(registry.numbers.keys)
        let named = Set(functions.flatMap(\.operations))
        keepOperations(operations.indices.filter(named.contains))
        keepRoles(reachableRoles.sorted())
        keepOutcomes(outcomes.indices.filter { outcomes[$0].value.map(constants.contains) ?? true })
        let told = Set(roles.compactMap { $0.variant?.fact } + outcomes.compactMap(\.fact))
        keepFacts(facts.indices.filter(told.contains))
        let isCancelled = roles.contains { $0.scope == .flagged }
        keepUses(
            uses.indices.filter { index in
                let use = uses[index]
                return use.value.map(constants.contains) ?? true && (use.test != .flags || isCancelled)
                    && (use.fact != nil || !use.test.tellsFact)
            })
        for index in operations.indices where !isCancelled { operations[index].flag = nil }
        if !outcomes.contains(where: { $0.effect == .pending }) { meanwhile = nil }
        let rules = ruleIDs
        for index in functions.indices {
            if !isCancelled { functions[index].flag = nil }
            functions[index].returnValues.removeAll { !constants.contains($0) }
            functions[index].answers.removeAll { !constants.contains($0.returnValue) || !rules.contains($0.ruleID) }
        }
        for index in codeSets.indices { codeSets[index].values.removeAll { !constants.contains($0) } }
        universal.removeAll { !constants.contains($0) }
        let refused = Set(functions.compactMap(\.group))
        keepGroups(groups.indices.filter(refused.contains))
    }

    /// The rules that a call can break.
    private var ruleIDs: Set<String> {
        let rules = exclusions.map(\.rule) + roles.flatMap(\.refusals).map(\.rule)
        return Set((rules + [concurrency?.rule, meanwhile?.rule].compactMap { $0 }).map(\.id))
    }

    /// The roles of functions, and those that take their place.
    private var reachableRoles: Set<Int> {
        var found = Set(functions.map(\.role))
        while true {
            let more = found.union(found.compactMap { roles[$0].variant?.role })
            if more == found { return found }
            found = more
        }
    }

    // MARK: Keeping a part of a list, and the references to it right

    /// For each index of the whole list its index in what is kept, or nil.
    private func places(_ count: Int, _ kept: [Int]) -> [Int?] {
        var places = [Int?](repeating: nil, count: count)
        for (place, index) in kept.enumerated() { places[index] = place }
        return places
    }

    private mutating func keepOperations(_ kept: [Int]) {
        let places = places(operations.count, kept)
        operations = zip(operations, places).compactMap { $1 == nil ? nil : $0 }
        pairs = pairs.compactMap { pair in
            guard let first = places[pair.first], let second = places[pair.second] else { return nil }
            return Pair(rule: pair.rule, first: first, second: second, element: pair.element)
        }
        for index in functions.indices {
            functions[index].operations = functions[index].operations.compactMap { places[$0] }
        }
    }

    private mutating func keepRoles(_ kept: [Int]) {
        let places = places(roles.count, kept)
        roles = zip(roles, places).compactMap { $1 == nil ? nil : $0 }
        for index in roles.indices {
            roles[index].variant = roles[index].variant.flatMap { variant in
                places[variant.role].map { .init(fact: variant.fact, role: $0, since: variant.since) }
            }
        }
        for index in functions.indices { functions[index].role = places[functions[index].role] ?? 0 }
    }

    private mutating func keepOutcomes(_ kept: [Int]) {
        let places = places(outcomes.count, kept)
        // A class that is gone leaves what it would have been otherwise.
        func place(_ outcome: Int?) -> Int? { outcome.flatMap { places[$0] ?? place(outcomes[$0].otherwise) } }
        let all = outcomes
        outcomes = zip(all, places).compactMap { outcome, isKept in
            if isKept == nil { return nil }
            var outcome = outcome
            outcome.otherwise = place(outcome.otherwise)
            return outcome
        }
        for index in roles.indices {
            roles[index].afters = roles[index].afters.compactMap { after in
                guard let outcome = places[after.outcome] else { return nil }
                var after = after
                after.outcome = outcome
                return after
            }
        }
    }

    private mutating func keepFacts(_ kept: [Int]) {
        let places = places(facts.count, kept)
        facts = zip(facts, places).compactMap { $1 == nil ? nil : $0 }
        for index in uses.indices { uses[index].fact = uses[index].fact.flatMap { places[$0] } }
        for index in outcomes.indices { outcomes[index].fact = outcomes[index].fact.flatMap { places[$0] } }
        for index in roles.indices {
            roles[index].variant = roles[index].variant.flatMap { variant in
                places[variant.fact].map { .init(fact: $0, role: variant.role, since: variant.since) }
            }
        }
    }

    private mutating func keepUses(_ kept: [Int]) {
        let places = places(uses.count, kept)
        uses = zip(uses, places).compactMap { $1 == nil ? nil : $0 }
        for function in functions.indices {
            for parameter in functions[function].parameters.indices {
                functions[function].parameters[parameter].use =
                    functions[function].parameters[parameter].use.flatMap { places[$0] }
            }
        }
    }

    private mutating func keepGroups(_ kept: [Int]) {
        let places = places(groups.count, kept)
        groups = zip(groups, places).compactMap { $1 == nil ? nil : $0 }
        for index in functions.indices { functions[index].group = functions[index].group.flatMap { places[$0] } }
        for index in roles.indices { roles[index].group = roles[index].group.flatMap { places[$0] } }
        let left = exclusions.map { exclusion -> Exclusion? in
            guard case .calls(let group) = exclusion.refused else { return exclusion }
            guard let place = places[group] else { return nil }
            var exclusion = exclusion
            exclusion.refused = .calls(group: place)
            return exclusion
        }
        let exclusionPlaces = self.places(exclusions.count, left.indices.filter { left[$0] != nil })
        exclusions = left.compactMap { $0 }
        for index in policies.indices {
            policies[index].exclusions = policies[index].exclusions.compactMap { exclusionPlaces[$0] }
        }
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
