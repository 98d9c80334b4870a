// SPDX-License-Identifier: MIT

extension Scenario {
    static let threads: [Scenario] = [
        Scenario(
            "threads-reported", violations: 4,
            says: ["noticed C_GetSessionInfo", "rule two-threads", "two-threads 2"]),
        Scenario(
            "threads-refused", ["P11GUARD_THREADS": "refuse"], violations: 3,
            says: ["two-threads 3", "answered CKR_FUNCTION_FAILED", "answered CKR_OPERATION_ACTIVE"]),
        Scenario(
            "threads-only-reported",
            ["P11GUARD_THREADS": "refuse", "P11GUARD_MODE": "report"], violations: 1,
            says: ["would refuse C_GetSessionInfo"]),
        Scenario("threads-wait", ["P11GUARD_THREADS": "serialize"], lines: 0),
        Scenario("closed-while-waiting", ["P11GUARD_THREADS": "serialize"], violations: 0),
        Scenario("ended-while-waiting", ["P11GUARD_THREADS": "serialize"], violations: 1),
        Scenario("cancelled", lines: 0),
        Scenario("cancelled", ["P11GUARD_THREADS": "refuse"], lines: 0),
        Scenario("cancelled", ["P11GUARD_THREADS": "serialize"], lines: 0),
        Scenario("cancelled-while-waiting", ["P11GUARD_THREADS": "serialize"], lines: 0),
        Scenario("serialized-crowd", ["PERMISSIVE_SLOW": "1", "P11GUARD_THREADS": "serialize"], lines: 0),
        Scenario("callback-calls", ["PERMISSIVE_CALLBACK": "1"], violations: 3, never: ["two-threads"]),
        Scenario(
            "callback-calls", ["PERMISSIVE_CALLBACK": "1", "P11GUARD_THREADS": "refuse"], violations: 3,
            never: ["two-threads"]),
        Scenario(
            "callback-calls", ["PERMISSIVE_CALLBACK": "1", "P11GUARD_THREADS": "serialize"], violations: 3,
            never: ["two-threads"]),
        Scenario("callback-closes", ["PERMISSIVE_CALLBACK": "1"], violations: 1),
        Scenario("callback-closes", ["PERMISSIVE_CALLBACK": "1", "P11GUARD_THREADS": "serialize"], violations: 1),
        Scenario("callback-finalizes", ["PERMISSIVE_CALLBACK": "1"], violations: 1),
        Scenario("callback-cancels", ["PERMISSIVE_CALLBACK": "1"], lines: 0),
        Scenario("callback-logs-in", ["PERMISSIVE_CALLBACK": "1"], violations: 1),
        Scenario("callback-nested", ["PERMISSIVE_CALLBACK": "1"], violations: 2, never: ["two-threads"]),
        Scenario(
            "callback-nested", ["PERMISSIVE_CALLBACK": "1", "P11GUARD_THREADS": "refuse"], violations: 2,
            never: ["two-threads"]),
        Scenario(
            "callback-nested", ["PERMISSIVE_CALLBACK": "1", "P11GUARD_THREADS": "serialize"], violations: 2,
            never: ["two-threads"]),
        Scenario("cancelled-in-callback", ["PERMISSIVE_CALLBACK": "1"], lines: 0),
        Scenario(
            "cancelled-in-callback",
            ["PERMISSIVE_CALLBACK": "1", "P11GUARD_THREADS": "refuse"], lines: 0),
        Scenario(
            "cancelled-in-callback",
            ["PERMISSIVE_CALLBACK": "1", "P11GUARD_THREADS": "serialize"], lines: 0),
        Scenario(
            "callbacks-crossing",
            ["PERMISSIVE_CALLBACK": "1", "P11GUARD_THREADS": "serialize"]),
    ]

