// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// What a person is told who made one mistake in the data.
struct FaultTests {
    @Test func theBaseHasNoFault() throws {
        #expect(try Base.loading([:]) == Report(expected: []))
    }

    @Test func thereAreFaults() { #expect(Fault.all.count > 60) }

    @Test(arguments: Fault.all)
    func aFaultIsReported(_ name: String) throws {
        var fault = try Fault(name)
        let report = try Base.loading(fault.texts())
        if Project.accepts { fault = try fault.accepting(report) }
        #expect(report == Report(expected: fault.expected), "'make accept' takes over texts that were meant to change")
        if !fault.printed.isEmpty { #expect(report.printed == fault.printed) }
    }
}
