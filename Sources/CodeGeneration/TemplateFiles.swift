// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Spelling
import StageTimes

/// The templates of a folder.
///
/// A template's path below the folder, without `.mustache`, is the path of its output below the output folder.
/// Templates in the folder itself are partials: they have no output.
struct TemplateFiles {
    /// The name and text of each template, sorted by name.
    let sources: [(name: String, text: SourceText)]
    private let folder: String

    private static let suffix = ".mustache"

    /// Reads all templates.
    init(_ folder: String, _ times: StageTimes?) throws(DiagnosticsError) {
        self.folder = folder
        sources = try times.measure("read the templates") { () throws(DiagnosticsError) in
            var sources: [(name: String, text: SourceText)] = []
            var diagnostics = Diagnostics()
            for name in try Self.names(in: folder) {
                let text = SourceText.read("\(folder)/\(name)\(Self.suffix)", mayBeEmpty: true, into: &diagnostics)
                guard let text, text.isVisible(&diagnostics) else { continue }
                times.count(bytes: text.bytes.count)
                sources.append((name, text))
            }
            if diagnostics.hasErrors { throw DiagnosticsError(diagnostics.sorted) }
            return sources
        }
    }

    private static func names(in folder: String) throws(DiagnosticsError) -> [String] {
        try FileSystem.files(below: folder).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    }

    /// The paths of all outputs.
    var outputPaths: [String] { Self.outputs(of: sources.map(\.name)) }

    private static func outputs(of names: [String]) -> [String] { names.filter { $0.contains("/") } }

    /// The paths of the requested outputs; throws for a request that selects nothing.
    func select(_ only: [String]) throws(DiagnosticsError) -> [String] {
        try Self.select(only, from: outputPaths, folder)
    }

    /// The paths of the requested outputs. Reads the names of the templates only.
    static func select(_ only: [String], in folder: String) throws(DiagnosticsError) -> [String] {
        try select(only, from: outputs(of: names(in: folder)), folder)
    }

    private static func select(
        _ only: [String], from outputs: [String], _ folder: String
    ) throws(DiagnosticsError) -> [String] {
        if outputs.isEmpty, only.isEmpty {
            throw error(folder, ["no template in a subfolder; the names of templates end with '\(suffix)'"])
        }
        let unknown = only.filter { wanted in !outputs.contains { selects(wanted, $0) } }
        if unknown.isEmpty {
            return only.isEmpty ? outputs : outputs.filter { output in only.contains { selects($0, output) } }
        }
        let folders = Set(outputs.map { String($0[..<$0.lastIndex(of: "/")!]) })
        throw error(
            folder,
            unknown.map { wanted in
                let near = Spelling.nearest(to: wanted, among: outputs + folders.sorted())
                let hint = near.map { "did you mean '\($0)'?" } ?? "use \(outputs.joined(separator: ", "))"
                return "no template generates '\(wanted)'; \(hint)"
            })
    }

    private static func selects(_ wanted: String, _ output: String) -> Bool {
        output == wanted || output.hasPrefix(wanted.hasSuffix("/") ? wanted : "\(wanted)/")
    }

    private static func error(_ folder: String, _ messages: [String]) -> DiagnosticsError {
        DiagnosticsError(messages.map { Diagnostic(Place(file: folder), .noTemplate, $0) })
    }
}
