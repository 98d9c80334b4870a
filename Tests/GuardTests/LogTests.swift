// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Where the guard writes, in a process that belongs to somebody else: Tests/Programs/check_guard_descriptors.h.
struct LogTests {
    private func check(_ scenario: String, log: String, preload: String? = nil) throws -> CommandResult {
        let bench = try Workbench.ordinary()
        var environment = ["P11GUARD_LOG": log]
        if let preload { environment["LD_PRELOAD"] = bench.path(preload) }
        return try bench.check(scenario, environment: environment)
    }

    /// A log for each process, which its owner alone can read, and to which lines are added.
    @Test func logFiles() throws {
        try Project.withFolder { folder in
            for times in 1...2 {
                let result = try check("forked", log: "\(folder)/%p.%p-100%.log")
                #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
                let files = try FileManager.default.contentsOfDirectory(atPath: folder)
                #expect(files.count == 2 * times)
                for file in files {
                    let process = try #require(file.split(separator: ".").first)
                    #expect(file == "\(process).\(process)-100%.log")
                    let log = GuardLog(try Project.text("\(folder)/\(file)"))
                    #expect(log.violations == 1 && log.oddLines.isEmpty)
                    #expect(log.lines.allSatisfy { $0.contains("p11guard[\(process)/") })
                    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")
                    #expect(attributes[.posixPermissions] as? Int == 0o600)
                }
            }
            for _ in 1...3 { _ = try check("one-line", log: "\(folder)/log") }
            #expect(GuardLog(try Project.text("\(folder)/log")).lines.count == 6)
        }
    }

    /// A file that may be somebody else's is not added to, and neither is anything else in its place.
    @Test(
        arguments: [
            ("ln -s other log", "other"), ("echo theirs > other; ln other log", "other"),
            ("echo theirs > log; chown 65534 log", "log"), ("mkdir log", nil), ("ln -s nothing log", nil),
        ]) func whatIsNotOpened(_ script: String, _ file: String?) throws
    {
        try Project.withFolder { folder in
            let made = try run("sh", ["-c", "cd $0; \(script)", folder])
            if made.status != 0 { try Test.cancel("only root gives files away") }
            let result = try check("one-line", log: "\(folder)/log")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
            if let file {
                let text = try? Project.text("\(folder)/\(file)")
                #expect(text == nil || text == "theirs\n")
            }
        }
    }

    /// Each kind of thing that descriptor 2 can be, as standard error, and opened later in its place.
    @Test func onlyStandardErrorIsWrittenTo() throws {
        let result = try check("descriptor-2", log: "")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
    }

    /// Lines for which there was no descriptor or no room are counted, and found nowhere else.
    @Test(arguments: [("no-descriptor-left", 5), ("no-room-left", 7)]) func lostLines(_ scenario: String, _ count: Int)
        throws
    {
        try Project.withFolder { folder in
            let result = try check(scenario, log: "\(folder)/log")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
            let lines = GuardLog(try Project.text("\(folder)/log")).lines
            #expect(lines.count == 1)
            #expect(
                lines.first?.hasSuffix(
                    "\(count) violations: search-beside-cryptographic \(count); log lines lost: \(count)")
                    == true, "\(lines)")
        }
    }

    @Test func afterSetuid() throws {
        if geteuid() != 0 { try Test.cancel("only root becomes another user") }
        try Project.withFolder { folder in
            try #require(try run("chmod", ["700", folder]).status == 0)
            let result = try check("after-setuid", log: "\(folder)/log")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/log"))
        }
    }

    /// A pipe that nobody reads is no reason for the host to wait, and neither is one whose reader has stopped.
    @Test(arguments: ["one-line", "stalled-reader"]) func aPipeAsLog(_ scenario: String) throws {
        try Project.withFolder { folder in
            try #require(try run("mkfifo", ["\(folder)/pipe"]).status == 0)
            let result = try check(scenario, log: "\(folder)/pipe")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
        }
    }

    @Test func cancelledThreadsLeaveNoFileOpen() throws {
        try Project.withFolder { folder in
            let result = try check("cancelled-while-refused", log: "\(folder)/log")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
        }
    }

    @Test func aClockThatWasNeverSet() throws {
        let result = try check("one-line", log: "", preload: "before_1970.so")
        #expect(result.status == 0, "\(result)")
        let lines = GuardLog(result.errors).lines
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("1969-12-31T23:59:59.250Z ") }, "\(lines)")
    }
}
