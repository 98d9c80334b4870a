// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// What a person is told who made one mistake in the data.
struct FaultTests {
    @Test func theBaseHasNoFault() async throws {
        #expect(try await Base.loading([:]) == Report(expected: []))
    }

    @Test func thereAreFaults() { #expect(Fault.all.count > 60) }

    @Test(arguments: Fault.all)
    func aFaultIsReported(_ name: String) async throws {
        let fault = try Fault(name)
        let report = try await Base.loading(fault.texts())
        #expect(report == Report(expected: fault.expected))
        if !fault.printed.isEmpty { #expect(report.printed == fault.printed) }
    }
}
