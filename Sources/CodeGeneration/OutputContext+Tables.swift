// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import StrictMustache
import TypedTables

extension OutputContext {
    /// The rows of the constant tables.
    @inline(never)
    var tableRecords: Record {
        let functionEnd = Self.end(of: specification.functions.map(\.number))
        let perspectives = specification.perspectives.count
        let roleOutcomes = tables.roleOutcomes.count
        let operationEnd = Self.end(of: specification.operations.map(\.bit))
        return [
            "functionEnd": .text("\(functionEnd)"),
            "policyCount": .text("\(specification.policies.count)"),
            "conflictCount": .text("\(specification.conflicts.count)"),
            "perspectiveCount": .text("\(perspectives)"),
            "exclusionCount": .text("\(specification.exclusions.count)"),
            "roleOutcomeCount": .text("\(roleOutcomes)"),
            "commonCount": .text("\(tables.common.count * perspectives)"),
            "operationEnd": .text("\(operationEnd)"),
            "maskType": .text(operationEnd <= 16 ? "uint32_t" : "uint64_t"),
            "startCount": .text("\(specification.operations.count)"),
            "allOperations": .text(maskText(OperationMask(Array(specification.operations)))),
            "unsavedOperations": .text(maskText(OperationMask(specification.operations.filter { !$0.isSaved }))),
            "roleCount": .text("\(tables.roles.count)"),
            "excludedCount": .text("\(tables.contentions.count * specification.policies.count)"),
            "excludedByCount": .text("\(tables.contentions.count * specification.exclusions.count)"),
            "appliesCount": .text("\(specification.policies.count * specification.exclusions.count)"),
            "afterCount": .text("\(tables.roles.count * roleOutcomes * perspectives)"),
            "perspectiveNames": .text(specification.perspectives.map(\.name).joined(separator: ", ")),
            "functionTable": .list(functionTable(functionEnd)),
            "contentions": .list(tables.contentions.map(record)),
            "exclusions": .list(specification.exclusions.map { ["number": .text("\($0.rule.numberOrZero)")] }),
            "roles": .list(tables.roles.map(record)),
            "outcomes": outcomeRecords,
            "common": .list(effects(tables.commonOutcomes, tables.common)),
            "outcomeCases": .list(outcomeCases),
            "usualValue": .optionalText(usualOutcome.value),
            "usualNumber": .optionalText(usualOutcome.value.map(hexadecimal)),
            "usualUnless": .text("\(usualUnless)"),
            "usualOutcome": .text(Naming.constant(usualOutcome.name)),
            "anyOutcome": .text(Naming.constant(anyOutcome.name)),
            "usualSwiftOutcome": .text(Naming.camel(usualOutcome.name)),
            "anySwiftOutcome": .text(Naming.camel(anyOutcome.name)),
            "answers": .list(answers),
            "hasPending": .flag(specification.meanwhile != nil),
            "hasFlagged": .flag(specification.operations.contains { $0.flag != nil }),
            "pendingOutcome": .optionalText(pendingOutcome.map(Naming.constant)),
            "pendingSwiftOutcome": .optionalText(pendingOutcome.map(Naming.camel)),
            "meanwhileRule": .optionalText(specification.meanwhile.map { Naming.constant($0.rule.id) }),
            "meanwhileSwiftRule": .optionalText(specification.meanwhile.map { Naming.camel($0.rule.id) }),
            "flaggedFunctions": .list(flaggedFunctions),
            "concurrencyStart": .optionalText(specification.concurrency?.startReturnValue),
            "concurrencyOther": .optionalText(specification.concurrency?.otherReturnValue),
            "concurrencyStartNumber": .optionalText(specification.concurrency.map { hexadecimal($0.startReturnValue) }),
            "concurrencyOtherNumber": .optionalText(specification.concurrency.map { hexadecimal($0.otherReturnValue) }),
            "concurrencyRule": .optionalText(specification.concurrency.map { Naming.constant($0.rule.id) }),
            "concurrencySwiftRule": .optionalText(specification.concurrency.map { Naming.camel($0.rule.id) }),
            "concurrencyCitation": .optionalText(specification.concurrency?.rule.citation.words),
        ]
    }

