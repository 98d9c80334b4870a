// SPDX-License-Identifier: MIT

/// A value for each item of a table, in the order of the items.
public struct Column<Item, Value>: RandomAccessCollection, MutableCollection {
    @usableFromInline var values: [Value]

    /// Makes a column of the values of all items, in their order.
    @inlinable public init(_ values: some Sequence<Value>) { self.values = Array(values) }

    /// The reference to the first item.
    @inlinable public var startIndex: Ref<Item> { Ref(index: 0) }
    /// Where the item after the last one would stand.
    @inlinable public var endIndex: Ref<Item> { Ref(index: values.count) }
    /// The references to all items.
    @inlinable public var indices: Refs<Item> { Refs(startIndex, endIndex) }
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
    /// Iterates over the values.
    @inlinable public func makeIterator() -> IndexingIterator<[Value]> { values.makeIterator() }

    /// The value for an item.
    @inlinable public subscript(ref: Ref<Item>) -> Value {
        // Yields the value where it is: most readers need one field of it.
        _read { yield values[ref.index] }
        _modify { yield &values[ref.index] }
    }

    /// Returns the place of an item in its table, from 0.
    @inlinable public func position(of ref: Ref<Item>) -> Int { ref.index }

    /// Each value with the reference to its item.
    @inlinable public var withReferences: some Sequence<(ref: Ref<Item>, value: Value)> {
        values.enumerated().lazy.map { (ref: Ref(index: $0.offset), value: $0.element) }
    }
}

extension Column: Sendable where Value: Sendable {}

extension Column: Equatable where Value: Equatable {
    /// Whether the values are the same.
    @inlinable public static func == (one: Column, other: Column) -> Bool { one.values == other.values }
}

extension Column: Hashable where Value: Hashable {
    /// Hashes the values.
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

/// The items of one kind, to which references of that kind lead.
public typealias Table<Item> = Column<Item, Item>

extension Column where Item == Value {
    /// Makes an empty table.
    @inlinable public init() { values = [] }

    /// Adds an item at the end.
    @inlinable public mutating func append(_ item: Item) { values.append(item) }

    /// Changes the items in their places.
    @inlinable public mutating func updateEach(_ update: (inout Item) -> Void) {
        for index in values.indices { update(&values[index]) }
    }

    /// Makes a column of a value for each item.
    @inlinable public func column<Result>(_ value: (Ref<Item>) throws -> Result) rethrows -> Column<Item, Result> {
        Column<Item, Result>(try indices.map(value))
    }

    /// Keeps the items that fulfil a condition, and no others.
    ///
    /// - Returns: the new references to the items that were kept.
    @discardableResult
    public mutating func keep(where isKept: (Ref<Item>, Item) -> Bool) -> Renumbering<Item> {
        var kept: [Item] = []
        var moved: [Ref<Item>?] = []
        for (index, item) in values.enumerated() {
            let isKept = isKept(Ref(index: index), item)
            moved.append(isKept ? Ref(index: kept.count) : nil)
            if isKept { kept.append(item) }
        }
        values = kept
        return Renumbering(Column<Item, Ref<Item>?>(moved))
    }
}

/// The new references to items, after a part of their table was removed.
public struct Renumbering<Item> {
    private let moved: Column<Item, Ref<Item>?>

    init(_ moved: Column<Item, Ref<Item>?>) { self.moved = moved }

    /// Returns the new reference to an item; nil if the item was removed.
    public func callAsFunction(_ ref: Ref<Item>) -> Ref<Item>? { moved[ref] }

    /// Returns the new references to those of the items that were kept.
    public func callAsFunction(_ refs: [Ref<Item>]) -> [Ref<Item>] { refs.compactMap { moved[$0] } }
}
