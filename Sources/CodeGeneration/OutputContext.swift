// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import StrictMustache
import TypedTables

/// What every template can name, made of the rule tables. Its names are documented in Templates/README.md.
final class OutputContext {
    let tables: RuleTables
    /// The data's file name, for the heads of the outputs.
    let source: String

    var specification: Specification { tables.specification }

    /// Each part is made once a template asks for it: what the page for people needs is most of the work.
    var parts: [() -> Record] {
        [
            { ["source": .text(self.source), "layout": .text("\(self.specification.layout)")] }, { self.names },
            { self.tableRecords }, { self.byName }, { self.headers }, { self.guarded }, { self.reference },
            { self.model }, { self.page },
        ]
    }

    // MARK: What several parts need

    /// Digits of a mask: two bits for each operation, in whole bytes.
    private let maskDigits: Int
    let effectLists: [Column<Perspective, RuleTables.Effect>: Value]
    /// There are many rows and few different masks.
    private var masks: [UInt64: Record] = [:]
    /// The rules that a call can break, in the order of their numbers.
    let breakableRules: [(rule: Rule, returnValue: String)]
    /// The lifecycle of each operation as a token sees it, if the data has such a perspective.
    private(set) lazy var lifecycles = specification.operations.column { operation in
        Lifecycle(of: operation, tables, side: certainSide)
    }
    /// A perspective to which nothing is uncertain; the first one if something is uncertain to all.
    var certainSide: Ref<Perspective> {
        specification.perspectives.firstIndex { !$0.knowsUncertainty } ?? specification.perspectives.startIndex
    }

    /// The first number after those given.
    static func end(of numbers: some Sequence<Int>) -> Int { numbers.reduce(0, max) + 1 }

    init(tables: RuleTables, source: String) {
        self.tables = tables
        self.source = source
        let bits = 2 * Self.end(of: tables.specification.operations.map(\.bit))
        maskDigits = (bits + 7) / 8 * 2
        effectLists = Self.effectLists(tables)
        breakableRules = Self.breakableRules(of: tables.specification)
    }

    /// A mask as a number, and its operations for words about it.
    func mask(_ mask: OperationMask) -> Record {
        if let known = masks[mask.rawValue] { return known }
        let record = makeMask(mask)
        masks[mask.rawValue] = record
        return record
    }

    private func makeMask(_ mask: OperationMask) -> Record {
        func names(_ isInside: Bool) -> [String] {
            specification.operations.filter { mask.contains($0) == isInside }.map(\.name)
        }
        let (inside, outside) = (names(true), names(false))
        let isMixed = !inside.isEmpty && !outside.isEmpty
        return [
            "mask": .text(maskText(mask)),
            "operations": .text(inside.joined(separator: ", ")), "others": .text(outside.joined(separator: ", ")),
            "isNone": .flag(inside.isEmpty), "isAll": .flag(outside.isEmpty && !inside.isEmpty),
            "isSome": .flag(isMixed && inside.count <= outside.count),
            "isMost": .flag(isMixed && inside.count > outside.count),
        ]
    }

    func maskText(_ mask: OperationMask) -> String { Naming.hexadecimal(mask.rawValue, digits: maskDigits) }

    func number(of constant: String) -> UInt { specification.registry.number(of: constant) }

    func hexadecimal(_ constant: String) -> String { Naming.hexadecimal(UInt64(number(of: constant)), digits: 8) }

    private static func breakableRules(of specification: Specification) -> [(rule: Rule, returnValue: String)] {
        var rules = specification.exclusions.map { ($0.rule, $0.returnValue) }
        if let meanwhile = specification.meanwhile { rules.append((meanwhile.rule, meanwhile.returnValue)) }
        if let concurrency = specification.concurrency {
            rules.append((concurrency.rule, concurrency.otherReturnValue))
        }
        for refusal in specification.roles.flatMap(\.refusals)
        where !rules.contains(where: { $0.0.id == refusal.rule.id }) {
            rules.append((refusal.rule, refusal.returnValue))
        }
        return rules.sorted { $0.0.numberOrZero < $1.0.numberOrZero }
    }

    // MARK: Names of operations, phases, policies, facts, rules and functions

    private func named(_ name: String, _ summary: String, _ more: Record) -> Record {
        let record: Record = [
            "name": .text(name), "swiftName": .text(Naming.camel(name)),
            "summary": .text(summary), "sentence": .text(Naming.sentence(summary)),
        ]
        return record.adding(more)
    }

