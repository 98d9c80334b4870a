// SPDX-License-Identifier: MIT

/// The states that a breadth-first search has reached, the nearest first, and how.
struct ReachedStates<Seen: StateCollection, Edge> {
    typealias State = Seen.State

    /// The state in which the search began comes first.
    private(set) var states: [State]
    /// For each state but the first: the one that it was first reached from, and what led to it.
    private var origins: [(state: Int32, edge: Edge)] = []
    private var seen: Seen

    /// - Parameters:
    ///   - first: the state in which the search begins.
    ///   - seen: an empty collection of the kind that suits the states that are expected.
    init(_ first: State, _ seen: Seen) {
        self.seen = seen
        states = [first]
        _ = self.seen.add(first)
    }

    /// Adds a state unless it has been reached.
    ///
    /// - Returns: whether it is new.
    mutating func add(_ state: State, from index: Int, by edge: @autoclosure () -> Edge) -> Bool {
        if !seen.add(state) { return false }
        states.append(state)
        origins.append((Int32(index), edge()))
        return true
    }

    /// The shortest way to a state: each step with the state that it leads to.
    func path(to index: Int) -> [(edge: Edge, state: State)] {
        var steps: [(edge: Edge, state: State)] = []
        var index = index
        while index > 0 {
            steps.append((origins[index - 1].edge, states[index]))
            index = Int(origins[index - 1].state)
        }
        return steps.reversed()
    }
}

/// A collection that knows which states it has been given.
protocol StateCollection<State> {
    associatedtype State
    /// - Returns: whether the state is new.
    mutating func add(_ state: State) -> Bool
}

extension Set: StateCollection {
    mutating func add(_ state: Element) -> Bool { insert(state).inserted }
}

/// A set of states of sessions: a bit each as long as there are not too many of them.
struct StateSet: StateCollection {
    private var bits: [UInt64]
    private var others: Set<SessionState> = []

    /// A set for any states of so many bits.
    init(bits count: Int) { bits = count <= 30 ? Array(repeating: 0, count: max(1, 1 << (count - 6))) : [] }

    func contains(_ state: SessionState) -> Bool {
        if bits.isEmpty { return others.contains(state) }
        return bits[Int(state.word >> 6)] & 1 << (state.word & 63) != 0
    }

    /// - Returns: whether it is new.
    @discardableResult mutating func add(_ state: SessionState) -> Bool {
        if bits.isEmpty { return others.insert(state).inserted }
        let (word, bit) = (Int(state.word >> 6), UInt64(1) << (state.word & 63))
        if bits[word] & bit != 0 { return false }
        bits[word] |= bit
        return true
    }
}
