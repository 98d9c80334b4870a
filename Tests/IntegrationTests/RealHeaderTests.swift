// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Our headers against those that others publish: whatever both define is the same, or the data says why not.
struct RealHeaderTests {
    /// A set of headers, as one includes them.
    struct Headers: Sendable, CustomTestStringConvertible {
        /// As the data calls it in its differences.
        let name: String
        let package: String
        let include: String
        let flags: [String]
        /// At least so much must be compared: a header that is not found defines nothing, and agrees with everything.
        let least: Int
        var testDescription: String { name }
    }

    static let others = [
        Headers(
            name: "p11-kit", package: "libp11-kit-dev", include: "#include <p11-kit/pkcs11.h>",
            flags: ["-DCRYPTOKI_COMPAT", "-I", "/usr/include/p11-kit-1"], least: 1300),
        Headers(
            name: "nss", package: "libnss3-dev", include: "#include <pkcs11.h>",
            flags: ["-I", "/usr/include/nss", "-I", "/usr/include/nspr"], least: 2600),
        Headers(
            name: "opencryptoki", package: "libopencryptoki-dev",
            include: "#include <stdio.h>\n#include <opencryptoki/pkcs11.h>", flags: [], least: 1200),
    ]

    private static let ours = Headers(
        name: "ours", package: "", include: "#include \"pkcs11.h\"",
        flags: ["-I", "\(Project.root)/Sources/Generated/c/include"], least: 0)

    @Test(arguments: others)
    func whatBothDefineIsTheSame(_ headers: Headers) throws {
        try require(package: headers.package)
        let names = try Names()
        let (own, other) = (try facts(of: Self.ours, names), try facts(of: headers, names))
        let both = Set(own.keys).intersection(other.keys)
        #expect(both.count >= headers.least, "\(both.count) facts compared")
        let different = both.filter { own[$0] != other[$0] }
        let explained = names.explained[headers.name] ?? []
        for fact in different.sorted() where !explained.contains(Self.subject(of: fact)) {
            Issue.record("\(fact): \(own[fact]!) here, \(other[fact]!) in \(headers.name)")
        }
        for name in explained.subtracting(different.map(Self.subject)).sorted() {
            Issue.record("\(name) is as in \(headers.name): its <difference> is out of date")
        }
        print(
            "\(headers.name): \(both.count) facts compared, \(different.count) different, all explained by "
                + "\(explained.count) items of the data")
    }

    /// `offset CK_INFO.flags` is about CK_INFO.
    private static func subject(of fact: String) -> String {
        String(fact.split(separator: " ")[1].split(separator: ".")[0])
    }

    // MARK: What there is to ask for

    private struct Names {
        var constants: [String] = []
        var types: [String] = []
        var members: [String] = []
        /// For each set of headers the names of which the data says that they differ.
        var explained: [String: Set<String>] = [:]

        init() throws {
            let export = try Project.export()
            for group in export["constants"].list { constants += group["constants"].list.map(\.["name"].text) }
            let kinds = export["types"]
            for kind in ["scalars", "pointers", "callbacks", "structures", "functionLists"] {
                types += kinds[kind].list.map(\.["name"].text)
            }
            types += export["functions"].list.map { "CK_" + $0["name"].text }
            for structure in kinds["structures"].list {
                members += structure["members"].list.map { "\(structure["name"].text), \($0["name"].text)" }
            }
            for list in kinds["functionLists"].list {
                members += list["functions"].list.map { "\(list["name"].text), \($0.text)" }
            }
            for difference in export["differences"].list {
                explained[difference["in"].text, default: []].insert(difference["name"].text)
            }
        }
    }

    // MARK: What a header says

    /// Value of each constant, size and alignment of each type, offset and size of each member, where it has them.
    private func facts(of headers: Headers, _ names: Names) throws -> [String: String] {
        try Project.withFolder { folder in
            let start = "\(headers.include)\n#include <stddef.h>\n"
            func gcc(_ arguments: [String], _ text: String) throws -> CommandResult {
                let file = "\(folder)/\(arguments.count).c"
                try (start + text).write(toFile: file, atomically: true, encoding: .utf8)
                return try run("gcc", ["-std=c11", "-w"] + headers.flags + arguments + [file])
            }
            let macros = try gcc(["-E", "-dM"], "")
            try #require(macros.status == 0, "\(macros)")
            let defined = Set(macros.output.split(separator: "\n").map { $0.split(separator: " ")[1] })

            /// Those for which a line with the name in it compiles.
            func existing(_ all: [String], _ line: (String, Int) -> String) throws -> [String] {
                let lines = all.enumerated().map { line($1, $0) }.joined(separator: "\n")
                let result = try gcc(["-fsyntax-only", "-fmax-errors=0"], lines + "\n")
                let first = start.split(separator: "\n", omittingEmptySubsequences: false).count
                let faulty = Set(
                    result.errors.matches(of: #/\.c:(\d+):\d+: error/#).compactMap { Int($0.1).map { $0 - first } })
                return all.enumerated().filter { !faulty.contains($0.offset) }.map(\.element)
            }
            var program = "#include <stdio.h>\nint main(void)\n{\n"
            for name in names.constants where defined.contains(name[...]) {
                program += "    printf(\"value \(name) %lu\\n\", (unsigned long)(\(name)));\n"
            }
            for name in try existing(names.types, { "typedef \($0) type\($1);" }) {
                program += "    printf(\"size \(name) %zu\\n\", sizeof(\(name)));\n"
                program += "    printf(\"alignment \(name) %zu\\n\", _Alignof(\(name)));\n"
            }
            for pair in try existing(names.members, { "enum { member\($1) = offsetof(\($0)) };" }) {
                let (type, member) = (pair.components(separatedBy: ", ")[0], pair.components(separatedBy: ", ")[1])
                program += "    printf(\"offset \(type).\(member) %zu\\n\", offsetof(\(pair)));\n"
                program += "    printf(\"size \(type).\(member) %zu\\n\", sizeof(((\(type) *)0)->\(member)));\n"
            }
            let compiled = try gcc(["-o", "\(folder)/program"], program + "    return 0;\n}\n")
            try #require(compiled.status == 0, "\(compiled)")
            let lines = try run("\(folder)/program").output.split(separator: "\n")
            return Dictionary(
                uniqueKeysWithValues: lines.map { line in
                    let space = line.lastIndex(of: " ")!
                    return (String(line[..<space]), String(line[space...].dropFirst()))
                })
        }
    }
}
