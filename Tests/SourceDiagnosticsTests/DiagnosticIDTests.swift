// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Testing

/// The enumeration of diagnostics and its documentation.
struct DiagnosticIDTests {
    @Test func eachDiagnosticIsExplainedOnce() {
        let explained = Diagnostic.ID.topics.flatMap { $0.explanations.map(\.key.rawValue) }
        #expect(explained.sorted() == Diagnostic.ID.allCases.map(\.rawValue).sorted())
    }

    @Test(arguments: Diagnostic.ID.allCases)
    func anExplanationIsASentence(_ id: Diagnostic.ID) {
        #expect(id.explanation.first?.isUppercase == true || id.explanation.hasPrefix("`"), "\(id.explanation)")
        #expect(id.explanation.hasSuffix(".") && !id.explanation.contains("|"), "\(id.explanation)")
        #expect(id.rawValue.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(id.rawValue)")
    }

    @Test func onlyWhatLeavesAResultIsAWarning() {
        #expect(Diagnostic.ID.allCases.filter { $0.severity == .warning } == [.dualWithoutPair, .stale])
    }
}
