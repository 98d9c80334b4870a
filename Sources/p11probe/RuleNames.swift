// SPDX-License-Identifier: MIT

import CryptokiSession

// The probe uses the types of the rules everywhere, and has none of the same names.
typealias Call = SessionRules.Call
typealias Function = SessionRules.Function
typealias Policy = SessionRules.Policy
typealias Rule = SessionRules.Rule
typealias RuleViolation = SessionRules.Violation
typealias Session = SessionRules.Session
typealias SessionOperation = SessionRules.Operation
