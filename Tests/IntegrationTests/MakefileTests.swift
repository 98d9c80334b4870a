// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The Makefile's step: it runs when there is a reason, and says that there is none when there is none.
struct MakefileTests {
    private func make(_ workshop: Workshop) throws -> CommandResult {
        // As if nobody's make had called this one.
        try run(
            "make", ["--no-print-directory", "generate", "P11GEN=\(Project.generator)"], in: workshop.folder,
            environment: ["MAKEFLAGS": "", "MFLAGS": "", "MAKELEVEL": "0"])
    }

    /// Gives a file the time of so many seconds ago.
    private func age(_ path: String, _ seconds: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date().addingTimeInterval(-seconds)], ofItemAtPath: path)
    }

    /// As if all had been generated a minute ago, and the file had been edited since.
    private func touch(_ file: String, in workshop: Workshop) throws {
        for folder in ["spec", "Templates"] {
            for input in try FileManager.default.subpathsOfDirectory(atPath: workshop.path(folder)) {
                try age(workshop.path("\(folder)/\(input)"), 120)
            }
        }
        try age(workshop.path(".build/generated.stamp"), 60)
        try age(workshop.path(file), 30)
    }

    @Test func runsWhenThereIsAReason() throws {
        try Workshop.open { workshop in
            try FileManager.default.copyItem(atPath: "\(Project.root)/Makefile", toPath: workshop.path("Makefile"))
            let first = try make(workshop)
            #expect(first.status == 0, "\(first)")
            #expect(
                first.output.contains(
                    "wrote \(Project.outputs.count) of \(Project.outputs.count) files"))
            let second = try make(workshop)
            #expect(second.output == "make: Nothing to be done for 'generate'.\n", "\(second)")

            for reason in [
                "spec/cryptoki.xml", "spec/registry.xml", "spec/cryptoki.rng", "Templates/c/include/pkcs11.h.mustache",
            ] {
                try touch(reason, in: workshop)
                let result = try make(workshop)
                #expect(
                    result.output.contains("wrote 0 of \(Project.outputs.count) files"),
                    "after touching \(reason): \(result)")
                #expect(try make(workshop).output == "make: Nothing to be done for 'generate'.\n", "after \(reason)")
            }

            try FileManager.default.removeItem(atPath: workshop.path("Sources/Generated/swift/CryptokiSession.swift"))
            let restored = try make(workshop)
            #expect(restored.output.contains("wrote 1 of \(Project.outputs.count) files"), "\(restored)")
            #expect(restored.output.contains("swift/CryptokiSession.swift"))
            #expect(try make(workshop).output == "make: Nothing to be done for 'generate'.\n")
        }
    }

    /// A deleted template is a reason to run; what it made is then named as stale.
    @Test func aDeletedTemplateIsAReason() throws {
        try Workshop.open { workshop in
            try FileManager.default.copyItem(atPath: "\(Project.root)/Makefile", toPath: workshop.path("Makefile"))
            #expect(try make(workshop).status == 0)
            try FileManager.default.removeItem(atPath: workshop.path("Templates/doc/session-rules.md.mustache"))
            let result = try make(workshop)
            #expect(result.status == 0, "\(result)")
            #expect(result.errors.contains("session-rules.md: warning: no template generates this file any more"))
        }
    }
}
