// SPDX-License-Identifier: MIT

import TypedTables

// Functions, what the rules ask of their arguments and return values, and what they do to operations.

/// What the arguments of a call tell the rules.
package struct Fact: Sendable {
    /// Its name in the data, for instance `null-mechanism`.
    package let name: String
    /// Its place among the facts of a call; append-only.
    package let bit: Int
    /// What holds of the call, as a part of a sentence.
    package let summary: String
    let origin: Origin
}

/// A use of a parameter, and the fact that its argument tells.
package struct Use: Sendable {
    /// What the rules look for in an argument.
    package enum Test: String, Sendable {
        /// Nothing: it is the session that the rules apply to.
        case none
        /// Whether the pointer is NULL.
        case null
        /// Whether the pointer is not NULL.
        case notNull = "not-null"
        /// Whether the flag of `value` is among the flags.
        case flag
        /// Whether it equals the constant of `value`.
        case equal
        /// Which operations the flags name.
        case flags
        /// Which function it names: the one that is pending.
        case function
        /// Which slot the call is about.
        case slot
        /// Where the new session is given.
        case opened
        /// Where function lists are given.
        case lists

        /// Whether it tells of one argument something that another role may depend on.
        package var tellsFact: Bool { [.null, .notNull, .flag, .equal].contains(self) }
    }
    /// Its name in the data, for instance `cancel-flags`.
    package let name: String
    /// What is looked for.
    package let test: Test
    /// Whether the parameter is the session that the rules apply to.
    package var isSession: Bool { test == .none }
    /// The fact that holds where the test does; nil for a test that tells none.
    package var fact: Ref<Fact>?
    /// The constant that the test compares with.
    package let value: String?
    /// What the argument means, as a part of a sentence.
    package let summary: String
}

/// A class of return values: how a call ended, as far as the rules ask.
package struct Outcome: Sendable {
    /// What the class does whatever the role.
    package enum Effect: String, Sendable {
        /// The call has not ended: nothing changes.
        case pending
        /// The session is no more: every operation is idle.
        case gone
        /// Where an error would change the phase of the role's operations, they are uncertain.
        case doubt
        /// A doubt, unless our own rules refuse the same start; with nothing active everything is uncertain, and
        /// a start beside something active makes its own operation uncertain.
        case contradiction
    }
    /// Its name in the data, for instance `too-small`.
    package let name: String
    /// The return value, or nil for any that no other class names.
    package let value: String?
    /// The fact that must hold as well.
    package var fact: Ref<Fact>?
    /// The class whose effect a role has that says nothing of this one.
    package var otherwise: Ref<Outcome>?
    /// What it does whatever the role; nil if the role decides.
    package let effect: Effect?
    /// Whether the standard says that it changes nothing where a call gives output.
    package let keeps: Bool
    /// The sessions that are no more, for one whose effect is `gone`.
    package let reach: Reach
    /// What it says of the call, as a part of a sentence.
    package let summary: String
    let origin: Origin
}

/// The sessions whose operations a call touches.
package enum Reach: String, Sendable, CaseIterable {
    /// Its own.
    case session
    /// Every session that the application has with the token.
    case token
    /// Every session of the application.
    case library
}

