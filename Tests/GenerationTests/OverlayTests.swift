// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// A vendor's additions and restrictions, laid over the standard.
struct OverlayTests {
    private static let example = "\(Project.root)/Examples/vendor-overlay/acme.xml"

    @Test func theExampleIsEnforced() throws {
        try Workshop.open { workshop in
            let result = try workshop.generate("generate", "--overlay", Self.example)
            #expect(result.status == 0, "\(result)")
            #expect(result.output.contains("105 functions"))
            let c = try workshop.runC(
                workshop.writing(
                    "acme.c",
                    """
                    #include "p11_names.h"
                    #include "p11_session_rules.h"
                    #include "pkcs11.h"
                    #include <assert.h>
                    #include <string.h>
                    int main(void)
                    {
                        static const p11_rules guide = { P11_POLICY_USAGE_GUIDE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
                        static const p11_rules single = { P11_POLICY_SINGLE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
                        CK_ACME_SEAL_PARAMS parameter = { 1, NULL_PTR, 0 };
                        p11_verdict verdict;
                        p11_state s = { 0 };
                        /* Its own names, and those of the standard. */
                        assert(sizeof parameter == 3 * sizeof(CK_ULONG) && CKM_ACME_SEAL == 0x8AC30001);
                        assert(strcmp(p11_mechanism_name(CKM_ACME_SEAL), "CKM_ACME_SEAL") == 0);
                        assert(strcmp(p11_return_value_name(CKR_ACME_TAMPERED), "CKR_ACME_TAMPERED") == 0);
                        assert(sizeof(CK_FUNCTION_LIST_3_2) == 105 * sizeof(void *));
                        /* Its function feeds a digest. */
                        assert(p11_admit_C_AcmeDigestFile(guide, s).rv == CKR_OPERATION_NOT_INITIALIZED);
                        p11_complete_C_DigestInit(guide, &s, &s, CKR_OK);
                        assert(p11_admit_C_AcmeDigestFile(guide, s).rv == 0);
                        p11_complete_C_AcmeDigestFile(guide, &s, CKR_OK);
                        assert(p11_phase_of(s, P11_OPERATION_DIGEST) == P11_PHASE_PARTS);
                        /* A pair is withdrawn, the others stand. */
                        assert(p11_admit_C_EncryptInit(guide, s, &s).rv == 0);
                        s.word = 0;
                        p11_complete_C_SignInit(guide, &s, &s, CKR_OK);
                        assert(p11_admit_C_EncryptInit(guide, s, &s).rv == CKR_OPERATION_ACTIVE);
                        /* A policy is tightened, by a rule with the vendor's citation; others are not. */
                        verdict = p11_admit_C_GenerateRandom(single, s);
                        assert(verdict.rv == CKR_OPERATION_ACTIVE && verdict.rule == P11_RULE_ACME_KEYS_WAIT);
                        assert(strcmp(p11_describe(verdict.rule).citation, "Acme Manual 1.0, 7 The engines") == 0);
                        assert(p11_admit_C_GenerateRandom(guide, s).rv == 0);
                        return 0;
                    }

                    """))
            #expect(c.status == 0, "\(c)")
            let swift = try workshop.runSwift(
                """
                let rules = SessionRules(policy: .single)
                var session = Session()
                rules.complete(.C_SignInit, &session, returning: 0)
                do throws(RuleViolation) {
                    try rules.admit(.C_GenerateRandom, session)
                    preconditionFailure()
                } catch {
                    precondition(error.rule == .acmeKeysWait)
                }
                rules.complete_C_AcmeDigestFile(&session, returning: 0)

                """)
            #expect(swift.status == 0, "\(swift)")
        }
    }

    /// What a vendor writes is text, whatever it looks like in HTML or Markdown.
    @Test func textIsEscaped() throws {
        try Workshop.open { workshop in
            let summary = "digests &lt;script&gt;1|2*&lt;/script&gt; [a](b)"
            let rule = "&lt;img src=x&gt; `one` | engine &amp;lt;"
            let overlay = try Project.text(Self.example)
                .replacingOccurrences(of: "digests a file as the next part", with: summary)
                .replacingOccurrences(of: "The first model has one engine", with: rule)
            try workshop.write(overlay, to: "acme.xml")
            let result = try workshop.generate("generate", "--overlay", "acme.xml", "--only", "doc")
            #expect(result.status == 0, "\(result)")
            let markdown = try workshop.text("Sources/Generated/doc/session-rules.md")
            let page = try workshop.text("Sources/Generated/doc/session-rules.html")
            for (text, expected) in [
                (markdown, "`C_AcmeDigestFile` digests &lt;script&gt;1\\|2\\*&lt;/script&gt; \\[a\\](b) |"),
                (markdown, "| `acme-keys-wait` | &lt;img src=x&gt; \\`one\\` \\| engine &amp;lt;: keys and random"),
                (page, "&lt;img src=x&gt; `one` | engine &amp;lt;: keys and random"),
            ] {
                let isThere = text.contains(expected)
                #expect(isThere, "\(expected)")
            }
            let hasTag = (markdown + page).contains(/<(script|img)/)
            #expect(!hasTag)
        }
    }

