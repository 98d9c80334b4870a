// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The generated headers with the compilers and beside the headers that people have.
struct HeaderTests {
    /// Where Debian's packages put the headers of others, and how one includes them.
    struct Neighbour: Sendable, CustomTestStringConvertible {
        let name: String
        let package: String
        let include: String
        let flags: [String]
        var testDescription: String { name }
    }

    static let neighbours = [
        Neighbour(name: "alone", package: "", include: "", flags: []),
        Neighbour(name: "beside ours", package: "", include: "#include \"pkcs11.h\"", flags: []),
        Neighbour(
            name: "beside p11-kit's", package: "libp11-kit-dev", include: "#include <p11-kit/pkcs11.h>",
            flags: ["-isystem", "/usr/include/p11-kit-1"]),
        Neighbour(
            name: "beside NSS's", package: "libnss3-dev", include: "#include <pkcs11.h>",
            flags: ["-isystem", "/usr/include/nss", "-isystem", "/usr/include/nspr"]),
        Neighbour(
            name: "beside opencryptoki's", package: "libopencryptoki-dev", include: "#include <pkcs11.h>",
            flags: ["-isystem", "/usr/include/opencryptoki"]),
    ]
    static let compilers = [
        ("gcc", "c99"), ("gcc", "c11"), ("gcc", "c17"), ("g++", "c++17"),
        ("clang", "c99"), ("clang", "c11"), ("clang", "c17"), ("clang++", "c++17"),
    ]

    @Test(arguments: neighbours)
    func compilesWithoutWarning(_ neighbour: Neighbour) throws {
        try require(package: neighbour.package)
        try Project.withFolder { folder in
            // Both orders: neither header may need the other or hide it.
            for (index, order) in [[neighbour.include, rules], [rules, neighbour.include]].enumerated() {
                let program =
                    (order + ["int main(void) { return (int)p11_describe(P11_RULE_RESTART).id[0] == 0; }", ""])
                    .joined(separator: "\n")
                let file = "\(folder)/program\(index).c"
                try program.write(toFile: file, atomically: true, encoding: .utf8)
                for (compiler, standard) in Self.compilers {
                    try require(program: compiler)
                    // Our folder comes last among the system's, where the neighbour has a file of the same name as ours.
                    let ours = neighbour.include.contains("<pkcs11.h>") ? try onlyRules(folder) : includes
                    let language = standard.hasPrefix("c++") ? "c++" : "c"
                    let result = try run(
                        compiler,
                        ["-std=\(standard)", "-x", language] + strict + neighbour.flags
                            + ["-I", ours, file, "-o", "\(folder)/program"])
                    #expect(result.status == 0, "\(compiler) -std=\(standard): \(result)")
                    #expect(result.errors == "", "\(compiler) -std=\(standard)")
                    #expect(try run("\(folder)/program").status == 0)
                }
            }
        }
    }

    private let rules = "#include \"p11_session_rules.h\""
    private let includes = "\(Project.root)/Sources/Generated/c/include"
    private let strict = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]

    /// A folder that has the enforcement header and none of ours that a neighbour's might be mistaken for.
    private func onlyRules(_ folder: String) throws -> String {
        let only = "\(folder)/only"
        if !FileManager.default.fileExists(atPath: only) {
            try FileManager.default.createDirectory(atPath: only, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: "\(includes)/p11_session_rules.h", toPath: "\(only)/p11_session_rules.h")
        }
        return only
    }

    @Test func followsTheCasesInC() throws {
        try Project.withFolder { folder in
            let compiled = try run(
                "gcc",
                ["-std=c99"] + strict
                    + ["-I", includes, "\(Project.root)/Tests/Programs/run_cases.c", "-o", "\(folder)/run_cases"])
            #expect(compiled.status == 0, "\(compiled)")
            let cases = "\(Project.root)/Tests/Cases"
            for (file, policies) in [
                ("lifecycle", "usage-guide single"), ("semantics", "usage-guide single per-kind strict"),
            ] {
                let result = try run(
                    "\(folder)/run_cases", ["\(cases)/return-values.tsv", policies, "\(cases)/\(file).cases"])
                #expect(result.status == 0, "\(result)")
                print("\(file).cases in C, each in its policies and perspectives: \(result.output)", terminator: "")
            }
        }
    }

    /// Asynchronous sessions, and what case files cannot say.
    @Test func followsTheOtherCasesInC() throws {
        try Project.withFolder { folder in
            let cases = "\(Project.root)/Tests/Cases"
            let all = "usage-guide single per-kind strict"
            for (program, arguments) in [
                ("run_async", ["\(cases)/return-values.tsv", all, "\(cases)/async.cases"]), ("check_header", []),
            ] {
                let compiled = try run(
                    "gcc",
                    ["-std=c99"] + strict
                        + ["-I", includes, "\(Project.root)/Tests/Programs/\(program).c", "-o", "\(folder)/\(program)"])
                #expect(compiled.status == 0, "\(compiled)")
                let result = try run("\(folder)/\(program)", arguments)
                #expect(result.status == 0, "\(result)")
                print("\(program) in C: \(result.output)", terminator: "")
            }
        }
    }

    /// Numbers that nothing has, with the sanitizer of undefined behaviour.
    @Test(arguments: ["gcc", "clang"])
    func toleratesUnknownNumbersInC(_ compiler: String) throws {
        try require(program: compiler)
        try Project.withFolder { folder in
            let sanitizer = ["-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all"]
            let program = ["\(Project.root)/Tests/Programs/check_numbers.c", "-o", "\(folder)/check_numbers"]
            let compiled = try run(compiler, ["-std=c99"] + strict + sanitizer + ["-I", includes] + program)
            #expect(compiled.status == 0, "\(compiled)")
            let result = try run("\(folder)/check_numbers")
            #expect(result.status == 0, "\(result)")
            print("check_numbers in C: \(result.output)", terminator: "")
        }
    }

    @Test func keepsThePairsInC() throws {
        try Project.withFolder { folder in
            let compiled = try run(
                "gcc",
                ["-std=c99", "-I", includes, "\(Project.root)/Tests/Programs/check_pairs.c", "-o", "\(folder)/pairs"])
            #expect(compiled.status == 0, "\(compiled)")
            let result = try run("\(folder)/pairs")
            #expect(result.status == 0, "\(result)")
            print("check_pairs in C: \(result.output)", terminator: "")
        }
    }
}
