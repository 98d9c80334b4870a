// SPDX-License-Identifier: MIT

import CryptokiSession

// The guard uses the types of the rules on nearly every line, and has none of the same names.
typealias Call = SessionRules.Call
typealias Conflict = SessionRules.Conflict
typealias Facts = SessionRules.Facts
typealias Function = SessionRules.Function
typealias Pending = SessionRules.Pending
typealias Perspective = SessionRules.Perspective
typealias Policy = SessionRules.Policy
typealias Reach = SessionRules.Reach
typealias Rule = SessionRules.Rule
typealias RuleViolation = SessionRules.Violation
typealias Session = SessionRules.Session
typealias SessionOperation = SessionRules.Operation
