// SPDX-License-Identifier: MIT

import CryptokiSpecification

/// The phase of each operation of a session, two bits each: the same word that the emitted code has.
public struct SessionState: Hashable, Sendable {
    public var word: UInt64

    public init(word: UInt64 = 0) { self.word = word }

    /// The phase of the operation with that bit.
    public subscript(bit: Int) -> Phase.Code {
        get { Phase.Code(rawValue: Int(word >> UInt64(2 * bit) & 3))! }
        set { word = word & ~(3 << UInt64(2 * bit)) | UInt64(newValue.rawValue) << UInt64(2 * bit) }
    }
}

extension Phase.Code {
    /// Whether an operation in this phase is known to be active, and so refuses what may not be beside it.
    var blocks: Bool { self == .ready || self == .parts }
}
