// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The emitted code and the emitted model mean what the data says.
struct ProofTests {
    // MARK: The emitted code against the reference interpreter

    private func equivalence(_ arguments: String...) throws -> CommandResult {
        let program = ".build/release/equivalence"
        try require(file: program, "make programs builds it")
        return try run(program, arguments)
    }

    @Test func theEmittedCodeIsEquivalent() throws {
        let result = try equivalence("spec/cryptoki.xml", "spec/cryptoki.rng")
        #expect(result.status == 0, "\(result)")
        #expect(result.output.hasSuffix("  0 differences\n"), "\(result)")
        // By hand: of 13 operations none, one, two or three in one of three phases.
        let states: Int = 1 + 13 * 3 + 78 * 9 + 286 * 27
        #expect(result.output.contains("  \(states) states of up to 3 operations"))
        #expect(result.output.contains("16 choices of policy, perspective and conflict"))
        print(result.output, terminator: "")
    }

    /// Data that says something else than the emitted code.
    @Test(arguments: [
        (
            #"    <pair id="pair-sign-encrypt"   first="sign"    second="encrypt" cite="guide-3.2 2.6.7"/>\#n"#, "",
            "C_EncryptInit in the state sign ready: the verdicts differ"
        ),
        (
            #"<after outcome="too-small" to="same"  cite="base-3.2 5.2"/>\#n      <after outcome="error"     to="idle"  cite="base-3.2 5.8.3"/>"#,
            #"<after outcome="too-small" to="idle"  cite="base-3.2 5.2"/>\#n      <after outcome="error"     to="idle"  cite="base-3.2 5.8.3"/>"#,
            "C_EncryptUpdate in the state encrypt ready: the states after CKR_BUFFER_TOO_SMALL differ"
        ),
    ])
    func anotherRuleIsNoticed(_ old: String, _ new: String, _ difference: String) throws {
        try Workshop.open { workshop in
            try workshop.edit("spec/cryptoki.xml", old, new)
            let result = try equivalence(workshop.path("spec/cryptoki.xml"), workshop.path("spec/cryptoki.rng"), "2")
            #expect(result.status == 1)
            #expect(result.output.contains(difference), "\(result)")
        }
    }

    // MARK: The model, checked by Spin

    /// What Spin says of the model in the workshop's outputs. To optimize its verifier takes longer than a few states do.
    private func spin(_ workshop: Workshop, _ macros: String..., manyStates: Bool = false) throws -> CommandResult {
        let model = workshop.path("Sources/Generated/model/session.pml")
        let made = try run("spin", macros.map { "-D\($0)" } + ["-a", model], in: workshop.folder)
        try #require(made.status == 0, "\(made)")
        let level = manyStates ? "-O2" : "-O0"
        let compiled = try run("gcc", [level, "-w", "-DSAFETY", "-o", "pan", "pan.c"], in: workshop.folder)
        try #require(compiled.status == 0, "\(compiled)")
        return try run("./pan", ["-m2000000"], in: workshop.folder)
    }

    private func figures(_ result: CommandResult) -> String {
        let lines = result.output.split(separator: "\n").filter {
            $0.contains("errors:") || $0.contains("states, stored")
        }
        return lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "; ")
    }

    /// The states are those that an owner reaches, three times: before, when it is to be tidied up, and while it is.
    @Test(arguments: [("USAGE_GUIDE", 40), ("SINGLE", 24), ("STRICT", 40), ("PER_KIND", 472_392)])
    func spinFindsNoError(_ policy: String, _ states: Int) throws {
        try require(program: "spin")
        try Workshop.open { workshop in
            try workshop.generate()
            let result = try spin(workshop, "POLICY=\(policy)", manyStates: states > 1000)
            #expect(result.output.contains("errors: 0"), "\(result)")
            #expect(result.output.contains(" \(3 * states + 1) states, stored"), "\(result)")
            print("spin, \(policy): \(figures(result))")
        }
    }

    @Test(arguments: [("digest", "encrypt"), ("decrypt", "digest"), ("sign", "encrypt"), ("decrypt", "verify")])
    func spinReachesEveryPairInBothOrders(_ one: String, _ other: String) throws {
        try require(program: "spin")
        try Workshop.open { workshop in
            try workshop.generate()
            for (first, second) in [(one, other), (other, one)] {
                let result = try spin(workshop, "FIRST=\(first)", "SECOND=\(second)")
                #expect(result.output.contains("assertion violated"), "\(first), then \(second): \(result)")
            }
        }
    }

    @Test func spinDoesNotReachWhatIsNoPair() throws {
        try require(program: "spin")
        try Workshop.open { workshop in
            try workshop.generate()
            let result = try spin(workshop, "FIRST=digest", "SECOND=sign")
            #expect(result.output.contains("errors: 0"), "\(result)")
        }
    }

    /// A search that cannot be ended is a dead end; of a kind that is no other's, verification is one too many.
    @Test(arguments: [
        (
            #"<after outcome="ok"              to="idle"      cite="base-3.2 5.7.9"/>"#,
            #"<after outcome="ok"              to="ready"     cite="base-3.2 5.7.9"/>"#, "invalid end state"
        ),
        (
            #"flag="CKF_VERIFY"          summary="verification"/>"#,
            #"flag="CKF_VERIFY" kind="search" summary="verification"/>"#, "assertion violated"
        ),
    ])
    func spinFindsAFault(_ old: String, _ new: String, _ error: String) throws {
        try require(program: "spin")
        try Workshop.open { workshop in
            try workshop.edit("spec/cryptoki.xml", old, new)
            // The loader would find it under this policy.
            try workshop.edit(
                "spec/cryptoki.xml", #"name="single" number="1" most="1""#, #"name="single" number="1" most="2""#)
            let made = try workshop.generate()
            try #require(made.status == 0, "\(made)")
            let result = try spin(workshop, "POLICY=USAGE_GUIDE")
            #expect(result.output.contains(error), "\(result)")
        }
    }
}
