// SPDX-License-Identifier: MIT

import CodeGeneration
import Foundation
import TestSupport
import Testing

/// Rules are data: what changes when somebody edits one, and that nothing else has to.
struct RuleChangeTests {
    @Test func removingAPairIsASmallDiffAndIsNoticed() throws {
        try Workshop.open { workshop in
            #expect(try workshop.generate().status == 0)
            let before = try Project.outputs.map { try workshop.text("Sources/Generated/\($0)") }
            #expect(try workshop.runC("check_pairs.c").status == 0)

            try workshop.edit(
                "spec/cryptoki.xml",
                "    <pair id=\"pair-sign-encrypt\"   first=\"sign\"    second=\"encrypt\" cite=\"guide-3.2 2.6.7\"/>\n",
                "")
            let result = try workshop.generate()
            #expect(result.status == 0)
            #expect(result.errors.contains("warning: C_SignEncryptUpdate needs encrypt and sign at once"))
            for (path, old) in zip(Project.outputs, before) {
                let diff = unifiedDiff(
                    from: old, to: try workshop.text("Sources/Generated/\(path)"), oldName: "a", newName: "b")
                let changed = diff.split(separator: "\n").dropFirst(2).count { $0.hasPrefix("+") || $0.hasPrefix("-") }
                #expect(changed <= 14, "\(path):\n\(diff)")
                print("removing a pair changes \(changed) lines of \(path)")
            }
            let pairs = try workshop.runC("check_pairs.c")
            #expect(pairs.status == 1)
            #expect(pairs.output.contains("usage-guide: sign, then encrypt: not as the usage guide has it"))
            #expect(pairs.output.contains("usage-guide: encrypt, then sign: not as the usage guide has it"))
        }
    }

    /// A fourteenth operation with functions of its own: data only, and both languages enforce it.
    @Test func anotherOperationIsDataOnly() throws {
        try Workshop.open { workshop in
            try workshop.edit(
                "spec/cryptoki.xml", "  </operations>",
                """
                    <operation name="attest" bit="13" flag="CKF_GENERATE" summary="attestation"/>
                  </operations>
                """)
            try workshop.edit(
                "spec/cryptoki.xml", "  </pairs>",
                """
                    <pair id="pair-attest-digest" first="attest" second="digest" cite="guide-3.2 2.6.7"/>
                  </pairs>
                """)
            try workshop.edit("spec/cryptoki.xml", "  </functions>", Self.attestFunctions + "  </functions>")
            let result = try workshop.generate()
            #expect(result.status == 0, "\(result)")
            let c = try workshop.runC(try workshop.writing("attest.c", Self.attestInC))
            #expect(c.status == 0, "\(c)")
            let swift = try workshop.runSwift(Self.attestInSwift)
            #expect(swift.status == 0, "\(swift)")
        }
    }

    private static let attestFunctions = """
            <function number="200" name="C_AttestInit" since="3.2" section="5.12.1" category="cryptographic"
                      role="begin" operation="attest" codes="work" summary="starts attesting">
              <parameter type="CK_SESSION_HANDLE" name="hSession"   use="session"/>
              <parameter type="CK_MECHANISM_PTR"  name="pMechanism" use="mechanism"/>
              <returns value="CKR_OPERATION_CANCEL_FAILED"/>
            </function>
            <function number="201" name="C_AttestFinal" since="3.2" section="5.12.5" category="cryptographic"
                      role="last-out" operation="attest" codes="work" summary="ends attesting">
              <parameter type="CK_SESSION_HANDLE" name="hSession" use="session"/>
              <parameter type="CK_BYTE_PTR"       name="pProof"   use="output"/>
              <parameter type="CK_ULONG_PTR"      name="pulProofLen"/>
              <returns value="CKR_OPERATION_NOT_INITIALIZED"/>
              <returns value="CKR_BUFFER_TOO_SMALL"/>
            </function>

        """

