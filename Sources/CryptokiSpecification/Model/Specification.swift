// SPDX-License-Identifier: MIT

import TypedTables

/// Everything that `cryptoki.xml` and the files it names say: plain values, references resolved and checked.
///
/// References lead to the tables of this value. Each item keeps its origin, for messages.
/// Items stand in the order of the data. Nothing here changes once it is loaded, so any number of threads may read it.
package struct Specification: Sendable {
    /// Changes when a number or bit that compiled code relies on had to move.
    package var layout = 0
    /// The documents that citations name.
    package var documents = Table<Document>()
    /// The phases that an operation can be in.
    package var phases = Table<Phase>()
    /// Who may ask the rules.
    package var perspectives = Table<Perspective>()
    /// The operations of a session.
    package var operations = Table<Operation>()
    /// Which two operations may be active at once, in either order of starting.
    package var pairs = Table<Pair>()
    /// Groups of calls that start no operation.
    package var groups = Table<Group>()
    /// What refuses a start, or a call of a group, beside active operations; where several do, the first one here is named.
    package var exclusions = Table<Exclusion>()
    /// The sets of exclusions that can be chosen.
    package var policies = Table<Policy>()
    /// The ways of dealing with a start that a policy excludes.
    package var conflicts = Table<Conflict>()
    /// Which policy suits a token; nil if the data does not say.
    package var tokenPolicy: TokenPolicy?
    /// The rule about two threads in one session; there is one in everything that could be loaded.
    package var concurrency: Concurrency?
    /// The rule about calls while another is pending; nil in a version without asynchronous sessions.
    package var meanwhile: Meanwhile?
    /// What the arguments of calls tell the rules.
    package var facts = Table<Fact>()
    /// The uses of parameters that tell it.
    package var uses = Table<Use>()
    /// The classes of return values: the usual one first, and last the one of every value that no other names.
    package var outcomes = Table<Outcome>()
    /// How places of the standard are read where it is silent or contradicts itself.
    package var readings = Table<Reading>()
    /// What functions need of operations and do to them.
    package var roles = Table<Role>()
    /// Return values that several functions share.
    package var codeSets = Table<CodeSet>()
    /// The return values that any function may have.
    package var universal: [String] = []
    /// The functions of the standard and of overlays.
    package var functions = Table<Function>()
    /// Versions, types and constants, which have a file of their own.
    package var registry = Registry()

    /// The class of the usual return value.
    package var usualOutcome: Ref<Outcome> { outcomes.startIndex }
    /// The class of every value that no other names.
    package var otherOutcome: Ref<Outcome> { outcomes.index(before: outcomes.endIndex) }
    /// The policy that applies unless another one is chosen: the first one.
    package var defaultPolicy: Policy { policies[policies.startIndex] }
    /// The perspective that applies unless another one is chosen: the first one.
    package var defaultPerspective: Perspective { perspectives[perspectives.startIndex] }
    /// The conflict policy that applies unless another one is chosen: the first one.
    package var defaultConflict: Conflict { conflicts[conflicts.startIndex] }
}

/// What every rule has: an ID, its place in the standard, and words for people.
package struct Rule: Sendable {
    /// Its stable name, such as `not-a-pair`.
    package let id: String
    /// Append-only: compiled code names a broken rule by it. Only rules that a call can break have one.
    package let number: Int?
    /// The number, or 0, which no rule has.
    package var numberOrZero: Int { number ?? 0 }
    /// The section of the standard.
    package let citation: Citation
    /// The rule as a sentence; empty for one that no call can break.
    package let text: String
    /// The reading of a doubtful place that the rule rests on, such as `S15`.
    package let reading: String?
}

/// A section of a document.
package struct Citation: Sendable {
    /// The name and version of the document, such as `Base 3.2`.
    package let document: String
    /// The section's number, such as `5.8.1`.
    package let section: String
    /// The section's title, such as `C_EncryptInit`.
    package let title: String
    /// For instance `Base 3.2, 5.8.1 C_EncryptInit`.
    package let words: String
}

/// A document whose sections can be cited: a part of the standard, its usage guide, or a vendor's.
package struct Document: Sendable {
    /// A faulty heading has been reported, so some sections may be missing.
    let isIncomplete: Bool
    /// What citations of the data call it, such as `base-3.2`.
    package let id: String
    /// What people call it for short, such as `Base`.
    package let name: String
    /// Its version as it gives it, such as `3.2`.
    package let version: String
    /// Its title, such as `PKCS #11 Specification Version 3.2`.
    package let title: String
    /// Titles by section.
    let headings: [String: String]
}

/// How far an operation has come. Two phases may have one code: they belong to different operations.
package struct Phase: Sendable {
    /// The two bits of the state: bit 0 blocks, not zero may be active, both are after a part.
    package enum Code: Int, Sendable, CaseIterable {
        /// Not active.
        case idle
        /// Started, and nothing fed yet.
        case ready
        /// Perhaps active: it refuses nothing.
        case uncertain
        /// Fed a part, or inside a message.
        case parts
    }
    /// Its name in the data, for instance `message`.
    package let name: String
    /// How the state of a session holds it.
    package let code: Code
    /// What it means, as a part of a sentence.
    package let summary: String
    /// Where it stands in the data.
    package let origin: Origin
}

/// Who asks the rules: a token about itself, or somebody beside a module whose inside is not known.
package struct Perspective: Sendable {
    /// Its name in the data, for instance `owner`.
    package let name: String
    /// What compiled code calls it; append-only.
    package let number: Int
    /// Whether a call out of phase is refused; otherwise it is let through and reported.
    package let refusesOutOfPhase: Bool
    /// Whether anything is ever uncertain.
    package let knowsUncertainty: Bool
    /// Who it is, as a part of a sentence.
    package let summary: String
    let origin: Origin
}

/// An operation that a session performs, such as encryption or a search: once started it is active until it ends.
package struct Operation: Sendable {
    /// Its name in the data, for instance `signRecover`.
    package let name: String
    /// The operation's place in the state: bits 2n and 2n + 1.
    package let bit: Int
    /// The flag by which `C_SessionCancel` names it; nil in a version without that function.
    package var flag: String?
    /// What exclusions call it and others like it, for instance `cryptographic`.
    package let kind: String
    /// Whether `C_GetOperationState` can save it.
    package let isSaved: Bool
    /// What it does, as a part of a sentence.
    package let summary: String
    let origin: Origin
}

/// Two operations that may be active at once, in either order of starting (usage guide, 2.6.7).
package struct Pair: Sendable {
    /// Its ID and citation; no call can break it.
    package let rule: Rule
    /// An operation, as the data names it first.
    package let first: Ref<Operation>
    /// The other operation.
    package let second: Ref<Operation>
    let origin: Origin
    /// Where an overlay takes it back, which it does once all has been checked.
    var withdrawal: Origin?
}

/// Calls that start no operation, and that a policy may refuse while one is active.
package struct Group: Sendable {
    /// Its name in the data, for instance `objects`.
    package let name: String
    /// Which calls they are, as a part of a sentence.
    package let summary: String
}

/// How a place of the standard is read where it is silent or contradicts itself.
package struct Reading: Sendable {
    /// Its name, by which rules refer to it: S and a number.
    package let id: String
    /// What the standard leaves open.
    package let question: String
    /// The answer that the rules rest on, in a few words.
    package let chosen: String
    /// Why that one was chosen.
    package let reason: String
    /// The version that introduced its subject; nil if every version has it.
    package let since: String?
    /// The place that is read.
    package let citation: Citation
}
