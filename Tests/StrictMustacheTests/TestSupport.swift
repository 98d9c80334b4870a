// SPDX-License-Identifier: MIT

import SourceDiagnostics
import StrictMustache
import Testing

/// Renders `main` of these templates; each one's file is its name with ".mustache".
func render(_ main: String, partials: [String: String] = [:], _ record: Record = [:]) throws -> String {
    try library(main, partials: partials).render("main", record)
}

/// The faults of parsing and, if there are none, of rendering, as "file:line:column: message [check]".
func faults(_ main: String, partials: [String: String] = [:], _ record: Record = [:]) -> [String] {
    do {
        _ = try library(main, partials: partials).render("main", record)
        return []
    } catch {
        return describe(error)
    }
}

func describe(_ error: DiagnosticsError) -> [String] {
    error.diagnostics.map {
        "\($0.place.source.path):\($0.place.line):\($0.place.column): \($0.message) [\($0.id.rawValue)]"
    }
}

private func library(_ main: String, partials: [String: String]) throws(DiagnosticsError) -> TemplateLibrary {
    let sources = [("main", main)] + partials.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return try TemplateLibrary(sources.map { (name: $0.0, file: "\($0.0).mustache", text: $0.1) })
}

extension String {
    /// The same text with CRLF line ends.
    var withCarriageReturns: String {
        var text = ""
        for character in self { text += character == "\n" ? "\r\n" : String(character) }
        return text
    }
}
