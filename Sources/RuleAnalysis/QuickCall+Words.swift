// SPDX-License-Identifier: MIT

// What a call's behaviour comes down to for a state: words that are looked at without counting references.

extension QuickCall {
    /// What decides whether the call goes ahead, as plain words.
    struct Admission: Hashable, Sendable {
        /// The operations that refuse the call where they are active, bit 0 of each; none if the call goes ahead all the same.
        let blocked: UInt64
        /// The operations that are looked at, and the phases of them in which the call is out of phase and refused.
        let own: UInt64
        let wrong: UInt8
        let refused: UInt8

        init(_ behaviour: Behaviour) {
            func bits(_ values: [String?]?) -> UInt8 {
                (values ?? []).enumerated().reduce(0) { $0 | ($1.element == nil ? 0 : 1 << UInt8($1.offset)) }
            }
            let wrong = bits(behaviour.steps.first?.rules)
            let refused = bits(behaviour.steps.first?.returnValues)
            let isUniform = behaviour.steps.allSatisfy { bits($0.rules) == wrong && bits($0.returnValues) == refused }
            precondition(isUniform, "all operations of a call are looked at in one way")
            blocked = behaviour.goesAhead ? 0 : behaviour.blocking
            own = behaviour.steps.reduce(0) { $0 | 1 << $1.shift }
            (self.wrong, self.refused) = (wrong, refused)
        }

        /// Both bits of the operations of which it depends whether the call goes ahead.
        var watched: UInt64 { (blocked | own) * 3 }

        /// Whether the call goes ahead, and whether it is in phase.
        @inline(__always)
        func attempt(in word: UInt64) -> (goesAhead: Bool, isInPhase: Bool) {
            if word & blocked != 0 { return (false, true) }
            let lanes = Lanes(word, own)
            let broken = lanes.operations(in: wrong)
            if broken == 0 { return (true, true) }
            // The first operation that is out of phase decides.
            return (lanes.operations(in: refused) & (broken & (~broken + 1)) == 0, false)
        }
    }

    /// What an ending does to a state, as plain words.
    struct Ending: Sendable {
        private let kind: Effect.Kind
        private let together: Bool
        private let cleared: UInt64
        private let abandoned: UInt64
        private let started: UInt64
        private let blocking: UInt64
        /// Bit 0 of every operation, and of those that move.
        private let all: UInt64
        private let moving: UInt64
        private let targets: Targets

        init(_ effect: Effect, blocking: UInt64, all: UInt64) {
            precondition(effect.moves.allSatisfy { $0.targets == effect.moves[0].targets }, "all move in one way")
            kind = effect.kind
            together = effect.together
            cleared = effect.cleared
            abandoned = effect.abandoned
            started = effect.started
            self.blocking = blocking
            self.all = all
            moving = effect.moves.reduce(0) { $0 | 1 << $1.shift }
            targets = Targets(effect.moves.first?.targets ?? 0)
        }

        /// The state afterwards.
        @inline(__always)
        func complete(_ state: UInt64) -> UInt64 {
            var word = state
            switch kind {
            case .clears: return 0
            case .contradicts:
                if word & blocking != 0 { return word }
                if word == 0 { return all << 1 }
                if started != 0 { return word & ~started | started & all << 1 }
            case .moves: break
            }
            if together, Lanes(word, moving).idle != 0 { return word }
            if abandoned != 0 { word &= ~((word & abandoned) * 3) }
            return targets.moved(word, moving) & ~cleared
        }
    }
}
