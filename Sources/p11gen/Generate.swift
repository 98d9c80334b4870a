// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import PathArgument
import SourceDiagnostics
import StageTimes

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Generate the outputs and write those that changed (default).")

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Option(
        help: ArgumentHelp(
            "The folder of templates (default: that of the package, or the installed one).", valueName: "folder"),
        completion: .directory, transform: PathArgument.parse)
    var templates: String?

    @Option(
        help: ArgumentHelp(
            "The folder to write to (default: Sources/Generated of the package).", valueName: "folder"),
        completion: .directory, transform: PathArgument.parse)
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Generate only this output, or those of this folder, such as c; may be repeated.", valueName: "path"),
        completion: .file(), transform: PathArgument.parse)
    var only: [String] = []

    @Flag(help: "Write nothing; print how the files differ from the outputs, and exit with 1 if they do.")
    var check = false

    @Flag(help: "Write nothing; print the paths of the outputs. The data is not read.")
    var list = false

    @Flag(help: "Print to standard error the time and the number of bytes of each stage.")
    var timings = false

    @Option(
        help: ArgumentHelp(
            "Also write a dependency file for make or ninja: the target depends on all inputs.", valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var depfile: String?

    @Option(
        help: "The target in the dependency file (default: the name of the file without its extension).",
        completion: .file(), transform: PathArgument.parse)
    var target: String?

    func validate() throws {
        if list, timings { throw ValidationError("--timings measures nothing with --list; use one of them.") }
        if check, list || depfile != nil {
            throw ValidationError("--check cannot be combined with --list or --depfile.")
        }
        if target != nil, depfile == nil {
            throw ValidationError("--target requires --depfile.")
        }
    }

    func run() throws {
        try messages.reportingErrors("nothing was written") {
            let paths = try paths()
            if list {
                for output in try paths.outputs(only: only) { print(output) }
                return
            }
            let times = timings ? StageTimes() : nil
            let pipeline = try Pipeline(paths, version: data.api, only: only, times)
            skipDeallocation(of: pipeline)
            messages.show(pipeline.data.warnings)
            let folder = OutputFolder(paths.output, pipeline, times)
            defer { if let times { printError(times.table) } }
            if check {
                try check(folder, pipeline)
            } else {
                try update(folder, pipeline, paths)
            }
        }
    }

    private func paths() throws -> ProjectPaths {
        let package = ProjectPaths.ofPackage()
        let installed = package ?? ProjectPaths.ofInstallation()
        guard let templates = templates ?? installed?.templates, let output = output ?? package?.output,
            data.spec != nil || installed != nil
        else {
            throw ValidationError(
                "no package in this folder or above it; pass --spec, --templates and --output"
            )
        }
        return ProjectPaths(data: try data.files, templates: templates, output: output)
    }

    private func check(_ folder: OutputFolder, _ pipeline: Pipeline) throws {
        var differences = 0
        for (path, state) in try folder.states() {
            let file = folder.file(path)
            switch state {
            case .same: continue
            case .missing: print("missing: \(file)")
            case .stale: print("stale: \(file): \(Self.stale)")
            case .interrupted: print("stale: \(file): \(Self.interrupted)")
            case .differs(let existing):
                print("differs: \(file)")
                print(folder.difference(of: path, existing: existing), terminator: "")
            }
            differences += 1
        }
        if differences > 0 {
            printError(
                "p11gen: \(differences) generated file\(differences == 1 ? " is" : "s are") out of date; run the same command without --check"
            )
            throw ExitCode.finding
        }
        print("\(pipeline.outputs.count) generated files are up to date")
    }

    private func update(_ folder: OutputFolder, _ pipeline: Pipeline, _ paths: ProjectPaths) throws {
        // Before writing: a failure here leaves all files unchanged.
        let leftovers = try folder.leftovers()
        let written = try folder.write(dependencies: depfile.map { ($0, target ?? stem($0)) })
        let specification = pipeline.data.tables.specification
        print(
            "read \(paths.data.specification): \(specification.functions.count) functions, "
                + "\(specification.operations.count) operations, \(specification.roles.count) roles")
        print(
            "wrote \(written.count) of \(pipeline.outputs.count) files in \(paths.output)"
                + (written.isEmpty ? ": all were up to date" : ": \(written.joined(separator: ", "))"))
        for (path, state) in leftovers {
            let file = Place(file: folder.file(path))
            let words = if case .interrupted = state { Self.interrupted } else { Self.stale }
            messages.show([Diagnostic(file, .stale, words)])
        }
    }

    private static let stale = "no template generates this file any more; delete it"
    private static let interrupted = "a temporary file of an interrupted run; delete it"

    /// The path without its extension.
    private func stem(_ path: String) -> String {
        let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        return path[name...].lastIndex(of: ".").map { String(path[..<$0]) } ?? path
    }
}
