// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession
import Synchronization

/// The state of one session of the module, as far as the threads in it read and write it without a lock.
///
/// A record is one cache line: a call in a session touches nothing else of it. `state.h` relies on the offsets of the handle
/// (0), the phases (8), the active thread (16) and the policy (28). Records are never freed: see `Sessions` for why one may
/// be read at any time.
struct SessionRecord: ~Copyable {
    /// The handle, by which calls find the record without the lock; another number if the session is closed, or if something has
    /// to be done under the lock first: see `Sessions.hide`.
    let key = Atomic<UInt>(0)
    /// The phases of its operations.
    let word = Atomic<UInt64>(0)
    /// The hazard slot of the thread that is in the session, as a number; 0 if none is.
    let activeThread = Atomic<UInt>(0)
    /// How many calls there were.
    let calls = Atomic<UInt32>(0)
    /// The number of the policy. Written only while the record has no handle, and therefore read plainly: the compiler would keep an
    /// atomic load even where the rules do not need it.
    let policy = Atomic<UInt8>(0)
    /// Whether `more` has activations.
    let hasMore = Atomic<Bool>(false)
    /// Which operation was made active last, and by which function: the bit of the operation in the upper byte.
    let latest = Atomic<UInt16>(0)
    /// By which call.
    let activation = Activation()
    let details: UnsafeMutablePointer<SessionDetails>
    let more: UnsafeMutablePointer<SessionMore>
}

typealias Record = UnsafeMutablePointer<SessionRecord>

/// The rest of a session that is needed to open and to close it. Read and written under the lock of the sessions.
struct SessionDetails {
    var handle: UInt = 0
    var slot: UInt = 0
    /// The next free or closed record.
    var next: Record?
    /// Of the process that opened it: see `GuardState.generation`.
    var generation: UInt32 = 0
    /// The number of threads that use the record without a hazard slot.
    var pins: UInt32 = 0
    /// The number of the call that others have waited for too long: its thread may have left it by longjmp or an exception.
    var overdue: UInt32 = 0
    var isOpen = false
    /// Whether `more` has a pending call.
    var hasPending = false
    /// Whether `more` has effects of calls in other sessions.
    var hasDeferredEffects = false
}

/// The part of a session that most sessions never need: its memory is not touched before. Read and written under the lock of the
/// sessions.
///
/// In memory an `EarlierActivation` for each operation follows, for those that are not the record's latest.
struct SessionMore {
    var pending = Pending()
    var deferredEffects = DeferredEffects()

    /// The bytes of the part with the activations.
    static var size: Int { MemoryLayout<Self>.stride + operationEnd * MemoryLayout<EarlierActivation>.stride }
}

/// The call that made an operation active. Written by the thread in the session, read by reports.
struct Activation: ~Copyable {
    /// The thread in the upper half, the number of the call in the session in the lower one.
    let call = Atomic<UInt64>(0)
    /// Where it was called from.
    let caller = Atomic<UInt>(0)
}

/// An activation with its function.
struct EarlierActivation: ~Copyable {
    let function = Atomic<UInt8>(0)
    let activation = Activation()
}

