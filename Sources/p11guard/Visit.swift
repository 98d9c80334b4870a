// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession
import Synchronization

/// A call in a session, from before the rules are asked until the module's answer was taken note of.
struct Visit {
    let record: Record

    var state: Session {
        @inline(__always) get { record.state }
    }
    var rules: SessionRules {
        @inline(__always) get { p11guard.rules(record.policy) }
    }
}

// MARK: - The usual way: a session that nobody else is in, a call that breaks no rule

@inline(__always)
func ownSeat() -> UnsafeMutablePointer<platform_seat> { platform_seat_of_thread() }

@inline(__always)
func caller() -> UInt { platform_caller() }

@inline(__always)
func told(_ fact: Facts, if condition: Bool) -> Facts { condition ? fact : [] }

/// A call in the session of the thread's last call, or nil if that is another one or a thread is in it.
@inline(__always)
func resume(_ handle: CK_SESSION_HANDLE, _ seat: UnsafeMutablePointer<platform_seat>) -> Visit? {
    let visit = Visit(record: lastRecord(seat))
    return _fastPath(visit.isFree(handle)) ? visit : nil
}

/// The same for a call that starts an operation: nil as well if any operation is active. Then no policy has to be asked.
@inline(__always)
func resumeIdle(_ handle: CK_SESSION_HANDLE, _ seat: UnsafeMutablePointer<platform_seat>) -> Visit? {
    let visit = Visit(record: lastRecord(seat))
    return _fastPath(visit.isFreeAndIdle(handle)) ? visit : nil
}

@inline(__always)
private func lastRecord(_ own: UnsafeMutablePointer<platform_seat>) -> Record {
    UnsafeMutableRawPointer(mutating: platform_last_session(own)).assumingMemoryBound(to: SessionRecord.self)
}

/// Finds a session without the lock, and puts it on the thread's seat. Nil if there is anything to be looked at more closely: then
/// `attempt` does.
@inline(__always)
func enter(_ handle: CK_SESSION_HANDLE, _ seat: UnsafeMutablePointer<platform_seat>) -> Visit? {
    if platform_is_inside() != 0 || seat == platform_no_seat() { return nil }
    let visit = Visit(record: SessionTable.current.first(handle))
    platform_enter(seat, visit.record)
    return _fastPath(visit.isFree(handle)) ? visit : nil
}

/// The same for a session that may stand farther from its handle's place in the table.
@inline(never)
private func enterFarther(_ handle: CK_SESSION_HANDLE) -> Visit? {
    let seat = ownSeat()
    if platform_is_inside() != 0 || seat == platform_no_seat() { return nil }
    var found: Visit?
    SessionTable.current.probe(handle) { record in
        platform_enter(seat, record)
        if record.pointee.key.load(ordering: .acquiring) != handle { return true }
        found = Visit(record: record)
        return false
    }
    if let found, found.isAlone { return found }
    return nil
}

