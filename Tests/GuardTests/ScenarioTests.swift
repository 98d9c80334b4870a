// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The guard in front of a module that has no rules, driven by a client that is unkind: Tests/Programs/check_guard.
struct ScenarioTests {
    private func run(_ scenario: Scenario, with bench: Workbench, _ more: [String: String] = [:]) throws
        -> CommandResult
    {
        var environment = scenario.environment.merging(more) { $1 }
        if let preload = scenario.preload { environment["LD_PRELOAD"] = bench.path(preload) }
        return try bench.check(scenario.name, module: scenario.module, environment: environment)
    }

    private func expect(_ scenario: Scenario, _ result: CommandResult) {
        let log = GuardLog(result.errors)
        #expect(result.status == 0, "\(scenario): \(result.status)\n\(result.output)\(result.errors.prefix(4000))")
        if let violations = scenario.violations {
            #expect(log.violations == violations, "\(result.errors.prefix(9000))")
        }
        if let lines = scenario.lines { #expect(log.lines.count == lines, "\(result.errors.prefix(9000))") }
        for text in scenario.says { #expect(log.lines.contains { $0.contains(text) }, "\(result.errors.prefix(9000))") }
        for text in scenario.never { #expect(!result.errors.contains(text), "\(result.errors.prefix(9000))") }
        #expect(log.oddLines == [])
    }

    @Test(arguments: Scenario.all) func scenario(_ scenario: Scenario) throws {
        expect(scenario, try run(scenario, with: try .ordinary()))
    }

    /// The same once more, with everything that is read and written looked at. Left out is what the sanitizer does not bear: a library
    /// that is preloaded would come before it, it writes to standard error itself, it needs more time and stack, and its own locks do not bear fork in a signal handler.
    @Test func sanitized() throws {
        let bench = try Workbench.sanitized()
        let leftOut = ["small-stack", "loaded-on-a-small-stack", "closing-many", "forked-in-a-handler"]
        for scenario in Scenario.all where !leftOut.contains(scenario.name) && scenario.preload == nil {
            if scenario.environment["CHECK_GUARD_STDERR"] != nil { continue }
            let result = try run(
                scenario, with: bench, ["ASAN_OPTIONS": "detect_leaks=0:exitcode=99", "CHECK_GUARD_ROUNDS": "20000"])
            #expect(!result.errors.contains("AddressSanitizer"), "\(scenario): \(result.errors.suffix(6000))")
            expect(scenario, result)
        }
    }

    /// One line as a whole: nothing but addresses, the process and the thread is left open.
    @Test func aLine() throws {
        let bench = try Workbench.ordinary()
        let log = GuardLog(try bench.check("one-line").errors)
        let thread = try #require(try #/\[\d+\/(\d+)\]/#.firstMatch(in: String(log.lines[0]))).1
        #expect(
            log.texts.map { $0.replacing(#/0x[0-9a-f]{3,}/#, with: "ADDRESS").replacing(thread, with: "THREAD") } == [
                "permissive.so: refused C_FindObjectsInit in session 0x1, call 4; active: "
                    + "encrypt (ready) since C_EncryptInit, call 3, thread THREAD, from check_guard+ADDRESS; "
                    + "digest (parts) since C_DigestInit, call 1, thread THREAD, from check_guard+ADDRESS; "
                    + "rule search-beside-cryptographic: A search cannot start while a cryptographic operation is active. "
                    + "(Usage Guide 3.2, 4.1 Operations, sessions, and threads); answered CKR_OPERATION_ACTIVE",
                "permissive.so: C_Finalize: 1 sessions, 1 violations: search-beside-cryptographic 1",
            ])
    }

    /// A line about a rule leads to it, where somebody says where the page is; the one at the end does not.
    @Test(arguments: ["enforce", "report"]) func aLineLeadsToThePage(_ mode: String) throws {
        let page = "https://example.org/session-rules.html"
        let log = GuardLog(
            try Workbench.ordinary().check(
                "one-line", environment: ["P11GUARD_REFERENCE": page, "P11GUARD_MODE": mode]
            ).errors)
        #expect(log.lines.first?.hasSuffix("; see \(page)#search-beside-cryptographic") == true, "\(log.lines)")
        #expect(log.lines.last?.contains("; see ") == false)
        let html = try Project.text("Sources/Generated/doc/session-rules.html")
        #expect(html.contains(" id=\"search-beside-cryptographic\">"))
    }

    /// What is in the way while a start is pending, is named.
    @Test func aPendingStartIsNamed() throws {
        let result = try Workbench.ordinary().check(
            "pending-start", environment: ["PERMISSIVE_ANSWER": "C_DigestInit=0x204:1-1"])
        let line = result.errors.split(separator: "\n").first
        #expect(line?.contains("; active: none; pending: C_DigestInit; rule ") == true, "\(result.errors)")
    }
}
