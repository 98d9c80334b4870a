// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What the emitted code does without: a C library, an allocator, a runtime, writable data.
struct FreestandingTests {
    private let include = "\(Project.root)/Sources/Generated/c/include"

    /// An object with every function of the header that has a name of its own, none of them inlined away.
    private func object(_ workshop: Workshop, _ compiler: String) throws -> String {
        let header = try Project.text("Sources/Generated/c/include/p11_session_rules.h")
        let names = Set(
            header.matches(of: #/\b(p11_(?:admit|complete|describe|reach_of|phase_of|enter|function)\w*)\(/#).map(\.1))
        let table = names.sorted().map { "    (void (*)(void))\($0)," }.joined(separator: "\n")
        let source = try workshop.writing(
            "all.c",
            """
            #include "p11_session_rules.h"
            extern void (*const all[])(void);
            void (*const all[])(void) = {
            \(table)
            };

            """)
        let object = workshop.path("all-\(compiler).o")
        let compiled = try run(
            compiler,
            [
                "-std=c99", "-O2", "-ffreestanding", "-nostdlib", "-fno-pic", "-Wall", "-Werror", "-I", include, "-c",
                source,
                "-o", object,
            ])
        try #require(compiled.status == 0, "\(compiled)")
        #expect(names.count > 150)
        return object
    }

    @Test(arguments: ["gcc", "clang"])
    func theHeaderNeedsNothing(_ compiler: String) throws {
        try require(program: compiler)
        try Workshop.open { workshop in
            let object = try object(workshop, compiler)
            let undefined = try run("nm", ["-u", object])
            #expect(undefined.output == "", "the object needs \(undefined.output)")
            let sections = try run("size", ["-A", object]).output.split(separator: "\n").map {
                $0.split(separator: " ", omittingEmptySubsequences: true)
            }
            for name in [".data", ".bss", ".init_array", ".ctors", ".tdata", ".tbss"] {
                let size = sections.first { $0.first.map(String.init) == name }.flatMap { Int($0[1]) } ?? 0
                #expect(size == 0, "\(name) has \(size) bytes")
            }
            let tables = sections.filter { $0.first?.hasPrefix(".rodata") ?? false }.compactMap { Int($0[1]) }.reduce(
                0, +)
            print("\(compiler): tables in \(tables) bytes of read-only data, no writable data, nothing undefined")
        }
    }

    @Test func theSwiftFileIsEmbedded() throws {
        try Workshop.open { workshop in
            let object = workshop.path("session.o")
            let compiled = try run(
                "swiftc",
                [
                    "-enable-experimental-feature", "Embedded", "-wmo", "-O", "-parse-as-library", "-swift-version",
                    "6",
                    "-warnings-as-errors", "-c", "Sources/Generated/swift/CryptokiSession.swift", "-o", object,
                ])
            #expect(compiled.status == 0, "\(compiled)")
            let undefined = try run("nm", ["-u", object]).output
            #expect(!undefined.contains("malloc") && !undefined.contains("swift_once"), "\(undefined)")
            print(
                "Embedded Swift: undefined are \(undefined.split(whereSeparator: \.isWhitespace).filter { $0 != "U" })")
        }
    }

    /// Ordinary Swift: the tables are there when the program starts, without anything that runs first.
    @Test func theSwiftTablesAreConstants() throws {
        try Workshop.open { workshop in
            let object = workshop.path("session.o")
            let compiled = try run(
                "swiftc",
                [
                    "-wmo", "-O", "-parse-as-library", "-swift-version", "6", "-c",
                    "Sources/Generated/swift/CryptokiSession.swift", "-o", object,
                ])
            try #require(compiled.status == 0, "\(compiled)")
            let undefined = try run("nm", ["-u", object]).output
            for name in ["swift_once", "malloc", "swift_allocObject", "swift_slowAlloc"] {
                #expect(!undefined.contains(name), "\(undefined)")
            }
        }
    }
}
