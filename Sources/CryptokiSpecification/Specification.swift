// SPDX-License-Identifier: MIT

/// Everything that `cryptoki.xml` and the files it names say: plain values, references resolved and checked.
///
/// References are indices into the arrays of this value. Each item keeps the element it came from, for messages.
public struct Specification: Sendable {
    public var layout = 0
    public var documents: [Document] = []
    public var phases: [Phase] = []
    public var perspectives: [Perspective] = []
    public var operations: [Operation] = []
    public var pairs: [Pair] = []
    public var groups: [Group] = []
    public var exclusions: [Exclusion] = []
    public var policies: [Policy] = []
    public var conflicts: [Conflict] = []
    public var tokenPolicy: TokenPolicy?
    public var concurrency: Concurrency?
    public var meanwhile: Meanwhile?
    public var facts: [Fact] = []
    public var uses: [Use] = []
    public var outcomes: [Outcome] = []
    public var readings: [Reading] = []
    public var roles: [Role] = []
    public var codeSets: [CodeSet] = []
    /// The return values that any function may have.
    public var universal: [String] = []
    public var functions: [Function] = []
    public var registry = Registry()
}

/// What every rule has: an ID, its place in the standard, and words for people.
public struct Rule: Sendable {
    public let id: String
    /// Append-only: compiled code names a broken rule by it. Only rules that a call can break have one.
    public let number: Int?
    public let citation: Citation
    public let text: String
    /// The reading of a doubtful place that the rule rests on, such as `S15`.
    public let reading: String?
}

/// A section of a document.
public struct Citation: Sendable {
    public let document: Int
    public let section: String
    public let title: String
    /// For instance `Base 3.2, 5.8.1 C_EncryptInit`.
    public let words: String
}

public struct Document: Sendable {
    /// A heading is faulty, and that has been said: nobody knows what sections there are.
    public let isIncomplete: Bool
    public let id: String
    public let name: String
    public let version: String
    public let title: String
    /// Titles by section.
    public let headings: [String: String]
}

public struct Phase: Sendable {
    /// The two bits of the state: bit 0 blocks, not zero may be active, both are after a part.
    public enum Code: Int, Sendable, CaseIterable { case idle, ready, uncertain, parts }
    public let name: String
    public let code: Code
    public let summary: String
    public let element: XMLElement
}

public struct Perspective: Sendable {
    public let name: String
    public let number: Int
    /// Whether a call out of phase is refused; otherwise it is let through and reported.
    public let refusesOutOfPhase: Bool
    /// Whether anything is ever uncertain.
    public let knowsUncertainty: Bool
    public let summary: String
    public let element: XMLElement
}

public struct Operation: Sendable {
    public let name: String
    /// The operation's place in the state: bits 2n and 2n + 1.
    public let bit: Int
    /// The flag by which `C_SessionCancel` names it; nil in a version without that function.
    public var flag: String?
    public let kind: String
    /// Whether `C_GetOperationState` can save it.
    public let isSaved: Bool
    public let summary: String
    public let element: XMLElement
}

public struct Pair: Sendable {
    public let rule: Rule
    public let first: Int
    public let second: Int
    public let element: XMLElement
    /// Where an overlay takes it back, which it does once all has been checked.
    var withdrawal: XMLElement?
}

/// Calls that start no operation, and that a policy may refuse while one is active.
public struct Group: Sendable {
    public let name: String
    public let summary: String
}

public struct Exclusion: Sendable {
    /// What is refused: the start of any operation or of those of a kind, or the calls of a group.
    public enum Refused: Sendable { case everyStart, start(kind: String), calls(group: Int) }
    public enum Beside: Sendable { case itself, other, every, kind(String) }
    public let rule: Rule
    public var refused: Refused
    /// The operations whose activity refuses. A kind does not contain the operation that starts.
    public let beside: Beside
    public let unlessPair: Bool
    public let returnValue: String
    public let element: XMLElement
}

public struct Policy: Sendable {
    public let name: String
    public let number: Int
    /// How many operations may be active at once; nil if that is not limited.
    public let most: Int?
    /// The policy that admits whatever this one does, if it says so.
    public let within: Int?
    /// Whether calls out of phase are refused whoever asks.
    public let refusesOutOfPhase: Bool
    public var exclusions: [Int]
    public let summary: String
    public let element: XMLElement
}

/// What becomes of a start that a policy excludes.
public struct Conflict: Sendable {
    public let name: String
    public let number: Int
    /// Whether the start goes ahead, and what stood in its way is idle once it succeeds.
    public let abandons: Bool
    public let citation: Citation
    public let summary: String
    public let element: XMLElement
}

/// Which policy suits a token, by a flag of its `CK_TOKEN_INFO`.
public struct TokenPolicy: Sendable {
    public let flag: String
    /// Policies for tokens that set the flag, and for the others.
    public let set: Int
    public let clear: Int
    public let citation: Citation
}

/// Two threads in one session at the same time.
public struct Concurrency: Sendable {
    public let rule: Rule
    /// The answer to a call that would start an operation, and to any other.
    public let startReturnValue: String
    public let otherReturnValue: String
    public let element: XMLElement
}

/// A call while another is pending in its session.
public struct Meanwhile: Sendable {
    public let rule: Rule
    public let returnValue: String
    public let element: XMLElement
}

public struct Fact: Sendable {
    public let name: String
    public let bit: Int
    public let summary: String
    public let element: XMLElement
}

public struct Use: Sendable {
    public enum Test: String, Sendable {
        case none, null, notNull = "not-null", flag, equal, flags, function, slot, opened, lists