/// What a function needs of its operation and does to it.
package struct Role: Sendable {
    /// The operations of which a role speaks.
    package enum Scope: String, Sendable {
        /// Those that the function names.
        case own
        /// All operations of the session.
        case every
        /// Those that the flags of the call name.
        case flagged
    }
    /// What a call does to the one that is pending in its session.
    package enum Async: String, Sendable, CaseIterable {
        /// Gives its outcome.
        case complete
        /// Names it.
        case identify
        /// Takes up one that was named.
        case join
        /// Ends it with the session.
        case end
        /// Cancels it with its operation.
        case cancel
    }
    /// A phase in which a call is out of phase.
    package struct Refusal: Sendable {
        /// What the call breaks then.
        package let rule: Rule
        /// The phase of one of the call's operations.
        package let phase: Ref<Phase>
        /// What a refused call is answered, unless its function has an answer of its own.
        package let returnValue: String
        /// Whether only some policies refuse it.
        package let isSoft: Bool
        let origin: Origin
    }
    /// Where the phase of the call's operations goes for an outcome. A line with a phase it comes from wins over one without.
    package struct After: Sendable {
        /// Consists of the role's name and the outcome, and the phase if it applies to one only.
        package let rule: Rule
        /// The class of return values for which it holds.
        package var outcome: Ref<Outcome>
        /// The phase it goes to; nil keeps it.
        package let to: Ref<Phase>?
        /// The phase it comes from; nil for any of which no other line speaks.
        package let from: Ref<Phase>?
        /// Where it goes instead of uncertain for somebody to whom nothing is uncertain.
        package let known: Ref<Phase>?
        /// Whether operations that a saved state cannot hold become idle instead.
        package let endsUnsaved: Bool
        /// The sessions in which that happens.
        package let reach: Reach
        /// Only where all operations of the call may be active.
        package let together: Bool
        let origin: Origin
    }
    /// The role that takes the place of this one where a fact holds.
    package struct Variant: Sendable {
        /// The fact.
        package let fact: Ref<Fact>
        /// The role that the call has then, which starts nothing and belongs to no group.
        package let role: Ref<Role>
        /// The version that brought it; nil if it was always there.
        package let since: String?
    }
    /// Its name in the data, for instance `begin`.
    package let name: String
    /// Whether the call starts its first operation, so that exclusions may refuse it.
    package let starts: Bool
    /// The operations of which it speaks.
    package let scope: Scope
    /// The group to which calls in this role belong.
    package var group: Ref<Group>?
    /// What the call does to a pending one; nil if nothing of its own.
    package let async: Async?
    /// What the call does, as a part of a sentence.
    package let summary: String
    /// What takes its place where a fact holds; nil if nothing ever does.
    package var variant: Variant?
    /// The phases that refuse the call, including those of the role that it is like.
    package var refusals: [Refusal] = []
    /// Where the phase goes, including what the role says that it is like.
    package var afters: [After] = []
    let origin: Origin
}

/// Return values that several functions share.
package struct CodeSet: Sendable {
    /// Its name in the data, for instance `token`.
    package let name: String
    /// Including those of the set that it includes.
    package var values: [String]
    /// Whose return values they are, as a part of a sentence.
    package let summary: String
    /// Where the standard describes them.
    package let citation: Citation
    let origin: Origin
}

/// A function of Cryptoki, or one that a vendor adds.
package struct Function: Sendable {
    /// A parameter, and its use if the rules ask for it.
    package struct Parameter: Sendable {
        /// The name of its C type, for instance `CK_MECHANISM_PTR`.
        package let type: String
        /// Its name in the prototype, for instance `pMechanism`.
        package let name: String
        /// What its argument tells the rules; nil if nothing.
        package var use: Ref<Use>?
    }
    /// A broken rule that this function answers with another value than others do.
    package struct Answer: Sendable {
        /// The ID of the rule.
        package let ruleID: String
        /// What the function returns in the place of the rule's own value.
        package let returnValue: String
        /// Why it does.
        package let reason: String
        let origin: Origin
    }
    /// What compiled code calls it; append-only. Up to 149 it is the standard's, from 150 to 255 a vendor's.
    package let number: Int
    /// Numbers of functions and rules that are smaller are the standard's.
    static let firstNumberOfVendors = 150
    /// Its name, for instance `C_EncryptInit`.
    package let name: String
    /// The version of the standard that brought it.
    package let since: String
    /// The section that describes it.
    package let citation: Citation
    /// One of the usage guide's: `general`, `administrative`, `object` or `cryptographic`.
    package let category: String
    /// What it needs of its operations and does to them.
    package var role: Ref<Role>
    /// The group of the function, or of its role.
    package var group: Ref<Group>?
    /// The flag by which `C_SessionCancel` names a call that belongs to no operation.
    package var flag: String?
    /// Whether it stands in the function lists; a vendor's own does not.
    package let isListed: Bool
    /// None, one, or the two of a dual function.
    package var operations: [Ref<Operation>]
    /// Its parameters, in the order of the prototype.
    package var parameters: [Parameter]
    /// The broken rules that it answers in its own way.
    package var answers: [Answer]
    /// Documented return values, those of the code set first.
    package var returnValues: [String]
    /// What it does, as a part of a sentence.
    package let summary: String
    /// Where it stands in the data.
    package let origin: Origin
}