    /// Returns the records of an enumeration of C: in one column the names, in another the numbers, with the comma that
    /// follows all but the last.
    ///
    /// - Parameter items: the name and the number of each, with its other fields.
    func enumerators(_ items: [(name: String, number: Int, record: Record)]) -> Value {
        let names = items.map { Naming.constant($0.name) }
        let numbers = items.indices.map { "\(items[$0].number)" + ($0 == items.count - 1 ? "" : ",") }
        let (nameWidth, numberWidth) = (Naming.width(of: names), Naming.width(of: numbers))
        return .list(
            items.indices.map { index in
                var record = items[index].record
                record.add("numberColumn", .text(Naming.padded(numbers[index], to: numberWidth)))
                record.add("constantColumn", .text(Naming.padded(names[index], to: nameWidth)))
                return record
            })
    }

    @inline(never)
    var names: Record {
        let phases = specification.phases
        let distinct = phases.filter { firstPhase(like: $0) == $0.name }
        let aliases = phases.filter { firstPhase(like: $0) != $0.name }
        let ruleNames = breakableRules.map { Naming.constant($0.rule.id) } + ["NONE"]
        let ruleWidth = Naming.width(of: ruleNames)
        let functionWidth = Naming.width(of: specification.functions.map(\.name))
        return [
            "constants": .list(constants),
            "operations": enumerators(specification.operations.map { ($0.name, $0.bit, record($0)) }),
            "phases": enumerators(
                phases.map {
                    ($0.name, $0.code.rawValue, ["name": .text($0.name), "summary": .text($0.summary)])
                }),
            "distinctPhases": .list(
                distinct.map {
                    [
                        "name": .text($0.name), "swiftName": .text(Naming.camel($0.name)),
                        "sentence": .text(Naming.sentence($0.summary)), "code": .text("\($0.code.rawValue)"),
                    ]
                }),
            "phaseAliases": .list(
                aliases.map {
                    [
                        "swiftName": .text(Naming.camel($0.name)), "sentence": .text(Naming.sentence($0.summary)),
                        "distinctName": .text(Naming.camel(firstPhase(like: $0))),
                    ]
                }),
            "perspectives": enumerators(specification.perspectives.map { ($0.name, $0.number, record($0)) }),
            "policies": enumerators(specification.policies.map { ($0.name, $0.number, record($0)) }),
            "conflicts": enumerators(specification.conflicts.map { ($0.name, $0.number, record($0)) }),
            "defaultConflict": .text(Naming.camel(specification.defaultConflict.name)),
            "defaultPolicy": .text(Naming.camel(specification.defaultPolicy.name)),
            "defaultPolicyName": .text(specification.defaultPolicy.name),
            "tokenPolicy": .list(specification.tokenPolicy.map { [record($0)] } ?? []),
            "defaultPolicyConstant": .text(Naming.constant(specification.defaultPolicy.name)),
            "defaultPerspective": .text(Naming.camel(specification.defaultPerspective.name)),
            "facts": enumerators(
                specification.facts.map { fact in
                    (fact.name, 1 << fact.bit, named(fact.name, fact.summary, ["value": .text("\(1 << fact.bit)")]))
                }),
            "rules": .list(breakableRules.map { record($0, width: ruleWidth) }),
            "noneColumn": .text(Naming.padded("NONE", to: ruleWidth)),
            "unknownColumn": .text(Naming.padded("UNKNOWN", to: functionWidth - "FUNCTION_".count)),
            "functions": .list(tables.functions.map { record($0, width: functionWidth) }),
        ]
    }

    /// The first phase with the same code: later ones are other names of it.
    private func firstPhase(like phase: Phase) -> String {
        specification.phases.first { $0.code == phase.code }?.name ?? phase.name
    }

    private func record(_ perspective: Perspective) -> Record {
        named(
            perspective.name, perspective.summary,
            [
                "constant": .text(Naming.constant(perspective.name)), "number": .text("\(perspective.number)"),
                "knows": .text(perspective.knowsUncertainty ? "0" : "1"),
                "refuses": .text(perspective.refusesOutOfPhase ? "1" : "0"),
            ])
    }

    private func record(_ conflict: Conflict) -> Record {
        named(
            conflict.name, conflict.summary,
            [
                "number": .text("\(conflict.number)"), "abandons": .text(conflict.abandons ? "1" : "0"),
                "isAbandoning": .flag(conflict.abandons),
            ])
    }

