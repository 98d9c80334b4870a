// SPDX-License-Identifier: MIT

import CryptokiSpecification

/// A call that was made and how it ended.
struct Step: Sendable {
    let call: Interpreter.Call
    let returnValue: String
}

/// The states that a session reaches, found by trying every call with every class of outcome, the nearest first.
struct Exploration {
    let interpreter: Interpreter
    /// One call of each behaviour, those of the lowest function numbers first.
    let calls: [QuickCall]
    /// How many calls have one of these behaviours.
    let count: Int
    /// An index of `calls`, and one of the return values of that.
    private typealias Edge = (call: Int16, ending: Int16)
    private var reached = ReachedStates<StateSet, Edge>(SessionState(), StateSet(bits: 0))
    /// The states, the nearest first.
    var states: [SessionState] { reached.states }
    /// Whether there were more states than were to be tried.
    private(set) var isCut = false
    /// What a basis says of its states.
    var extent: String { isCut ? "the nearest \(states.count) states" : "all \(states.count) states" }

    /// Which transitions are taken. What a refused call does is nothing.
    enum Histories {
        case all
        /// Those in which no call was out of phase and nothing became uncertain.
        case certain
    }

    init(_ interpreter: Interpreter) {
        self.interpreter = interpreter
        var seen: Set<QuickCall.Behaviour> = []
        let all = interpreter.calls.map(interpreter.quick)
        count = all.count
        calls = all.filter { seen.insert($0.behaviour).inserted }
    }

    /// Explores from a session just opened.
    ///
    /// - Parameters:
    ///   - most: ends the exploration at so many states.
    ///   - stop: ends it at a state, once that has been added.
    mutating func run(
        _ histories: Histories = .all, most: Int = .max, until stop: (SessionState) -> Bool = { _ in false }
    ) {
        reached = ReachedStates(
            SessionState(), StateSet(bits: 2 * interpreter.specification.operations.map(\.bit).max()! + 2))
        if stop(reached.states[0]) { return }
        let all = interpreter.all
        let endings = calls.map(distinctEndings)
        // What leads nowhere, or nowhere that a call before it does not lead as well, is not tried.
        var known: Set<QuickCall.Dynamics> = []
        let moving = calls.indices.filter { !endings[$0].isEmpty && known.insert(calls[$0].dynamics).inserted }
        let admissions = calls.map(\.admission)
        let effects = calls.indices.map { call in endings[call].map { calls[call].endings[$0] } }
        var index = 0
        while index < reached.states.count {
            let state = reached.states[index]
            for callIndex in moving {
                let (goes, isInPhase) = admissions[callIndex].attempt(in: state.word)
                if !goes || (histories == .certain && !isInPhase) { continue }
                for place in effects[callIndex].indices {
                    let next = SessionState(word: effects[callIndex][place].complete(state.word))
                    if next == state || (histories == .certain && next.isUncertain(all)) { continue }
                    if !reached.add(next, from: index, by: (Int16(callIndex), Int16(endings[callIndex][place]))) {
                        continue
                    }
                    if stop(next) { return }
                    if reached.states.count >= most {
                        isCut = true
                        return
                    }
                }
            }
            index += 1
        }
    }

    /// Endings that do the same are tried once, those that do nothing not at all.
    private func distinctEndings(of call: QuickCall) -> [Int] {
        var seen: Set<QuickCall.Effect> = []
        return call.behaviour.endings.indices.filter { index in
            let effect = call.behaviour.endings[index]
            return !effect.keepsAll && seen.insert(effect).inserted
        }
    }

    /// The shortest way from a session just opened to a state that was reached.
    func path(to index: Int) -> [Step] {
        reached.path(to: index).map { step in
            let quick = calls[Int(step.edge.call)]
            return Step(call: quick.call, returnValue: quick.returnValues[Int(step.edge.ending)])
        }
    }
}

extension SessionState {
    func isUncertain(_ all: UInt64) -> Bool { word >> 1 & ~word & all != 0 }

    /// How many operations are not idle.
    func count(_ all: UInt64) -> Int { ((word | word >> 1) & all).nonzeroBitCount }

    /// Bit 0 of each operation that is known to be active.
    func active(_ all: UInt64) -> UInt64 { word & all }
}

extension Interpreter {
    /// Every state in which at most so many operations are not idle.
    package func states(withUpTo most: Int) -> [SessionState] {
        var all = [SessionState()]
        var last = [(state: SessionState(), next: specification.operations.startIndex)]
        for _ in 0..<most {
            last = last.flatMap { entry in
                specification.operations.indices[entry.next...].flatMap { index in
                    [Phase.Code.ready, .uncertain, .parts].map { phase in
                        var state = entry.state
                        state[specification.operations[index].bit] = phase
                        return (state: state, next: specification.operations.index(after: index))
                    }
                }
            }
            all += last.map(\.state)
        }
        return all
    }

    /// All states that a session reaches, the nearest first. Beside a module there are some ten million.
    package var reachedStates: [SessionState] {
        var exploration = Exploration(self)
        exploration.run()
        return exploration.states
    }

    /// Whether some operation of the call is not idle.
    package func touches(_ call: Call, _ state: SessionState) -> Bool {
        operations(of: call).contains { state[$0.bit] != .idle }
    }

    /// The state in the words of the data.
    package func words(_ state: SessionState) -> String {
        let active = specification.operations.filter { state[$0.bit] != .idle }.map { operation in
            let phase = specification.phases.first { $0.code == state[operation.bit] }?.name ?? ""
            return "\(operation.name) \(phase)"
        }
        return active.isEmpty ? "every operation is idle" : active.joined(separator: ", ")
    }

    /// The call in the words of the data.
    package func words(_ call: Call) -> String {
        let facts = specification.facts.filter { call.facts >> UInt($0.bit) & 1 == 1 }.map(\.name)
        let flags = Set(specification.operations.compactMap(\.flag)).filter {
            call.flags & (specification.registry.numbers[$0] ?? 0) != 0
        }
        let arguments = facts + flags.sorted()
        return function(of: call).name + (arguments.isEmpty ? "" : " (\(arguments.joined(separator: ", ")))")
    }
}
