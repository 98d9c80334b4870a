// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The generated Swift, copied into a program: its names collide with none of the program's, and its lines are of a readable length.
struct NamespaceTests {
    private static let files = ["CryptokiSession", "SessionEntry"].map { "Sources/Generated/swift/\($0).swift" }

    @Test func aProgramHasItsOwnNames() throws {
        try Workshop.open { workshop in
            let program = try workshop.writing("main.swift", Self.program)
            let executable = workshop.path("program")
            let compiled = try run(
                "swiftc",
                ["-swift-version", "6", "-warnings-as-errors", "-Onone"] + Self.files + [program, "-o", executable])
            try #require(compiled.status == 0, "\(compiled)")
            let result = try run(executable)
            #expect(result.status == 0 && result.output == "refused: OPERATION_NOT_INITIALIZED\n", "\(result)")
        }
    }

    /// A program with types and functions of the same names as those of the rules, public and private ones.
    private static let program = """
        struct Session { var id: Int; var operations = SessionRules.Session(); let entry = Entry() }
        struct Policy { let name: String }
        struct Rule { let text: String }
        struct Call { let name: String }
        struct Facts {}
        struct Pending {}
        struct Operation {}
        struct SessionOperation {}
        struct RuleViolation: Error { let text: String }
        struct Violation {}
        struct Effect {}
        struct Outcome {}
        struct FunctionRow {}
        struct RoleRow {}
        struct SessionEntry {}
        final class Entry {}
        enum Phase { case first }
        enum Function { case open }
        enum Perspective { case front }
        enum Conflict { case none }
        enum Reach { case near }
        enum Tables {}
        func mapped(_ text: String) -> String { text }
        func outcome(of text: String) -> String { text }
        func moved(_ text: String) -> String { text }
        let applies = "applies"
        let after = "after"
        let knows = "knows"

        func digestUpdate(_ session: inout Session, _ rules: SessionRules) throws(RuleViolation) {
            do {
                try rules.admit_C_DigestUpdate(session.operations)
            } catch {
                let isExpected = error.returnValue == 0x91 && error.rule == .partInNotStarted
                throw RuleViolation(text: isExpected ? "OPERATION_NOT_INITIALIZED" : "\\(error)")
            }
            rules.complete_C_DigestUpdate(&session.operations, returning: 0)
        }

        let rules = SessionRules(policy: .usageGuide, perspective: .owner)
        var session = Session(id: 1)
        do throws(RuleViolation) {
            try digestUpdate(&session, rules)
        } catch {
            print(mapped("refused: ") + error.text)
        }

        """

    @Test(arguments: ["swift/CryptokiSession.swift", "swift/SessionEntry.swift"])
    func oneNameIsDeclared(_ file: String) throws {
        let text = try Project.text("Sources/Generated/\(file)")
        for line in text.components(separatedBy: "\n") {
            let words = line.split(separator: " ")
            // At the left margin stand comments, imports, attributes, closing braces and the namespace.
            guard let first = words.first, !line.hasPrefix(" "), !["//", "///", "import", "}"].contains(first) else {
                continue
            }
            #expect(line == "extension SessionRules {" || line == "public struct SessionRules: Sendable {")
        }
    }

    @Test(arguments: Project.outputs.filter { $0.hasSuffix(".swift") })
    func noLineIsLongerThanInWrittenCode(_ file: String) throws {
        let lines = try Project.text("Sources/Generated/\(file)").components(separatedBy: "\n")
        for (number, line) in lines.enumerated() where line.count > 120 {
            Issue.record("\(file):\(number + 1) has \(line.count) columns")
        }
    }
}
