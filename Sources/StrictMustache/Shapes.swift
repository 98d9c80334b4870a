// SPDX-License-Identifier: MIT

/// The sets of names that the records of one run have, and for each where a name of the templates stands in it.
///
/// The records of a list nearly always have the same names in the same order. To see that they do takes one look at each
/// name; after that no name is searched for.
struct Shapes {
    /// The value of a name that a record does not have.
    static let missing: Int32 = -1
    /// The value of `last` in a record of a list that has no field of that name.
    static let isLast: Int32 = -2

    private struct Shape {
        let names: [String]
        let isListed: Bool
    }

    private let program: TemplateProgram
    private let last: Int?
    private var shapes: [Shape] = []
    /// A row for each shape, in which each name of the templates has a place.
    private var places: [Int32] = []

    init(_ program: TemplateProgram) {
        self.program = program
        last = program.symbol(of: "last")
    }

    /// Where a record of that shape has a value of the name: the index of the field, `missing` or `isLast`.
    @inline(__always)
    func place(of symbol: Int, in shape: Int) -> Int32 { places[shape * program.names.count + symbol] }

    /// Whether the records of that shape are those of a list.
    func isListed(_ shape: Int) -> Bool { shapes[shape].isListed }

    /// The shape of a record.
    ///
    /// - Parameter guess: a shape that it probably has.
    @inline(__always)
    mutating func shape(of record: Record, isListed: Bool, guess: Int) -> Int {
        if shapes.indices.contains(guess), has(record, isListed, guess) { return guess }
        return shapes.indices.first { has(record, isListed, $0) } ?? add(record, isListed)
    }

    @inline(__always)
    private func has(_ record: Record, _ isListed: Bool, _ shape: Int) -> Bool {
        shapes[shape].isListed == isListed && record.hasNames(shapes[shape].names)
    }

    private mutating func add(_ record: Record, _ isListed: Bool) -> Int {
        let names = record.fields.map(\.name)
        let row = places.count
        places += repeatElement(Self.missing, count: program.names.count)
        if isListed, let last { places[row + last] = Self.isLast }
        for (index, name) in names.enumerated() {
            if let symbol = program.symbol(of: name) { places[row + symbol] = Int32(index) }
        }
        shapes.append(Shape(names: names, isListed: isListed))
        return shapes.count - 1
    }
}
