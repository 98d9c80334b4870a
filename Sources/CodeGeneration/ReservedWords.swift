// SPDX-License-Identifier: MIT

/// Names that generated code cannot take from the data.
enum ReservedWords {
    /// The keywords of C and C++.
    private static let ofC = set(
        """
        alignas alignof and asm auto bool break case catch char class const constexpr continue decltype default delete
        do double else enum explicit export extern false float for friend goto if inline int long mutable namespace new
        noexcept not nullptr operator or private protected package register restrict return short signed sizeof static
        static_assert struct switch template this thread_local throw true try typedef typeid typename union unsigned
        using virtual void volatile wchar_t while xor
        """)

    /// The keywords of Swift, which can be names between backticks.
    private static let ofSwift = set(
        """
        as associatedtype break case catch class continue default defer deinit do else enum extension fallthrough false
        fileprivate for func guard if import in init inout internal is let nil operator private protocol package repeat
        rethrows return self static struct subscript super switch throw throws true try typealias var where while
        """)

    /// What the generated headers define or use themselves.
    static let ofHeaders = set(
        """
        CK_PTR NULL_PTR CK_DECLARE_FUNCTION CK_DECLARE_FUNCTION_POINTER CK_CALLBACK_FUNCTION CK_PKCS11_FUNCTION_INFO
        CK_NEED_ARG_LIST PKCS11_H PKCS11T_H CRYPTOKI_VERSION_MAJOR CRYPTOKI_VERSION_MINOR CRYPTOKI_VERSION_AMENDMENT
        rv word facts flags rule uint8_t uint16_t uint32_t uint64_t
        """)

    /// What the names of the C header begin with.
    static let prefixesOfAll = ["p11_", "P11_"]

    /// What those begin with that a function must not have: those of enumerators as well.
    static let prefixes = prefixesOfAll + ["FUNCTION_", "RULE_", "OPERATION_", "PHASE_", "POLICY_"]

    /// What stands beside a parameter in the functions that are generated for each Cryptoki function, and keywords of
    /// Swift that even an argument cannot have as a name.
    static let ofCalls = set(
        """
        rules state call rv session returning returnValue _ as func guard import in inout is let nil self Self super
        switch throws var where
        """)

    /// Types of Swift and of the generated code.
    static let ofSwiftTypes = set(
        """
        Any Bool Call Conflict CustomStringConvertible Entry Facts Function Hashable OptionSet Operation Pending
        Perspective Phase Policy RawRepresentable Reach Rule Self Sendable Session SessionEntry SessionOperation
        SessionRules String Type UInt Violation
        """)

    // Most names are longer than any keyword, or begin with a capital.

    /// Whether a name is a keyword of C or C++.
    static func isKeywordOfC(_ name: String) -> Bool { isSmall(name) && ofC.contains(name) }

    /// Whether a name is a keyword of Swift, which can be a name between backticks.
    static func isKeywordOfSwift(_ name: String) -> Bool { isSmall(name) && ofSwift.contains(name) }

    private static func isSmall(_ name: String) -> Bool {
        name.utf8.count <= 15 && name.utf8.first.map { $0 >= UInt8(ascii: "a") } ?? false
    }

    private static func set(_ words: String) -> Set<String> {
        Set(words.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.compactMap { String($0) })
    }
}
