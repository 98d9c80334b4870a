// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Links, devices, pipes and the like where files should be: nothing hangs, nothing is replaced that is no regular file, and messages tell
/// what was written.
struct SpecialFileTests {
    private let output = "Sources/Generated/c/include/pkcs11.h"
    private let advice = "remove it or choose another path [file]\np11gen: 1 error; nothing was written\n"

    /// Runs a script of which `p11gen` is the generator, for a limited time and with limited memory. The programs of the tests' own
    /// build may have a sanitizer, which reserves far more.
    private func shell(_ script: String, in workshop: Workshop) throws -> CommandResult {
        let limit = ProcessInfo.processInfo.environment["P11GEN_PROGRAMS"] == nil ? "" : "ulimit -v 4000000; "
        let generator = "timeout 20 '\(Project.generator)'"
        return try run(
            "bash", ["-c", limit + script.replacingOccurrences(of: "p11gen", with: generator)], in: workshop.folder)
    }

    /// A workshop in which two outputs are out of date: the header, and the model after it.
    private func open(_ body: (Workshop) throws -> Void) throws {
        try Workshop.open { workshop in
            try workshop.generate()
            try workshop.edit("Templates/c/include/pkcs11.h.mustache", "#define NULL_PTR 0", "#define NULL_PTR 1")
            try workshop.write(
                try workshop.text("Templates/model/session.pml.mustache") + "/* new */\n",
                to: "Templates/model/session.pml.mustache")
            try body(workshop)
            let files = try FileManager.default.subpathsOfDirectory(atPath: workshop.folder)
            #expect(files.filter { $0.hasSuffix(".tmp") } == [])
        }
    }

    private func expectOldModel(_ workshop: Workshop) throws {
        let isOld = try !workshop.text("Sources/Generated/model/session.pml").hasSuffix("/* new */\n")
        #expect(isOld, "nothing was written")
    }

    @Test func aLinkToAFolderIsFollowed() throws {
        try open { workshop in
            _ = try shell("mv Sources/Generated/c away && ln -s ../../away Sources/Generated/c", in: workshop)
            // A link to the folder that holds it leads nowhere new.
            _ = try shell("ln -s . Sources/Generated/loop", in: workshop)
            let result = try shell("p11gen", in: workshop)
            #expect(result.status == 0 && result.errors == "", "\(result)")
            #expect(result.output.contains("wrote 2 of 13 files"), "\(result)")
            #expect(try workshop.text("away/include/pkcs11.h").contains("#define NULL_PTR 1\n"))
            #expect(try shell("test -L Sources/Generated/c && p11gen generate --check", in: workshop).status == 0)
        }
    }

    @Test func aLinkToAFileThatIsNotThere() throws {
        try open { workshop in
            let script = "rm \(output); mkdir away; ln -s ../../../../b \(output); ln -s away/pkcs11.h b; p11gen"
            let result = try shell(script, in: workshop)
            #expect(result.status == 0 && result.errors == "", "\(result)")
            #expect(try workshop.text("away/pkcs11.h").contains("#define NULL_PTR 1\n"))
            #expect(try shell("test -L b && test -L \(output) && p11gen --check", in: workshop).status == 0)
            let circle = try shell("ln -sf c b; ln -s b c; p11gen", in: workshop)
            let message = "error: cannot read: Too many levels of symbolic links [file]\n"
            #expect(circle.errors.hasPrefix("\(output): \(message)"), "\(circle)")
        }
    }

    @Test(arguments: [
        ("ln -s /dev/zero \"$o\"", "is a link to a device, not to a regular file"),
        ("ln -s /dev/full \"$o\"", "is a link to a device, not to a regular file"),
        ("mkfifo \"$o\"", "is a named pipe, not a regular file"),
        ("mkfifo pipe; ln -s \"$PWD/pipe\" \"$o\"", "is a link to a named pipe, not to a regular file"),
        ("mkdir \"$o\"", "is a folder, not a regular file"),
        ("ln -s .. \"$o\"", "is a link to a folder, not to a regular file"),
        (
            "python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' \"$o\"",
            "is a socket, not a regular file"
        ),
        ("truncate -s 1T \"$o\"", "is larger than any output"),
    ])
    func anOutputThatIsNoFile(_ script: String, _ message: String) throws {
        try open { workshop in
            #expect(try shell("o=\(output); rm $o; \(script); test -e $o || test -L $o", in: workshop).status == 0)
            for arguments in ["generate", "generate --check"] {
                let result = try shell("p11gen \(arguments)", in: workshop)
                #expect(result.status == 65)
                #expect(result.errors == "\(output): error: \(message); \(advice)", "\(result)")
            }
            try expectOldModel(workshop)
        }
    }

