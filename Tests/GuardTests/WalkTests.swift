// SPDX-License-Identifier: MIT

import Testing
import TestSupport

/// Random sequences of calls through the guard: each call is refused, let through and reported as the generated header and a
/// module beside it say. See `Tests/Programs/guard_walk`.
struct GuardWalkTests {
    private static let policies = ["usage-guide", "single", "per-kind", "strict", "auto"]

    /// Where they start, and how many there are of each policy; `make soak` takes others.
    private static let seed = "\(setting("P11GEN_SEED", otherwise: 1))"
    private static let count = "\(setting("P11GEN_SEQUENCES", otherwise: 1000))"

    private func expectNoDifference(_ policy: String, _ environment: [String: String]) throws {
        let walk = try CompiledProgram.shared("guard_walk")
        let result = try walk.run(
            [walk.guardPath, walk.module, Self.seed, Self.count, policy], environment: environment)
        #expect(result.status == 0, "\(result)")
        #expect(result.output.contains("\(Self.count) sequences, "), "\(result)")
        #expect(result.output.hasSuffix(": 0 differences\n"), "\(result)")
    }

    @Test(arguments: policies) func theGuardDoesWhatTheRulesSay(policy: String) throws {
        try expectNoDifference(policy, [:])
    }

    /// Each call takes the careful way then.
    @Test(arguments: policies) func soItDoesWhereThreadsWaitForEachOther(policy: String) throws {
        try expectNoDifference(policy, ["P11GUARD_THREADS": "serialize"])
    }

    @Test(arguments: policies) func whereItReportsOnlyEverythingReachesTheModule(policy: String) throws {
        try expectNoDifference(policy, ["P11GUARD_MODE": "report"])
    }

    /// The program would notice: a guard with another policy is another guard.
    @Test func anotherPolicyIsADifference() throws {
        let walk = try CompiledProgram.shared("guard_walk")
        for (own, others) in [("usage-guide", "single"), ("single", "per-kind"), ("usage-guide", "strict")] {
            let result = try walk.run(
                [walk.guardPath, walk.module, "1", "100", own], environment: ["P11GUARD_POLICY": others])
            #expect(result.status == 1 && result.output.contains("  difference: "), "\(own), \(others): \(result)")
        }
    }
}
