// SPDX-License-Identifier: MIT

import FuzzSupport
import SourceDiagnostics

@testable import StrictMustache

/// Takes an input for templates: that before the first headline is called `main`, the others as their headlines say.
@c(LLVMFuzzerTestOneInput)
public func renderInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let sections = Sections(UnsafeBufferPointer(start: data, count: size)).all
    let sources = sections.map { section in
        let name = section.name.isEmpty ? "main" : section.name
        return (name: name, file: "\(name).mustache", text: String(decoding: section.text, as: UTF8.self))
    }
    let first = Outcome(sources)
    expect(first == Outcome(sources), "the same is said and rendered twice")
    for fault in first.faults { check(fault, sources) }
    for fault in first.faults.prefix(8) { checkRendering(of: fault) }
    for (one, next) in zip(first.faults, first.faults.dropFirst()) where one.place.source === next.place.source {
        expect(one.place.offset != next.place.offset, "a place has one fault: \(one.description)")
    }
    if sources.count == 1, first.faults.isEmpty, !sources[0].text.utf8.contains(UInt8(ascii: "{")) {
        expect(first.texts == [sources[0].text], "a text without tags is rendered as it is")
    }
    return 0
}

/// What comes of templates.
private struct Outcome: Equatable {
    var texts: [String] = []
    var faults: [Diagnostic] = []

    static func == (left: Outcome, right: Outcome) -> Bool {
        left.texts == right.texts && left.faults.map(\.description) == right.faults.map(\.description)
    }

    init(_ sources: [(name: String, file: String, text: String)]) {
        do throws(DiagnosticsError) {
            var library = try TemplateLibrary(sources)
            library.limits = .init(steps: 2000, bytes: 1 << 16)
            for source in sources {
                do throws(DiagnosticsError) {
                    texts.append(try library.render(source.name, values))
                } catch {
                    expect(!error.diagnostics.isEmpty, "a failure has a fault")
                    for fault in error.diagnostics
                    where !faults.contains(where: { $0.description == fault.description }) {
                        faults.append(fault)
                    }
                }
            }
        } catch {
            expect(!error.diagnostics.isEmpty, "a failure has a fault")
            faults = error.diagnostics
        }
    }
}

private func check(_ fault: Diagnostic, _ sources: [(name: String, file: String, text: String)]) {
    expect(
        !fault.message.isEmpty && fault.id.rawValue.hasPrefix("template-"),
        "a fault says what it is: \(fault.description)")
    let texts = sources.filter { $0.file == fault.place.source.path }.map(\.text)
    let isInside = texts.contains { text in
        let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
        guard lines.indices.contains(fault.place.line - 1) else { return false }
        return (1...String(decoding: lines[fault.place.line - 1], as: UTF8.self).count + 1).contains(fault.place.column)
    }
    expect(isInside, "a fault stands in its text: \(fault.description)")
}

/// A record with values of every kind.
private let values: Record = [
    "text": "a text", "empty": "", "letters": "grün {{text}}\n\u{1F469}\u{200D}\u{1F680}", "yes": true, "no": false,
    "none": .list([]), "one": .list([["text": "another", "last": true]]),
    "list": .list([["item": "1", "last": false], ["item": "2", "last": false], ["item": "3", "last": true]]),
    "uneven": .list([["left": "l"], ["right": "r", "list": .list([])]]),
    "record": .record(["inner": "in", "record": .record(["inner": "further in", "list": .list([["item": "4"]])])]),
]
