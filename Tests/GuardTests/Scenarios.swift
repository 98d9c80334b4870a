// SPDX-License-Identifier: MIT

/// A run of check_guard: what is in its environment, and what the guard's log says of it afterwards.
struct Scenario: Sendable, CustomStringConvertible {
    let name: String
    let environment: [String: String]
    let module: String
    let preload: String?
    /// How many calls were refused, would have been, or were noticed; nil where it depends on how threads run.
    let violations: Int?
    /// How many lines the log has.
    let lines: Int?
    let says: [String]
    let never: [String]

    init(
        _ name: String, _ environment: [String: String] = [:], module: String = "permissive.so", preload: String? = nil,
        violations: Int? = nil, lines: Int? = nil, says: [String] = [], never: [String] = []
    ) {
        (self.name, self.environment, self.module, self.preload) = (name, environment, module, preload)
        (self.violations, self.lines, self.says, self.never) = (violations, lines, says, never)
    }

    var description: String {
        ([name] + environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }

    static let all = rules + phases + messages + lists + sessions + threads + processes + hostile + escapes
}

// Counted by hand: each line is a search that was in the way, or whatever else the scenario says.
extension Scenario {
    static let rules: [Scenario] = [
        Scenario(
            "two-by-pairs", violations: 161,
            says: [
                "rule restart: ", "rule not-a-pair: ", "rule search-beside-cryptographic: ",
                "rule cryptographic-beside-search: ",
                "161 violations: restart 13, search-beside-cryptographic 12, cryptographic-beside-search 12, not-a-pair 124",
            ]),
        Scenario("two-by-pairs", ["P11GUARD_POLICY": "strict"], violations: 161),
        Scenario(
            "two-single", ["P11GUARD_POLICY": "single"], violations: 169,
            says: [
                "169 violations: restart 13, search-beside-cryptographic 12, cryptographic-beside-search 12, no-dual-operations 132"
            ]),
        Scenario(
            "two-per-kind", ["P11GUARD_POLICY": "per-kind"], violations: 13,
            says: ["169 sessions, 13 violations: restart 13"]),
        Scenario(
            "two-all", ["P11GUARD_MODE": "report"], violations: 161, says: ["would refuse C_EncryptInit in session"],
            never: ["refused C_", "answered"]),
        Scenario("three", violations: 104),
        Scenario("whole-lives", lines: 0),
        Scenario("whole-lives", ["P11GUARD_POLICY": "strict"], lines: 0),
        Scenario("whole-lives", ["P11GUARD_POLICY": "single"], lines: 0),
        Scenario("two-sessions", violations: 3),
        Scenario(
            "policy-of-the-token", ["P11GUARD_POLICY": "auto", "PERMISSIVE_SINGLE": "0"], violations: 2,
            says: ["rule no-dual-operations", "rule not-a-pair"]),
        Scenario(
            "strict-beside-digest", ["P11GUARD_POLICY": "strict"], violations: 20,
            says: ["instant-beside-operation 11", "objects-beside-operation 4", "account-beside-operation 5"]),
        Scenario("strict-beside-search", ["P11GUARD_POLICY": "strict"], violations: 4),
        Scenario("instant-is-free", violations: 1),
        Scenario("instant-is-free", ["P11GUARD_POLICY": "single"], violations: 1),
    ]

    static let phases: [Scenario] = [
        Scenario("lengths", violations: 4),
        Scenario(
            "errors-end",
            [
                "PERMISSIVE_ANSWER":
                    "C_EncryptUpdate=0x30:2,C_SignFinal=0x30,C_Decrypt=0x30,C_DigestUpdate=0x150,C_VerifyUpdate=0x80000001"
            ], lines: 0),
        Scenario("failed-starts", ["PERMISSIVE_ANSWER": "C_DigestInit=0x30,C_SignInit=0x70"], violations: 1),
        Scenario(
            "doubtful-errors",
            [
                "PERMISSIVE_ANSWER":
                    "C_DigestKey=0x60,C_FindObjects=0x30,C_FindObjectsFinal=0x30,C_MessageSignFinal=0x30"
            ], violations: 2),
        Scenario("null-mechanism", violations: 14),
        Scenario("null-mechanism", ["P11GUARD_POLICY": "strict"], violations: 14),
        Scenario(
            "null-mechanism-fails", ["PERMISSIVE_ANSWER": "C_EncryptInit=0x202:2-2,C_SignInit=0x7:2-2"], violations: 1),
        Scenario(
            "out-of-phase", violations: 15,
            says: [
                "noticed C_Encrypt in session", "rule single-not-started", "rule dual-not-both",
                "rule single-after-part",
            ], never: ["refused C_Encrypt ", "answered CKR_OPERATION_NOT"]),
        Scenario(
            "out-of-phase-refused", ["P11GUARD_POLICY": "strict"], violations: 9,
            says: ["answered CKR_OPERATION_NOT_INITIALIZED", "rule check-after-part", "rule single-after-part"],
            never: ["noticed"]),
        Scenario(
            "single-after-part", ["PERMISSIVE_MIXED": "1"], violations: 2,
            says: ["noticed C_Encrypt in", "noticed C_EncryptUpdate in"]),
        Scenario("success-shows-it", ["PERMISSIVE_ANSWER": "C_EncryptUpdate=0:1-1"], violations: 2),
        Scenario("module-refuses", ["PERMISSIVE_ANSWER": "C_DigestInit=0x90:1-1,C_SignInit=0x90:1-1"], violations: 2),
        Scenario("stubs", ["PERMISSIVE_ANSWER": "C_EncryptUpdate=0x54,C_FindObjectsInit=0x54:3-3"], violations: 1),
        Scenario("dual-error", ["PERMISSIVE_ANSWER": "C_DigestEncryptUpdate=0x30:2"], violations: 1),
        Scenario("cancel", violations: 14),
        Scenario("cancel", ["P11GUARD_POLICY": "strict"], violations: 14),
        Scenario("cancel-fails", ["PERMISSIVE_ANSWER": "C_SessionCancel=0x202"], violations: 1),
        Scenario("states", violations: 2),
    ]

