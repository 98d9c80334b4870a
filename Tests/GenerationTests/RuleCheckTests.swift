// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// Rules each of which is well said and that make no sense together.
struct RuleCheckTests {
    private func errors(_ edits: [(old: String, new: String)]) throws -> [Substring] {
        try Workshop.open { workshop in
            for (old, new) in edits { try workshop.edit("spec/cryptoki.xml", old, new) }
            let result = try workshop.generate()
            #expect(result.status == 1, "\(result)")
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
                " error: under 'usage-guide' encrypt, digest, sign could be active together, which are more than 2 [too-many-active]",
                " error: under 'strict' encrypt, digest, sign could be active together, which are more than 2 [too-many-active]",
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
                "error: under 'single' encrypt, digest could be active together, which are more than 1 [too-many-active]"
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
        #expect(errors.count == 12, "search against each of the other twelve")
        #expect(
            errors.first?.hasSuffix(
                "error: under 'single' find may start beside encrypt, but not encrypt beside find: an exclusion is missing or too much [order-matters]"
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
}
