// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession
import Synchronization

/// What the guard knows of one session of the module, as far as the threads in it read and write it without a lock.
///
/// In memory a record begins a cache line, its `details` the next, and a `Since` for each operation follows. Records are never freed:
/// see `Sessions` for why one may be looked at at any time.
struct SessionRecord: ~Copyable {
    /// The handle, by which calls find the record without the lock; the opposite of all its bits, if there is no session any more or
    /// something to be done first.
    let key = Atomic<UInt>(0)
    /// The phases of its operations.
    let word = Atomic<UInt64>(0)
    /// The seat of the thread that is in the session, as a number; 0 if none is.
    let visitor = Atomic<UInt>(0)
    /// How many calls there were.
    let calls = Atomic<UInt32>(0)
    /// The number of the policy.
    let policy = Atomic<UInt8>(0)
}

typealias Record = UnsafeMutablePointer<SessionRecord>

/// What belongs to who holds the lock of the sessions.
struct SessionDetails {
    var handle: UInt = 0
    var slot: UInt = 0
    var isOpen = false
    /// Of the process that opened it: see `Sessions.generation`.
    var generation: UInt32 = 0
    /// How many threads must find the record as it is although their seats do not say so.
    var pins: UInt32 = 0
    var pending = Pending()
    var elsewhere = Elsewhere()
    /// The next free or closed record.
    var next: Record?
}

/// Which call made an operation active. Written by the thread in the session, read by reports.
struct Since: ~Copyable {
    /// From the top: 8 bits for the function, 24 for the thread, 32 for the number of the call in the session.
    let call = Atomic<UInt64>(0)
    /// Where it was called from.
    let caller = Atomic<UInt>(0)
}

/// What calls in other sessions, a login for instance, do to this one: kept until the next call that is in it, since the word of a
/// session belongs to the thread that is in the session.
///
/// Kept as what becomes of a session each of whose operations is in the first phase, in the second and so on.
struct Elsewhere {
    private static let each: UInt64 = 0x5555_5555_5555_5555
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, Self.each, Self.each << 1, Self.each * 3)
    private(set) var isNothing = true

    mutating func add(_ function: Function, _ call: Call, _ returnValue: CK_RV) {
        func after(_ word: UInt64) -> UInt64 {
            var session = Session(word: word)
            rules(.suiting(tokenFlags: 0)).complete(function, &session, call, returning: returnValue)
            return session.word
        }
        words = (after(words.0), after(words.1), after(words.2), after(words.3))
        isNothing = false
    }

    func applied(to word: UInt64) -> UInt64 {
        let (low, high) = (word & Self.each, word >> 1 & Self.each)
        let (idle, first, second, both) = (~(low | high) & Self.each, low & ~high, high & ~low, low & high)
        return words.0 & (idle &* 3) | words.1 & (first &* 3) | words.2 & (second &* 3) | words.3 & (both &* 3)
    }
}

extension Session {
    /// A bit for each operation that is not idle.
    var active: UInt64 { (word | word >> 1) & 0x5555_5555_5555_5555 }
}

/// The rules in front of a module whose inside is not known.
@inline(__always)
func rules(_ policy: Policy) -> SessionRules { SessionRules(policy: policy, perspective: .observer, conflict: .refuse) }

extension UnsafeMutablePointer<SessionRecord> {
    /// The bytes of a record with what follows it, in whole pairs of cache lines: two sessions share none.
    static var stride: Int { (sinceOffset + operationEnd * MemoryLayout<Since>.stride + 127) & ~127 }

    private static var detailsOffset: Int { 64 }
    private static var sinceOffset: Int { (detailsOffset + MemoryLayout<SessionDetails>.size + 15) & ~15 }

    var details: UnsafeMutablePointer<SessionDetails> {
        (UnsafeMutableRawPointer(self) + Self.detailsOffset).assumingMemoryBound(to: SessionDetails.self)
    }

    var isOpen: Bool { details.pointee.isOpen && details.pointee.generation == Sessions.generation }

    /// What made the operation with the bit active.
    func since(_ bit: Int) -> UnsafeMutablePointer<Since> {
        (UnsafeMutableRawPointer(self) + Self.sinceOffset).assumingMemoryBound(to: Since.self) + bit
    }

    var policy: Policy {
        @inline(__always) get { Policy(rawValue: pointee.policy.load(ordering: .relaxed)).unsafelyUnwrapped }
    }

    /// Nothing was ever active: for a session that gets a record which another one had.
    func forgetSince() {
        for bit in 0..<operationEnd { since(bit).pointee.call.store(0, ordering: .relaxed) }
    }

    /// Lets no call in any more without the lock.
    func hide() { pointee.key.store(~details.pointee.handle, ordering: .relaxed) }

    var state: Session {
        @inline(__always) get { Session(word: pointee.word.load(ordering: .relaxed)) }
    }

    /// Takes the new state, and notes which call it was that made an operation active.
    func change(to after: Session, _ function: Function, _ caller: UInt, _ seat: UnsafeMutablePointer<platform_seat>) {
        var appeared = after.active & ~state.active
        pointee.word.store(after.word, ordering: .relaxed)
        while appeared != 0 {
            note(function, appeared.trailingZeroBitCount / 2, caller, seat)
            appeared &= appeared - 1
        }
    }

    /// Notes that this call made the operation with the bit active.
    @inline(__always)
    func note(_ function: Function, _ bit: Int, _ caller: UInt, _ seat: UnsafeMutablePointer<platform_seat>) {
        let (thread, number) = (seat.pointee.thread & 0xFF_FFFF, pointee.calls.load(ordering: .relaxed))
        let call = UInt64(function.rawValue) << 56 | UInt64(thread) << 32 | UInt64(number)
        since(bit).pointee.call.store(call, ordering: .relaxed)
        since(bit).pointee.caller.store(caller, ordering: .relaxed)
    }
}
