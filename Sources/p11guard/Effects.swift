// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession
import Synchronization

/// What calls in other sessions did to this one is done now; afterwards it can be entered without the lock, if nothing forbids it.
func settle(_ record: Record) {
    if record.details.pointee.hasDeferredEffects {
        let word = record.more.pointee.deferredEffects.applied(to: record.state.word)
        record.pointee.word.store(word, ordering: .relaxed)
        record.details.pointee.hasDeferredEffects = false
    }
    if record.details.pointee.hasPending || Configuration.current.threads != .report {
        Sessions.hide(record)
    } else {
        record.pointee.key.store(record.details.pointee.handle, ordering: .releasing)
    }
}

/// Takes note of what a call did, in its session and in others.
func applyEffects(
    _ function: Function, _ call: Call, named: Function?, _ caller: UInt, _ returnValue: CK_RV,
    in access: Access?,
    slot: CK_SLOT_ID? = nil
) {
    var (effective, own) = ((function: function, call: call), access?.record)
    let token = slot ?? own?.details.pointee.slot
    if let record = own, record.isOpen, let access {
        var pending = record.pending
        effective = SessionRules.concluded(function, pending, call, named: named)
        var after = record.state
        access.rules.complete(function, &after, &pending, call, named: named, returning: returnValue)
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
            record.addDeferredEffect(effective.function, effective.call, returnValue)
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
