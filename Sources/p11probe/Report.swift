// SPDX-License-Identifier: MIT
import CryptokiSession
struct Report {
    let bench: Bench
    let policy: Policy
    let observations: [Observation]
    var text: String { table }
    var table: String {
        var lines = ["kind\tfirst\tsecond\tthird\trules\tobserved\tvalue\tviolation"]
        for operation in SessionOperation.allCases {
            let reason = bench.reasons[operation]
            lines.append(
                "alone\t\(operation)\t-\t-\t-\t\(reason == nil ? "offered" : "not-offered")\t\(reason ?? .ok)\tno")
        }
        for one in observations {
            var names = one.active.map { "\($0)" }
            if let then = one.then { names.append("\(then)") }
            names += Array(repeating: "-", count: max(0, 3 - names.count))
            let fields =
                [one.kind.rawValue] + names + [
                    one.verdict?.text ?? "-", one.outcome.rawValue, "\(one.value)", one.brokenRule == nil ? "no" : "yes",
                ]
            lines.append(fields.joined(separator: "\t"))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
