// SPDX-License-Identifier: MIT

import CPlatform
import CryptokiSession
import Synchronization

/// The sessions that are open, found by their handles.
///
/// A call finds its session without a lock: it tries the session of its thread's last call, and then a table of pointers to
/// records, from a hash of the handle, with open addressing. What makes that safe although another thread may close the session at
/// any time is *hazard pointers*, with one hazard slot for each thread:
///
/// - A thread writes a record to its slot, and only then reads whether the record has the handle. If it does not, the thread leaves
///   the record alone. The record stays on the slot when the call returns, so that the next call in the session only reads it.
/// - To close a session, a thread takes the handle away from the record. It gives the record to another session only after all
///   threads have passed a barrier and the record is then on no slot.
///
/// So a record that has the handle while it is on a slot is not given away as long as it stays there: either the closing thread
/// sees it on the slot, or the thread of the slot sees that the handle is gone. This holds for each later look at the handle, too,
/// since the slot was written before it. A new session with the same handle gets another record meanwhile. Between the two steps
/// of either side stands a barrier. The one of calls concerns the compiler only, since the closing thread makes all other threads
/// pass a real one (Linux's membarrier), once for many sessions. Where the kernel does not offer that, records are not used again.
///
/// The module may call back, and the callback may call the module in another session. The slot then holds the record of the inner
/// call, and the outer record is pinned until the inner call returns. Therefore a thread keeps for itself whether it is in a
/// session (`platform_own.inside`), and writes its slot without the lock only if it is in none. The active thread of a record does not
/// tell that: if two threads are in one session, it is cleared when the first of them returns. For the same reason a thread never
/// takes its slot from there.
///
/// In a child of fork that forgets its parent's sessions, the slot of the only thread is emptied; if the thread is in a session,
/// all handles are taken away instead, since the calls that it is in put their records back on the slot.
///
/// Everything but finding happens under the lock, which is never held while the module is called. A lookup beside a change of
/// the table can miss a session that is there, and then looks again under the lock; it never finds a wrong one.
enum Sessions {
    // MARK: Under the lock

    /// To be called once, before there are sessions.
    static func prepare() {
        GuardState.canOrderOthers = platform_can_order_others() != 0
        GuardState.hasHazardSlotKey =
            pthread_key_create(&GuardState.hazardSlotKey, { releaseHazardSlotOfThread($0) }) == 0
    }

    /// Opens a session, or returns nil if there is no memory: then its calls are not watched.
    static func open(_ handle: UInt, slot: UInt, _ policy: Policy) -> Record? {
        if handle == 0 { return nil }
        if let old = find(handle) { close(old) }  // The module uses the handle again; its session must be gone.
        guard let record = take() else { return nil }
        record.pointee.policy.store(policy.rawValue, ordering: .relaxed)
        record.details.pointee.handle = handle
        record.details.pointee.slot = slot
        record.details.pointee.isOpen = true
        record.details.pointee.generation = GuardState.generation
        record.details.pointee.overdue = 0
        record.details.pointee.hasPending = false
        record.details.pointee.hasDeferredEffects = false
        record.forgetActivations()
        record.pointee.word.store(0, ordering: .relaxed)
        record.pointee.activeThread.store(0, ordering: .relaxed)
        record.pointee.calls.store(0, ordering: .relaxed)
        guard SessionTable.insert(record, beside: GuardState.openCount) else {
            record.details.pointee.isOpen = false
            free(record)
            return nil
        }
        GuardState.openCount += 1
        GuardState.openedCount += 1
        giveUpKey(handle)
        return record
    }

    static func find(_ handle: UInt) -> Record? {
        if handle == 0 { return nil }
        var found: Record?
        SessionTable.current.probe(handle) { record in
            if record.details.pointee.handle == handle, record.isOpen { found = record }
            return found == nil
        }
        return found
    }

    static func close(_ record: Record) {
        guard record.isOpen else { return }
        record.details.pointee.isOpen = false
        // The handle of no session: a call with it may find the record of a closed session.
        record.pointee.key.store(0, ordering: .relaxed)
        SessionTable.current.remove(record)
        GuardState.openCount -= 1
        record.details.pointee.next = GuardState.closedRecords
        GuardState.closedRecords = record
        GuardState.closedCount += 1
        // Each hazard slot may hold a closed record between calls: those cannot be used again, however often one looks.
        if GuardState.closedCount >= 128 + GuardState.hazardSlotCount, GuardState.canOrderOthers { reclaim() }
    }

    // MARK: Records that no call may enter without the lock

    /// A hidden record has the handle of no open session as its key: its own one with other bits. For a module that gives out
    /// all of these, too, it is 0.
    private static var masks: InlineArray<3, UInt> { [~0, 1 << 63, 1 << 62] }

    /// Lets no call in any more without the lock.
    static func hide(_ record: Record) {
        let handle = record.details.pointee.handle
        var key: UInt = 0
        for index in masks.indices where key == 0 && find(handle ^ masks[index]) == nil { key = handle ^ masks[index] }
        record.pointee.key.store(key, ordering: .relaxed)
    }

    /// Gives another key to a hidden record that has this one, which is a session's handle now.
    private static func giveUpKey(_ handle: UInt) {
        for index in masks.indices {
            guard let record = find(handle ^ masks[index]) else { continue }
            if record.pointee.key.load(ordering: .relaxed) == handle { hide(record) }
        }
    }

    /// Calls the body with each open session; the body may close it.
    static func each(_ body: (Record) -> Void) {
        var index = 0
        let table = SessionTable.current
        // Closing moves later records forward, so that the same place is looked at again.
        while index < table.capacity {
            let record = table[index]
            if let record { body(record) }
            if table[index] == record { index += 1 }
        }
    }