        /// Whether it tells of one argument something that another role may depend on.
        public var tellsFact: Bool { [.null, .notNull, .flag, .equal].contains(self) }
    }
    public let name: String
    public let test: Test
    /// Whether the parameter is the session that the rules speak of.
    public var isSession: Bool { test == .none }
    public var fact: Int?
    /// The constant that the test compares with.
    public let value: String?
    public let summary: String
}

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
    public let name: String
    /// The return value, or nil for any that no other class names.
    public let value: String?
    /// The fact that must hold as well.
    public var fact: Int?
    /// The class whose effect a role has that says nothing of this one.
    public var otherwise: Int?
    public let effect: Effect?
    /// Whether the standard says that it changes nothing where a call gives output.
    public let keeps: Bool
    public let reach: Reach
    public let summary: String
    public let element: XMLElement
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

public struct Reading: Sendable {
    public let id: String
    public let question: String
    public let chosen: String
    public let reason: String
    /// The version that brought what it speaks of; nil if it was always there.
    public let since: String?
    public let citation: Citation
}

public struct Role: Sendable {
    public enum Scope: String, Sendable { case own, every, flagged }
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
    public struct Refusal: Sendable {
        public let rule: Rule
        public let phase: Int
        public let returnValue: String
        /// Whether only a policy refuses it, and nobody else.
        public let isSoft: Bool
        public let element: XMLElement
    }
    public struct After: Sendable {
        /// Made of the role's name and the outcome, and the phase if it speaks of one only.
        public let rule: Rule
        public var outcome: Int
        /// The phase it goes to; nil keeps it.
        public let to: Int?
        public let from: Int?
        /// Where it goes instead of uncertain for somebody to whom nothing is uncertain.
        public let known: Int?
        /// Whether operations that a saved state cannot hold become idle instead.
        public let endsUnsaved: Bool
        public let reach: Reach
        /// Only where all operations of the call may be active.
        public let together: Bool
        public let element: XMLElement
    }
    /// The role that takes the place of this one where a fact holds.
    public struct Variant: Sendable {
        public let fact: Int
        public let role: Int
        /// The version that brought it; nil if it was always there.
        public let since: String?
    }
    public let name: String
    public let starts: Bool
    public let scope: Scope
    /// The group to which calls in this role belong.
    public var group: Int?
    public let async: Async?
    public let summary: String
    public var variant: Variant?
    /// Including those of the role that it is like.
    public var refusals: [Refusal] = []
    public var afters: [After] = []
    public let element: XMLElement
}

public struct CodeSet: Sendable {
    public let name: String
    /// Including those of the set that it includes.
    public var values: [String]
    public let summary: String
    public let citation: Citation
    public let element: XMLElement
}

public struct Function: Sendable {
    public struct Parameter: Sendable {
        public let type: String
        public let name: String
        public var use: Int?
    }
    /// A broken rule that this function answers with another value than others do.
    public struct Answer: Sendable {
        public let ruleID: String
        public let returnValue: String
        public let reason: String
        public let element: XMLElement
    }
    public let number: Int
    public let name: String
    public let since: String
    public let citation: Citation
    public let category: String
    public var role: Int
    /// The group of the function, or of its role.
    public var group: Int?
    /// The flag by which `C_SessionCancel` names a call that belongs to no operation.
    public var flag: String?
    /// Whether it stands in the function lists; a vendor's own does not.
    public let isListed: Bool
    /// None, one, or the two of a dual function.
    public var operations: [Int]
    public var parameters: [Parameter]
    public var answers: [Answer]
    /// Documented return values, those of the code set first.
    public var returnValues: [String]
    public let summary: String
    public let element: XMLElement
}

/// Versions, types and constants.
public struct Registry: Sendable {
    public struct Version: Sendable { public let name, major, minor, amendment: String }
    public struct Scalar: Sendable { public let name, definition, since: String }
    public struct Pointer: Sendable { public let name, target, since: String }
    public struct Variable: Sendable {
        public let type, name: String
        public let count: Int?
    }
    public struct Callback: Sendable {
        public let name, returns, since: String
        public let arguments: [Variable]
    }
    public struct Structure: Sendable {
        public let name, since, summary: String
        public let members: [Variable]
    }
    public struct FunctionList: Sendable {
        public let name, since, summary: String
        /// The macro that restricts `pkcs11f.h` to this list's functions; nil for the list of all.
        public let only: String?
    }
    public struct Constant: Sendable {
        public let name, since: String
        /// A number, or the name of another constant.
        public var value: String
        public var isAlias: Bool
        /// `deprecated` or `historical`, or nil.
        public let status: String?
        /// Whether headers that have nothing to do with Cryptoki define it as well.
        public let isGuarded: Bool
    }
    public struct ConstantGroup: Sendable {
        public let name, summary, suffix: String
        /// What one of them is called, for names in code; nil if they are of no kind of their own.
        public let noun: String?
        /// What their names start with.
        public let prefix: String
        /// Whether they are flags, which one joins.
        public let isFlags: Bool
        public var constants: [Constant]
    }
    /// What a header that somebody else publishes has otherwise.
    public struct Difference: Sendable { public let name, header, reason: String }
    /// From the oldest to the newest.
    public var versions: [Version] = []
    public var scalars: [Scalar] = []
    public var pointers: [Pointer] = []
    public var callbacks: [Callback] = []
    public var structures: [Structure] = []
    public var functionLists: [FunctionList] = []
    public var groups: [ConstantGroup] = []
    public var differences: [Difference] = []
    /// Every constant with its number, aliases resolved.
    public var numbers: [String: UInt] = [:]

    /// The place of a version among all, by its name.
    public func age(of version: String) -> Int { versions.firstIndex { $0.name == version } ?? 0 }
}
