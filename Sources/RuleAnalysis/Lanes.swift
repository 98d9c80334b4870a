// SPDX-License-Identifier: MIT

/// Operations of a state by their phases: bit 0 of each operation that is in a phase.
///
/// All operations of a call go from a phase to the same one, so that what a call does to any number of them is a few
/// operations on words.
struct Lanes {
    let idle: UInt64
    let ready: UInt64
    let uncertain: UInt64
    let parts: UInt64

    /// - Parameter mask: bit 0 of the operations that are looked at.
    @inline(__always)
    init(_ word: UInt64, _ mask: UInt64) {
        let (low, high) = (word & mask, word >> 1 & mask)
        idle = mask & ~(low | high)
        ready = low & ~high
        uncertain = high & ~low
        parts = low & high
    }

    /// The operations in any of some phases.
    ///
    /// - Parameter phases: a bit for each phase's code.
    @inline(__always)
    func operations(in phases: UInt8) -> UInt64 {
        (phases & 1 == 0 ? 0 : idle) | (phases & 2 == 0 ? 0 : ready) | (phases & 4 == 0 ? 0 : uncertain)
            | (phases & 8 == 0 ? 0 : parts)
    }
}

/// Where operations go: to each of its bits, a bit for each phase from which an operation gets it.
struct Targets {
    private let low: UInt8
    private let high: UInt8

    /// - Parameter targets: the codes of the phases in which operations are afterwards, two bits for each phase.
    init(_ targets: UInt64) {
        low = (0..<4).reduce(0) { $0 | UInt8(targets >> UInt64(2 * $1) & 1) << UInt8($1) }
        high = (0..<4).reduce(0) { $0 | UInt8(targets >> UInt64(2 * $1 + 1) & 1) << UInt8($1) }
    }

    /// The state after some operations moved.
    ///
    /// - Parameter mask: bit 0 of those operations.
    @inline(__always)
    func moved(_ word: UInt64, _ mask: UInt64) -> UInt64 {
        let lanes = Lanes(word, mask)
        return word & ~(mask * 3) | lanes.operations(in: low) | lanes.operations(in: high) << 1
    }
}