    /// One row for each number, so that a number is an index; rows of numbers that no function has touch nothing.
    private func functionTable(_ end: Int) -> [Record] {
        let inert = specification.roles.firstIndex { $0.refusals.isEmpty && $0.afters.isEmpty && !$0.starts }
        let rows = Dictionary(tables.functions.map { (specification.functions[$0.function].number, $0) }) { first, _ in
            first
        }
        return (0..<end).map { number in
            let row = rows[number]
            let function = row.map { specification.functions[$0.function] }
            let (role, contention) = (self.row(of: function?.role ?? inert), row?.contention ?? 0)
            return [
                "mask": .text(maskText(row?.operations ?? [])),
                "roleNumber": .text("\(role)"), "roleColumn": .text(Naming.rightAligned("\(role)", to: 2)),
                "contentionNumber": .text("\(contention)"),
                "contentionColumn": .text(Naming.rightAligned("\(contention)", to: 2)),
                "waits": .text(row?.waits ?? false ? "1" : "0"), "note": .text(function.map(note) ?? "none"),
            ]
        }
    }

    /// The row of a role in the tables; 0 for none.
    func row(of role: Ref<Role>?) -> Int { role.map(specification.roles.position) ?? 0 }

    private func note(_ function: Function) -> String {
        let operations = function.operations.map { specification.operations[$0].name }
        return "\(function.name): " + ([specification.roles[function.role].name] + operations).joined(separator: " ")
    }

    private func record(_ contention: RuleTables.Contention) -> Record {
        [
            "byPolicy": .list(zip(specification.policies, contention.maskByPolicy).map { named($0.name, mask($1)) }),
            "byExclusion": .list(
                zip(specification.exclusions, contention.maskByExclusion).map { named($0.rule.id, mask($1)) }),
            "note": .text(note(contention.calls)),
        ]
    }

    private func note(_ calls: RuleTables.Contention.Calls) -> String {
        switch calls {
        case .unrefused: "any other call"
        case .start(let operation): "start of \(specification.operations[operation].name)"
        case .group(let group): "calls of the group \(specification.groups[group].name)"
        }
    }

    private func named(_ name: String, _ record: Record) -> Record {
        var record = record
        record.add("name", .text(name))
        return record
    }

    // MARK: Roles

    private func record(_ row: RuleTables.RoleRow) -> Record {
        let role = specification.roles[row.role]
        let broken = row.refusals.map { $0.map(\.rule.numberOrZero) ?? 0 }
        let refused = row.refusals.enumerated().reduce(0) { $1.element == nil ? $0 : $0 | 1 << (2 * $1.offset) }
        let fact = role.variant.map { 1 << specification.facts[$0.fact].bit } ?? 0
        let soft = row.refusals.lazy.compactMap { $0 }.first { $0.isSoft }?.rule.numberOrZero ?? 0
        func right(_ number: Int) -> Value { .text(Naming.rightAligned("\(number)", to: 2)) }
        return [
            "name": .text(role.name), "note": .text(role.name), "summary": .text(role.summary),
            "sentence": .text(Naming.sentence(role.summary)),
            "broken": .list(broken.map { ["value": right($0)] }),
            "brokenHex": .text(Naming.hexadecimal(broken.reversed().reduce(0) { $0 << 8 | UInt64($1) }, digits: 8)),
            "refused": .text(Naming.hexadecimal(UInt64(refused), digits: 2)),
            "fact": .text("\(fact)"), "variant": right(self.row(of: role.variant?.role)),
            "flagged": .text(role.scope == .flagged ? "1" : "0"),
            "asyncName": .text(role.async?.rawValue ?? "none"),
            "async": .text("\(role.async.flatMap { Role.Async.allCases.firstIndex(of: $0) }.map { $0 + 1 } ?? 0)"),
            "soft": right(soft),
            "after": .list(effects(tables.roleOutcomes, row.after)),
            "roleName": .text(Naming.member(role: role.name)), "softNumber": .text("\(soft)"),
            "variantNumber": .text("\(self.row(of: role.variant?.role))"),
            "usual": .list(
                (row.after.first.map { Array(zip(specification.perspectives, $0)) } ?? []).map { perspective, effect in
                    Self.record(effect).adding(["swiftName": .text(Naming.camel(perspective.name))])
                }),
        ]
    }

    private func effects(_ outcomes: [Ref<Outcome>], _ effects: [Column<Perspective, RuleTables.Effect>]) -> [Record] {
        zip(outcomes, effects).map { outcome, effects in
            ["outcome": .text(specification.outcomes[outcome].name), "effects": effectLists[effects] ?? false]
        }
    }