    /// In a child of fork, where no other thread is left: none of the parent's sessions is the child's.
    static func forget(otherThreadsThan own: UnsafeMutablePointer<platform_hazard_slot>) {
        if platform_is_inside() == 0 {
            if own != platform_no_hazard_slot() { platform_enter(own, platform_no_session()) }
        } else {
            each { hide($0) }
        }
        platform_set_table(platform_empty())
        GuardState.generation += 1
        (GuardState.openCount, GuardState.closedCount) = (0, 0)
        (GuardState.unusedRecords, GuardState.closedRecords) = (nil, nil)
        freeHazardSlots(but: own)
    }

    /// The same if a signal handler forked while the thread was changing sessions, which it will go on with: they are left as they
    /// are, and nobody finds them.
    static func disown() {
        each { hide($0) }
        GuardState.generation += 1
    }

    /// In a child of fork that keeps its parent's sessions: only the thread that called fork is still in one.
    static func keep(otherThreadsThan own: UnsafeMutablePointer<platform_hazard_slot>) {
        each { record in
            if record.pointee.activeThread.load(ordering: .relaxed) != UInt(bitPattern: own) {
                record.pointee.activeThread.store(0, ordering: .relaxed)
            }
        }
        freeHazardSlots(but: own)
    }

    private static func freeHazardSlots(but own: UnsafeMutablePointer<platform_hazard_slot>) {
        var hazardSlot = GuardState.lastHazardSlot
        while let other = hazardSlot {
            if other != own {
                platform_enter(other, platform_no_session())
                other.pointee.taken = 0
            }
            hazardSlot = other.pointee.next
        }
    }

    // MARK: Records

    private static func take() -> Record? {
        if let record = GuardState.unusedRecords {
            GuardState.unusedRecords = record.details.pointee.next
            return record
        }
        return GuardState.records.next()
    }

    private static func free(_ record: Record) {
        record.details.pointee.next = GuardState.unusedRecords
        GuardState.unusedRecords = record
    }

    /// Reuses the records of closed sessions that no thread is in.
    private static func reclaim() {
        if platform_order_others() == 0 { return GuardState.canOrderOthers = false }
        var rest = GuardState.closedRecords
        (GuardState.closedRecords, GuardState.closedCount) = (nil, 0)
        while let record = rest {
            rest = record.details.pointee.next
            if record.details.pointee.pins != 0 || isInHazardSlot(record) {
                record.details.pointee.next = GuardState.closedRecords
                GuardState.closedRecords = record
                GuardState.closedCount += 1
            } else {
                free(record)
            }
        }
    }

    private static func isInHazardSlot(_ record: Record) -> Bool {
        var hazardSlot = GuardState.lastHazardSlot
        while let other = hazardSlot {
            if platform_session(other) == UnsafeRawPointer(record) { return true }
            hazardSlot = other.pointee.next
        }
        return false
    }

    // MARK: Hazard slots

    /// The hazard slot of this thread, which gets one if it has none yet. Nil if there is no memory.
    static func hazardSlot() -> UnsafeMutablePointer<platform_hazard_slot>? {
        let own = platform_hazard_slot_of_thread()
        if own != platform_no_hazard_slot() { return own }
        var hazardSlot = GuardState.lastHazardSlot
        while let other = hazardSlot, other.pointee.taken != 0 { hazardSlot = other.pointee.next }
        if hazardSlot == nil {
            hazardSlot = newHazardSlot()
            hazardSlot?.pointee.next = GuardState.lastHazardSlot
            if let hazardSlot {
                GuardState.lastHazardSlot = hazardSlot
                GuardState.hazardSlotCount += 1
            }
        }
        guard let hazardSlot, GuardState.hasHazardSlotKey,
            pthread_setspecific(GuardState.hazardSlotKey, hazardSlot) == 0
        else { return nil }
        hazardSlot.pointee.taken = 1
        hazardSlot.pointee.thread = platform_thread()
        platform_take_hazard_slot(hazardSlot, hazardSlot.pointee.thread)
        return hazardSlot
    }

    /// A hazard slot that shares no cache line with other memory, nor the neighbour that processors fetch with it.
    private static func newHazardSlot() -> UnsafeMutablePointer<platform_hazard_slot>? {
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 128, 128) == 0, let memory else { return nil }
        let hazardSlot = memory.assumingMemoryBound(to: platform_hazard_slot.self)
        hazardSlot.initialize(to: platform_hazard_slot(session: platform_no_session(), thread: 0, taken: 0, next: nil))
        return hazardSlot
    }

    /// When a thread ends. One that was cancelled inside the module has not left its session.
    fileprivate static func releaseHazardSlot(_ pointer: UnsafeMutableRawPointer?) {
        guard let hazardSlot = pointer?.assumingMemoryBound(to: platform_hazard_slot.self) else { return }
        GuardState.withSessions {
            if platform_is_inside() != 0 {
                // It may have been in several, one from a callback of the other.
                each { record in
                    if record.pointee.activeThread.load(ordering: .relaxed) == UInt(bitPattern: hazardSlot) {
                        record.pointee.activeThread.store(0, ordering: .relaxed)
                    }
                }
                platform_wake()
            }
            platform_enter(hazardSlot, platform_no_session())
            hazardSlot.pointee.taken = 0
            platform_take_hazard_slot(platform_no_hazard_slot(), 0)
        }
    }
}

private func releaseHazardSlotOfThread(_ hazardSlot: UnsafeMutableRawPointer?) {
    Sessions.releaseHazardSlot(hazardSlot)
}