    static let messages: [Scenario] = [
        Scenario("messages", violations: 2),
        Scenario("messages", ["P11GUARD_POLICY": "strict"], violations: 2),
        Scenario("messages-out-of-phase", violations: 6),
        Scenario("messages-refused", ["P11GUARD_POLICY": "strict"], violations: 4, never: ["noticed"]),
        Scenario("pending-start", ["PERMISSIVE_ANSWER": "C_DigestInit=0x204:1-1"], violations: 3),
        Scenario(
            "pending-start-fails",
            ["PERMISSIVE_ANSWER": "C_DigestInit=0x204:1-1,C_AsyncComplete=0x204:1-2,C_AsyncComplete=0x30"],
            violations: 1),
        Scenario(
            "pending-nothing", ["PERMISSIVE_ANSWER": "C_AsyncComplete=0x90"], violations: 1,
            says: ["part-in-not-started"]),
        Scenario("pending-single", ["PERMISSIVE_ANSWER": "C_Encrypt=0x204"], violations: 2),
        Scenario("pending-cancelled", ["PERMISSIVE_ANSWER": "C_DigestUpdate=0x204:1-1"], violations: 0),
        Scenario("pending-joined", violations: 3),
        Scenario(
            "pending-strict", ["P11GUARD_POLICY": "strict", "PERMISSIVE_ANSWER": "C_Digest=0x204:1-1"], violations: 2,
            says: ["while-pending"]),
        Scenario("pending-garbage", ["PERMISSIVE_ANSWER": "C_GenerateKey=0x204,C_DigestInit=0x204:1-1"], violations: 0),
    ]

    static let lists: [Scenario] = [
        Scenario("odd", ["ODD": "newer"], module: "odd.so", violations: 2),
        Scenario("odd", ["ODD": "nameless"], module: "odd.so", violations: 1),
        Scenario("odd", ["ODD": "many"], module: "odd.so", violations: 1),
        Scenario("odd", ["ODD": "failing"], module: "odd.so", violations: 1),
        Scenario("odd", ["ODD": "empty"], module: "odd.so", lines: 0),
        Scenario("all-members", lines: 0),
        Scenario("interfaces", lines: 0),
        Scenario("fork-safe-flag", ["PERMISSIVE_FORK_SAFE": "1"], lines: 0),
        Scenario("one-interface", module: "permissive240.so", violations: 1),
        Scenario("holes", ["PERMISSIVE_NULL": "C_Digest,C_EncryptUpdate,C_SessionCancel,C_GetInfo"], violations: 1),
        Scenario("lying-version", ["PERMISSIVE_LIES_VERSION": "1"], lines: 0),
        Scenario("off", ["P11GUARD_MODE": "off"], lines: 0),
        Scenario("plain-functions", ["PERMISSIVE_CRASH_BEFORE_INIT": "1"], violations: 1),
        Scenario("initialize-arguments", ["PERMISSIVE_RESERVED": "1"], lines: 0),
        Scenario("preloaded", preload: "other_c_functions.so", violations: 1),
    ]

    static let sessions: [Scenario] = [
        Scenario("login", violations: 4),
        Scenario("login-elsewhere", violations: 3),
        Scenario("login-elsewhere", ["P11GUARD_POLICY": "strict"], violations: 3),
        Scenario("logout", ["PERMISSIVE_LOGOUT_KILLS": "1"], violations: 4),
        Scenario("pin-locked", ["PERMISSIVE_ANSWER": "C_Login=0xA4"], violations: 1),
        Scenario("handles-again", lines: 0),
        Scenario(
            "closing-fails", ["PERMISSIVE_ANSWER": "C_CloseSession=0x30:1-1,C_CloseAllSessions=0x30:1-1"], violations: 4
        ),
        Scenario("opening-fails", ["PERMISSIVE_ANSWER": "C_OpenSession=0xE1:2-2"], violations: 1),
        Scenario("removed-in-session", ["PERMISSIVE_ANSWER": "C_GenerateRandom=0x32:1-1"], violations: 2),
        Scenario("removed-by-slot", ["PERMISSIVE_ANSWER": "C_GetTokenInfo=0xE0:1-1"], violations: 1),
        Scenario("removed-while-opening", ["PERMISSIVE_ANSWER": "C_OpenSession=0x32:4-4"], violations: 1),
        Scenario(
            "one-session-gone", ["PERMISSIVE_ANSWER": "C_DigestUpdate=0xB3:1-1,C_SignUpdate=0xB0:1-1"], violations: 1),
        Scenario(
            "library-gone", ["PERMISSIVE_ANSWER": "C_GetSlotList=0x190:1-1,C_GenerateRandom=0x190:1-1"], violations: 1),
        Scenario("all-of-a-slot", violations: 150),
        Scenario("all-of-a-slot", ["PERMISSIVE_HANDLES": "unique"], violations: 150),
        Scenario("all-of-a-slot", ["PERMISSIVE_HANDLES": "sparse"], violations: 150),
    ]
}
