// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Outputs for a version of the standard: nothing that came later, and what was there works.
struct VersionTests {
    struct Version: Sendable, CustomTestStringConvertible {
        let name: String
        /// As the headers of the standard have it.
        let functions: Int
        let major: Int
        let minor: Int
        var testDescription: String { name }
    }

    static let versions = [
        Version(name: "2.40", functions: 68, major: 2, minor: 40),
        Version(name: "3.0", functions: 92, major: 3, minor: 0),
        Version(name: "3.1", functions: 92, major: 3, minor: 1),
        Version(name: "3.2", functions: 104, major: 3, minor: 2),
    ]

    @Test(arguments: versions)
    func hasItsFunctionsAndNoLaterName(_ version: Version) throws {
        try Workshop.open { workshop in
            #expect(try workshop.generate("generate", "--api", version.name).status == 0)
            let prototypes = try workshop.text("Sources/Generated/c/include/pkcs11f.h")
            #expect(prototypes.matches(of: #/\nCK_PKCS11_FUNCTION_INFO\(C_/#).count == version.functions)
            let types = try workshop.text("Sources/Generated/c/include/pkcs11t.h")
            #expect(types.contains("#define CRYPTOKI_VERSION_MAJOR \(version.major)\n"))
            #expect(types.contains("#define CRYPTOKI_VERSION_MINOR \(version.minor)\n"))

            let later = try Self.names(after: version.name)
            for path in try Self.files(below: workshop.path("Sources/Generated")) {
                let words = try workshop.text("Sources/Generated/\(path)").matches(of: #/[A-Za-z_][A-Za-z0-9_]*/#)
                for word in Set(words.map { String($0.output) }).intersection(later).sorted() {
                    Issue.record("\(path) for \(version.name) names \(word)")
                }
            }
        }
    }

    /// The names of functions, types and constants that came later, each also in the dress of the rules' header.
    private static func names(after version: String) throws -> Set<String> {
        let export = try Project.export()
        let order = export["versions"].list.map(\.text)
        let age = try #require(order.firstIndex(of: version))
        let constants = export["constants"].list.flatMap { $0["constants"].list }
        let types = export["types"].names.flatMap { export["types"][$0].list }
        let items = export["functions"].list + constants + types
        let later = items.filter { (order.firstIndex(of: $0["since"].text) ?? 0) > age }.map(\.["name"].text)
        #expect(later.isEmpty == (version == order.last))
        return Set(later.flatMap { [$0, "P11_\($0)", "CK_\($0)"] })
    }

    private static func files(below folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains(".") }.sorted()
    }

    @Test(arguments: versions)
    func compilesEverywhere(_ version: Version) throws {
        try require(package: "gcc-multilib")
        try Workshop.open { workshop in
            try workshop.generate("generate", "--api", version.name)
            let include = workshop.path("Sources/Generated/c/include")
            let program = try workshop.writing("all.c", Self.program)
            for (compiler, standard) in [
                ("gcc", "c99"), ("gcc", "c11"), ("g++", "c++17"), ("clang", "c99"), ("clang", "c11"),
                ("clang++", "c++17"),
            ] {
                try require(program: compiler)
                for width in ["-m64", "-m32"] {
                    let result = try run(
                        compiler,
                        [
                            width, "-std=\(standard)", "-x", standard.hasPrefix("c++") ? "c++" : "c", "-Wall",
                            "-Wextra",
                            "-Wpedantic", "-Wconversion", "-Werror", "-fsyntax-only", "-I", include, program,
                        ])
                    #expect(result.status == 0, "\(compiler) -std=\(standard) \(width): \(result)")
                }
            }
            let result = try run(
                "swiftc",
                ["-swift-version", "6", "-warnings-as-errors", "-typecheck"]
                    + ["CryptokiSession", "CryptokiNames", "SessionEntry"].map {
                        workshop.path("Sources/Generated/swift/\($0).swift")
                    })
            #expect(result.status == 0, "\(result)")
        }
    }

