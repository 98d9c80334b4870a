// SPDX-License-Identifier: MIT

import CPlatform
import Synchronization

/// A hash table of sessions with open addressing, of which half is empty at least.
///
/// In memory: a factor, a shift, the table that this one replaced, how far any handle is from its place, and the entries. The place of a handle is the product with the factor, shifted to the right. Most
/// modules count their handles; with a power of two as the factor such ones are neighbours here too, and none collides. Handles that do
/// collide, addresses for instance, are spread by another factor as soon as a place is taken often.
///
/// Calls look into a table without a lock while it is changed, and in one that was replaced: so those are kept. All of them
/// together are no larger than the one in use.
struct SessionTable {
    let base: UnsafeRawPointer

    static var current: SessionTable {
        @inline(__always) get { SessionTable(base: platform_table()) }
    }

    /// How far a handle may be from its place before all are spread.
    private static let farthest: UInt = 8
    /// The golden ratio: successive products lie far from each other.
    private static let spreading: UInt = 0x9E37_79B9_7F4A_7C15

    private static var header: Int { 32 }

    private var factor: UInt {
        @inline(__always) get { base.load(as: UInt.self) }
    }
    private var shift: UInt {
        @inline(__always) get { base.load(fromByteOffset: 8, as: UInt.self) }
    }
    /// How far from its place any record stands, or ever stood.
    private var reach: UnsafeMutablePointer<Atomic<UInt>> {
        UnsafeMutableRawPointer(mutating: base + 24).assumingMemoryBound(to: Atomic<UInt>.self)
    }
    var capacity: Int { base == platform_empty() ? 0 : 1 << Int(64 - shift) }

    @inline(__always)
    private func place(of handle: UInt) -> UInt { (handle &* factor) &>> shift }

    @inline(__always)
    private func entry(_ index: UInt) -> UnsafeMutablePointer<Atomic<UInt>> {
        UnsafeMutableRawPointer(mutating: base + Self.header).assumingMemoryBound(to: Atomic<UInt>.self)
            + Int(bitPattern: index)
    }

    private static var noSession: UInt { UInt(bitPattern: platform_no_session()) }

    /// The record at the handle's place: the right one, another one, or one that has no handle.
    @inline(__always)
    func first(_ handle: UInt) -> Record {
        Record(bitPattern: entry(place(of: handle)).pointee.load(ordering: .acquiring)).unsafelyUnwrapped
    }

    /// Calls the body with the records at the handle's place and after it, until it returns false or there are no more.
    func probe(_ handle: UInt, _ body: (Record) -> Bool) {
        if capacity == 0 { return }
        var index = place(of: handle)
        for _ in 0...reach.pointee.load(ordering: .relaxed) {
            let bits = entry(index).pointee.load(ordering: .acquiring)
            guard bits != Self.noSession, let record = Record(bitPattern: bits), body(record) else { return }
            index = following(index)
        }
    }

    private func following(_ index: UInt) -> UInt { (index + 1) & UInt(capacity - 1) }

    subscript(index: Int) -> Record? {
        let bits = entry(UInt(index)).pointee.load(ordering: .relaxed)
        return bits == Self.noSession ? nil : Record(bitPattern: bits)
    }

    // MARK: Under the lock

    /// - Parameter count: how many there are already.
    /// - Returns: false if there is no memory.
    static func insert(_ record: Record, beside count: Int) -> Bool {
        if 2 * (count + 1) > current.capacity {
            guard let larger = current.copied(max(64, 2 * current.capacity), isSpread: current.isSpread) else {
                return false
            }
            platform_set_table(larger.base)
        }
        let distance = current.put(record)
        if distance > farthest, !current.isSpread, let spread = current.copied(current.capacity, isSpread: true) {
            platform_set_table(spread.base)
        }
        return true
    }

    private var isSpread: Bool { factor == Self.spreading }

    private func copied(_ capacity: Int, isSpread: Bool) -> SessionTable? {
        let size = Self.header + 8 * capacity
        guard let memory = platform_pages(size, size) else { return nil }
        let shift = UInt(64 - capacity.trailingZeroBitCount)
        memory.storeBytes(of: isSpread ? Self.spreading : 1 << shift, as: UInt.self)
        memory.storeBytes(of: shift, toByteOffset: 8, as: UInt.self)
        memory.storeBytes(of: UInt(bitPattern: base), toByteOffset: 16, as: UInt.self)
        let table = SessionTable(base: memory)
        table.reach.initialize(to: Atomic(0))
        for index in 0..<capacity { table.entry(UInt(index)).initialize(to: Atomic(Self.noSession)) }
        for index in 0..<self.capacity {
            if let record = self[index] { _ = table.put(record) }
        }
        return table
    }

    /// - Returns: how far from its place the record stands.
    private func put(_ record: Record) -> UInt {
        var (index, distance) = (place(of: record.details.pointee.handle), UInt(0))
        while self[Int(index)] != nil {
            index = following(index)
            distance += 1
        }
        if distance > reach.pointee.load(ordering: .relaxed) { reach.pointee.store(distance, ordering: .relaxed) }
        entry(index).pointee.store(UInt(bitPattern: record), ordering: .releasing)
        return distance
    }

    /// Takes a record away, and moves up those that stand farther from their place because of it.
    func remove(_ record: Record) {
        if capacity == 0 { return }
        let mask = UInt(capacity - 1)
        var hole = place(of: record.details.pointee.handle)
        while let other = self[Int(hole)], other != record { hole = following(hole) }
        if self[Int(hole)] == nil { return }
        var index = following(hole)
        let farthest = reach.pointee.load(ordering: .relaxed)
        while (index &- hole) & mask <= farthest, let other = self[Int(index)] {
            let home = place(of: other.details.pointee.handle)
            if (index &- home) & mask >= (index &- hole) & mask {
                entry(hole).pointee.store(UInt(bitPattern: other), ordering: .releasing)
                hole = index
            }
            index = following(index)
        }
        entry(hole).pointee.store(Self.noSession, ordering: .releasing)
    }
}
