// SPDX-License-Identifier: MIT

/// Versions, types and constants: what `registry.xml` holds, and what overlays add to it.
///
/// Where something has a `since`, that is the name of the version of the standard that brought it, such as `3.0`.
public struct Registry: Sendable {
    /// A version of the standard, and how its header gives it.
    public struct Version: Sendable {
        /// Its name, such as `2.40`.
        public let name: String
        /// The number before the dot, in decimal.
        public let major: String
        /// The number after the dot, in decimal.
        public let minor: String
        /// The number of `CRYPTOKI_VERSION_AMENDMENT`, in decimal.
        public let amendment: String
    }
    /// A number type.
    public struct Scalar: Sendable {
        /// Its name, for instance `CK_FLAGS`.
        public let name: String
        /// The C type that it is another name of, for instance `unsigned char` or `CK_ULONG`.
        public let definition: String
        /// The version that brought it.
        public let since: String
    }
    /// A pointer type.
    public struct Pointer: Sendable {
        /// Its name, for instance `CK_BYTE_PTR`.
        public let name: String
        /// The C type that it points to.
        public let target: String
        /// The version that brought it.
        public let since: String
    }
    /// A member of a structure, or an argument of a callback.
    public struct Variable: Sendable {
        /// The name of its C type; that of each element if it is an array.
        public let type: String
        /// Its name, for instance `ulMinPinLen`.
        public let name: String
        /// How many elements the array has; nil if it is none.
        public let count: Int?
    }
    /// The type of a pointer to a function of the application.
    public struct Callback: Sendable {
        /// Its name, for instance `CK_NOTIFY`.
        public let name: String
        /// The type of what the function returns.
        public let returns: String
        /// The version that brought it.
        public let since: String
        /// What the function is given, in its order.
        public let arguments: [Variable]
    }
    /// A structure type.
    public struct Structure: Sendable {
        /// Its name, for instance `CK_TOKEN_INFO`.
        public let name: String
        /// The version that brought it.
        public let since: String
        /// What it describes, as a part of a sentence.
        public let summary: String
        /// Its members, in the order of their offsets.
        public let members: [Variable]
    }
    /// A structure of pointers to the functions up to a version.
    public struct FunctionList: Sendable {
        /// Its name, for instance `CK_FUNCTION_LIST_3_0`.
        public let name: String
        /// The version whose functions it holds.
        public let since: String
        /// What it holds, as a part of a sentence.
        public let summary: String
        /// The macro that restricts `pkcs11f.h` to this list's functions; nil for the list of all.
        public let only: String?
    }
    /// A constant: a number with a name, or another name of one.
    public struct Constant: Sendable {
        /// Its name, for instance `CKM_SHA256`.
        public let name: String
        /// The version that brought it.
        public let since: String
        /// A number, or the name of another constant.
        public var value: String
        /// Whether `value` is the name of another constant.
        public var isAlias: Bool
        /// `deprecated` or `historical`, or nil.
        public let status: String?
        /// Whether headers that have nothing to do with Cryptoki define it as well.
        public let isGuarded: Bool
    }
    /// Constants that belong together, such as the mechanisms or the flags of one structure.
    public struct ConstantGroup: Sendable {
        /// Its name in the data, for instance `slot-info`.
        public let name: String
        /// What they are, as a part of a sentence.
        public let summary: String
        /// What follows their numbers in C, for instance `UL`; may be empty.
        public let suffix: String
        /// What one of them is called, for names in code; nil if they are of no kind of their own.
        public let noun: String?
        /// What their names start with.
        public let prefix: String
        /// Whether they are flags, which one joins.
        public let isFlags: Bool
        /// The constants, in the order in which headers define them.
        public var constants: [Constant]
    }
    /// What a header that somebody else publishes has otherwise.
    public struct Difference: Sendable {
        /// The type, constant or function that is different there.
        public let name: String
        /// Whose header it is, for instance `p11-kit` or `oasis-3.1`.
        public let header: String
        /// What it has instead, and why.
        public let reason: String
    }
    /// From the oldest to the newest.
    public var versions: [Version] = []
    /// The number types; one stands after the one that it is another name of.
    public var scalars: [Scalar] = []
    /// The pointer types, but for those to functions.
    public var pointers: [Pointer] = []
    /// The types of functions that the application provides.
    public var callbacks: [Callback] = []
    /// The structures, but for function lists; one stands after those that it holds.
    public var structures: [Structure] = []
    /// The function lists, from the oldest to the newest.
    public var functionLists: [FunctionList] = []
    /// The constants, by what they are.
    public var groups: [ConstantGroup] = []
    /// Where headers of others are not as this registry.
    public var differences: [Difference] = []
    /// Every constant with its number, aliases resolved.
    public var numbers: [String: UInt] = [:]

    /// The place of a version among all, by its name; 0 for a name that none has.
    public func age(of version: String) -> Int { versions.firstIndex { $0.name == version } ?? 0 }
}