    /// What must hold of the rules holds of the vendor's as well.
    @Test func theExampleHoldsWhatMustHold() throws {
        try require(file: ".build/release/p11gen", "make test builds it")
        let result = try run(".build/release/p11gen", ["verify", "--overlay", Self.example])
        #expect(result.status == 0, "\(result)")
    }

    @Test func itIsNamedInTheOutputsAndAnInput() throws {
        try Workshop.open { workshop in
            try workshop.generate("generate", "--overlay", Self.example, "--depfile", "out.d")
            let header = try workshop.text("Sources/Generated/c/include/pkcs11.h")
            #expect(header.contains("Generated by p11gen from cryptoki.xml and acme.xml."))
            #expect(try workshop.text("out.d").contains(Self.example))
        }
    }

    /// What is there already is said at both places, and nothing is written.
    @Test func conflictsShowBothPlaces() throws {
        try Workshop.open { workshop in
            try workshop.write(
                """
                <overlay>
                  <adds group="CK_MECHANISM_TYPE">
                    <constant name="CKM_MINE" since="3.2" value="0x00000250"/>
                    <constant name="CKM_AES_CBC" since="3.2" value="0x8AC30002"/>
                  </adds>
                  <functions document="base-3.2" universal="universal">
                    <function number="39" name="C_Mine" since="3.2" section="5.12.3" category="cryptographic"
                              role="none" listed="no" codes="session" summary="is mine"/>
                  </functions>
                  <withdraws pair="pair-sign-encript">A slip.</withdraws>
                </overlay>
                """, to: "mine.xml")
            let result = try workshop.generate("generate", "--overlay", "mine.xml")
            #expect(result.status == 1)
            let registry = try workshop.text("spec/registry.xml").components(separatedBy: "\n")
            let cryptoki = try workshop.text("spec/cryptoki.xml").components(separatedBy: "\n")
            func place(_ lines: [String], _ word: String, before value: String) throws -> String {
                let line = try #require(lines.firstIndex { $0.contains(word) })
                let column = try #require(lines[line].range(of: value)).upperBound
                return "\(line + 1):\(lines[line].distance(from: lines[line].startIndex, to: column) + 1)"
            }
            let sha256 = try place(registry, "\"CKM_SHA256\"", before: "value=\"")
            let aes = try place(registry, "\"CKM_AES_CBC\"", before: "name=\"")
            let number = try place(cryptoki, "<function number=\"39\"", before: "number=\"")
            func shown(_ lines: [String], _ place: String, _ token: Int) -> String {
                let numbers = place.split(separator: ":").map { Int($0)! }
                let gutter = String(repeating: " ", count: 5 - String(numbers[0]).count)
                let blanks = String(repeating: " ", count: numbers[1] - 1)
                return """
                    \(gutter)\(numbers[0]) | \(lines[numbers[0] - 1])
                          | \(blanks)^\(String(repeating: "~", count: token - 1))
                    """
            }
            #expect(
                result.errors == """
                    mine.xml:3:50: error: CKM_MINE has the value of CKM_SHA256; say alias="CKM_SHA256" if that is meant [equal-values]
                        3 |     <constant name="CKM_MINE" since="3.2" value="0x00000250"/>
                          |                                                  ^~~~~~~~~~
                    spec/registry.xml:\(sha256): note: the first one
                    \(shown(registry, sha256, 10))
                    mine.xml:4:21: error: a second constant with the name 'CKM_AES_CBC' [duplicate-name]
                        4 |     <constant name="CKM_AES_CBC" since="3.2" value="0x8AC30002"/>
                          |                     ^~~~~~~~~~~
                    spec/registry.xml:\(aes): note: the first one
                    \(shown(registry, aes, 11))
                    mine.xml:7:23: error: a second one of the functions with the number '39'; the next one that is free is 150 [duplicate-number]
                        7 |     <function number="39" name="C_Mine" since="3.2" section="5.12.3" category="cryptographic"
                          |                       ^~
                    spec/cryptoki.xml:\(number): note: the first one
                    \(shown(cryptoki, number, 2))
                    mine.xml:10:20: error: no pair is called 'pair-sign-encript'; did you mean 'pair-sign-encrypt'? [unknown-pair]
                       10 |   <withdraws pair="pair-sign-encript">A slip.</withdraws>
                          |                    ^~~~~~~~~~~~~~~~~
                    p11gen: 4 errors; nothing was written

                    """, "\(result)")
        }
    }
}