/// What calls in other sessions, a login for instance, do to this one: kept until the next call that is in it, since the word of a
/// session belongs to the thread that is in the session.
///
/// Kept as what becomes of a session each of whose operations is in the first phase, in the second and so on.
struct DeferredEffects {
    private static let each: UInt64 = 0x5555_5555_5555_5555
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, Self.each, Self.each << 1, Self.each * 3)

    mutating func add(_ function: Function, _ call: Call, _ returnValue: CK_RV) {
        func after(_ word: UInt64) -> UInt64 {
            var session = Session(word: word)
            rules(.suiting(tokenFlags: 0)).complete(function, &session, call, returning: returnValue)
            return session.word
        }
        words = (after(words.0), after(words.1), after(words.2), after(words.3))
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
    var details: UnsafeMutablePointer<SessionDetails> { pointee.details }
    var more: UnsafeMutablePointer<SessionMore> { pointee.more }

    var isOpen: Bool { details.pointee.isOpen && details.pointee.generation == GuardState.generation }

    var pending: Pending {
        get { details.pointee.hasPending ? more.pointee.pending : Pending() }
        nonmutating set {
            let isPending = newValue != Pending()
            if isPending || details.pointee.hasPending { more.pointee.pending = newValue }
            details.pointee.hasPending = isPending
        }
    }

    var policy: Policy {
        @inline(__always) get { Policy(rawValue: platform_policy(self)).unsafelyUnwrapped }
    }

    var state: Session {
        @inline(__always) get { Session(word: pointee.word.load(ordering: .relaxed)) }
    }

    /// Whether others have waited too long for the call that a thread is in.
    var hasOverdueCall: Bool { details.pointee.overdue == pointee.calls.load(ordering: .relaxed) }

    /// Notes what a call in another session did to this one.
    func addDeferredEffect(_ function: Function, _ call: Call, _ returnValue: CK_RV) {
        if !details.pointee.hasDeferredEffects { more.pointee.deferredEffects = DeferredEffects() }
        details.pointee.hasDeferredEffects = true
        more.pointee.deferredEffects.add(function, call, returnValue)
    }

    // MARK: Activations

    /// Calls the body with the activation of the operation with the bit, if it is known: the function, the thread, the number of the
    /// call, and where it was called from.
    func withActivation(of bit: Int, _ body: (Function, UInt64, UInt64, UInt) -> Void) {
        func show(_ function: UInt8, _ activation: borrowing Activation) {
            guard let function = Function(rawValue: function) else { return }
            let call = activation.call.load(ordering: .relaxed)
            body(function, call >> 32, call & 0xFFFF_FFFF, activation.caller.load(ordering: .relaxed))
        }
        let latest = pointee.latest.load(ordering: .relaxed)
        if Int(latest >> 8) == bit {
            show(UInt8(truncatingIfNeeded: latest), pointee.activation)
        } else if pointee.hasMore.load(ordering: .relaxed) {
            let earlier = earlier(bit)
            show(earlier.pointee.function.load(ordering: .relaxed), earlier.pointee.activation)
        }
    }

    private func earlier(_ bit: Int) -> UnsafeMutablePointer<EarlierActivation> {
        UnsafeMutableRawPointer(more + 1).assumingMemoryBound(to: EarlierActivation.self) + bit
    }

    /// For a session that gets a record which another one had.
    func forgetActivations() {
        pointee.latest.store(0, ordering: .relaxed)
        if !pointee.hasMore.load(ordering: .relaxed) { return }
        for bit in 0..<operationEnd { earlier(bit).pointee.function.store(0, ordering: .relaxed) }
        pointee.hasMore.store(false, ordering: .relaxed)
    }

    /// Takes the new state, and notes which call it was that made an operation active.
    func change(to after: Session, _ function: Function, _ caller: UInt) {
        var appeared = after.active & ~state.active
        pointee.word.store(after.word, ordering: .relaxed)
        while appeared != 0 {
            note(function, appeared.trailingZeroBitCount / 2, caller)
            appeared &= appeared - 1
        }
    }

    /// Notes that this call made the operation with the bit active.
    @inline(never)
    func note(_ function: Function, _ bit: Int, _ caller: UInt) {
        let latest = pointee.latest.load(ordering: .relaxed)
        let other = Int(latest >> 8)
        if other != bit, state.active >> UInt64(2 * other) & 1 != 0 {
            let earlier = earlier(other)
            earlier.pointee.function.store(UInt8(truncatingIfNeeded: latest), ordering: .relaxed)
            earlier.pointee.activation.call.store(pointee.activation.call.load(ordering: .relaxed), ordering: .relaxed)
            earlier.pointee.activation.caller.store(
                pointee.activation.caller.load(ordering: .relaxed), ordering: .relaxed)
            pointee.hasMore.store(true, ordering: .relaxed)
        }
        noteOnly(function, bit, caller, thread: platform_thread_in_upper_half())
    }

    /// The same where no other operation is active.
    @inline(__always)
    func noteOnly(_ function: Function, _ bit: Int, _ caller: UInt, thread: UInt64) {
        let call = thread | UInt64(pointee.calls.load(ordering: .relaxed))
        pointee.activation.call.store(call, ordering: .relaxed)
        pointee.activation.caller.store(caller, ordering: .relaxed)
        pointee.latest.store(UInt16(function.rawValue) | UInt16(bit) << 8, ordering: .relaxed)
    }
}