    private static let program = """
        #include "pkcs11.h"
        #include "p11_session_rules.h"
        #include "p11_names.h"
        int check(CK_FUNCTION_LIST_PTR list, CK_SESSION_HANDLE session);
        int check(CK_FUNCTION_LIST_PTR list, CK_SESSION_HANDLE session)
        {
            const CK_RV rv = list->C_DigestFinal(session, (CK_BYTE_PTR)0, NULL_PTR);
            return rv == CKR_OK && p11_return_value_name(rv)[0] != 0;
        }

        """

    /// The rules of 2.40: without a NULL mechanism that cancels, and with the guide's four pairs.
    @Test func theRulesOf2_40() throws {
        try Workshop.open { workshop in
            #expect(try workshop.generate("generate", "--api", "2.40").status == 0)
            let c = try workshop.runC(
                workshop.writing(
                    "old.c",
                    """
                    #include "p11_session_rules.h"
                    #include <assert.h>
                    int main(void)
                    {
                        static const p11_rules rules = { P11_POLICY_USAGE_GUIDE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };
                        p11_state s = { 0 };
                        assert(p11_admit_C_SignInit(rules, s).rv == 0);
                        p11_complete_C_SignInit(rules, &s, 0);
                        assert(p11_admit_C_EncryptInit(rules, s).rv == 0);
                        assert(p11_admit_C_DigestInit(rules, s).rv == 0x90);
                        assert(p11_admit_C_SignInit(rules, s).rv == 0x90);
                        p11_complete_C_EncryptInit(rules, &s, 0);
                        p11_complete_C_SignEncryptUpdate(rules, &s, &s, 0x150);
                        assert(p11_phase_of(s, P11_OPERATION_SIGN) == P11_PHASE_READY);
                        p11_complete_C_SignEncryptUpdate(rules, &s, &s, 0);
                        assert(p11_phase_of(s, P11_OPERATION_SIGN) == P11_PHASE_PARTS);
                        assert(p11_phase_of(s, P11_OPERATION_ENCRYPT) == P11_PHASE_PARTS);
                        assert(P11_OPERATION_VERIFY_RECOVER == 7);
                        p11_complete_C_CloseSession(rules, &s, 0);
                        assert(s.word == 0);
                        return 0;
                    }

                    """))
            #expect(c.status == 0, "\(c)")
        }
    }

    @Test func aVersionThatThereIsNot() throws {
        try Workshop.open { workshop in
            let result = try workshop.generate("generate", "--api", "2.20")
            #expect(result.status == 65)
            #expect(
                result.errors == """
                    spec/cryptoki.xml: error: unknown version '2.20' of the standard; use 2.40, 3.0, 3.1, 3.2 [unknown-version]
                    p11gen: 1 error; nothing was written

                    """)
            #expect(!FileManager.default.fileExists(atPath: workshop.path("Sources/Generated")))
        }
    }

    /// For 3.1 and 3.2 nobody's header can be installed: values written by hand.
    @Test func valuesOfTheLatestVersions() throws {
        for width in ["-m64", "-m32"] {
            let result = try run(
                "gcc",
                [
                    width, "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I",
                    "Sources/Generated/c/include", "Tests/Programs/check_values.c",
                ])
            #expect(result.status == 0, "\(result)")
        }
    }

    /// On Windows every structure is packed to one byte.
    @Test func packedOnWindows() throws {
        try Workshop.open { workshop in
            let file = try workshop.writing(
                "packed.c",
                """
                #include "pkcs11.h"
                _Static_assert(sizeof(CK_INFO) == 2 + 32 + sizeof(CK_FLAGS) + 32 + 2, "CK_INFO");
                _Static_assert(sizeof(CK_FUNCTION_LIST) == 2 + 68 * sizeof(void *), "CK_FUNCTION_LIST");
                struct after { char c; long l; };
                _Static_assert(sizeof(struct after) == 2 * sizeof(long), "the packing does not end");

                """)
            let result = try run(
                "gcc", ["-D_WIN32", "-std=c11", "-fsyntax-only", "-I", "Sources/Generated/c/include", file])
            #expect(result.status == 0, "\(result)")
        }
    }
}
