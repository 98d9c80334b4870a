// SPDX-License-Identifier: MIT

/// Versions, types and constants: what `registry.xml` holds, and what overlays add to it.
///
/// Where something has a `since`, that is the name of the version of the standard that brought it, such as `3.0`.
package struct Registry: Sendable {
    /// A version of the standard, and how its header gives it.
    package struct Version: Sendable {
        /// Its name, such as `2.40`.
        package let name: String
        /// The number before the dot, in decimal.
        package let major: String
        /// The number after the dot, in decimal.
        package let minor: String
        /// The number of `CRYPTOKI_VERSION_AMENDMENT`, in decimal.
        package let amendment: String
    }
    /// A number type.
    package struct Scalar: Sendable {
        /// Its name, for instance `CK_FLAGS`.
        package let name: String
        /// The C type that it is another name of, for instance `unsigned char` or `CK_ULONG`.
        package let definition: String
        /// The version that brought it.
        package let since: String
    }
    /// A pointer type.
    package struct Pointer: Sendable {
        /// Its name, for instance `CK_BYTE_PTR`.
        package let name: String
        /// The C type that it points to.
        package let target: String
        /// The version that brought it.
        package let since: String
    }
    /// A member of a structure, or an argument of a callback.
    package struct Variable: Sendable {
        /// The name of its C type; that of each element if it is an array.
        package let type: String
        /// Its name, for instance `ulMinPinLen`.
        package let name: String
        /// How many elements the array has; nil if it is none.
        package let count: Int?
    }
    /// The type of a pointer to a function of the application.
    package struct Callback: Sendable {
        /// Its name, for instance `CK_NOTIFY`.
        package let name: String
        /// The type of what the function returns.
        package let returns: String
        /// The version that brought it.
        package let since: String
        /// What the function is given, in its order.
        package let arguments: [Variable]
    }
    /// A structure type.
    package struct Structure: Sendable {
        /// Its name, for instance `CK_TOKEN_INFO`.
        package let name: String
        /// The version that brought it.
        package let since: String
        /// What it describes, as a part of a sentence.
        package let summary: String
        /// Its members, in the order of their offsets.
        package let members: [Variable]
    }
    /// A structure of pointers to the functions up to a version.
    package struct FunctionList: Sendable {
        /// Its name, for instance `CK_FUNCTION_LIST_3_0`.
        package let name: String
        /// The version whose functions it holds.
        package let since: String
        /// What it holds, as a part of a sentence.
        package let summary: String
        /// The macro that restricts `pkcs11f.h` to this list's functions; nil for the list of all.
        package let only: String?
    }
    /// A constant: a number with a name, or another name of one.
    package struct Constant: Sendable {
        /// Its name, for instance `CKM_SHA256`.
        package let name: String
        /// The version that brought it.
        package let since: String
        /// A number, or the name of another constant.
        package var value: String
        /// Whether `value` is the name of another constant.
        package var isAlias: Bool
        /// `deprecated` or `historical`, or nil.
        package let status: String?
        /// Whether headers that have nothing to do with Cryptoki define it as well.
        package let isGuarded: Bool
    }
    /// Constants that belong together, such as the mechanisms or the flags of one structure.
    package struct ConstantGroup: Sendable {
        /// Its name in the data, for instance `slot-info`.
        package let name: String
        /// What they are, as a part of a sentence.
        package let summary: String
        /// What follows their numbers in C, for instance `UL`; may be empty.
        package let suffix: String
        /// What one of them is called, for names in code; nil if they are of no kind of their own.
        package let noun: String?
        /// What their names start with.
        package let prefix: String
        /// Whether they are flags, which one joins.
        package let isFlags: Bool
        /// The constants, in the order in which headers define them.
        package var constants: [Constant]
    }
    /// What a header that somebody else publishes has otherwise.
    package struct Difference: Sendable {
        /// The type, constant or function that is different there.
        package let name: String
        /// Whose header it is, for instance `p11-kit` or `oasis-3.1`.
        package let header: String
        /// What it has instead, and why.
        package let reason: String
    }
    /// From the oldest to the newest.
    package var versions: [Version] = []
    /// The number types; one stands after the one that it is another name of.
    package var scalars: [Scalar] = []
    /// The pointer types, but for those to functions.
    package var pointers: [Pointer] = []
    /// The types of functions that the application provides.
    package var callbacks: [Callback] = []
    /// The structures, but for function lists; one stands after those that it holds.
    package var structures: [Structure] = []
    /// The function lists, from the oldest to the newest.
    package var functionLists: [FunctionList] = []
    /// The constants, by what they are.
    package var groups: [ConstantGroup] = []
    /// Where headers of others are not as this registry.
    package var differences: [Difference] = []
    /// Every constant with its number, aliases resolved.
    package var numbers: [String: UInt] = [:]

    /// The number of a constant; 0 for a name that none has.
    package func number(of constant: String) -> UInt { numbers[constant] ?? 0 }

    /// The place of a version among all, by its name; 0 for a name that none has.
    package func age(of version: String) -> Int { versions.firstIndex { $0.name == version } ?? 0 }
}
