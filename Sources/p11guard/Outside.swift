// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession

// Calls that are in no session, and those that open one.

/// Takes note of the module's answer, and returns it.
///
/// - Parameter slot: the slot that the call is about, if it is about one.
@inline(never)
func answered(_ function: Function, slot: CK_SLOT_ID? = nil, _ returnValue: CK_RV) -> CK_RV {
    if returnValue == CKR_OK, function == .C_Initialize { initialized() }
    let reach = SessionRules.reach(of: function, returning: returnValue)
    if reach == .session || !SessionRules.ends(function, returning: returnValue) { return returnValue }
    GuardState.withSessions { applyEffects(function, Call(), named: nil, 0, returnValue, in: nil, slot: slot) }
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
    GuardState.withSessions {
        if let record = Sessions.open(handle, slot: slot, policy) { settle(record) }
    }
    return returnValue
}

private func policyOfToken(_ slot: CK_SLOT_ID) -> Policy {
    var information = CK_TOKEN_INFO()
    let isKnown = module.pointee.C_GetTokenInfo?(slot, &information) == CKR_OK
    return .suiting(tokenFlags: isKnown ? information.flags : 0)
}

/// The module is initialised: as of now nothing is known of it.
private func initialized() {
    GuardState.withSessions {
        Sessions.each { Sessions.close($0) }
        GuardState.openedCount = 0
    }
    Report.forget()
    GuardState.isForked = false
}
