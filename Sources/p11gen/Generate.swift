// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import PathArgument
import SourceDiagnostics
import StageTimes

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Makes the outputs of the templates and writes those that changed.")

    @OptionGroup var data: DataOptions

    @OptionGroup var messages: MessageOptions

    @Option(
        help: ArgumentHelp(
            "The folder of templates; the package's, or what was installed, if not given.", valueName: "folder"),
        completion: .directory, transform: PathArgument.parse)
    var templates: String?

    @Option(
        help: ArgumentHelp(
            "The folder to write to; the package's Sources/Generated if not given.", valueName: "folder"),
        completion: .directory, transform: PathArgument.parse)
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Make this output only, or those of this folder, such as c; may be given several times.", valueName: "path"),
        completion: .file(), transform: PathArgument.parse)
    var only: [String] = []

    @Flag(help: "Write nothing; show how the files differ from what would be written, and exit with 1 if they do.")
    var check = false

    @Flag(help: "Write nothing; print the paths of the outputs. Only the folder of templates is read.")
    var list = false

    @Flag(help: "Print to standard error how many milliseconds each stage took, and how many bytes it read or made.")
    var timings = false

    @Option(
        help: ArgumentHelp("Also write a rule for make or ninja: the target depends on all inputs.", valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var depfile: String?

    @Option(
        help: "The target of that rule; the depfile's own name without its extension if not given.",
        completion: .file(), transform: PathArgument.parse)
    var target: String?

    func validate() throws {
        if list, timings { throw ValidationError("--list runs no stage that --timings measures.") }
        if check, list || depfile != nil { throw ValidationError("--check goes with neither --list nor --depfile.") }
        if target != nil, depfile == nil {
            throw ValidationError("--target is the target of --depfile, which is missing.")
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
                "There is no package around this folder: give --spec, --templates and --output, or go into the package."
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
            case .stale: print("stale: \(file): no template makes it; delete it")
            case .interrupted: print("stale: \(file): \(Self.interrupted)")
            case .differs(let existing):
                print("differs: \(file)")
                print(folder.difference(of: path, existing: existing), terminator: "")
            }
            differences += 1
        }
        if differences > 0 {
            printError(
                "p11gen: \(differences) of the generated files are not as they should be; repair them with the same command without --check"
            )
            throw ExitCode(1)
        }
        print("\(pipeline.outputs.count) generated files are as they should be")
    }

    private func update(_ folder: OutputFolder, _ pipeline: Pipeline, _ paths: ProjectPaths) throws {
        // First, since it may fail: then nothing is written.
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

    private static let stale = "no template makes this file any more; delete it"
    private static let interrupted = "a temporary file that an interrupted run left behind; delete it"

    /// The path without its extension.
    private func stem(_ path: String) -> String {
        let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        return path[name...].lastIndex(of: ".").map { String(path[..<$0]) } ?? path
    }
}
