// SPDX-License-Identifier: MIT

import CryptokiSession

/// What the generated rules say of a call.
enum Verdict: Equatable {
    case admitted
    case forbidden(Rule)

    /// As in a table for programs.
    var text: String {
        switch self {
        case .admitted: "admitted"
        case .forbidden(let rule): "\(rule.id)"
        }
    }
}

/// The generated rules under one policy as a guard in front of the module has them, and what follows from them: where the standard
/// leaves it to the module what a call out of phase does, nothing but the policy `strict` forbids it.
struct Expectation {
    private let rules: SessionRules
    /// The function that starts each operation, and the flag that cancels it: found out from the rules.
    private let starts: [SessionOperation: Function]
    private let cancelling: [SessionOperation: UInt]

    init(_ policy: Policy) {
        rules = SessionRules(policy: policy, perspective: .observer)
        var starts: [SessionOperation: Function] = [:]
        for function in Function.allCases where function.startsOperation {
            var session = Session()
            rules.complete(function, &session, returning: ReturnValue.ok.rawValue)
            for operation in SessionOperation.allCases where session[operation] == .ready {
                starts[operation] = function
            }
        }
        self.starts = starts
        var cancelling: [SessionOperation: UInt] = [:]
        for operation in SessionOperation.allCases {
            for bit in 0..<32 {
                var session = Session()
                session[operation] = .ready
                rules.complete(
                    .C_SessionCancel, &session, Call(flags: 1 << UInt(bit)), returning: ReturnValue.ok.rawValue)
                if session[operation] == .idle { cancelling[operation] = 1 << UInt(bit) }
            }
        }
        self.cancelling = cancelling
    }

    /// What the rules say of a start while others are active.
    func start(of operation: SessionOperation, beside active: [SessionOperation]) -> Verdict {
        guard let function = starts[operation] else { return .admitted }
        var session = Session()
        for other in active { session[other] = .ready }
        return verdict(function, session)
    }

    /// What they say of a single-part call after a part.
    func single(_ function: Function, of operation: SessionOperation) -> Verdict {
        var session = Session()
        session[operation] = .parts
        return verdict(function, session)
    }

    func startFunction(of operation: SessionOperation) -> Function? { starts[operation] }

    func cancelFlag(of operation: SessionOperation) -> UInt? { cancelling[operation] }

    private func verdict(_ function: Function, _ session: Session) -> Verdict {
        do throws(RuleViolation) {
            try rules.admit(function, session)
            return .admitted
        } catch {
            return .forbidden(error.rule)
        }
    }
}
