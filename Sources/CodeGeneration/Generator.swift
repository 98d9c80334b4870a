// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import SourceDiagnostics
import Spelling
import StageTimes
import StrictMustache

/// From the data and the templates to texts, and from there to files.
///
/// A template's path below the folder of templates, without `.mustache`, is its output's path below the output folder.
/// Templates that stand in that folder itself are partials: they make no output of their own.
package struct Generator {
    /// What to read, and where to write.
    package struct Paths: Sendable {
        /// The data.
        package var data: RuleData.Sources
        /// The folder of templates.
        package var templates: String
        /// The folder of outputs, which need not exist.
        package var output: String
        /// Outputs, or folders of outputs, that are made; all if there is none.
        package var only: [String]

        /// - Parameters:
        ///   - data: the data.
        ///   - templates: the folder of templates.
        ///   - output: the folder of outputs, which need not exist.
        ///   - only: outputs, or folders of outputs, that are made; all if there is none.
        package init(data: RuleData.Sources, templates: String, output: String, only: [String] = []) {
            self.data = data
            self.templates = templates
            self.output = output
            self.only = only
        }

        fileprivate static func selects(_ wanted: String, _ output: String) -> Bool {
            output == wanted || output.hasPrefix(wanted.hasSuffix("/") ? wanted : "\(wanted)/")
        }
    }

    /// Why nothing was made or written: faults of the data or of templates, or what the file system refused.
    package typealias Failure = RuleData.Failure

    /// What was read, and where is written to.
    package let paths: Paths
    /// The data, restricted to the version that was asked for.
    package let specification: Specification
    /// What was made, by path.
    package let outputs: [Output]
    /// The paths of all outputs, those that are not made too.
    let names: Set<String>
    /// Every file that was read.
    let inputs: [String]
    /// The data, and what the templates were given: kept, since to free so many small things takes a while.
    private let data: RuleData
    private let values: LazyRecord
    let times: StageTimes?
    /// What there is to say although there is no error.
    package let warnings: [Diagnostic]

    /// Loads, checks, compiles and renders. Nothing is written.
    ///
    /// - Parameter times: measures the stages, those of writing as well.
    package init(_ paths: Paths, _ times: StageTimes? = nil) throws(Failure) {
        let data = try RuleData(paths.data, times)
        let templates = try times.measure("read the templates") { () throws(Failure) -> [Source] in
            try Self.templates(in: paths.templates, times)
        }
        self.paths = paths
        self.data = data
        self.times = times
        specification = data.tables.specification
        values = Self.values(data.tables, paths, times)
        names = Set(templates.map(\.name))
        outputs = try Self.render(templates, values, paths, times)
        inputs = data.inputs + templates.map(\.text.path)
        warnings = data.warnings
    }

    private typealias Source = (name: String, text: SourceText)

    private static let suffix = ".mustache"

    private static func templates(in folder: String, _ times: StageTimes?) throws(Failure) -> [Source] {
        var sources: [Source] = []
        var diagnostics = Diagnostics()
        for name in try templateNames(in: folder) {
            let text = SourceText.read("\(folder)/\(name)\(suffix)", mayBeEmpty: true, into: &diagnostics)
            guard let text, text.isVisible(&diagnostics) else { continue }
            times.count(bytes: text.bytes.count)
            sources.append((name, text))
        }
        if diagnostics.hasErrors { throw Failure(diagnostics.sorted) }
        return sources
    }

    private static func templateNames(in folder: String) throws(Failure) -> [String] {
        do throws(FileError) {
            return try FileSystem.files(below: folder).filter { $0.hasSuffix(suffix) }
                .map { String($0.dropLast(suffix.count)) }
        } catch {
            throw Failure(error)
        }
    }

    private static func values(_ tables: RuleTables, _ paths: Paths, _ times: StageTimes?) -> LazyRecord {
        let files = [paths.data.specification] + paths.data.overlays
        let names = files.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let source = printable(names.joined(separator: " and "))
        let parts = OutputContext(tables: tables, source: source).parts
        return LazyRecord(parts.map { part in { times.measure("make values", part) } })
    }

    private static func render(
        _ templates: [Source], _ values: LazyRecord, _ paths: Paths, _ times: StageTimes?
    ) throws(Failure) -> [Output] {
        var faults: [Diagnostic] = []
        var outputs: [Output] = []
        do throws(TemplateFaults) {
            let library = try times.measure("parse the templates") { () throws(TemplateFaults) -> TemplateLibrary in
                try TemplateLibrary(templates)
            }
            let selection = select(from: templates.map(\.name), paths)
            faults = selection.faults
            for name in selection.outputs {
                do throws(TemplateFaults) {
                    outputs.append(try render(name, library, values, times))
                } catch {
                    faults += error.faults
                }
            }
        } catch {
            faults += error.faults
        }
        if !faults.isEmpty { throw Failure(faults) }
        return outputs
    }

    private static func render(
        _ name: String, _ library: TemplateLibrary, _ values: LazyRecord, _ times: StageTimes?
    ) throws(TemplateFaults) -> Output {
        try times.measure("render") { () throws(TemplateFaults) -> Output in
            let bytes = try library.bytes(of: name, values, escaping: escaping(of: name))
            times.count(bytes: bytes.count)
            return Output(path: name, bytes: bytes)
        }
    }

    /// The outputs that are asked for, and what is wrong with the question.
    private static func select(
        from templates: [String], _ paths: Paths
    ) -> (outputs: [String], faults: [Diagnostic]) {
        let names = templates.filter { $0.contains("/") }
        var faults: [Diagnostic] = []
        for wanted in paths.only where !names.contains(where: { Paths.selects(wanted, $0) }) {
            let folders = Set(names.map { String($0[..<$0.lastIndex(of: "/")!]) })
            let near = Spelling.nearest(to: wanted, among: names + folders.sorted())
            let words = near.map { "did you mean '\($0)'?" } ?? "there are \(names.joined(separator: ", "))"
            faults.append(noTemplate(paths, "no template makes '\(wanted)'; \(words)"))
        }
        let outputs = names.filter { name in
            paths.only.isEmpty || paths.only.contains { Paths.selects($0, name) }
        }
        if outputs.isEmpty, faults.isEmpty {
            let words = "no template stands in a folder below it: their names end with '\(suffix)'"
            faults.append(noTemplate(paths, words))
        }
        return (outputs, faults)
    }

    /// The paths of the outputs that would be made. Only the folder of templates is looked at.
    package static func outputNames(_ paths: Paths) throws(Failure) -> [String] {
        let selection = select(from: try templateNames(in: paths.templates), paths)
        if !selection.faults.isEmpty { throw Failure(selection.faults) }
        return selection.outputs
    }

    /// Markup and Markdown are known by the ends of their names.
    static func escaping(of output: String) -> TemplateLibrary.Escaping {
        if [".html", ".svg", ".xml"].contains(where: output.hasSuffix) { return .markup }
        return [".md", ".markdown"].contains(where: output.hasSuffix) ? .markdown : .none
    }

    private static func noTemplate(_ paths: Paths, _ message: String) -> Diagnostic {
        Diagnostic(Place(file: paths.templates), .noTemplate, message)
    }
}

extension Generator.Paths {
    /// The package around the current folder, as paths relative to that: the nearest folder upwards that has the data
    /// and the templates.
    package static func ofPackage() -> Generator.Paths? {
        let depth = FileSystem.currentFolder.split(separator: "/").count
        for up in 0...depth {
            let paths = Generator.Paths(package: String(repeating: "../", count: up))
            if FileSystem.kind(of: paths.data.specification) == .file,
                FileSystem.kind(of: paths.templates) == .directory
            {
                return paths
            }
        }
        return nil
    }

    /// The data and templates that were installed with this program: in `share/p11gen` beside the folder that it is in.
    package static func ofInstallation() -> Generator.Paths? {
        guard let program = FileSystem.program, let slash = program.lastIndex(of: "/") else { return nil }
        let paths = Generator.Paths(package: "\(program[..<slash])/../share/p11gen/")
        return FileSystem.kind(of: paths.data.specification) == .file ? paths : nil
    }

    /// - Parameter package: the package's folder with a `/`, or nothing.
    private init(package: String) {
        self.init(
            data: .init(specification: "\(package)spec/cryptoki.xml", schema: "\(package)spec/cryptoki.rng"),
            templates: "\(package)Templates", output: "\(package)Sources/Generated")
    }
}
