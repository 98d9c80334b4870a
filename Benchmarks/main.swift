// SPDX-License-Identifier: MIT

// The Swift half of the benchmark: the same variants as rules.c, but for the baseline, which is the C program's.

import Glibc

let variant = CommandLine.arguments.count == 3 ? CommandLine.arguments[1] : ""
let count = CommandLine.arguments.count == 3 ? Int(CommandLine.arguments[2])! : 0

func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// What the compiler must not know.
@inline(never) @_optimize(none) func opaque<Value>(_ value: Value) -> Value { value }

func measure() -> (Double, Int) {
    let rules = SessionRules(policy: .usageGuide, perspective: .owner)
    let sessions = UnsafeMutablePointer<SessionRules.Session>.allocate(capacity: 64)
    sessions.initialize(repeating: SessionRules.Session(), count: 64)
    let output = UnsafeRawPointer(sessions)
    let (returnValue, place) = (opaque(UInt(0)), opaque(Optional(output)))
    let function = opaque(SessionRules.Function.C_EncryptUpdate)
    if variant != "start" {
        for index in 0..<64 { rules.complete_C_EncryptInit(&sessions[index], pMechanism: output, returning: 0) }
    }
    var failures = 0
    let start = now()
    switch variant {
    case "rules":
        for index in 0..<count {
            do throws(SessionRules.Violation) {
                try rules.admit_C_EncryptUpdate(sessions[index & 63])
                rules.complete_C_EncryptUpdate(&sessions[index & 63], pEncryptedPart: place, returning: returnValue)
            } catch {
                failures += 1
            }
        }
    case "number":
        for index in 0..<count {
            do throws(SessionRules.Violation) {
                try rules.admit(function, sessions[index & 63])
                rules.complete(function, &sessions[index & 63], returning: returnValue)
            } catch {
                failures += 1
            }
        }
    case "start":
        for index in 0..<count {
            do throws(SessionRules.Violation) {
                try rules.admit_C_EncryptInit(sessions[index & 63], pMechanism: place)
                rules.complete_C_EncryptInit(&sessions[index & 63], pMechanism: place, returning: returnValue)
                try rules.admit_C_EncryptFinal(sessions[index & 63])
                rules.complete_C_EncryptFinal(&sessions[index & 63], pLastEncryptedPart: place, returning: returnValue)
            } catch {
                failures += 1
            }
        }
    default:
        for index in 0..<count where opaque(index) < 0 { failures += 1 }
    }
    return ((now() - start) / Double(max(count, 1)), failures)
}

let (nanoseconds, failures) = measure()
print(nanoseconds)
exit(failures == 0 ? 0 : 1)
