// SPDX-License-Identifier: MIT

import Testing
import TestSupport

/// Threads that call the guard, with and without sessions in common. See `Tests/Programs/guard_threads`.
///
/// One after the other: the machine is busy enough with one.
@Suite(.serialized) struct GuardThreadTests {
    private static let modes = ["report", "refuse", "serialize"]

    /// How long each runs; `make soak` takes longer.
    private static let seconds = "\(setting("P11GEN_SECONDS", otherwise: 2))"

    private func expectNothingWrong(_ mode: String, _ build: GuardBuild) throws {
        let threads = try CompiledProgram.shared("guard_threads", build)
        let result = try threads.run(
            [threads.guardPath, mode, Self.seconds], environment: ["P11GUARD_MODULE": threads.module])
        #expect(result.status == 0, "\(result)")
        #expect(result.output.hasSuffix(": 0 wrong\n"), "\(result)")
    }

    @Test(arguments: modes) func everyThreadGetsWhatIsRight(mode: String) throws {
        try expectNothingWrong(mode, .plain)
    }

    @Test(arguments: modes) func noTwoThreadsRace(mode: String) throws {
        try expectNothingWrong(mode, .sanitized(.thread))
    }

    @Test(arguments: modes) func noMemoryIsUsedThatIsNotThere(mode: String) throws {
        try expectNothingWrong(mode, .sanitized(.address))
    }
}
