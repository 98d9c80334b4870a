// SPDX-License-Identifier: MIT

/// A dictionary whose keys are names.
///
/// `Dictionary` hashes in a way that withstands keys chosen to collide, which costs more than all else that is done with a
/// short name. The names here are those of a file that its owner checks.
struct NameTable<Value> {
    /// Names and values, in the order in which they were entered.
    private(set) var entries: [(name: String, value: Value)] = []
    private var hashes: [UInt64] = []
    /// For each slot an index into the entries, or -1; a power of two of them, of which at most half are taken.
    private var slots: [Int32] = []

    init() {}

    subscript(name: String) -> Value? {
        if slots.isEmpty { return nil }
        let index = slots[slot(of: name, Self.hash(name))]
        return index < 0 ? nil : entries[Int(index)].value
    }

    /// Enters a value, unless the name has one.
    ///
    /// - Returns: the value that the name had.
    @discardableResult
    mutating func enter(_ value: Value, under name: String) -> Value? {
        if 2 * entries.count >= slots.count { grow() }
        let hash = Self.hash(name)
        let slot = slot(of: name, hash)
        if slots[slot] >= 0 { return entries[Int(slots[slot])].value }
        slots[slot] = Int32(entries.count)
        entries.append((name, value))
        hashes.append(hash)
        return nil
    }

    /// The slot in which the name is, or would be.
    private func slot(of name: String, _ hash: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0, hashes[Int(slots[slot])] != hash || entries[Int(slots[slot])].name != name {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: max(16, 2 * slots.count))
        for index in entries.indices {
            slots[slot(of: entries[index].name, hashes[index])] = Int32(index)
        }
    }

    /// Mixes eight bytes at a time by a multiplication.
    private static func hash(_ name: String) -> UInt64 {
        let hash = name.utf8.withContiguousStorageIfAvailable { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            var hash = UInt64(bytes.count)
            var offset = 0
            while offset + 8 <= bytes.count {
                hash = mixed(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            var rest: UInt64 = 0
            while offset < bytes.count {
                rest = rest << 8 | UInt64(bytes[offset])
                offset += 1
            }
            return mixed(hash, rest)
        }
        return hash ?? name.utf8.reduce(0) { mixed($0, UInt64($1)) }
    }

    @inline(__always)
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}

extension NameTable: Sendable where Value: Sendable {}

/// Names of which it only matters whether they are there.
typealias NameSet = NameTable<Void>

extension NameTable: ExpressibleByArrayLiteral where Value == Void {
    init(arrayLiteral names: String...) {
        for name in names { enter((), under: name) }
    }

    func contains(_ name: String) -> Bool { self[name] != nil }
}
