// SPDX-License-Identifier: MIT

import CodeGeneration
import Foundation
import TestSupport
import Testing

/// A folder in which the commands of an example run.
struct Scene {
    let workshop: Workshop
    let environment: [String: String]

    /// Makes what the commands need: a repository, a token, or the guard.
    static func open<Result>(for name: String, _ commands: String, _ body: (Scene) throws -> Result) throws -> Result {
        try Workshop.open { workshop in
            var environment = [
                "PATH": "\(URL(filePath: Project.generator).deletingLastPathComponent().path):/usr/bin:/bin"
            ]
            func link(_ path: String, to target: String) throws {
                let url = URL(filePath: workshop.path(path)).deletingLastPathComponent()
                try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(
                    atPath: workshop.path(path), withDestinationPath: target)
            }
            // The programs have been built.
            try workshop.write("programs guard:\n\t@true\n", to: "Makefile")
            try link("Examples", to: "\(Project.root)/Examples")
            try link(
                ".build/release", to: URL(filePath: Project.program("p11probe")).deletingLastPathComponent().path)
            if commands.contains(".build/guard") {
                try require(file: ".build/guard/release/libp11guard.so", "make guard builds it")
                try link(".build/guard", to: "\(Project.root)/.build/guard")
            }
            if commands.contains("/path/to/token.so") {
                try FileManager.default.createDirectory(
                    atPath: workshop.path("hsm"), withIntermediateDirectories: true)
                let token = try Token.softHSM(folder: workshop.path("hsm"))
                environment.merge(token.environment) { $1 }
                try link("token.so", to: token.module)
            }
            for (word, package) in [
                ("libsoftokn3.so", "libnss3"), ("pkcs11-tool", "opensc"), ("pkcs11-spy", "opensc"), ("git ", "git"),
            ] where commands.contains(word) { try require(package: package) }
            let scene = Scene(workshop: workshop, environment: environment)
            try scene.prepare(name, commands)
            return try body(scene)
        }
    }

    /// What individual examples need.
    private func prepare(_ name: String, _ commands: String) throws {
        if commands.contains("git ") {
            let made = try shell(
                """
                set -e
                git init -q . && git config user.name n && git config user.email e
                git add spec && git commit -q -m one && git branch origin/main
                """)
            try #require(made.status == 0, "\(made)")
        }
        switch name {
        case "diff", "review-diff":
            let pair =
                "    <pair id=\"pair-sign-encrypt\"   first=\"sign\"    second=\"encrypt\" cite=\"guide-3.2 2.6.7\"/>\n"
            try workshop.edit("spec/cryptoki.xml", pair, "")
        case "error":
            let overlay = try Project.text("Examples/vendor-overlay/acme.xml")
            try workshop.write(overlay.replacing("number=\"150\" name", with: "number=\"39\" name"), to: "acme.xml")
        case "violation":
            try FileManager.default.copyItem(
                atPath: "\(Project.root)/Tests/Small", toPath: workshop.path("wrong"))
            let transition = "<after outcome=\"error\" to=\"uncertain\" cite=\"guide-1.0 1\"/>"
            try workshop.edit(
                "wrong/cryptoki.xml", transition,
                transition + "<after outcome=\"error\" to=\"idle\" from=\"uncertain\" cite=\"guide-1.0 1\"/>")
        default: break
        }
    }

    /// Runs commands of an example, with the folder in the place of `/path/to`.
    func shell(_ commands: String) throws -> CommandResult {
        try run(
            "timeout", ["300", "sh", "-c", commands.replacing("/path/to/", with: "\(workshop.folder)/")],
            in: workshop.folder, environment: environment)
    }
}
