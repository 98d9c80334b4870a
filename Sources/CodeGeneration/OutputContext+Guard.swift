// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import StrictMustache
import TypedTables

extension OutputContext {
    /// What a module in front of another needs: each function with all of its parameters, and how its call is watched.
    @inline(never)
    var guarded: Record {
        let lists = specification.registry.functionLists
        let pointers = Set(specification.registry.pointers.map(\.name) + specification.registry.callbacks.map(\.name))
        let sizes = lists.reversed().map { list -> Record in
            let (major, minor) = Self.numbers(of: list.since)
            return ["name": .text(list.name), "major": .text(major), "minor": .text(minor)]
        }
        return [
            "guardedFunctions": .list(tables.functions.map { guarded($0, pointers) }),
            "oldestList": .optionalText(lists.first?.name), "newestList": .optionalText(lists.last?.name),
            "listSizes": .list(sizes),
            "answerNames": .list(answerNames),
            "ruleEnd": .text("\(Self.end(of: breakableRules.compactMap(\.rule.number)))"),
        ]
    }

    /// The values that rules answer.
    private var answerNames: [Record] {
        let concurrency = specification.concurrency.map { [$0.startReturnValue, $0.otherReturnValue] } ?? []
        let answers = breakableRules.map(\.returnValue) + specification.functions.flatMap(\.answers).map(\.returnValue)
        return Set(answers + concurrency).sorted().map { ["name": .text($0), "number": .text(hexadecimal($0))] }
    }

    private static func numbers(of version: String) -> (major: String, minor: String) {
        let parts = version.split(separator: ".").map(String.init)
        return (parts.first ?? "0", parts.dropFirst().first ?? "0")
    }

    /// The length of a line of generated Swift.
    private static let columns = 120

    /// - Parameter pointers: the names of the types that may be null.
    private func guarded(_ row: RuleTables.FunctionRow, _ pointers: Set<String>) -> Record {
        let function = specification.functions[row.function]
        func parameter(_ test: Use.Test) -> String? {
            function.parameters.first { $0.use.map { specification.uses[$0].test == test } ?? false }?.name
        }
        func name(_ test: Use.Test) -> Value { .optionalText(parameter(test)) }
        let facts = row.parameters.filter { $0.parameter.use.map { specification.uses[$0].test.tellsFact } ?? false }
        let flags = row.parameters.contains { $0.parameter.use.map { specification.uses[$0].test == .flags } ?? false }
        let types = function.parameters.map { $0.type + (pointers.contains($0.type) ? "?" : "") }
        // The longest lines of the template that hold all arguments.
        let names = function.parameters.map(\.name).joined(separator: ", ")
        let call = "    let returnValue = wholeModule.pointee.\(function.name).unsafelyUnwrapped(\(names))"
        let parameters = zip(function.parameters, types).map { "_ \($0.name): \($1), " }.joined()
        let declaration = "private func careful_\(function.name)(\(parameters)_ caller: UInt) -> CK_RV {"
        return [
            "name": .text(function.name), "bareName": .text(Naming.bare(function: function.name)),
            "sentence": .text(Naming.sentence(function.summary)),
            "citation": .text(place(of: function)), "isListed": .flag(function.isListed),
            "arguments": .list(
                zip(function.parameters, types).map { ["name": .text($0.name), "type": .text($1)] }),
            "argumentsAreLong": .flag(call.utf8.count > Self.columns),
            "parametersAreLong": .flag(declaration.utf8.count > Self.columns),
            "admitParameters": .list(
                row.parameters.filter(\.admits).map { ["parameter": .text($0.parameter.name)] }),
            "parameters": .list(row.parameters.map { ["parameter": .text($0.parameter.name)] }),
            "factParameters": .list(facts.map { factRecord($0.parameter) }),
            "hasFact": .flag(facts.count == 1), "hasSeveralFacts": .flag(facts.count > 1),
            "takesAdmitParameters": .flag(row.parameters.contains(where: \.admits)),
            "takesParameters": .flag(!row.parameters.isEmpty),
            "flagParameter": name(.flags), "takesFlags": .flag(flags),
            "session": name(.none), "slot": name(.slot), "opened": name(.opened), "named": name(.function),
            "isInSession": .flag(parameter(.none) != nil && staysInSession(function)),
            "reachesBeyond": .flag(parameter(.none) != nil && !staysInSession(function)),
            "isOutside": .flag(parameter(.none) == nil && parameter(.opened) == nil && parameter(.lists) == nil),
            "starts": .flag(specification.roles[function.role].starts),
            "bit": .optionalText(function.operations.first.map { "\(specification.operations[$0].bit)" }),
            "opens": .flag(parameter(.opened) != nil), "givesLists": .flag(parameter(.lists) != nil),
            "hasSlot": .flag(parameter(.slot) != nil), "isNamed": .flag(parameter(.function) != nil),
        ]
    }

    /// Whether a call that succeeds touches its own session only, leaves it open, and makes nothing active but what it starts.
    private func staysInSession(_ function: Function) -> Bool {
        let own = specification.roles[function.role]
        let roles = [function.role] + (own.variant.map { [$0.role] } ?? [])
        return roles.allSatisfy { index in
            let role = specification.roles[index]
            return role.afters.allSatisfy { $0.reach == .session } && (role.async == nil || role.async == .cancel)
                && (role.starts || !wakes(index))
        }
    }

    /// Whether a call in the role is in phase while its operations are idle, and leaves them otherwise.
    private func wakes(_ role: Ref<Role>) -> Bool {
        let idle = Phase.Code.idle
        guard let row = tables.roles.first(where: { $0.role == role }) else { return false }
        return row.refusals[idle.rawValue] == nil
            && row.after.contains { $0.contains { $0.targets[idle.rawValue] != idle } }
    }
}
