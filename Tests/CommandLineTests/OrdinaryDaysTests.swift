// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What happens on an ordinary bad day: the tool behaves as a careful one would, and the old outputs stay.
struct OrdinaryDaysTests {
    private let output = "Sources/Generated/c/include/pkcs11.h"

    private func shell(_ script: String, in workshop: Workshop) throws -> CommandResult {
        try run(
            "bash", ["-c", script.replacingOccurrences(of: "p11gen", with: "'\(Project.generator)'")],
            in: workshop.folder)
    }

    /// Nothing but whole outputs and nothing left over.
    private func expectWholeOutputs(_ workshop: Workshop) throws {
        #expect(try workshop.generate("generate", "--check").status == 0)
        let files = try FileManager.default.subpathsOfDirectory(atPath: workshop.path("Sources/Generated"))
        #expect(files.filter { $0.hasSuffix(".tmp") } == [])
    }

    @Test func twoRunsAtOnce() throws {
        try Workshop.open { workshop in
            let result = try shell(
                "for i in 1 2 3 4 5 6 7 8; do p11gen >/dev/null & pids+=($!); done; s=0; for p in ${pids[@]}; do wait $p || s=1; done; exit $s",
                in: workshop)
            #expect(result.status == 0, "\(result)")
            try expectWholeOutputs(workshop)
        }
    }

