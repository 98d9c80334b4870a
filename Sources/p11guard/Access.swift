// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession
import Synchronization

/// A call in a session, from before the rules are asked until the module's answer was taken note of.
struct Access {
    let record: Record

    var state: Session {
        @inline(__always) get { record.state }
    }
    var rules: SessionRules {
        @inline(__always) get { p11guard.rules(record.policy) }
    }
}

// MARK: - The fast path: no other thread is in the session, and the call breaks no rule

@inline(__always)
func ownHazardSlot() -> UnsafeMutablePointer<platform_hazard_slot> { platform_hazard_slot_of_thread() }

@inline(__always)
func caller() -> UInt { platform_caller() }

@inline(__always)
func told(_ fact: Facts, if condition: Bool) -> Facts { condition ? fact : [] }

/// A call in the session of the thread's last call, or nil if that is another one or a thread is in it.
@inline(__always)
func resume(_ handle: CK_SESSION_HANDLE, _ hazardSlot: UnsafeMutablePointer<platform_hazard_slot>) -> Access? {
    let access = Access(record: lastRecord(hazardSlot))
    return _fastPath(access.isFree(handle)) ? access : nil
}

/// The same for a call that starts an operation: nil as well if any operation is active. Then no policy has to be asked.
@inline(__always)
func resumeIdle(_ handle: CK_SESSION_HANDLE, _ hazardSlot: UnsafeMutablePointer<platform_hazard_slot>) -> Access? {
    let access = Access(record: lastRecord(hazardSlot))
    return _fastPath(access.isFreeAndIdle(handle)) ? access : nil
}

@inline(__always)
func lastRecord(_ own: UnsafeMutablePointer<platform_hazard_slot>) -> Record {
    UnsafeMutableRawPointer(mutating: platform_last_session(own)).assumingMemoryBound(to: SessionRecord.self)
}

/// Finds a session without the lock, and puts it on the thread's hazard slot. Nil if there is anything to be looked at more closely: then
/// `attempt` does.
@inline(__always)
func enter(_ handle: CK_SESSION_HANDLE, _ hazardSlot: UnsafeMutablePointer<platform_hazard_slot>) -> Access? {
    if platform_is_inside() != 0 || hazardSlot == platform_no_hazard_slot() { return nil }
    let access = Access(record: SessionTable.current.first(handle))
    platform_enter(hazardSlot, access.record)
    return _fastPath(access.isFree(handle)) ? access : nil
}

/// The same for a session that may stand farther from its handle's place in the table.
@inline(never)
func enterFarther(_ handle: CK_SESSION_HANDLE) -> Access? {
    let hazardSlot = ownHazardSlot()
    if platform_is_inside() != 0 || hazardSlot == platform_no_hazard_slot() { return nil }
    var found: Access?
    SessionTable.current.probe(handle) { record in
        platform_enter(hazardSlot, record)
        if record.pointee.key.load(ordering: .acquiring) != handle { return true }
        found = Access(record: record)
        return false
    }
    if let found, found.isAlone { return found }
    return nil
}

// The delivered guard, in Embedded Swift, has fewer instructions here; the sanitizers, in ordinary Swift, see atomic loads.
#if hasFeature(Embedded)
    extension Access {
        /// Whether the record has the handle, no thread is in the session, and this thread is in none.
        @inline(__always)
        fileprivate func isFree(_ handle: CK_SESSION_HANDLE) -> Bool { platform_blockers(record, handle) == 0 }

        /// The same, and all operations are idle.
        @inline(__always)
        fileprivate func isFreeAndIdle(_ handle: CK_SESSION_HANDLE) -> Bool {
            platform_start_blockers(record, handle) == 0
        }

        /// The state, to be looked at once.
        var stateOnce: Session {
            @inline(__always) get { Session(word: platform_word(record)) }
        }
    }
