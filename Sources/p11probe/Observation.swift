// SPDX-License-Identifier: MIT

import CryptokiSession

/// What a module really did.
enum Outcome: String {
    /// It answered an error, and what was active goes on to its right result.
    case refused
    /// It accepted the call, and everything gave the right result.
    case allowed
    /// It started the operation, which works, and ended an older one in silence.
    case abandoned
    /// A result differs from what the operation gives alone.
    case wrong
    /// It answered CKR_OK to a start, but there is nothing that can be used; the older one goes on.
    case unusable
    /// The older operation is gone, and nothing came in its place.
    case broken

    /// What was active goes on after a call that may end it or not.
    case goesOn = "goes-on"
    case ended
    /// The module ended the process that made the experiment.
    case crashed

    /// The experiment could not be made.
    case untried
}

/// One experiment and what came of it.
struct Observation {
    enum Kind: String {
        case pair, restart, third, single, logout, login, cancel
        case nullMechanism = "null-mechanism"
    }

    let kind: Kind
    /// The operations that were active, in the order of their starts.
    let active: [SessionOperation]
    /// The one that was started then, or whose single-part call was made.
    let then: SessionOperation?
    /// Nil where the rules leave it to the token.
    let verdict: Verdict?
    let outcome: Outcome
    /// What the call answered.
    let value: ReturnValue

    /// The rule that the module broke: it did what the rules forbid.
    var brokenRule: Rule? {
        guard case .forbidden(let rule)? = verdict, outcome == .allowed || outcome == .wrong && value == .ok
        else { return nil }
        return rule
    }
}
