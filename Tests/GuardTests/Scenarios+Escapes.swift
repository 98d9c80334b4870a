// SPDX-License-Identifier: MIT

extension Scenario {
    /// Handles that are each other's opposites in all bits or in one; 6 of them.
    private static let related = [
        "P11GUARD_LOG": "/dev/null", "CHECK_GUARD_COUNT": "6",
        "ODD_HANDLES": "63,0xffffffffffffffff,0xffffffffffffffc0,0x800000000000003f,0x400000000000003f,1",
    ]

    /// Hosts that leave a call, a folder or a process in the middle of something, and modules that lie about numbers.
    static let escapes: [Scenario] = [
        Scenario("related-handles", related, module: "odd.so"),
        Scenario("related-handles", related.merging(["P11GUARD_THREADS": "refuse"]) { $1 }, module: "odd.so"),
        Scenario("related-handles", related.merging(["P11GUARD_THREADS": "serialize"]) { $1 }, module: "odd.so"),
        Scenario("boasting", ["ODD": "boasting"], module: "odd.so", lines: 0),
        Scenario("forked-while-loading", ["ODD": "slow"], module: "odd.so", violations: 3, lines: 3),
        Scenario("forked-by-the-module", ["ODD": "forking"], module: "odd.so", violations: 2, lines: 2),
        Scenario("forked-in-a-handler", ["P11GUARD_LOG": "/dev/null"], module: "odd.so"),
        Scenario("loaded-on-a-small-stack", lines: 0),
        Scenario("loaded-on-a-small-stack", ["P11GUARD_POLICY": "lax", "P11GUARD_LOG": "/dev/null"]),
        Scenario(
            "left-by-longjmp", ["P11GUARD_THREADS": "serialize", "PERMISSIVE_CALLBACK": "1"],
            preload: "shorter_waits.so",
            violations: 2, lines: 3, says: ["answered CKR_FUNCTION_FAILED", "two-threads 2"]),
    ]
}