#else
    extension Access {
        fileprivate func isFree(_ handle: CK_SESSION_HANDLE) -> Bool {
            record.pointee.key.load(ordering: .acquiring) == handle && isAlone && platform_is_inside() == 0
        }

        fileprivate func isFreeAndIdle(_ handle: CK_SESSION_HANDLE) -> Bool { isFree(handle) && state.word == 0 }

        var stateOnce: Session { state }
    }
#endif

extension Access {
    /// Whether no thread is in the session, as far as this thread can see. The record of no session always has one.
    var isAlone: Bool {
        @inline(__always) get { record.pointee.activeThread.load(ordering: .acquiring) == 0 }
    }

    /// The thread is in the session: others see it from now on.
    @inline(__always)
    func stay(_ hazardSlot: UnsafeMutablePointer<platform_hazard_slot>) {
        platform_set_inside(1)
        record.pointee.activeThread.store(UInt(bitPattern: hazardSlot), ordering: .relaxed)
        record.pointee.calls.store(record.pointee.calls.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// Leaves the session in its new state. Of the calls that come here only a start makes an operation active that was not.
    @inline(__always)
    func leave(_ after: Session) {
        record.pointee.word.store(after.word, ordering: .relaxed)
        record.pointee.activeThread.store(0, ordering: .releasing)
        platform_set_outside_at(platform_own_offset())
    }

    /// The same after a start, of the operation with the bit, in a session in which nothing else is active.
    @inline(__always)
    func leave(_ after: Session, onlyStart function: Function, _ bit: Int, _ caller: UInt) {
        let offset = platform_own_offset()
        record.noteOnly(function, bit, caller, thread: platform_thread_at(offset))
        record.pointee.word.store(after.word, ordering: .relaxed)
        record.pointee.activeThread.store(0, ordering: .releasing)
        platform_set_outside_at(offset)
    }

    /// Notes which call started the operation with the bit. After a NULL mechanism nothing is active, and the note is unused.
    @inline(__always)
    func note(start function: Function, _ bit: Int, _ caller: UInt) {
        if _slowPath(state.word != 0) { return record.note(function, bit, caller) }
        record.noteOnly(function, bit, caller, thread: platform_thread_in_upper_half())
    }

    @inline(__always)
    func leave() {
        record.pointee.activeThread.store(0, ordering: .releasing)
        platform_set_inside(0)
    }

    /// The module has no such function: there was no call.
    @inline(never)
    func leaveMissing() -> CK_RV {
        record.pointee.calls.store(record.pointee.calls.load(ordering: .relaxed) &- 1, ordering: .relaxed)
        leave()
        return missing()
    }

    /// Takes note of an answer that is not the usual one, leaves the session, and returns the answer.
    @inline(never)
    func finish(_ function: Function, _ call: Call, _ caller: UInt, _ returnValue: CK_RV) -> CK_RV {
        let reach = SessionRules.reach(of: function, call, returning: returnValue)
        let ends = SessionRules.ends(function, call, returning: returnValue)
        if returnValue != CKR_PENDING, reach == .session, !ends {
            var after = state
            rules.complete(function, &after, call, returning: returnValue)
            record.change(to: after, function, caller)
        } else {
            GuardState.withSessions {
                if reach == .session, ends, record.isOpen, !record.details.pointee.hasPending {
                    Sessions.close(record)  // What becomes of its operations matters to no call.
                    platform_wake()
                } else {
                    // A call with handle 0 may be here in a session that is closed: it says nothing of that one's token.
                    applyEffects(function, call, named: nil, caller, returnValue, in: record.isOpen ? self : nil)
                }
            }
        }
        leave()
        return returnValue
    }

    /// The same of a call without facts, for which only the session is at hand.
    @inline(never)
    static func finish(
        _ record: Record, _ function: Function, flags: UInt, _ caller: UInt, _ returnValue: CK_RV
    ) -> CK_RV {
        Access(record: record).finish(function, Call(flags: flags), caller, returnValue)
    }
}