    static let processes: [Scenario] = [
        Scenario("forked", violations: 2),
        Scenario(
            "forked-unaware", ["PERMISSIVE_FORK_SAFE": "1"], violations: 1, lines: 3,
            says: [
                "in session 0x1, which is that of the process that called fork: until C_Initialize is called here, nothing is checked"
            ]),
        Scenario("forked-safely", ["PERMISSIVE_FORK_SAFE": "1"], violations: 2),
        Scenario(
            "forked-while-inside",
            ["PERMISSIVE_FORK_SAFE": "1", "P11GUARD_THREADS": "refuse"], violations: 1,
            never: ["two-threads"]),
        Scenario("forked-in-callback", ["PERMISSIVE_CALLBACK": "1"], violations: 101),
        Scenario("forked-in-a-crowd", never: ["error"]),
    ]

    static let hostile: [Scenario] = [
        Scenario("nulls"),
        Scenario("nulls", ["P11GUARD_POLICY": "strict"]),
        Scenario("nulls", ["P11GUARD_THREADS": "serialize"]),
        Scenario("nulls", ["P11GUARD_MODE": "report"]),
        Scenario("nulls", ["P11GUARD_MODE": "off"], lines: 0),
        Scenario("many-sessions"),
        Scenario("many-sessions", ["PERMISSIVE_HANDLES": "unique"]),
        Scenario("many-sessions", ["PERMISSIVE_HANDLES": "sparse"]),
        Scenario("closing-many", lines: 0),
        Scenario("churn", violations: 1),
        Scenario("churn", ["PERMISSIVE_HANDLES": "unique"], violations: 1),
        Scenario("churn", ["PERMISSIVE_HANDLES": "sparse"], violations: 1),
        Scenario("churn", ["P11GUARD_THREADS": "serialize"], violations: 1),
        Scenario("thread-churn", lines: 0),
        Scenario("thread-churn", ["P11GUARD_THREADS": "serialize"], lines: 0),
        Scenario("small-stack", violations: 1),
        Scenario("key-destructor", violations: 20, never: ["two-threads"]),
        Scenario("key-destructor", ["P11GUARD_THREADS": "serialize"], violations: 20),
        Scenario("loaded-by-many", lines: 0),
        Scenario("a-storm", ["P11GUARD_LOG": "/dev/null"], lines: 0),
        Scenario("a-storm", ["P11GUARD_LOG": "/dev/null", "PERMISSIVE_HANDLES": "unique"], lines: 0),
        Scenario(
            "a-storm", ["P11GUARD_LOG": "/dev/null", "P11GUARD_THREADS": "serialize", "PERMISSIVE_SLOW": "1"], lines: 0),
        Scenario("a-storm", ["P11GUARD_LOG": "/dev/null", "P11GUARD_THREADS": "refuse"], lines: 0),
        Scenario(
            "secrets", ["P11GUARD_POLICY": "strict"], violations: 6, never: ["7391", "customer", "somebody", "KKKK"]),
        Scenario("a-bad-log", ["P11GUARD_LOG": "/dev/full"], lines: 0),
        Scenario("a-bad-log", ["P11GUARD_LOG": "/tmp"], lines: 0),
        Scenario("a-bad-log", ["P11GUARD_LOG": "/no/such/folder/log"], lines: 0),
        Scenario("a-bad-log", ["CHECK_GUARD_STDERR": "closed"], lines: 0),
        Scenario("a-bad-log", ["CHECK_GUARD_STDERR": "broken"], lines: 0),
        Scenario("files-and-loading", violations: 1001),
        Scenario("at-exit", violations: 1, lines: 2),
        Scenario("one-line", violations: 1, lines: 2),
        Scenario("silence", lines: 0),
        Scenario(
            "silence", ["P11GUARD_MODE": "report"], violations: 0, lines: 1,
            says: ["C_Finalize: 1 sessions, 0 violations"]),
        Scenario(
            "counted", violations: 7, lines: 8,
            says: [
                "C_Finalize: 2 sessions, 7 violations: restart 1, search-beside-cryptographic 3, cryptographic-beside-search 1, not-a-pair 1, part-in-not-started 1"
            ]),
    ]
}