// The delivered guard, in Embedded Swift, has fewer instructions here; the sanitizers, in ordinary Swift, see atomic loads.
#if hasFeature(Embedded)
    extension Visit {
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
    extension Visit {
        fileprivate func isFree(_ handle: CK_SESSION_HANDLE) -> Bool {
            record.pointee.key.load(ordering: .acquiring) == handle && isAlone && platform_is_inside() == 0
        }

        fileprivate func isFreeAndIdle(_ handle: CK_SESSION_HANDLE) -> Bool { isFree(handle) && state.word == 0 }

        var stateOnce: Session { state }
    }
#endif

extension Visit {
    /// Whether nobody is in the session, as far as one can see. Nobody's record says that somebody is.
    var isAlone: Bool {
        @inline(__always) get { record.pointee.visitor.load(ordering: .acquiring) == 0 }
    }

    /// The thread is in the session: others see it from now on.
    @inline(__always)
    func stay(_ seat: UnsafeMutablePointer<platform_seat>) {
        platform_set_inside(1)
        record.pointee.visitor.store(UInt(bitPattern: seat), ordering: .relaxed)
        record.pointee.calls.store(record.pointee.calls.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// Leaves the session in its new state. Of the calls that come here only a start makes an operation active that was not.
    @inline(__always)
    func leave(_ after: Session) {
        record.pointee.word.store(after.word, ordering: .relaxed)
        record.pointee.visitor.store(0, ordering: .releasing)
        platform_set_outside_at(platform_own_offset())
    }

    /// The same after a start, of the operation with the bit, in a session in which nothing else is active.
    @inline(__always)
    func leave(_ after: Session, onlyStart function: Function, _ bit: Int, _ caller: UInt) {
        let offset = platform_own_offset()
        record.noteOnly(function, bit, caller, thread: platform_thread_at(offset))
        record.pointee.word.store(after.word, ordering: .relaxed)
        record.pointee.visitor.store(0, ordering: .releasing)
        platform_set_outside_at(offset)
    }

    /// Notes which call started the operation with the bit. Where its mechanism was NULL nothing is active, and nobody looks.
    @inline(__always)
    func note(start function: Function, _ bit: Int, _ caller: UInt) {
        if _slowPath(state.word != 0) { return record.note(function, bit, caller) }
        record.noteOnly(function, bit, caller, thread: platform_thread_in_upper_half())
    }

    @inline(__always)
    func leave() {
        record.pointee.visitor.store(0, ordering: .releasing)
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
            platform_lock()
            if reach == .session, ends, record.isOpen, !record.details.pointee.hasPending {
                Sessions.close(record)  // What becomes of its operations matters to no call.
                platform_wake()
            } else {
                // A call with handle 0 may be here in a session that is closed: it says nothing of that one's token.
                conclude(function, call, named: nil, caller, returnValue, in: record.isOpen ? self : nil)
            }
            platform_unlock()
        }
        leave()
        return returnValue
    }

    /// The same of a call without facts, for which only the session is at hand.
    @inline(never)
    static func finish(
        _ record: Record, _ function: Function, flags: UInt, _ caller: UInt, _ returnValue: CK_RV
    ) -> CK_RV {
        Visit(record: record).finish(function, Call(flags: flags), caller, returnValue)
    }
}

// MARK: - The careful way: everything else

private struct CarefulVisit {
    let visit: Visit
    /// In which session the thread was already: the module calls back, and the callback calls the module.
    let previous: Record?
    /// Somebody is in the session already, perhaps the thread itself; this visit leaves it to him.
    let isGuest: Bool
    /// It is another thread, and that is no right of this call.
    let isConcurrent: Bool
}

/// A call in a session that is looked at closely: the rules were asked, and either they refuse it or the module is to be called.
struct Attempt {
    fileprivate let function: Function
    fileprivate let handle: CK_SESSION_HANDLE
    fileprivate let call: Call
    fileprivate let caller: UInt
    fileprivate var named: Function?
    /// Entered without the lock, in order, and to be left like that.
    fileprivate var quick: Visit?
    /// Nil if the session was not opened by way of the guard, or is closed.
    fileprivate var entered: CarefulVisit?
    /// What to answer instead of calling the module.
    fileprivate(set) var refusal: CK_RV?
}

/// Enters a session and asks the rules.
@inline(never)
func attempt(_ function: Function, _ handle: CK_SESSION_HANDLE, _ call: Call, _ caller: UInt) -> Attempt {
    if let visit = enterFarther(handle), visit.rules.isInOrder(function, visit.state, call) {
        visit.stay(ownSeat())
        return Attempt(function: function, handle: handle, call: call, caller: caller, quick: visit)
    }
    return attemptCarefully(Attempt(function: function, handle: handle, call: call, caller: caller))
}

/// The same for a call about a pending one.
///
/// - Parameter name: the function that is said to be pending; such a call may name anything, and nothing.
@inline(never)
func attempt(
    _ function: Function, _ handle: CK_SESSION_HANDLE, _ call: Call, _ caller: UInt, named name: CK_UTF8CHAR_PTR?
) -> Attempt {
    let named = name.flatMap { Function(named: $0) }
    return attemptCarefully(Attempt(function: function, handle: handle, call: call, caller: caller, named: named))
}

private func attemptCarefully(_ new: Attempt) -> Attempt {
    var attempt = new
    let (function, handle, call) = (attempt.function, attempt.handle, attempt.call)
    platform_lock()
    switch enterCarefully(function, handle, call) {
    case .unknown: platform_unlock()
    case .refused(let violation, let record):
        let pending = record.pending.function
        let situation = Report.Situation(function: function, handle: handle, record: record, pending: pending)
        record.details.pointee.pins += 1  // Until it has been reported: the thread is not in it.
        platform_unlock()
        Report.violation(violation.rule, by: situation, .refused, violation.returnValue)
        platform_lock()
        record.details.pointee.pins -= 1
        platform_unlock()
        attempt.refusal = violation.returnValue
    case .entered(let entered):
        let pending = entered.visit.record.pending
        platform_unlock()
        attempt.entered = entered
        let situation = Report.Situation(
            function: function, handle: handle, record: entered.visit.record, pending: pending.function)
        if entered.isConcurrent {
            let violation = RuleViolation.concurrentUse(of: function)
            let verdict = Configuration.current.wantedThreads == .refuse ? Report.Verdict.reported : .letThrough
            Report.violation(violation.rule, by: situation, verdict, violation.returnValue)
        }
        attempt.refusal = refusal(of: situation, call, pending, entered.visit)
        if attempt.refusal != nil {
            platform_lock()
            leaveCarefully(entered)
            platform_unlock()
        }
    }
    return attempt
}

/// Asks the rules, says what they say, and returns what to answer if they refuse the call.
private func refusal(of situation: Report.Situation, _ call: Call, _ pending: Pending, _ visit: Visit) -> CK_RV? {
    do throws(RuleViolation) {
        if let rule = try visit.rules.admit(situation.function, visit.state, pending, call) {
            Report.violation(rule, by: situation, .letThrough, CKR_OK)
        }
        return nil
    } catch {
        let isRefused = Configuration.current.mode == .enforce
        Report.violation(error.rule, by: situation, isRefused ? .refused : .reported, error.returnValue)
        return isRefused ? error.returnValue : nil
    }
}

extension Attempt {
    /// Takes note of the module's answer, leaves the session, and returns the answer.
    @inline(never)
    func conclude(_ returnValue: CK_RV) -> CK_RV {
        if let quick { return quick.finish(function, call, caller, returnValue) }
        platform_lock()
        p11guard.conclude(function, call, named: named, caller, returnValue, in: entered?.visit)
        if let entered { leaveCarefully(entered) }
        platform_unlock()
        if entered == nil, returnValue == CKR_OK { Report.unknown(function, handle) }
        return returnValue
    }
}

// MARK: - Calls that are in no session

/// Takes note of the module's answer, and returns it.
///
/// - Parameter slot: the slot that the call is about, if it is about one.
@inline(never)
func answered(_ function: Function, slot: CK_SLOT_ID? = nil, _ returnValue: CK_RV) -> CK_RV {
    if returnValue == CKR_OK, function == .C_Initialize { initialized() }
    let reach = SessionRules.reach(of: function, returning: returnValue)
    if reach == .session || !SessionRules.ends(function, returning: returnValue) { return returnValue }
    platform_lock()
    conclude(function, Call(), named: nil, 0, returnValue, in: nil, slot: slot)
    platform_unlock()
    if returnValue == CKR_OK, reach == .library { Report.summary() }
    return returnValue
}

/// The same of a call that opens a session.
@inline(never)
func opened(
    _ function: Function, slot: CK_SLOT_ID, _ opened: CK_SESSION_HANDLE_PTR?, _ returnValue: CK_RV
) -> CK_RV {
    guard returnValue == CKR_OK, let handle = opened?.pointee, Configuration.current.mode != .off else {
        return answered(function, slot: slot, returnValue)
    }
    let policy = Configuration.current.policy ?? policyOfToken(slot)
    platform_lock()
    if let record = Sessions.open(handle, slot: slot, policy) { settle(record) }
    platform_unlock()
    return returnValue
}

private func policyOfToken(_ slot: CK_SLOT_ID) -> Policy {
    var information = CK_TOKEN_INFO()
    let isKnown = module.pointee.C_GetTokenInfo?(slot, &information) == CKR_OK
    return .suiting(tokenFlags: isKnown ? information.flags : 0)
}

/// The module is initialised: as of now nothing is known of it.
private func initialized() {
    platform_lock()
    Sessions.each { Sessions.close($0) }
    Sessions.opened = 0
    platform_unlock()
    Report.forget()
    isForked = false
}

// MARK: - Under the lock of the sessions

private enum Entry {
    case entered(CarefulVisit)
    case refused(RuleViolation, Record)
    /// Not opened by way of the guard, or closed.
    case unknown
}

private func enterCarefully(_ function: Function, _ handle: CK_SESSION_HANDLE, _ call: Call) -> Entry {
    guard let seat = Sessions.seat(), let record = Sessions.find(handle) else { return .unknown }
    let previous = platform_is_inside() != 0 ? lastRecord(seat) : nil
    let own = UInt(bitPattern: seat)
    var (isGuest, isConcurrent) = (false, false)
    var wait = Wait()
    while true {
        let visitor = record.pointee.visitor.load(ordering: .acquiring)
        if visitor == 0 { break }
        isGuest = visitor == own
        // Closing may end a call of another thread (Base 5.1.2), which therefore need not have ended before.
        if isGuest || SessionRules.ends(function, call, returning: CKR_OK) {
            isGuest = true
            break
        }
        // Who is in a session already would wait for somebody who may wait for him.
        if Configuration.current.threads == .serialize, previous == nil {
            if record.hasOverdueCall { return .refused(.concurrentUse(of: function), record) }
            wait.outlast(record)
            if !record.isOpen || record.details.pointee.handle != handle { return .unknown }
            continue
        }
        if Configuration.current.threads == .refuse { return .refused(.concurrentUse(of: function), record) }
        (isGuest, isConcurrent) = (true, true)
        break
    }
    settle(record)
    previous?.details.pointee.pins += 1
    platform_set_inside(1)
    if !isGuest { record.pointee.visitor.store(own, ordering: .relaxed) }
    record.pointee.calls.store(record.pointee.calls.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    platform_enter(seat, record)
    let visit = Visit(record: record)
    return .entered(CarefulVisit(visit: visit, previous: previous, isGuest: isGuest, isConcurrent: isConcurrent))
}

/// Waiting for another thread's call in a session, for a minute: a thread that left it by longjmp or an exception does not end it.
private struct Wait {
    private var call: UInt32 = 0
    private var end = timespec()

    /// Waits until some thread has left its session, or marks the call in this one as overdue.
    mutating func outlast(_ record: Record) {
        let current = record.pointee.calls.load(ordering: .relaxed)
        if call != current { (call, end) = (current, platform_in_a_minute()) }
        record.details.pointee.pins += 1
        let isOver = platform_wait(&end) != 0
        record.details.pointee.pins -= 1
        if isOver { record.details.pointee.overdue = call }
    }
}

private func leaveCarefully(_ entered: CarefulVisit) {
    if !entered.isGuest {
        entered.visit.record.pointee.visitor.store(0, ordering: .releasing)
        if Configuration.current.threads == .serialize { platform_wake() }
    }
    if let previous = entered.previous {
        platform_enter(ownSeat(), previous)
        previous.details.pointee.pins -= 1
    } else {
        platform_set_inside(0)
    }
}

/// What calls in other sessions did to this one is done now; afterwards it can be entered without the lock, if nothing forbids it.
private func settle(_ record: Record) {
    if record.details.pointee.hasElsewhere {
        let word = record.more.pointee.elsewhere.applied(to: record.state.word)
        record.pointee.word.store(word, ordering: .relaxed)
        record.details.pointee.hasElsewhere = false
    }
    if record.details.pointee.hasPending || Configuration.current.threads != .report {
        Sessions.hide(record)
    } else {
        record.pointee.key.store(record.details.pointee.handle, ordering: .releasing)
    }
}

/// Takes note of what a call did, in its session and in others.
private func conclude(
    _ function: Function, _ call: Call, named: Function?, _ caller: UInt, _ returnValue: CK_RV, in visit: Visit?,
    slot: CK_SLOT_ID? = nil
) {
    var (effective, own) = ((function: function, call: call), visit?.record)
    let token = slot ?? own?.details.pointee.slot
    if let record = own, record.isOpen, let visit {
        var pending = record.pending
        effective = SessionRules.concluded(function, pending, call, named: named)
        var after = record.state
        visit.rules.complete(function, &after, &pending, call, named: named, returning: returnValue)
        record.pending = pending
        record.change(to: after, effective.function, caller)
        if record.details.pointee.hasPending { Sessions.hide(record) }
    } else {
        own = nil
    }
    let reach = SessionRules.reach(of: effective.function, effective.call, returning: returnValue)
    let ends = SessionRules.ends(effective.function, effective.call, returning: returnValue)
    if reach == .session {
        if ends, let own {
            Sessions.close(own)
            platform_wake()
        }
        return
    }
    Sessions.each { record in
        // Whose token is not known is any token's; its operations may be in doubt, but the session is not gone.
        let isReached = reach == .library || record == own || token == nil || record.details.pointee.slot == token
        if !isReached { return }
        if ends {
            if reach == .library || token != nil { Sessions.close(record) }
        } else if record != own {
            record.addElsewhere(effective.function, effective.call, returnValue)
            Sessions.hide(record)
        }
    }
    platform_wake()
}

extension Function {
    /// The function with this name.
    init?(named name: CK_UTF8CHAR_PTR) {
        for number in 1..<functionEnd {
            guard let function = Function(rawValue: UInt8(number)) else { continue }
            if strcmp(function.name.cString, UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self)) == 0 {
                self = function
                return
            }
        }
        return nil
    }
}
