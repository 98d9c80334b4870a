// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession
import Synchronization

// Calls that are looked at closely, under the lock of the sessions: a rule is broken, another thread is in the session, something
// is pending, or the session is not known.

private struct CarefulAccess {
    let access: Access
    /// In which session the thread was already: the module calls back, and the callback calls the module.
    let previous: Record?
    /// Somebody is in the session already, perhaps the thread itself; this access leaves it to him.
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
    fileprivate var quick: Access?
    /// Nil if the session was not opened by way of the guard, or is closed.
    fileprivate var entered: CarefulAccess?
    /// What to answer instead of calling the module.
    fileprivate(set) var refusal: CK_RV?
}

extension Attempt {
    /// Enters a session and asks the rules.
    @inline(never)
    static func ordinary(_ function: Function, _ handle: CK_SESSION_HANDLE, _ call: Call, _ caller: UInt) -> Attempt {
        if let access = enterFarther(handle), access.rules.isInOrder(function, access.state, call) {
            access.stay(ownHazardSlot())
            return Attempt(function: function, handle: handle, call: call, caller: caller, quick: access)
        }
        return Attempt(function: function, handle: handle, call: call, caller: caller).afterRules()
    }

    /// The same for a call about a pending one.
    ///
    /// - Parameter name: the function that is said to be pending; such a call may name anything, and nothing.
    @inline(never)
    static func aboutPending(
        _ function: Function, _ handle: CK_SESSION_HANDLE, _ call: Call, _ caller: UInt, named name: CK_UTF8CHAR_PTR?
    ) -> Attempt {
        let named = name.flatMap { Function(named: $0) }
        return Attempt(function: function, handle: handle, call: call, caller: caller, named: named).afterRules()
    }

    private consuming func afterRules() -> Attempt {
        switch GuardState.withSessions({ enterCarefully(function, handle, call) }) {
        case .unknown: break
        case .refused(let violation, let record, let pending):
            let situation = Report.Situation(function: function, handle: handle, record: record, pending: pending)
            Report.violation(violation.rule, by: situation, .refused, violation.returnValue)
            GuardState.withSessions { record.details.pointee.pins -= 1 }
            refusal = violation.returnValue
        case .entered(let access, let pending):
            entered = access
            let situation = Report.Situation(
                function: function, handle: handle, record: access.access.record, pending: pending.function)
            if access.isConcurrent {
                let violation = RuleViolation.concurrentUse(of: function)
                let verdict = Configuration.current.wantedThreads == .refuse ? Report.Verdict.reported : .letThrough
                Report.violation(violation.rule, by: situation, verdict, violation.returnValue)
            }
            refusal = p11guard.refusal(of: situation, call, pending, access.access)
            if refusal != nil { GuardState.withSessions { leaveCarefully(access) } }
        }
        return self
    }
}

/// Asks the rules, says what they say, and returns what to answer if they refuse the call.
private func refusal(of situation: Report.Situation, _ call: Call, _ pending: Pending, _ access: Access)
    -> CK_RV?
{
    do throws(RuleViolation) {
        if let rule = try access.rules.admit(situation.function, access.state, pending, call) {
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
        GuardState.withSessions {
            applyEffects(function, call, named: named, caller, returnValue, in: entered?.access)
            if let entered { leaveCarefully(entered) }
        }
        if entered == nil, returnValue == CKR_OK { Report.unknown(function, handle) }
        return returnValue
    }
}

// MARK: - Under the lock of the sessions

private enum Entry {
    case entered(CarefulAccess, Pending)
    /// The thread is not in the session, so the record is pinned until that has been reported.
    case refused(RuleViolation, Record, pending: Function?)
    /// Not opened by way of the guard, or closed.
    case unknown
}

private func enterCarefully(_ function: Function, _ handle: CK_SESSION_HANDLE, _ call: Call) -> Entry {
    guard let hazardSlot = Sessions.hazardSlot(), let record = Sessions.find(handle) else { return .unknown }
    let previous = platform_is_inside() != 0 ? lastRecord(hazardSlot) : nil
    let own = UInt(bitPattern: hazardSlot)
    var (isGuest, isConcurrent) = (false, false)
    var wait = Wait()
    func refused() -> Entry {
        record.details.pointee.pins += 1
        return .refused(.concurrentUse(of: function), record, pending: record.pending.function)
    }
    while true {
        let active = record.pointee.activeThread.load(ordering: .acquiring)
        if active == 0 { break }
        isGuest = active == own
        // Closing may end a call of another thread (Base 5.1.2), which therefore need not have ended before.
        if isGuest || SessionRules.ends(function, call, returning: CKR_OK) {
            isGuest = true
            break
        }
        // Who is in a session already would wait for somebody who may wait for him.
        if Configuration.current.threads == .serialize, previous == nil {
            if record.hasOverdueCall { return refused() }
            wait.outlast(record)
            if !record.isOpen || record.details.pointee.handle != handle { return .unknown }
            continue
        }
        if Configuration.current.threads == .refuse { return refused() }
        (isGuest, isConcurrent) = (true, true)
        break
    }
    settle(record)
    previous?.details.pointee.pins += 1
    platform_set_inside(1)
    if !isGuest { record.pointee.activeThread.store(own, ordering: .relaxed) }
    record.pointee.calls.store(record.pointee.calls.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    platform_enter(hazardSlot, record)
    let access = Access(record: record)
    let entered = CarefulAccess(access: access, previous: previous, isGuest: isGuest, isConcurrent: isConcurrent)
    return .entered(entered, record.pending)
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

private func leaveCarefully(_ entered: CarefulAccess) {
    if !entered.isGuest {
        entered.access.record.pointee.activeThread.store(0, ordering: .releasing)
        if Configuration.current.threads == .serialize { platform_wake() }
    }
    if let previous = entered.previous {
        platform_enter(ownHazardSlot(), previous)
        previous.details.pointee.pins -= 1
    } else {
        platform_set_inside(0)
    }
}
