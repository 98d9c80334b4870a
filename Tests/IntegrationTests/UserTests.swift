// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession
import Foundation
import TestSupport
import Testing

/// What users do with the outputs and the data: applications, other languages, names for messages.
struct UserTests {
    /// An application built against our headers only, with a real token.
    @Test func anApplicationWithARealToken() throws {
        try Project.withFolder { folder in
            let token = try SoftHSM(folder: folder)
            let compiled = try run(
                "gcc",
                [
                    "-std=c99", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-I", "Sources/Generated/c/include",
                    "Tests/Programs/list_mechanisms.c", "-o", "\(folder)/program", "-ldl",
                ])
            try #require(compiled.status == 0, "\(compiled)")
            let result = try run("\(folder)/program", [SoftHSM.module], environment: token.environment)
            #expect(result.status == 0, "\(result)")
            let mechanisms = result.output.split(separator: "\n").filter { $0.hasPrefix("mechanism ") }
                .map { $0.dropFirst("mechanism ".count) }
            #expect(mechanisms.count > 40)
            for name in ["CKM_SHA256", "CKM_RSA_PKCS", "CKM_AES_CBC_PAD", "CKM_ECDSA", "CKM_SHA256_RSA_PKCS_PSS"] {
                #expect(mechanisms.contains(name[...]))
            }
            #expect(!mechanisms.contains("without a name"))
            #expect(
                result.output.hasSuffix(
                    "digest ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"))
            print("SoftHSM2 has \(mechanisms.count) mechanisms, each with a name")
        }
    }

    // MARK: Swift

    @Test func swiftSeesTheNamesOfC() {
        #expect(CKR_OPERATION_ACTIVE == 0x90)
        #expect(CKM_SHA256 == 0x250)
        #expect(CKA_ECDSA_PARAMS == CKA_EC_PARAMS)
        #expect(CKF_EXTENSION == 0x8000_0000)
        #expect(CK_UNAVAILABLE_INFORMATION == CK_ULONG.max)
        #expect(MemoryLayout<CK_INFO>.size == 88)
        var mechanism = CK_MECHANISM(mechanism: CKM_SHA256, pParameter: nil, ulParameterLen: 0)
        mechanism.mechanism = CKM_SHA512
        #expect(mechanism.mechanism == 0x270)
        #expect(CRYPTOKI_VERSION_MAJOR == 3 && CRYPTOKI_VERSION_MINOR == 2)
    }

    @Test func valuesHaveNamesInSwift() {
        #expect(ReturnValue.operationActive.rawValue == 0x90)
        #expect("\(ReturnValue(0x90))" == "CKR_OPERATION_ACTIVE")
        #expect(ReturnValue(0x8000_0001).name == nil)
        #expect("\(ReturnValue(0x8000_0001))" == "0x80000001")
        #expect(Mechanism.sha256RsaPkcsPss.name == "CKM_SHA256_RSA_PKCS_PSS")
        #expect(Mechanism.sha512_224.rawValue == 0x48)
        #expect(Mechanism.cast5Cbc == .cast128Cbc && Mechanism.cast5Cbc.name == "CKM_CAST128_CBC")
        #expect(AttributeType.label.rawValue == 3 && ObjectClass.privateKey.rawValue == 3)
        #expect(KeyType.mlKem.rawValue == 0x49)
        #expect(UserType.contextSpecific.rawValue == 2 && SessionState.rwSoFunctions.rawValue == 4)
    }

    @Test func flagsAreSetsInSwift() {
        let flags: TokenFlags = [.loginRequired, .dualCryptoOperations]
        #expect(flags.rawValue == 0x204)
        #expect(flags.contains(.dualCryptoOperations) && !flags.contains(.rng))
        #expect("\(flags)" == "CKF_LOGIN_REQUIRED | CKF_DUAL_CRYPTO_OPERATIONS")
        #expect("\(SessionFlags(rawValue: 0x4000))" == "0x4000" && SessionFlags().names.isEmpty)
    }

    // MARK: A mechanism more, a version less, another language

    /// The whole diff of a mechanism: a line of data, and a line of each output that names mechanisms.
    @Test func aMechanismIsOneLine() throws {
        try Workshop.open { workshop in
            try workshop.generate()
            let files = ["c/include/pkcs11t.h", "c/include/p11_names.h", "swift/CryptokiNames.swift"]
                .map { "Sources/Generated/\($0)" }
            let before = try files.map(workshop.text)
            try workshop.edit(
                "spec/registry.xml", "    <constant name=\"CKM_VENDOR_DEFINED\" ",
                "    <constant name=\"CKM_NEW_HASH\" since=\"3.2\" value=\"0x00004043\"/>\n"
                    + "    <constant name=\"CKM_VENDOR_DEFINED\" ")
            let result = try workshop.generate()
            #expect(result.output.contains("wrote 3 of "), "\(result)")
            for (file, old) in zip(files, before) {
                let new = Set(try workshop.text(file).split(separator: "\n"))
                let added = new.subtracting(old.split(separator: "\n"))
                #expect(added.allSatisfy { $0.contains("NEW_HASH") || $0.contains("newHash") }, "\(file): \(added)")
                #expect((1...3).contains(added.count), "\(file): \(added)")
                #expect(Set(old.split(separator: "\n")).isSubset(of: new), "\(file)")
            }
        }
    }

    @Test func aTemplateOfOnesOwn() throws {
        try require(program: "python3")
        try Workshop.open { workshop in
            let result = try workshop.generate(
                "generate", "--templates", "\(Project.root)/Examples/python-template", "--output", workshop.path("out"))
            #expect(result.status == 0, "\(result)")
            let check = """
                import sys
                sys.path.insert(0, "out/python")
                from session_rules import MAY_START_BESIDE, MECHANISM_NAMES, RETURN_VALUE_NAMES, RULES, VERSION
                guide = MAY_START_BESIDE["usage-guide"]
                pairs = {frozenset((one, other)) for one in guide for other in guide[one]}
                assert pairs == {frozenset(p) for p in (
                    ("digest", "encrypt"), ("decrypt", "digest"), ("sign", "encrypt"), ("decrypt", "verify"))}, pairs
                assert not any(MAY_START_BESIDE["single"].values())
                assert RETURN_VALUE_NAMES[0x90] == "CKR_OPERATION_ACTIVE" and MECHANISM_NAMES[0x250] == "CKM_SHA256"
                assert RULES["not-a-pair"][0] == "CKR_OPERATION_ACTIVE" and VERSION == "3.2"
                """
            let python = try run("python3", ["-c", check], in: workshop.folder)
            #expect(python.status == 0, "\(python)")
        }
    }

    // MARK: JSON

    /// The members that docs/export.md promises; the values are the standard's.
    @Test func theExportHoldsWhatItPromises() throws {
        let export = try Project.export()
        #expect(export["format"].number == 1 && export["version"].text == "3.2")
        #expect(export["operations"].list.count == 13 && export["pairs"].list.count == 4)
        let encrypt = try #require(export["functions"].list.first { $0["name"].text == "C_Encrypt" })
        #expect(encrypt["number"].number == 31 && encrypt["section"].text == "5.8.2")
        #expect(encrypt["role"].text == "single" && encrypt["operations"].list.map(\.text) == ["encrypt"])
        #expect(
            encrypt["parameters"].list.map { "\($0["type"].text) \($0["name"].text)" } == [
                "CK_SESSION_HANDLE hSession", "CK_BYTE_PTR pData", "CK_ULONG ulDataLen", "CK_BYTE_PTR pEncryptedData",
                "CK_ULONG_PTR pulEncryptedDataLen",
            ])
        #expect(encrypt["returnValues"].list.map(\.text).contains("CKR_BUFFER_TOO_SMALL"))
        let constants = export["constants"].list.flatMap { $0["constants"].list }
        let deprecated = try #require(constants.first { $0["name"].text == "CKM_ECDSA_KEY_PAIR_GEN" })
        #expect(deprecated["value"].number == 0x1040 && deprecated["status"].text == "deprecated")
        #expect(deprecated["alias"].text == "CKM_EC_KEY_PAIR_GEN")
        #expect(constants.first { $0["name"].text == "CK_UNAVAILABLE_INFORMATION" }?["value"].text == "~0")

        let page = try Project.text("docs/export.md")
        for name in export.names { #expect(page.contains("| `\(name)` |"), "\(name) is not described") }
        for list in ["operations", "policies", "exclusions", "roles", "functions", "outcomes"] {
            for name in export[list].list[0].names { #expect(page.contains("`\(name)`"), "\(list): \(name)") }
        }
    }

    @Test func theExportOfAnEarlierVersion() throws {
        let export = try Project.export("--api", "2.40")
        #expect(export["functions"].list.count == 68 && export["operations"].list.count == 8)
        #expect(export["versions"].list.map(\.text) == ["2.40"])
        let begin = try #require(export["roles"].list.first { $0["name"].text == "begin" })
        #expect(begin["variant"].isNull)
    }
}