    /// The constants of the standard that rules name: return values, and what arguments are compared with.
    private var constants: [Record] {
        var names = specification.outcomes.compactMap(\.value) + breakableRules.map(\.returnValue)
        names += specification.functions.flatMap(\.answers).map(\.returnValue)
        if let concurrency = specification.concurrency { names.append(concurrency.startReturnValue) }
        names += specification.uses.compactMap(\.value) + specification.operations.compactMap(\.flag)
        names += specification.functions.compactMap(\.flag)
        let mentioned = Set(names)
        let constants = specification.registry.groups.flatMap(\.constants).filter { mentioned.contains($0.name) }
        let width = Naming.width(of: constants.map(\.name))
        return constants.map {
            [
                "value": .text(hexadecimal($0.name) + "UL"),
                "nameColumn": .text(Naming.padded($0.name, to: width)),
            ]
        }
    }

    private func record(_ operation: Operation) -> Record {
        let more: Record = [
            "bit": .text("\(operation.bit)"), "flag": .optionalText(operation.flag),
            "isFlagged": .flag(operation.flag != nil), "flagNumber": .optionalText(operation.flag.map(hexadecimal)),
            "mask": .text(maskText(OperationMask(operation))),
        ]
        return named(operation.name, operation.summary, more)
    }

    private func record(_ policy: Policy) -> Record {
        let applies = specification.exclusions.indices.map { index -> Record in
            ["value": policy.exclusions.contains(index) ? "1" : "0"]
        }
        return named(
            policy.name, policy.summary,
            [
                "number": .text("\(policy.number)"), "refuses": .text(policy.refusesOutOfPhase ? "1" : "0"),
                "applies": .list(applies), "matrix": .list(matrix(of: policy)),
            ])
    }

    private func record(_ choice: TokenPolicy) -> Record {
        let (set, clear) = (specification.policies[choice.set].name, specification.policies[choice.clear].name)
        return [
            "flag": .text(choice.flag), "flagNumber": .text(hexadecimal(choice.flag)),
            "citation": .text(choice.citation.words), "swiftSet": .text(Naming.camel(set)),
            "swiftClear": .text(Naming.camel(clear)), "constantSet": .text(Naming.constant(set)),
            "constantClear": .text(Naming.constant(clear)),
        ]
    }

    private func record(_ rule: (rule: Rule, returnValue: String), width: Int) -> Record {
        let constant = Naming.constant(rule.rule.id)
        return [
            "id": .text(rule.rule.id), "number": .text("\(rule.rule.numberOrZero)"),
            "constant": .text(constant), "constantColumn": .text(Naming.padded(constant, to: width)),
            "swiftName": .text(Naming.camel(rule.rule.id)), "text": .text(Naming.literal(rule.rule.text)),
            "citation": .text(Naming.literal(rule.rule.citation.words)),
            "returnValue": .text(rule.returnValue),
            "returnNumber": .text(hexadecimal(rule.returnValue)),
        ]
    }

    private func record(_ row: RuleTables.FunctionRow, width: Int) -> Record {
        let function = specification.functions[row.function]
        return [
            "name": .text(function.name), "number": .text("\(function.number)"),
            "sentence": .text(Naming.sentence(function.summary)), "citation": .text(place(of: function)),
            "nameColumn": .text(Naming.padded(function.name, to: width)),
        ]
    }

    /// Document, version and section; the title would repeat the function's name.
    func place(of function: Function) -> String {
        "\(function.citation.document), \(function.citation.section)"
    }

    /// For each start the active operations that let it through.
    private func matrix(of policy: Policy) -> [Record] {
        guard let index = specification.policies.firstIndex(where: { $0.name == policy.name }) else { return [] }
        return tables.contentions.compactMap { contention in
            guard case .start(let starting) = contention.calls else { return nil }
            let partners = specification.operations.filter {
                !contention.maskByPolicy[index].contains($0)
            }
            return [
                "name": .text(specification.operations[starting].name),
                "hasPartners": .flag(!partners.isEmpty),
                "partners": .list(partners.map { ["name": .text($0.name)] }),
            ]
        }
    }
}

extension Value {
    /// A text that may be missing, which inserts nothing; a flag beside it tells templates whether it is there.
    static func optionalText(_ text: String?) -> Value { .text(text ?? "") }
}
