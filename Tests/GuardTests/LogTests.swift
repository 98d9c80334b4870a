// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Where the guard writes, in a process that belongs to somebody else: standard_error.c and lost_lines.c in
/// Tests/Programs/check_guard.
struct LogTests {
    /// Runs a scenario.
    ///
    /// - Parameter odd: what is odd about the system, as Tests/Programs/odd_system.c has it; nil: nothing is.
    private func check(
        _ scenario: String, log: String, odd: [String: String]? = nil, _ more: [String: String] = [:]
    ) throws -> CommandResult {
        let bench = try Workbench.ordinary()
        var environment = more.merging(["P11GUARD_LOG": log]) { $1 }
        if let odd { environment.merge(odd.merging(["LD_PRELOAD": bench.path("odd_system.so")]) { $1 }) { $1 } }
        return try bench.check(scenario, environment: environment)
    }

    /// The end of the last line where five calls were refused.
    private func summary(lost: Int) -> String {
        "5 violations: search-beside-cryptographic 5" + (lost == 0 ? "" : "; log lines lost: \(lost)")
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

    /// Whatever cannot be opened as the log costs the lines meanwhile, and the first line that finds a log counts them.
    @Test(
        arguments: [
            "mkdir log", "ln -s nothing log", "touch other; ln -s other log", "touch other; ln other log", "mkfifo log",
            "touch log; chown 65534 log", "cd ..; rmdir $0",
        ]) func linesLostAtOpening(_ script: String) throws
    {
        try Project.withFolder { folder in
            let made = try run("sh", ["-c", "cd $0; \(script)", folder])
            if made.status != 0 { try Test.cancel("only root gives files away") }
            let result = try check("log-opened-late", log: "\(folder)/log")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
            let lines = GuardLog(try Project.text("\(folder)/log")).lines
            #expect(lines.count == 1 && lines[0].hasSuffix(summary(lost: 5)), "\(lines)")
        }
    }

    /// Each kind of thing that descriptor 2 can be, as standard error, and opened later in its place.
    @Test(
        arguments: [
            "descriptor-2", "standard-error-restored", "same-file-not-appended", "journal-of-another",
            "interrupted-write",
        ]) func onlyStandardErrorIsWrittenTo(_ scenario: String) throws
    {
        let result = try check(scenario, log: "")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
    }

    /// Errors of the system cost the lines that they concern; an interruption costs none.
    @Test(arguments: [ENOSPC, EFBIG, EDQUOT, EIO, EPIPE, EINTR]) func failedWrites(_ error: Int32) throws {
        try Project.withFolder { folder in
            let result = try check("refused-often", log: "\(folder)/log", odd: ["ODD_WRITES": "5:\(error)"])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
            let lines = GuardLog(try Project.text("\(folder)/log")).lines
            #expect(lines.count == (error == EINTR ? 6 : 1))
            #expect(lines.last?.hasSuffix(summary(lost: error == EINTR ? 0 : 5)) == true, "\(lines)")
        }
    }

    /// A file that may not grow gets no part of a line. Where a part was written all the same, the next line begins behind a line
    /// break.
    @Test(
        arguments: [
            ("nearly-no-room-left", [:], 3, 3), ("nearly-no-room-left", ["ODD_LIMIT": "1"], 4, 3),
            ("refused-often", ["ODD_HALF": "1"], 6, 1),
        ]) func cutLines(_ scenario: String, _ odd: [String: String], _ count: Int, _ lost: Int) throws
    {
        try Project.withFolder { folder in
            let result = try check(scenario, log: "\(folder)/log", odd: odd)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
            let lines = GuardLog(try Project.text("\(folder)/log")).lines
            #expect(lines.count == count)
            #expect(lines.allSatisfy { $0.split(separator: "p11guard[").count == 2 }, "\(lines)")
            #expect(lines.last?.hasSuffix(summary(lost: lost)) == true, "\(lines)")
        }
    }

    /// Where the kernel alone knows the limit, it sends SIGXFSZ.
    @Test func aSignalOfAFullFile() throws {
        try Project.withFolder { folder in
            let result = try check("no-room-left", log: "\(folder)/log", odd: ["ODD_LIMIT": "1"])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
        }
    }

    /// A child of fork does not report the lines that its parent lost.
    @Test func linesLostByTheParent() throws {
        try Project.withFolder { folder in
            let result = try check("lost-by-the-parent", log: "\(folder)/log")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
            let last = GuardLog(try Project.text("\(folder)/log")).lines.filter { $0.contains(": C_Finalize: ") }
            #expect(last.count == 2 && last[0].hasSuffix(summary(lost: 0)), "\(last)")
            #expect(last.last?.hasSuffix(summary(lost: 5)) == true, "\(last)")
        }
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

    /// Standard error stays what it was when the process becomes another user's.
    @Test func standardErrorAfterSetuid() throws {
        if geteuid() != 0 { try Test.cancel("only root becomes another user") }
        let result = try check("after-setuid", log: "")
        #expect(result.status == 0 && GuardLog(result.errors).lines.count == 6, "\(result)")
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

    /// The record of a session that is closed gets used again although a thread was cancelled while it was refused there.
    @Test func cancelledThreadsLeaveNoPin() throws {
        try Project.withFolder { folder in
            let result = try check(
                "cancelled-leaves-no-pin", log: "\(folder)/log", ["P11GUARD_THREADS": "refuse"])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
        }
    }

    /// A clock that was never set, or that a library has replaced by a wrong one.
    @Test(
        arguments: [
            ("-1:250000000", "1969-12-31T23:59:59.250Z"), ("-86400:0", "1969-12-31T00:00:00.000Z"),
            ("-86401:999999999", "1969-12-30T23:59:59.999Z"), ("0:0", "1970-01-01T00:00:00.000Z"),
            ("951782400:1000000", "2000-02-29T00:00:00.001Z"),
            ("0:-1", "1970-01-01T00:00:00.000Z"), ("-1:-250000000", "1969-12-31T23:59:59.000Z"),
            ("0:2000000000", "1970-01-01T00:00:00.999Z"), ("\(Int.min):0", "0000-03-01T08:29:52.000Z"),
        ]) func oddClocks(_ clock: String, _ time: String) throws
    {
        let result = try check("one-line", log: "", odd: ["ODD_CLOCK": clock])
        #expect(result.status == 0, "\(result)")
        let lines = GuardLog(result.errors).lines
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("\(time) ") }, "\(lines)")
    }
}
