// SPDX-License-Identifier: MIT

/// A set of operations, as generated code has it: of the two bits that each operation has in a session's state, the lower.
package struct OperationMask: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// One operation.
    package init(_ operation: Operation) { rawValue = 1 << UInt64(2 * operation.bit) }

    /// Several operations.
    package init(_ operations: [Operation]) {
        rawValue = operations.reduce(0) { $0 | 1 << UInt64(2 * $1.bit) }
    }

    /// Both bits of each operation: the part of a state that holds its phase.
    package var phases: UInt64 { rawValue * 3 }

    /// Whether the operation is in the set.
    package func contains(_ operation: Operation) -> Bool { rawValue & 1 << UInt64(2 * operation.bit) != 0 }
}
