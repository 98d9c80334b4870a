// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import TypedTables

/// Which functions can break which rules.
struct Breakers {
    /// By the number of a rule, the indices of the functions that can break it, in the order of their numbers.
    private(set) var functions: [Int: [Ref<Function>]] = [:]
    /// By the index of a function, the numbers of the rules that it can break.
    private(set) var rules: Column<Function, Set<Int>>

    init(_ tables: RuleTables) {
        rules = tables.specification.functions.column { _ in [] }
        for row in tables.functions {
            rules[row.function] = Self.rules(of: row, tables)
            for rule in rules[row.function] { functions[rule, default: []].append(row.function) }
        }
    }

    private static func rules(of row: RuleTables.FunctionRow, _ tables: RuleTables) -> Set<Int> {
        let specification = tables.specification
        let masks = tables.contentions[row.contention].maskByExclusion
        let exclusions = specification.exclusions.indices.filter { !masks[$0].isEmpty }
        var numbers = Set(exclusions.compactMap { specification.exclusions[$0].rule.number })
        if row.waits, let number = specification.meanwhile?.rule.number { numbers.insert(number) }
        for (role, _) in specification.variants(of: specification.functions[row.function].role) {
            numbers.formUnion(specification.roles[role].refusals.compactMap(\.rule.number))
        }
        return numbers
    }
}
