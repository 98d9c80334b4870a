// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// Rules each of which is well said and that make no sense together.
struct RuleCheckTests {
    private func errors(_ edits: [(old: String, new: String)]) throws -> [Substring] {
        try Workshop.open { workshop in
            for (old, new) in edits { try workshop.edit("spec/cryptoki.xml", old, new) }
            let result = try workshop.generate()
            #expect(result.status == 65, "\(result)")
            return result.errors.split(separator: "\n").filter { $0.contains(": error: ") }
        }
    }

    @Test func pairsOfOneAnother() throws {
        let errors = try errors([
            (
                "  </pairs>",
                "  <pair id=\"pair-sign-digest\" first=\"sign\" second=\"digest\" cite=\"guide-3.2 2.6.7\"/>\n  </pairs>"
            )
        ])
        #expect(
            errors.map { $0.drop { $0 != " " } } == [
                " error: under 'usage-guide' encrypt, digest, sign can be active together, which is more than 'most' (2) allows [too-many-active]",
                " error: under 'strict' encrypt, digest, sign can be active together, which is more than 'most' (2) allows [too-many-active]",
            ])
    }

    @Test func aPolicyThatAdmitsMoreThanItSays() throws {
        let errors = try errors([
            (
                "      <applies exclusion=\"no-dual-operations\"/>\n", "      <applies exclusion=\"not-a-pair\"/>\n"
            )
        ])
        #expect(errors.count == 1)
        #expect(
            errors.first?.hasSuffix(
                "error: under 'single' encrypt, digest can be active together, which is more than 'most' (1) allows [too-many-active]"
            ) == true,
            "\(errors)")
    }

    @Test func anExclusionInOneOrderOnly() throws {
        let errors = try errors([
            (
                """
                <applies exclusion="search-beside-cryptographic"/>
                      <applies exclusion="cryptographic-beside-search"/>
                      <applies exclusion="no-dual-operations"/>
                """,
                "<applies exclusion=\"cryptographic-beside-search\"/>\n      <applies exclusion=\"no-dual-operations\"/>"
            )
        ])
        #expect(errors.count == 1, "search against each of the other twelve is one mistake")
        #expect(
            errors.first?.hasSuffix(
                "error: under 'single' find may start while encrypt is active, but not encrypt while find is active, and so with 11 more pairs; add or remove an exclusion [order-matters]"
            ) == true, "\(errors)")
    }

    @Test func aPhaseThatNothingReaches() throws {
        let errors = try errors([
            ("  </phases>", "  <phase name=\"paused\" code=\"3\" summary=\"waits\"/>\n  </phases>")
        ])
        #expect(errors.count == 1)
        #expect(errors.first?.hasSuffix("error: no role leads to the phase 'paused' [unreachable-phase]") == true)
    }

    @Test func aFunctionThatCanNeverBeCalled() throws {
        let errors = try errors([
            (
                "role=\"begin\" operation=\"messageSign\"", "role=\"instant\" operation=\"messageSign\""
            )
        ])
        #expect(
            errors.first?.hasSuffix(
                "error: C_SignMessage needs messageSign in the phase ready, which none of its functions reaches [never-in-phase]"
            ) == true, "\(errors)")
        #expect(errors.count == 4, "the four that need what C_MessageSignInit would start")
    }

    /// One line of data that would make code which compiles and is wrong.
    @Test(arguments: [
        (
            "with=\"CKR_OPERATION_ACTIVE\" reading=\"S16\"", "with=\"CKR_OK\" reading=\"S16\"",
            "CKR_OK reports success, and a rule refuses a call; use an error [answer-of-success]"
        ),
        (
            "<outcome name=\"ok\"              value=\"CKR_OK\" summary",
            "<outcome name=\"ok\" value=\"CKR_OK\" effect=\"gone\" summary",
            "the first outcome must be success, with 'value' and without 'fact', 'effect' and 'else' [outcome-order]"
        ),
        (
            "<outcome name=\"error\"           summary", "<outcome name=\"error\" effect=\"doubt\" summary",
            "the last outcome must be that of every other value, with only a name and a summary [outcome-order]"
        ),
        (
            "value=\"CKR_FUNCTION_NOT_SUPPORTED\" effect=\"doubt\"",
            "value=\"CKR_FUNCTION_NOT_SUPPORTED\" effect=\"pending\"",
            "exactly one outcome must have the effect 'pending' [outcome-order]"
        ),
        (
            "      <variant fact=\"context-specific\" role=\"login-again\"/>",
            "      <variant fact=\"context-specific\" role=\"logout\"/>",
            "the variant 'logout' must have the scope of 'login', "
                + "and neither 'starts' nor 'group' [variant-role]"
        ),
        (
            "<policy name=\"per-kind\" number=\"2\"", "<policy name=\"per-kind\" number=\"7\"",
            "policies are numbered from 0 in the order of their declarations; this number must be 2 [numbering]"
        ),
    ])
    func aLineThatWouldMakeWrongCode(_ old: String, _ new: String, _ message: String) throws {
        let errors = try errors([(old, new)])
        #expect(errors.contains { $0.hasSuffix("error: \(message)") }, "\(errors)")
    }

    /// Words of Swift are names in quotes.
    @Test func aPolicyCalledDefault() throws {
        try Workshop.open { workshop in
            try workshop.edit("spec/cryptoki.xml", "<policy name=\"per-kind\"", "<policy name=\"default\"")
            try workshop.edit("spec/cryptoki.xml", "within=\"per-kind\"", "within=\"default\"")
            #expect(try workshop.generate().status == 0)
            let result = try workshop.runSwift("precondition(SessionRules(policy: .`default`).policy.rawValue == 2)\n")
            #expect(result.status == 0, "\(result)")
        }
    }
}
