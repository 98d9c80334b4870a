// SPDX-License-Identifier: MIT

import CodeGeneration
import Foundation
import TestSupport
import Testing

// What the documents say of the guard.
extension DocumentTests {
    @Test func theLogLineOfTheGuard() throws {
        let example = try Documents.example("guard-log").trimmingCharacters(in: .newlines)
        let commands = try Documents.example("guard").split(separator: "\n").filter { $0.hasPrefix("$ ") }
            .map { $0.dropFirst(2) }.joined(separator: "\n")
        let output = try Scene.open(for: "guard", commands) { scene in
            // Standard error is a file that is not opened for appending, which the guard does not use.
            let log = try scene.shell("exec 2>guard.log\n\(commands)\ncat guard.log").output
            #expect(!log.contains("refused C_FindObjectsInit"))
            return try scene.shell("exec 2>&1\n\(commands)").output
        }
        var (isShown, closest) = (false, "")
        for line in output.split(separator: "\n").map(String.init) {
            if Self.general(line) == Self.general(example) { isShown = true }
            if Self.commonWords(line, example) > Self.commonWords(closest, example) { closest = line }
        }
        if Project.accepts, !isShown {
            try Documents.accept("\(closest)\n", as: "guard-log")
        } else {
            #expect(isShown, "make accept updates docs/guard.md:\n\(output)")
        }
    }

    /// A log line without what differs from run to run.
    private static func general(_ line: String) -> String {
        line.replacing(/^[-0-9]+T[:.0-9]+Z/, with: "TIME").replacing(/\[[0-9]+\/[0-9]+\]/, with: "[PROCESS]")
            .replacing(/0x[0-9a-f]+/, with: "NUMBER").replacing(/(call|thread) [0-9]+/, with: "COUNT")
    }

    @Test func theConfigurationOfTheGuard() throws {
        let example = try Documents.example("guard.conf")
        try Scene.open(for: "guard.conf", ".build/guard /path/to/token.so") { scene in
            let workshop = scene.workshop
            try workshop.write(example.replacing("/path/to/", with: "\(workshop.folder)/"), to: "p11guard-nss.conf")
            let result = try scene.shell(
                """
                cp .build/guard/release/libp11guard.so p11guard-nss.so
                P11GUARD_REFERENCE=https://example.org/rules.html p11probe ./p11guard-nss.so --pin 1234
                cat guard-*.log
                """)
            #expect(result.status == 0, "\(result)")
            #expect(result.output.contains(": refused C_"), "\(result)")
            #expect(result.output.contains("; see https://example.org/rules.html#"), "\(result)")
        }
    }
}
