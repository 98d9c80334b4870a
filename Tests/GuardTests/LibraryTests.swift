// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The library as a file.
struct LibraryTests {
    /// The functions of the standard and nothing else; those are what the specification's data lists.
    @Test func exports() throws {
        let bench = try Workbench.ordinary()
        let result = try run("nm", ["-D", "--defined-only", "--extern-only", bench.guardPath])
        let exported = result.output.split(separator: "\n").map { String($0.split(separator: " ").last ?? "") }.sorted()
        let header = try Project.text("Sources/Generated/c/include/pkcs11f.h")
        let expected = header.matches(of: #/\nCK_PKCS11_FUNCTION_INFO\((C_\w+)\)/#).map { String($0.1) }.sorted()
        #expect(expected.count == 104)
        #expect(exported == expected)
        let data = try Project.export()
        #expect(data["functions"].list.map { $0["name"].text }.sorted() == expected)
    }

    /// No runtime of Swift, nor of C++.
    @Test func needs() throws {
        let bench = try Workbench.ordinary()
        let result = try run("ldd", [bench.guardPath])
        let needed = result.output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first.map {
                URL(filePath: $0.trimmingCharacters(in: .whitespaces)).lastPathComponent
            }
        }
        #expect(
            Set(needed).isSubset(of: ["linux-vdso.so.1", "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"]), "\(needed)"
        )
        let segments = try run("readelf", ["-lW", bench.guardPath]).output
        #expect(!segments.contains("RWE"), "\(segments)")
        #expect(try run("readelf", ["-dW", bench.guardPath]).output.contains("TEXTREL") == false)
    }
}
