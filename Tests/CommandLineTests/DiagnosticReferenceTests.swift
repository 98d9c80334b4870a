// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// What `p11gen explain` prints about diagnostics.
struct DiagnosticReferenceTests {
    @Test func theCommittedReferenceIsCurrent() throws {
        let result = try run(Project.generator, ["explain", "--diagnostics"])
        #expect(result.status == 0, "\(result)")
        #expect(try result.output == Project.text("docs/diagnostics.md"), "make accept writes docs/diagnostics.md")
    }

    @Test func aDiagnosticIsExplainedWithoutData() throws {
        let result = try run(Project.generator, ["explain", "unknown-section", "--spec", "/does/not/exist"])
        #expect(result.status == 0, "\(result)")
        #expect(
            result.output == """
                unknown-section (error): The cited document has no such section. The headings file lists the sections \
                of each document.

                """)
    }

    @Test func oneOfNamesAndDiagnostics() throws {
        for arguments in [["explain"], ["explain", "--diagnostics", "digest"]] {
            #expect(try run(Project.generator, arguments).status == 64, "\(arguments)")
        }
    }
}
