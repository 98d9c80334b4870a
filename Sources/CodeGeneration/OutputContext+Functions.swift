// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import StrictMustache

extension OutputContext {
    /// The functions for which the rules have something to do, and their arguments.
    @inline(never)
    var byName: Record {
        let ruled = tables.functions.filter(\.isRuled).map { row -> Record in
            let function = specification.functions[row.function]
            return [
                "name": .text(function.name), "summary": .text(function.summary),
                "mask": .text(maskText(row.operations)), "roleNumber": .text("\(self.row(of: function.role))"),
                "roleName": .text(Naming.member(role: specification.roles[function.role].name)),
                "contentionNumber": .text("\(row.contention)"), "waits": .text(row.waits ? "1" : "0"),
                "citation": .text(place(of: function)),
                "admitParameters": .list(row.parameters.filter(\.admits).map { record($0.parameter) }),
                "parameters": .list(row.parameters.map { record($0.parameter) }),
                "takesAdmitParameters": .flag(row.parameters.contains(where: \.admits)),
                "takesParameters": .flag(!row.parameters.isEmpty),
            ]
        }
        return ["ruledFunctions": .list(ruled)]
    }

    private func record(_ parameter: Function.Parameter) -> Record {
        guard let use = parameter.use.map({ specification.uses[$0] }) else { return [:] }
        return factRecord(parameter).adding([
            "fact": .optionalText(use.fact.map { Naming.constant(specification.facts[$0].name) }),
            "value": .optionalText(use.value),
            "isPointer": .flag(use.test == .null || use.test == .notNull),
            "isFlags": .flag(use.test == .flags), "isCompared": .flag(use.test == .flag || use.test == .equal),
        ])
    }

    /// An argument, and how it tells a fact.
    func factRecord(_ parameter: Function.Parameter) -> Record {
        guard let use = parameter.use.map({ specification.uses[$0] }) else { return [:] }
        return [
            "parameter": .text(parameter.name),
            "factName": .optionalText(use.fact.map { Naming.camel(specification.facts[$0].name) }),
            "number": .optionalText(use.value.map(hexadecimal)),
            "isNull": .flag(use.test == .null), "isNotNull": .flag(use.test == .notNull),
            "isFlag": .flag(use.test == .flag), "isEqual": .flag(use.test == .equal),
        ]
    }
}
