// SPDX-License-Identifier: MIT

import SourceDiagnostics
import TypedTables
import ValidatedXML

// What refuses calls beside active operations and at the same time.

/// A rule that refuses a start, or a call of a group, while operations are active. It holds under the policies that apply it.
package struct Exclusion: Sendable {
    /// What is refused: the start of any operation or of those of a kind, or the calls of a group.
    package enum Refused: Sendable {
        /// The start of any operation.
        case everyStart
        /// The start of an operation of that kind.
        case start(kind: String)
        /// The calls of that group, which start nothing.
        case calls(group: Ref<Group>)
    }
    /// Beside what it is refused.
    package enum Beside: Sendable {
        /// The operation that would start.
        case itself
        /// Any but the operation that would start.
        case other
        /// Any operation.
        case every
        /// Any operation of that kind but the one that would start.
        case kind(String)
    }
    /// What a call breaks that is refused.
    package let rule: Rule
    /// The calls that are refused.
    package var refused: Refused
    /// The operations whose activity refuses. A kind does not contain the operation that starts.
    package let beside: Beside
    /// Whether operations that form a pair with the one that starts do not refuse it.
    package let unlessPair: Bool
    /// What a refused call is answered, such as `CKR_OPERATION_ACTIVE`, unless its function has an answer of its own.
    package let returnValue: String
    let origin: Origin
}

/// A named set of exclusions: which operations may be active at the same time.
package struct Policy: Sendable {
    /// Its name in the data, for instance `usage-guide`.
    package let name: String
    /// What compiled code calls it; append-only.
    package let number: Int
    /// How many operations may be active at once; nil if that is not limited.
    package let most: Int?
    /// The policy that admits every call that this one admits, if one is named.
    package let within: Ref<Policy>?
    /// Whether calls out of phase are refused whoever asks.
    package let refusesOutOfPhase: Bool
    /// The exclusions that it applies, in the order in which it names them.
    package var exclusions: [Ref<Exclusion>]
    /// What it allows, as a part of a sentence.
    package let summary: String
    /// Where it stands in the data.
    package let origin: Origin

    /// Where the policy itself says that it applies an exclusion; nil where an overlay does.
    package func place(ofExclusion id: String) -> Place? {
        origin.element.children("applies").first { $0["exclusion"] == id }?.place(of: "exclusion")
    }
}

/// What becomes of a start that a policy excludes (usage guide, 4.1).
package struct Conflict: Sendable {
    /// Its name in the data, for instance `abandon`.
    package let name: String
    /// What compiled code calls it; append-only.
    package let number: Int
    /// Whether the start goes ahead, and what stood in its way is idle once it succeeds.
    package let abandons: Bool
    /// The section of the standard.
    package let citation: Citation
    /// What becomes of the start, as a part of a sentence.
    package let summary: String
    let origin: Origin
}

/// Which policy suits a token, by a flag of its `CK_TOKEN_INFO`.
package struct TokenPolicy: Sendable {
    /// The name of the flag, such as `CKF_DUAL_CRYPTO_OPERATIONS`.
    package let flag: String
    /// The policy for tokens that set the flag.
    package let set: Ref<Policy>
    /// The policy for the others.
    package let clear: Ref<Policy>
    /// Where the standard says what the flag means.
    package let citation: Citation
}

/// Two threads in one session at the same time.
package struct Concurrency: Sendable {
    /// What the thread breaks that comes second.
    package let rule: Rule
    /// The answer to a call that would start an operation.
    package let startReturnValue: String
    /// The answer to any other call.
    package let otherReturnValue: String
    let origin: Origin
}

/// A call while another is pending in its session.
package struct Meanwhile: Sendable {
    /// What the call breaks.
    package let rule: Rule
    /// What the call is answered by a policy that refuses what is out of phase.
    package let returnValue: String
    let origin: Origin
}
