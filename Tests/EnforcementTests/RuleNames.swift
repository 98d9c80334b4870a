// SPDX-License-Identifier: MIT

import CryptokiSession

// These tests use the types of the rules everywhere, and have none of the same names.
typealias Call = SessionRules.Call
typealias Facts = SessionRules.Facts
typealias Function = SessionRules.Function
typealias Pending = SessionRules.Pending
typealias Perspective = SessionRules.Perspective
typealias Phase = SessionRules.Phase
typealias Policy = SessionRules.Policy
typealias Reach = SessionRules.Reach
typealias RuleViolation = SessionRules.Violation
typealias Session = SessionRules.Session
typealias SessionOperation = SessionRules.Operation
