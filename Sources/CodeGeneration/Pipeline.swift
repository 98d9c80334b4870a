// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import SourceDiagnostics
import StageTimes
import StrictMustache

/// From the data and the templates to the texts of all outputs, in memory. `OutputFolder` compares and writes them.
///
///     data ──load──▶ Specification ──compile──▶ RuleTables ──prepare──▶ LazyRecord ──┐
///     templates ────────────────────parse─────────────────▶ TemplateLibrary ──render─┴─▶ [Output]
///
/// Files are read by `load` and `parse` only. The same inputs give the same bytes.
package struct Pipeline {
    /// The data, restricted to the requested version.
    package let data: RuleData
    /// The requested outputs, sorted by path.
    package let outputs: [Output]
    /// The paths of all outputs, including those that were not requested.
    let outputPaths: [String]
    /// Every file that was read.
    let inputs: [String]
    /// What the templates were given: kept, since to free so many small values takes a while.
    private let context: LazyRecord

    /// Runs all steps.
    ///
    /// - Parameters:
    ///   - paths: where to read.
    ///   - version: the version of the standard; nil for the newest.
    ///   - only: the outputs, or folders of outputs, to generate; empty for all.
    ///   - times: measures the steps.
    /// - Throws: all errors of the first step that fails.
    package init(
        _ paths: ProjectPaths, version: String? = nil, only: [String] = [], _ times: StageTimes? = nil
    ) throws(DiagnosticsError) {
        data = try RuleData(paths.data, version: version, times)
        let templates = try TemplateFiles(paths.templates, times)
        let library = try Self.parse(templates, times)
        context = Self.prepare(data.tables, paths.data, times)
        outputs = try Self.render(templates.select(only), library, context, times)
        outputPaths = templates.outputPaths
        inputs = data.inputs + templates.sources.map(\.text.path)
    }

    private static func parse(
        _ templates: TemplateFiles, _ times: StageTimes?
    ) throws(DiagnosticsError) -> TemplateLibrary {
        try times.measure("parse the templates") { () throws(DiagnosticsError) in
            try TemplateLibrary(templates.sources)
        }
    }

    /// Names all values that templates can use. Each part is computed when the first template asks for it.
    private static func prepare(_ tables: RuleTables, _ files: Specification.Files, _ times: StageTimes?) -> LazyRecord
    {
        let names = ([files.specification] + files.overlays).map {
            $0.split(separator: "/").last.map(String.init) ?? $0
        }
        let parts = OutputContext(tables: tables, source: printable(names.joined(separator: " and "))).parts
        return LazyRecord(parts.map { part in { times.measure("make values", part) } })
    }

    /// Renders every output, and throws the errors of all.
    private static func render(
        _ paths: [String], _ library: TemplateLibrary, _ context: LazyRecord, _ times: StageTimes?
    ) throws(DiagnosticsError) -> [Output] {
        var outputs: [Output] = []
        var diagnostics: [Diagnostic] = []
        for path in paths {
            do throws(DiagnosticsError) {
                outputs.append(
                    try times.measure("render") { () throws(DiagnosticsError) in
                        let bytes = try library.bytes(of: path, context, escaping: escaping(of: path))
                        times.count(bytes: bytes.count)
                        return Output(path: path, bytes: bytes)
                    })
            } catch {
                diagnostics += error.diagnostics
            }
        }
        if !diagnostics.isEmpty { throw DiagnosticsError(diagnostics) }
        return outputs
    }

    /// Markup and Markdown are recognised by the extension of the output.
    static func escaping(of output: String) -> TemplateLibrary.Escaping {
        if [".html", ".svg", ".xml"].contains(where: output.hasSuffix) { return .markup }
        return [".md", ".markdown"].contains(where: output.hasSuffix) ? .markdown : .none
    }
}
