// SPDX-License-Identifier: MIT

import CodeGeneration
import SourceDiagnostics
import FuzzSupport

@testable import CallTracing
@testable import CryptokiSpecification
@testable import RuleAnalysis

/// The data of the package, and the ways to look at a log.
private let specification: Specification = {
    let folder = "spec"
    do throws(DiagnosticsError) {
        return try RuleData(.init(specification: "\(folder)/cryptoki.xml", schema: "\(folder)/cryptoki.rng"))
            .tables.specification
    } catch {
        fatalError("run the harness in the package's folder: \(error.diagnostics.map(\.description))")
    }
}()

private let interpreters = specification.policies.flatMap { policy in
    specification.perspectives.flatMap { perspective in
        specification.conflicts.map { Interpreter(specification, policy, perspective, $0) }
    }
}

/// Takes an input for a log, in each of its forms and in that which is found out.
@c(LLVMFuzzerTestOneInput)
public func traceInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: size)
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = bytes.count { $0 == 10 } + 1
    let found = Outcome(text, nil, lines)
    let given = CallLog.Format.allCases.map { Outcome(text, $0, lines) }
    expect(given.contains(found), "the form that is found out is one of the three, and reads as if it were given")
    return 0
}

/// What is said of a log.
private struct Outcome: Equatable {
    /// Its form; nil where it could not be read.
    var format: CallLog.Format?
    var said: [String] = []

    init(_ text: String, _ given: CallLog.Format?, _ lines: Int) {
        do throws(DiagnosticsError) {
            let log = try CallLog(text, specification, format: given)
            format = log.format
            expect(log.entries.count + log.unknown <= lines, "no more calls than lines")
            for entry in log.entries { expect((1...lines).contains(entry.line), "a call has a line: \(entry)") }
            // Another way to look for each log: all of them in each would take too long.
            let number = text.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
            for step in 0..<2 { follow(log, interpreters[(number + step * 7) % interpreters.count]) }
        } catch {
            expect(!error.diagnostics.isEmpty, "a failure has a reason")
            for fault in error.diagnostics {
                expect((1...lines).contains(fault.place.line), "a fault has a line: \(fault.description)")
            }
            for fault in error.diagnostics.prefix(4) { checkRendering(of: fault) }
            said = error.diagnostics.map(\.description)
        }
    }

    private mutating func follow(_ log: CallLog, _ interpreter: Interpreter) {
        var tracer = Tracer(interpreter)
        var notes = 0
        for entry in log.entries {
            let remark = tracer.follow(entry)
            expect(remark.line == entry.line, "a remark stands at its call")
            said.append(remark.call)
            said += remark.notes
            notes += remark.notes.count
        }
        let rest = tracer.finish()
        expect(tracer.brokenRules + tracer.leftOpen <= notes + rest.count, "what is counted has been said")
        expect(tracer.brokenRules <= log.entries.count, "a call breaks one rule")
        expect(tracer.sessionCount <= log.entries.count, "a session has a call")
        said += rest
        for line in said { expect(isOneLine(line), "what is said is one line: \(line)") }
    }
}

/// Words of the data are what changes of a log are made of.
@c(LLVMFuzzerInitialize)
public func prepareTrace(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let functions = specification.functions
    let plain = functions.map { "\($0.name) \($0.returnValues.first ?? "0")\n" }.joined()
    let spy = functions.enumerated().map { number, function in
        let arguments = function.parameters.map { "[in] \($0.name) = 0x1\n" }.joined()
        return "\(number): \(function.name)\n\(arguments)Returned:  0 \(function.returnValues.first ?? "")\n"
    }
    let kit = functions.map { function in
        let arguments = function.parameters.map { "  IN: \($0.name) = 0x1\n" }.joined()
        return "\(function.name)\n\(arguments)\(function.name) = \(function.returnValues.first ?? "0x0")\n"
    }
    quarry = [Array(plain.utf8), Array(spy.joined().utf8), Array(kit.joined().utf8)]
    quarry.append(Array(functions.flatMap(\.returnValues).joined(separator: "\n").utf8))
    return 0
}
