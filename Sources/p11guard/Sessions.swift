// SPDX-License-Identifier: MIT

import CPlatform
import CryptokiSession
import Synchronization

/// The sessions that are open, found by their handles.
///
/// A call finds its session without a lock: a table of pointers to records, from a hash of the handle, as open addressing has it.
/// What makes that safe although another thread may close the session at any time is *hazard pointers*. A thread that found a record
/// writes it on its seat, where everybody can see it, and only then looks whether the record still has the handle. Who closes a
/// session takes the handle away, and gives the record to another session only after it has seen that it is on no seat. Between the
/// two steps of either side stands a barrier; that of calls is one of the compiler only, since who closes makes all other threads
/// pass a real one (Linux's membarrier), once for many sessions. Where the kernel does not offer that, records are not used again.
///
/// Everything but finding happens under the lock, which is never held while the module is called. A lookup beside a change of
/// the table can miss a session that is there, and then looks again under the lock; it never finds a wrong one.
enum Sessions {
    private static nonisolated(unsafe) var count = 0
    /// Counts the forks: a session of another generation is not open here, even if a call in it has yet to return.
    static nonisolated(unsafe) var generation: UInt32 = 0
    private static nonisolated(unsafe) var free: Record?
    /// Closed sessions that a thread may still be in.
    private static nonisolated(unsafe) var closed: Record?
    private static nonisolated(unsafe) var closedCount = 0
    private static nonisolated(unsafe) var lastSeat: UnsafeMutablePointer<platform_seat>?
    private static nonisolated(unsafe) var canOrderOthers = false
    private static nonisolated(unsafe) var seatKey: pthread_key_t = 0
    private static nonisolated(unsafe) var hasSeatKey = false
    /// How many were opened since C_Initialize.
    static nonisolated(unsafe) var opened = 0

    // MARK: Under the lock

    /// To be called once, before there are sessions.
    static func prepare() {
        canOrderOthers = platform_can_order_others() != 0
        hasSeatKey = pthread_key_create(&seatKey, { giveUpSeatOfThread($0) }) == 0
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
        record.details.pointee.generation = generation
        record.details.pointee.pending = Pending()
        record.details.pointee.elsewhere = Elsewhere()
        record.forgetSince()
        record.pointee.word.store(0, ordering: .relaxed)
        record.pointee.visitor.store(0, ordering: .relaxed)
        record.pointee.calls.store(0, ordering: .relaxed)
        guard SessionTable.insert(record, beside: count) else {
            record.details.pointee.isOpen = false
            record.details.pointee.next = free
            free = record
            return nil
        }
        count += 1
        opened += 1
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
        record.hide()
        SessionTable.current.remove(record)
        count -= 1
        record.details.pointee.next = closed
        closed = record
        closedCount += 1
        if closedCount >= 64, canOrderOthers { reclaim() }
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
    static func forget(otherThreadsThan own: UnsafeMutablePointer<platform_seat>) {
        platform_set_table(platform_empty())
        generation += 1
        (count, free, closed, closedCount) = (0, nil, nil, 0)
        freeSeats(but: own)
    }

    /// In a child of fork that keeps its parent's sessions: only the thread that called fork is still in one.
    static func keep(otherThreadsThan own: UnsafeMutablePointer<platform_seat>) {
        each { record in
            if record.pointee.visitor.load(ordering: .relaxed) != UInt(bitPattern: own) {
                record.pointee.visitor.store(0, ordering: .relaxed)
            }
        }
        freeSeats(but: own)
    }

    private static func freeSeats(but own: UnsafeMutablePointer<platform_seat>) {
        var seat = lastSeat
        while let other = seat {
            if other != own {
                platform_leave(other, nil)
                other.pointee.taken = 0
            }
            seat = other.pointee.next
        }
    }

    // MARK: Records

    private static func take() -> Record? {
        if free == nil { makeRecords() }
        let record = free
        free = record?.details.pointee.next
        return record
    }

    /// Memory of zeros that shares no cache line with other memory, nor the neighbour that processors fetch with it: what one thread
    /// writes in each call would otherwise slow down the others.
    private static func apart(_ size: Int) -> UnsafeMutableRawPointer? {
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 128, size) == 0, let memory else { return nil }
        return memset(memory, 0, size)
    }

    private static func makeRecords() {
        let (number, stride) = (64, Record.stride)
        guard let memory = apart(number * stride) else { return }
        for index in (0..<number).reversed() {
            let record = (memory + index * stride).assumingMemoryBound(to: SessionRecord.self)
            record.initialize(to: SessionRecord())
            record.details.initialize(to: SessionDetails())
            record.details.pointee.next = free
            free = record
        }
    }

    /// Gives the records of closed sessions in which nobody is to new sessions.
    private static func reclaim() {
        if platform_order_others() == 0 { return canOrderOthers = false }
        var rest = closed
        (closed, closedCount) = (nil, 0)
        while let record = rest {
            rest = record.details.pointee.next
            if record.details.pointee.pins != 0 || isOnSeat(record) {
                record.details.pointee.next = closed
                closed = record
                closedCount += 1
            } else {
                record.details.pointee.next = free
                free = record
            }
        }
    }

    private static func isOnSeat(_ record: Record) -> Bool {
        var seat = lastSeat
        while let other = seat {
            if platform_session(other) == UnsafeRawPointer(record) { return true }
            seat = other.pointee.next
        }
        return false
    }

    // MARK: Seats

    /// The seat of this thread, which gets one if it has none yet. Nil if there is no memory.
    static func seat() -> UnsafeMutablePointer<platform_seat>? {
        let own = platform_seat_of_thread()
        if own != platform_no_seat() { return own }
        var seat = lastSeat
        while let other = seat, other.pointee.taken != 0 { seat = other.pointee.next }
        if seat == nil {
            seat = apart(128)?.assumingMemoryBound(to: platform_seat.self)
            seat?.pointee.next = lastSeat
            if let seat { lastSeat = seat }
        }
        guard let seat, hasSeatKey, pthread_setspecific(seatKey, seat) == 0 else { return nil }
        seat.pointee.taken = 1
        seat.pointee.thread = platform_thread()
        platform_take_seat(seat)
        return seat
    }

    /// When a thread ends. One that was cancelled inside the module has not left its session.
    fileprivate static func giveUpSeat(_ pointer: UnsafeMutableRawPointer?) {
        guard let seat = pointer?.assumingMemoryBound(to: platform_seat.self) else { return }
        platform_lock()
        if platform_session(seat) != nil {
            // It may have been in several, one from a callback of the other.
            each { record in
                if record.pointee.visitor.load(ordering: .relaxed) == UInt(bitPattern: seat) {
                    record.pointee.visitor.store(0, ordering: .relaxed)
                }
            }
            platform_wake()
            platform_leave(seat, nil)
        }
        seat.pointee.taken = 0
        platform_take_seat(platform_no_seat())
        platform_unlock()
    }
}

private func giveUpSeatOfThread(_ seat: UnsafeMutableRawPointer?) { Sessions.giveUpSeat(seat) }