    @Test func aReadOnlyOutputFolder() throws {
        try require(program: "setpriv")
        try Workshop.open { workshop in
            try workshop.generate()
            let old = try workshop.text(output)
            try workshop.edit("Templates/c/include/pkcs11.h.mustache", "#define NULL_PTR 0", "#define NULL_PTR 1")
            // Somebody else, who may read everything and write nothing.
            let result = try shell("chmod -R a+rX . && exec setpriv --reuid 65534 --clear-groups p11gen", in: workshop)
            #expect(result.status == 65)
            #expect(
                result.errors.hasPrefix("\(output): error: cannot write: Permission denied [file]\n"), "\(result)")
            #expect(try workshop.text(output) == old)
        }
    }

    @Test func aFullDisk() throws {
        try Workshop.open { workshop in
            try workshop.generate()
            let old = try workshop.text(output)
            try workshop.edit("Templates/c/include/pkcs11.h.mustache", "#define NULL_PTR 0", "#define NULL_PTR 1")
            // No file may grow beyond 1 KiB, and the signal for that is ignored: writing fails, as it does on a full disk.
            let result = try shell("trap '' XFSZ; ulimit -f 1; exec p11gen", in: workshop)
            #expect(result.status == 65, "\(result)")
            #expect(result.errors.contains("\(output): error: cannot write: File too large [file]"), "\(result)")
            #expect(try workshop.text(output) == old)
            try workshop.generate()
            try expectWholeOutputs(workshop)
        }
    }

    @Test func aKilledRun() throws {
        try Workshop.open { workshop in
            try workshop.generate()
            for delay in ["0.002", "0.005", "0.01", "0.02", "0.03"] {
                try workshop.write("old\n", to: output)
                _ = try shell(
                    "p11gen & sleep \(delay); kill -9 $! 2>/dev/null; wait $! 2>/dev/null; true", in: workshop)
                let text = try workshop.text(output)
                #expect(
                    text == "old\n" || text.hasSuffix("#endif /* PKCS11_H */\n"),
                    "the old file or the new one, never a part")
            }
            for line in try workshop.generate().errors.split(separator: "\n") {
                let file = line.prefix { $0 != ":" }
                #expect(line.hasSuffix("a temporary file of an interrupted run; delete it [stale]"))
                try FileManager.default.removeItem(atPath: workshop.path(String(file)))
            }
            try expectWholeOutputs(workshop)
        }
    }

    @Test func aSymbolicLinkAsOutput() throws {
        try Workshop.open { workshop in
            try workshop.generate()
            try FileManager.default.moveItem(atPath: workshop.path(output), toPath: workshop.path("elsewhere.h"))
            try FileManager.default.createSymbolicLink(
                atPath: workshop.path(output), withDestinationPath: workshop.path("elsewhere.h"))
            try workshop.write("old\n", to: "elsewhere.h")
            #expect(try workshop.generate().status == 0)
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: workshop.path(output))
                    == workshop.path("elsewhere.h"))
            #expect(try workshop.text("elsewhere.h").hasSuffix("#endif /* PKCS11_H */\n"))
            try expectWholeOutputs(workshop)
        }
    }

    @Test func anOutputOnAnotherFileSystem() throws {
        let other = "/dev/shm"
        guard FileManager.default.isWritableFile(atPath: other) else {
            try Test.cancel("there is no second file system to write to")
        }
        try Workshop.open { (workshop) throws -> Void in
            let folder = "\(other)/p11gen-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            #expect(try workshop.generate("generate", "--output", folder).status == 0)
            #expect(try workshop.generate("generate", "--output", folder, "--check").status == 0)
        }
    }

    @Test func theUmaskAndTheModeOfAFile() throws {
        try Workshop.open { workshop in
            func mode(_ file: String) -> Int? {
                try? FileManager.default.attributesOfItem(atPath: workshop.path(file))[.posixPermissions] as? Int
            }
            _ = try shell("umask 027; p11gen", in: workshop)
            #expect(mode(output) == 0o640)
            try workshop.edit(output, "#define NULL_PTR 0", "#define NULL_PTR 1")
            try FileManager.default.setAttributes([.posixPermissions: 0o604], ofItemAtPath: workshop.path(output))
            try workshop.generate()
            #expect(mode(output) == 0o604, "a file that is there keeps its mode")
        }
    }

    @Test func dataWithWindowsLineEnds() throws {
        try Workshop.open { workshop in
            try workshop.generate()
            for file in ["spec/cryptoki.xml", "spec/registry.xml", "spec/headings.xml", "spec/cryptoki.rng"] {
                try workshop.write(try workshop.text(file).replacingOccurrences(of: "\n", with: "\r\n"), to: file)
            }
            let result = try workshop.generate()
            #expect(result.output.contains("wrote 0 of \(Project.outputs.count) files"), "\(result)")
        }
    }

    @Test func aPathWithBlanksAndUmlauts() throws {
        try Workshop.open { workshop in
            let folder = workshop.path("ein schöner Ordner")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for part in ["spec", "Templates"] {
                try FileManager.default.moveItem(atPath: workshop.path(part), toPath: "\(folder)/\(part)")
            }
            let result = try workshop.generate(
                "generate", "--spec", "ein schöner Ordner/spec/cryptoki.xml", "--templates",
                "ein schöner Ordner/Templates",
                "--output", "ein schöner Ordner/out", "--depfile", "out.d")
            #expect(result.status == 0, "\(result)")
            #expect(try workshop.text("out.d").contains("  ein\\ schöner\\ Ordner/spec/cryptoki.xml \\\n"))
            #expect(try workshop.text("ein schöner Ordner/out/c/include/pkcs11.h").hasSuffix("#endif /* PKCS11_H */\n"))
        }
    }

    @Test func anOutputThatIsAFolder() throws {
        try Workshop.open { workshop in
            try workshop.write("", to: "\(output)/file")
            let result = try workshop.generate()
            #expect(result.status == 65)
            #expect(result.errors.contains("\(output): error: "), "\(result)")
        }
    }

    @Test(arguments: ["spec/cryptoki.xml", "spec/headings.xml", "spec/registry.xml", "spec/cryptoki.rng"])
    func aMissingInput(_ file: String) throws {
        try Workshop.open { workshop in
            try FileManager.default.removeItem(atPath: workshop.path(file))
            let result = try workshop.generate(
                "generate", "--spec", "spec/cryptoki.xml", "--templates", "Templates", "--output", "out")
            #expect(result.status == 65)
            let named = ["spec/headings.xml", "spec/registry.xml"].contains(file)
            let lines = result.errors.split(separator: "\n")
            #expect(lines.first == "\(file):1:1: error: cannot be read: No such file or directory [unreadable]")
            #expect(lines.last == "p11gen: 1 error; nothing was written")
            #expect(lines.count == (named ? 5 : 2), "where the data names the file: \(result)")
        }
    }

    @Test func noTemplates() throws {
        try Workshop.open { workshop in
            let result = try workshop.generate("generate", "--templates", "nowhere")
            #expect(result.status == 65)
            #expect(
                result.errors.hasPrefix("nowhere: error: cannot read the folder: No such file or directory [file]\n"))
        }
    }
}
