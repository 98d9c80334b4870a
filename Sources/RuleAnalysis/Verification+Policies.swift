// SPDX-License-Identifier: MIT

import CryptokiSpecification

// What must hold of policies, of answers and of readings.
extension Verification {
    // MARK: 5

    func policiesWithinOthers() -> Finding {
        var finding = Finding(number: 5, claim: "what a policy admits, the one that it is within admits as well")
        for perspective in specification.perspectives {
            for policy in specification.policies {
                guard let wider = policy.within.map({ specification.policies[$0] }) else { continue }
                let (narrow, wide) = (interpreter(policy, perspective), interpreter(wider, perspective))
                let calls = zip(narrow.calls.map(narrow.quick), narrow.calls.map(wide.quick))
                for state in few {
                    for (one, other) in calls where one.goesAhead(in: state) && !other.goesAhead(in: state) {
                        finding.violation = violation(
                            narrow, in: state, then: "\(narrow.words(one.call)) is admitted",
                            "\(wider.name) does not admit it")
                        return finding
                    }
                }
                finding.basis.append(
                    "\(policy.name) within \(wider.name), \(perspective.name): \(few.count) states of up to three "
                        + "operations, \(narrow.calls.count) calls")
            }
        }
        return finding
    }

    // MARK: 7

    func documentedAnswers() -> Finding {
        var finding = Finding(
            number: 7,
            claim: "every value that answers a refused call is documented for its function, or is an exception")
        var answers = 0
        for interpreter in interpreters {
            for call in interpreter.calls {
                let function = interpreter.function(of: call)
                let quick = interpreter.quick(call)
                let documented = Set(specification.universal + function.returnValues)
                let given =
                    quick.behaviour.blockers.map { ($0.ruleID, $0.returnValue) }
                    + quick.behaviour.steps.flatMap { step in
                        zip(step.rules, step.returnValues).compactMap { rule, value in
                            rule.flatMap { id in value.map { (id, $0) } }
                        }
                    }
                for (rule, value) in given {
                    answers += 1
                    if documented.contains(value) || function.answers.contains(where: { $0.ruleID == rule }) {
                        continue
                    }
                    finding.violation = Violation(
                        rules: name(interpreter), steps: ["\(interpreter.words(call)) is refused with \(value)"],
                        conclusion: "\(function.name) does not document the value with which '\(rule)' answers")
                    return finding
                }
            }
        }
        finding.basis.append("\(answers) answers of all calls under all policies and perspectives")
        if let concurrency = specification.concurrency {
            for index in specification.functions.indices {
                let function = specification.functions[index]
                let isStart = specification.roles[function.role].starts
                let value = isStart ? concurrency.startReturnValue : concurrency.otherReturnValue
                if (specification.universal + function.returnValues).contains(value) { continue }
                finding.violation = Violation(
                    rules: concurrency.rule.id, steps: ["\(function.name) is refused with \(value)"],
                    conclusion: "\(function.name) does not document the value for a second thread")
                return finding
            }
            finding.basis.append("\(specification.functions.count) answers to a second thread in the session")
        }
        return finding
    }

    // MARK: 8

    /// That this tool's quick way of reading the data finds what the slow one finds.
    func readingsAgree() -> Finding {
        var finding = Finding(number: 8, claim: "calls that are looked up once do what the lines of the data say")
        let single = few.filter { $0.count(UInt64.max / 3) < 2 }
        var compared = 0
        var random = Random(state: seed)
        for perspective in specification.perspectives {
            for policy in specification.policies {
                for conflict in specification.conflicts {
                    let interpreter = interpreter(policy, perspective, conflict)
                    for call in interpreter.calls {
                        let quick = interpreter.quick(call)
                        let touched = interpreter.operations(of: call).map(\.bit)
                        let some = single.filter { state in touched.contains { state[$0] != .idle } }.prefix(8)
                        for state in some + [SessionState(), few.randomElement(using: &random)!] {
                            compared += 1
                            if interpreter.agrees(quick, in: state) { continue }
                            finding.violation = violation(
                                interpreter, in: state, then: interpreter.words(call),
                                "the quick reading differs: a fault of this tool, not of the data")
                            return finding
                        }
                    }
                }
            }
        }
        finding.basis.append("\(compared) calls in states of one operation and random ones, seed \(seed)")
        return finding
    }
}