    /// What stands beside the outputs is no concern of p11gen's.
    @Test func otherThingsThatAreNoFiles() throws {
        try open { workshop in
            let script = "cd Sources/Generated; mkfifo pipe; ln -s /dev/zero zero; ln -s pipe link; ln -s .. up"
            #expect(try shell(script, in: workshop).status == 0)
            let result = try shell("p11gen && p11gen generate --check", in: workshop)
            #expect(result.status == 0 && result.errors == "", "\(result)")
        }
    }

    @Test(arguments: [
        ("mkfifo out.d", "out.d: error: is a named pipe, not a regular file; remove it or choose another path [file]"),
        ("mkdir out.d", "out.d: error: is a folder, not a regular file; remove it or choose another path [file]"),
        ("ln -s nowhere/out.d out.d", "out.d: error: cannot write: No such file or directory [file]"),
    ])
    func aDepfileThatCannotBeWritten(_ script: String, _ message: String) throws {
        try open { workshop in
            let result = try shell("\(script); p11gen generate --depfile out.d", in: workshop)
            #expect(result.status == 65 && result.output == "")
            #expect(result.errors == "\(message)\np11gen: 1 error; nothing was written\n", "\(result)")
            try expectOldModel(workshop)
        }
    }

    /// In a folder with the sticky bit, as /tmp is, everybody may write, and nobody may replace another's file.
    @Test func aFileThatCannotBeReplaced() throws {
        try require(program: "setpriv")
        try open { workshop in
            let result = try shell(
                """
                chmod -R a+rX . && chown -R 65534 Sources/Generated/c && chmod 1777 Sources/Generated/model &&
                exec setpriv --reuid 65534 --clear-groups p11gen
                """, in: workshop)
            #expect(result.status == 65)
            #expect(
                result.errors == """
                    Sources/Generated/model/session.pml: error: cannot replace: Operation not permitted [file]
                    p11gen: 1 error; replaced 1 of 2 files: c/include/pkcs11.h

                    """, "\(result)")
            #expect(try workshop.text(output).contains("#define NULL_PTR 1\n"))
            try expectOldModel(workshop)
        }
    }

    @Test func aFolderThatCannotBeRead() throws {
        try require(program: "setpriv")
        try open { workshop in
            let result = try shell(
                """
                mkdir -m 700 Sources/Generated/private && chmod -R a+rX . && chmod 700 Sources/Generated/private &&
                chown -R 65534 Sources/Generated/c Sources/Generated/model &&
                exec setpriv --reuid 65534 --clear-groups p11gen
                """, in: workshop)
            #expect(result.status == 65)
            #expect(
                result.errors == """
                    Sources/Generated/private: error: cannot read the folder: Permission denied [file]
                    p11gen: 1 error; nothing was written

                    """, "\(result)")
            try expectOldModel(workshop)
        }
    }

    @Test(arguments: [
        ("true", "--spec /dev/zero", "/dev/zero:1:1: error: is not a regular file; pass a file [not-a-file]"),
        ("mkfifo x", "--schema x", "x:1:1: error: is not a regular file; pass a file [not-a-file]"),
        ("mkfifo x", "--overlay x", "x:1:1: error: is not a regular file; pass a file [not-a-file]"),
        ("mkfifo x", "--spec x", "x:1:1: error: is not a regular file; pass a file [not-a-file]"),
        ("mkfifo x", "--templates x", "x: error: cannot read the folder: Not a directory [file]"),
        (
            "ln -s /dev/zero Templates/doc/x.mustache", "",
            "Templates/doc/x.mustache:1:1: error: is not a regular file; pass a file [not-a-file]"
        ),
        (
            "mkfifo Templates/doc/x.mustache", "",
            "Templates/doc/x.mustache:1:1: error: is not a regular file; pass a file [not-a-file]"
        ),
        (
            "rm spec/registry.xml; mkfifo spec/registry.xml", "",
            "spec/registry.xml:1:1: error: is not a regular file; pass a file [not-a-file]"
        ),
    ])
    func anInputThatIsNoFile(_ script: String, _ arguments: String, _ message: String) throws {
        try open { workshop in
            let result = try shell("\(script); p11gen generate \(arguments)", in: workshop)
            #expect(result.status == 65)
            #expect(result.errors.split(separator: "\n").first ?? "" == message, "\(result)")
            try expectOldModel(workshop)
        }
    }
}