    private static let attestInC = """
        #include "p11_session_rules.h"
        #include <assert.h>
        int main(void)
        {
            static const p11_rules rules = { P11_POLICY_USAGE_GUIDE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
            p11_state s = { 0 };
            assert(p11_admit_C_AttestFinal(rules, s).rv == 0x91);
            assert(p11_admit_C_AttestInit(rules, s, &s).rv == 0);
            p11_complete_C_AttestInit(rules, &s, &s, 0);
            assert(p11_phase_of(s, P11_OPERATION_ATTEST) == P11_PHASE_READY);
            assert(p11_admit_C_EncryptInit(rules, s, &s).rv == 0x90);
            assert(p11_admit_C_DigestInit(rules, s, &s).rv == 0);
            p11_complete_C_AttestFinal(rules, &s, 0, 0);
            assert(p11_phase_of(s, P11_OPERATION_ATTEST) == P11_PHASE_READY);
            p11_complete_C_AttestFinal(rules, &s, &s, 0);
            assert(s.word == 0);
            return 0;
        }

        """

    private static let attestInSwift = """
        let rules = SessionRules()
        var session = SessionRules.Session()
        withUnsafePointer(to: 0) { something in
            precondition((try? rules.admit_C_AttestFinal(session)) == .none && !admitted { () throws(SessionRules.Violation) in _ = try rules.admit_C_AttestFinal(session) })
            precondition(admitted { () throws(SessionRules.Violation) in _ = try rules.admit_C_AttestInit(session, pMechanism: something) })
            rules.complete_C_AttestInit(&session, pMechanism: something, returning: 0)
            precondition(session[.attest] == .ready)
            precondition(!admitted { () throws(SessionRules.Violation) in _ = try rules.admit_C_EncryptInit(session, pMechanism: something) })
            precondition(admitted { () throws(SessionRules.Violation) in _ = try rules.admit_C_DigestInit(session, pMechanism: something) })
            rules.complete_C_AttestFinal(&session, pProof: something, returning: 0)
            precondition(session.word == 0)
        }
        func admitted(_ call: () throws(SessionRules.Violation) -> Void) -> Bool {
            do throws(SessionRules.Violation) { try call(); return true } catch { return false }
        }

        """

    /// A vendor's function that feeds a digest: data only.
    @Test func aVendorsFunctionIsDataOnly() throws {
        try Workshop.open { workshop in
            try workshop.edit(
                "spec/cryptoki.xml", "  </functions>",
                """
                    <function number="150" name="C_VendorDigestFile" since="3.2" section="5.12.3" category="cryptographic"
                              role="part-in" operation="digest" listed="no" codes="work"
                              summary="digests a file as the next part">
                      <parameter type="CK_SESSION_HANDLE" name="hSession" use="session"/>
                      <parameter type="CK_UTF8CHAR_PTR"   name="pPath"/>
                      <returns value="CKR_OPERATION_NOT_INITIALIZED"/>
                    </function>
                  </functions>
                """)
            let result = try workshop.generate()
            #expect(result.status == 0, "\(result)")
            let c = try workshop.runC(
                try workshop.writing(
                    "vendor.c",
                    """
                    #include "p11_session_rules.h"
                    #include "pkcs11.h"
                    #include <assert.h>
                    int main(void)
                    {
                        static const p11_rules rules = { P11_POLICY_USAGE_GUIDE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
                        CK_FUNCTION_LIST_3_2 list;
                        p11_state s = { 0 };
                        assert(sizeof list == 105 * sizeof(void *) && p11_admit_C_VendorDigestFile(rules, s).rv == 0x91);
                        p11_complete_C_DigestInit(rules, &s, &s, 0);
                        assert(p11_admit_C_VendorDigestFile(rules, s).rv == 0);
                        p11_complete_C_VendorDigestFile(rules, &s, 0);
                        assert(p11_phase_of(s, P11_OPERATION_DIGEST) == P11_PHASE_PARTS);
                        return 0;
                    }

                    """))
            #expect(c.status == 0, "\(c)")
            let swift = try workshop.runSwift(
                """
                let rules = SessionRules()
                var session = SessionRules.Session()
                rules.complete(.C_DigestInit, &session, returning: 0)
                rules.complete_C_VendorDigestFile(&session, returning: 0)
                precondition(session[.digest] == .parts)

                """)
            #expect(swift.status == 0, "\(swift)")
        }
    }
}
