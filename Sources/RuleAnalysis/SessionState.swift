// SPDX-License-Identifier: MIT

import CryptokiSpecification

/// The phase of each operation of a session, two bits each: the same word that the emitted code has.
package struct SessionState: Hashable, Sendable {
    /// The operation with the bit n has its phase in the bits 2n and 2n + 1.
    package var word: UInt64

    /// A state; that of a new session, where every operation is idle, if no word is given.
    package init(word: UInt64 = 0) { self.word = word }

    /// The phase of the operation with that bit.
    package subscript(bit: Int) -> Phase.Code {
        get { Phase.Code(rawValue: Int(word >> UInt64(2 * bit) & 3))! }
        set { word = word & ~(3 << UInt64(2 * bit)) | UInt64(newValue.rawValue) << UInt64(2 * bit) }
    }
}

extension Phase.Code {
    /// Whether an operation in this phase is known to be active, and so refuses what may not be beside it.
    package var blocks: Bool { self == .ready || self == .parts }
}
