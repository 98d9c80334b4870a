// SPDX-License-Identifier: MIT

import CryptokiSession
import Testing

/// The sentence with which the project began, written down by hand from section 2.6.7 and 4.1 of the usage guide.
struct PairTests {
    /// The usage guide's four pairs. Nothing else may be active at the same time.
    static let allowed: [(String, String)] = [
        ("C_DigestInit", "C_EncryptInit"), ("C_DecryptInit", "C_DigestInit"),
        ("C_SignInit", "C_EncryptInit"), ("C_DecryptInit", "C_VerifyInit"),
    ]
    /// Every function that starts an operation, search first.
    static let starts = [
        "C_FindObjectsInit", "C_EncryptInit", "C_DecryptInit", "C_DigestInit", "C_SignInit", "C_SignRecoverInit",
        "C_VerifyInit",
        "C_VerifyRecoverInit", "C_VerifySignatureInit", "C_MessageEncryptInit", "C_MessageDecryptInit",
        "C_MessageSignInit",
        "C_MessageVerifyInit",
    ]

    static func isAllowed(_ first: String, _ second: String) -> Bool {
        allowed.contains { $0 == (first, second) || $0 == (second, first) }
    }

    private func start(_ name: String, _ rules: SessionRules, _ session: inout Session) -> Bool {
        let function = SwiftCaseTests.functions[name]!
        do throws(RuleViolation) {
            try rules.admit(function, session)
        } catch {
            #expect(error.returnValue == 0x90)  // CKR_OPERATION_ACTIVE
            return false
        }
        rules.complete(function, &session, returning: 0)
        return true
    }

    @Test(arguments: starts, starts)
    func second(_ first: String, _ second: String) {
        for perspective in Perspective.allCases {
            for (policy, allowed) in [(Policy.usageGuide, Self.isAllowed(first, second)), (.single, false)] {
                let rules = SessionRules(policy: policy, perspective: perspective)
                var session = Session()
                #expect(start(first, rules, &session))
                #expect(start(second, rules, &session) == allowed, "\(first), then \(second) under \(policy)")
            }
        }
    }

    @Test(arguments: allowed.map(\.0).indices, starts)
    func third(_ pair: Int, _ third: String) {
        for perspective in Perspective.allCases {
            let rules = SessionRules(policy: .usageGuide, perspective: perspective)
            var session = Session()
            #expect(start(Self.allowed[pair].0, rules, &session))
            #expect(start(Self.allowed[pair].1, rules, &session))
            #expect(!start(third, rules, &session), "\(third) beside \(Self.allowed[pair])")
        }
    }

    /// Which rule is named, for the reasons that a start has to be refused.
    @Test(arguments: [
        ("C_EncryptInit", "C_EncryptInit", Policy.usageGuide, "restart"),
        ("C_EncryptInit", "C_EncryptInit", .single, "restart"),
        ("C_FindObjectsInit", "C_DigestInit", .usageGuide, "cryptographic-beside-search"),
        ("C_DigestInit", "C_FindObjectsInit", .usageGuide, "search-beside-cryptographic"),
        ("C_DigestInit", "C_SignInit", .usageGuide, "not-a-pair"),
        ("C_DigestInit", "C_EncryptInit", .single, "no-dual-operations"),
    ])
    func rule(_ first: String, _ second: String, _ policy: Policy, _ id: String) {
        let rules = SessionRules(policy: policy, perspective: .owner)
        var session = Session()
        #expect(start(first, rules, &session))
        let error = #expect(throws: RuleViolation.self) { try rules.admit(SwiftCaseTests.functions[second]!, session) }
        #expect(error.map { "\($0.rule.id)" } == id)
    }
}