    /// The records of the effects of an outcome. There are many outcomes and few different effects.
    static func effectLists(_ tables: RuleTables) -> [Column<Perspective, RuleTables.Effect>: Value] {
        let all = Set(tables.roles.flatMap(\.after) + tables.common)
        return Dictionary(uniqueKeysWithValues: all.map { ($0, .list($0.map(record))) })
    }

    private static func record(_ effect: RuleTables.Effect) -> Record {
        func target(_ code: Phase.Code) -> Value { .text("\(effect.targets[code.rawValue].rawValue)") }
        return [
            "keeps": .flag(effect.targets == RuleTables.Effect.keep.targets),
            "idle": target(.idle), "ready": target(.ready), "uncertain": target(.uncertain), "parts": target(.parts),
            "together": .flag(effect.together), "every": .flag(effect.every), "endsUnsaved": .flag(effect.endsUnsaved),
            "contradiction": .flag(effect.contradiction),
            "reachesToken": .flag(effect.reach == .token), "reachesLibrary": .flag(effect.reach == .library),
        ]
    }

    // MARK: Outcomes and answers

    /// The facts with any of which the usual value tells another class.
    private var usualUnless: Int {
        let value = specification.outcomes.first?.value
        return specification.outcomes.filter { $0.value == value }.compactMap(\.fact)
            .reduce(0) { $0 | 1 << specification.facts[$1].bit }
    }

    /// The place of an outcome in the tables: first those whose effect the role decides.
    private func outcomeIndex(_ outcome: Ref<Outcome>) -> Int {
        (tables.roleOutcomes + tables.commonOutcomes).firstIndex(of: outcome) ?? 0
    }

    private var outcomeRecords: Value {
        enumerators(
            (tables.roleOutcomes + tables.commonOutcomes).map { index in
                let outcome = specification.outcomes[index]
                let number = outcomeIndex(index)
                return (
                    outcome.name, number,
                    [
                        "swiftName": .text(Naming.camel(outcome.name)), "number": .text("\(number)"),
                        "summary": .text(outcome.summary), "sentence": .text(Naming.sentence(outcome.summary)),
                    ]
                )
            })
    }

    private func outcomeRecord(_ index: Ref<Outcome>) -> Record {
        let outcome = specification.outcomes[index]
        return [
            "constant": .text(Naming.constant(outcome.name)), "swiftName": .text(Naming.camel(outcome.name)),
        ]
    }

    /// One case for each return value: first the outcomes that depend on a fact, then the one that does not.
    private var outcomeCases: [Record] {
        var values: [String] = []
        for value in specification.outcomes.compactMap(\.value) where !values.contains(value) { values.append(value) }
        return values.map { value in
            let all = specification.outcomes.indices.filter { specification.outcomes[$0].value == value }
            let plain = all.first { specification.outcomes[$0].fact == nil } ?? specification.otherOutcome
            let conditional = all.compactMap { index -> Record? in
                guard let fact = specification.outcomes[index].fact.map({ specification.facts[$0].name }) else {
                    return nil
                }
                var record = outcomeRecord(index)
                record.add("fact", .text(Naming.constant(fact)))
                record.add("swiftFact", .text(Naming.camel(fact)))
                return record
            }
            var record = outcomeRecord(plain)
            record.add("value", .text(value))
            record.add("number", .text(hexadecimal(value)))
            record.add("conditional", .list(conditional))
            return record
        }
    }

    private var answers: [Record] {
        specification.functions.flatMap { function in
            function.answers.map { answer in
                [
                    "function": .text(function.name), "rule": .text(Naming.constant(answer.ruleID)),
                    "swiftRule": .text(Naming.camel(answer.ruleID)), "value": .text(answer.returnValue),
                    "number": .text(hexadecimal(answer.returnValue)),
                ]
            }
        }
    }

    /// The class of return values whose calls have not ended.
    private var usualOutcome: Outcome { specification.outcomes[specification.usualOutcome] }

    private var anyOutcome: Outcome { specification.outcomes[specification.otherOutcome] }

    private var pendingOutcome: String? { specification.outcomes.first { $0.effect == .pending }?.name }

    /// Functions that belong to no operation and that a flag of `C_SessionCancel` names.
    private var flaggedFunctions: [Record] {
        specification.functions.compactMap { function in
            function.flag.map {
                ["function": .text(function.name), "flag": .text($0), "number": .text(hexadecimal($0))]
            }
        }
    }
}
