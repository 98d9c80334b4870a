// SPDX-License-Identifier: MIT

// Functions, what the rules ask of their arguments and return values, and what they do to operations.

/// What the arguments of a call tell the rules.
public struct Fact: Sendable {
    /// Its name in the data, for instance `null-mechanism`.
    public let name: String
    /// Its place among the facts of a call; append-only.
    public let bit: Int
    /// What holds of the call, as a part of a sentence.
    public let summary: String
    let element: XMLElement
}

/// A use of a parameter, and the fact that its argument tells.
public struct Use: Sendable {
    /// What the rules look for in an argument.
    public enum Test: String, Sendable {
        /// Nothing: it is the session that the rules speak of.
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
        public var tellsFact: Bool { [.null, .notNull, .flag, .equal].contains(self) }
    }
    /// Its name in the data, for instance `cancel-flags`.
    public let name: String
    /// What is looked for.
    public let test: Test
    /// Whether the parameter is the session that the rules speak of.
    public var isSession: Bool { test == .none }
    /// The fact that holds where the test does; nil for a test that tells none. An index.
    public var fact: Int?
    /// The constant that the test compares with.
    public let value: String?
    /// What the argument means, as a part of a sentence.
    public let summary: String
}

/// A class of return values: how a call ended, as far as the rules ask.
public struct Outcome: Sendable {
    /// What the class does whatever the role.
    public enum Effect: String, Sendable {
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
    public let name: String
    /// The return value, or nil for any that no other class names.
    public let value: String?
    /// The fact that must hold as well.
    public var fact: Int?
    /// The class whose effect a role has that says nothing of this one.
    public var otherwise: Int?
    /// What it does whatever the role; nil if the role decides.
    public let effect: Effect?
    /// Whether the standard says that it changes nothing where a call gives output.
    public let keeps: Bool
    /// The sessions that are no more, for one whose effect is `gone`.
    public let reach: Reach
    /// What it says of the call, as a part of a sentence.
    public let summary: String
    let element: XMLElement
}

/// The sessions whose operations a call touches.
public enum Reach: String, Sendable, CaseIterable {
    /// Its own.
    case session
    /// Every session that the application has with the token.
    case token
    /// Every session of the application.
    case library
}

/// What a function needs of its operation and does to it.
public struct Role: Sendable {
    /// The operations of which a role speaks.
    public enum Scope: String, Sendable {
        /// Those that the function names.
        case own
        /// All operations of the session.
        case every
        /// Those that the flags of the call name.
        case flagged
    }
    /// What a call does to the one that is pending in its session.
    public enum Async: String, Sendable, CaseIterable {
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
    public struct Refusal: Sendable {
        /// What the call breaks then.
        public let rule: Rule
        /// The phase of one of the call's operations; an index.
        public let phase: Int
        /// What a refused call is answered, unless its function has an answer of its own.
        public let returnValue: String
        /// Whether only a policy refuses it, and nobody else.
        public let isSoft: Bool
        let element: XMLElement
    }
    /// Where the phase of the call's operations goes for an outcome. A line with a phase it comes from wins over one without.
    public struct After: Sendable {
        /// Made of the role's name and the outcome, and the phase if it speaks of one only.
        public let rule: Rule
        /// The class of return values for which it holds; an index.
        public var outcome: Int
        /// The phase it goes to; nil keeps it.
        public let to: Int?
        /// The phase it comes from; nil for any of which no other line speaks.
        public let from: Int?
        /// Where it goes instead of uncertain for somebody to whom nothing is uncertain.
        public let known: Int?
        /// Whether operations that a saved state cannot hold become idle instead.
        public let endsUnsaved: Bool
        /// The sessions in which that happens.
        public let reach: Reach
        /// Only where all operations of the call may be active.
        public let together: Bool
        let element: XMLElement
    }
    /// The role that takes the place of this one where a fact holds.
    public struct Variant: Sendable {
        /// The fact; an index.
        public let fact: Int
        /// The role that the call has then, which starts nothing and belongs to no group; an index.
        public let role: Int
        /// The version that brought it; nil if it was always there.
        public let since: String?
    }
    /// Its name in the data, for instance `begin`.
    public let name: String
    /// Whether the call starts its first operation, so that exclusions may refuse it.
    public let starts: Bool
    /// The operations of which it speaks.
    public let scope: Scope
    /// The group to which calls in this role belong.
    public var group: Int?
    /// What the call does to a pending one; nil if nothing of its own.
    public let async: Async?
    /// What the call does, as a part of a sentence.
    public let summary: String
    /// What takes its place where a fact holds; nil if nothing ever does.
    public var variant: Variant?
    /// The phases that refuse the call, including those of the role that it is like.
    public var refusals: [Refusal] = []
    /// Where the phase goes, including what the role says that it is like.
    public var afters: [After] = []
    let element: XMLElement
}

/// Return values that several functions share.
public struct CodeSet: Sendable {
    /// Its name in the data, for instance `token`.
    public let name: String
    /// Including those of the set that it includes.
    public var values: [String]
    /// Whose return values they are, as a part of a sentence.
    public let summary: String
    /// Where the standard describes them.
    public let citation: Citation
    let element: XMLElement
}

/// A function of Cryptoki, or one that a vendor adds.
public struct Function: Sendable {
    /// A parameter, and its use if the rules ask for it.
    public struct Parameter: Sendable {
        /// The name of its C type, for instance `CK_MECHANISM_PTR`.
        public let type: String
        /// Its name in the prototype, for instance `pMechanism`.
        public let name: String
        /// What its argument tells the rules; nil if nothing. An index.
        public var use: Int?
    }
    /// A broken rule that this function answers with another value than others do.
    public struct Answer: Sendable {
        /// The ID of the rule.
        public let ruleID: String
        /// What the function returns in the place of the rule's own value.
        public let returnValue: String
        /// Why it does.
        public let reason: String
        let element: XMLElement
    }
    /// What compiled code calls it; append-only. Up to 149 it is the standard's, from 150 to 255 a vendor's.
    public let number: Int
    /// Numbers of functions and rules that are smaller are the standard's.
    static let firstNumberOfVendors = 150
    /// Its name, for instance `C_EncryptInit`.
    public let name: String
    /// The version of the standard that brought it.
    public let since: String
    /// The section that describes it.
    public let citation: Citation
    /// One of the usage guide's: `general`, `administrative`, `object` or `cryptographic`.
    public let category: String
    /// What it needs of its operations and does to them; an index.
    public var role: Int
    /// The group of the function, or of its role.
    public var group: Int?
    /// The flag by which `C_SessionCancel` names a call that belongs to no operation.
    public var flag: String?
    /// Whether it stands in the function lists; a vendor's own does not.
    public let isListed: Bool
    /// None, one, or the two of a dual function.
    public var operations: [Int]
    /// Its parameters, in the order of the prototype.
    public var parameters: [Parameter]
    /// The broken rules that it answers in its own way.
    public var answers: [Answer]
    /// Documented return values, those of the code set first.
    public var returnValues: [String]
    /// What it does, as a part of a sentence.
    public let summary: String
    /// Where it stands in the data.
    public let element: XMLElement
}
