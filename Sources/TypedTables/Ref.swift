// SPDX-License-Identifier: MIT

// What is public here is so for speed: the compiler inlines and specializes public generics in other modules, and no others.

/// A reference to an item of a table. Only tables and reservations make references, so that each leads to an item of its kind.
public struct Ref<Item>: Hashable, Comparable, Sendable {
    @usableFromInline let index: Int

    @inlinable init(index: Int) { self.index = index }

    /// Whether both lead to the same item.
    @inlinable public static func == (one: Ref, other: Ref) -> Bool { one.index == other.index }
    /// Whether the item stands before the other.
    @inlinable public static func < (one: Ref, other: Ref) -> Bool { one.index < other.index }
    /// Hashes the place of the item.
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(index) }
}

/// The references to successive items of a table.
public struct Refs<Item>: RandomAccessCollection {
    /// The reference to the first item.
    public let startIndex: Ref<Item>
    /// Where the item after the last one would stand.
    public let endIndex: Ref<Item>

    @inlinable init(_ startIndex: Ref<Item>, _ endIndex: Ref<Item>) {
        (self.startIndex, self.endIndex) = (startIndex, endIndex)
    }

    /// The references themselves.
    @inlinable public var indices: Refs { self }
    /// Returns the reference to the next item.
    @inlinable public func index(after ref: Ref<Item>) -> Ref<Item> { Ref(index: ref.index + 1) }
    /// Makes the reference one to the next item.
    @inlinable public func formIndex(after ref: inout Ref<Item>) { ref = Ref(index: ref.index + 1) }
    /// Returns the reference to the item before.
    @inlinable public func index(before ref: Ref<Item>) -> Ref<Item> { Ref(index: ref.index - 1) }
    /// Returns the reference to the item so many places further on.
    @inlinable public func index(_ ref: Ref<Item>, offsetBy distance: Int) -> Ref<Item> {
        Ref(index: ref.index + distance)
    }
    /// Returns how many places there are between two items.
    @inlinable public func distance(from start: Ref<Item>, to end: Ref<Item>) -> Int { end.index - start.index }
    /// Returns the reference itself.
    @inlinable public subscript(ref: Ref<Item>) -> Ref<Item> { ref }
    /// Returns the references of a range.
    @inlinable public subscript(range: Range<Ref<Item>>) -> Refs { Refs(range.lowerBound, range.upperBound) }
}

/// References to the items of a table that is still to be made, in the order in which the items will be appended.
public struct Reservations<Item>: Sendable {
    private var count = 0

    /// Starts with the first item.
    public init() {}

    /// Returns the reference to the next item.
    public mutating func reserve() -> Ref<Item> {
        defer { count += 1 }
        return Ref(index: count)
    }
}
