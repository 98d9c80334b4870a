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
        try messages.explaining("nothing was written") {
            let paths = try paths()
            if list {
                for output in try Generator.outputNames(paths) { print("\(paths.output)/\(output)") }
                return
            }
            let times = timings ? StageTimes() : nil
            let generator = try Generator(paths, times)
            leave(generator)
            messages.say(generator.warnings)
            defer { if let times { complain(times.table) } }
            if check {
                try check(generator)
            } else {
                try update(generator)
            }
        }
    }

    private func paths() throws -> Generator.Paths {
        let package = Generator.Paths.ofPackage()
        let installed = package ?? Generator.Paths.ofInstallation()
        guard let templates = templates ?? installed?.templates, let output = output ?? package?.output,
            data.spec != nil || installed != nil
        else {
            throw ValidationError(
                "There is no package around this folder: give --spec, --templates and --output, or go into the package."
            )
        }
        return Generator.Paths(data: try data.sources, templates: templates, output: output, only: only)
    }

    private func check(_ generator: Generator) throws {
        var differences = 0
        for (path, state) in try generator.states() {
            let file = "\(generator.paths.output)/\(path)"
            switch state {
            case .same: continue
            case .missing: print("missing: \(file)")
            case .stale: print("stale: \(file): no template makes it; delete it")
            case .interrupted: print("stale: \(file): \(Self.interrupted)")
            case .differs(let existing):
                print("differs: \(file)")
                print(generator.difference(of: path, existing: existing), terminator: "")
            }
            differences += 1
        }
        if differences > 0 {
            complain(
                "p11gen: \(differences) of the generated files are not as they should be; repair them with the same command without --check"
            )
            throw ExitCode(1)
        }
        print("\(generator.outputs.count) generated files are as they should be")
    }

    private func update(_ generator: Generator) throws {
        // First, since it may fail: then nothing is written.
        let leftovers = try generator.leftovers()
        let written = try generator.write(dependencies: depfile.map { ($0, target ?? stem($0)) })
        let specification = generator.specification
        print(
            "read \(generator.paths.data.specification): \(specification.functions.count) functions, "
                + "\(specification.operations.count) operations, \(specification.roles.count) roles")
        print(
            "wrote \(written.count) of \(generator.outputs.count) files in \(generator.paths.output)"
                + (written.isEmpty ? ": all were up to date" : ": \(written.joined(separator: ", "))"))
        for (path, state) in leftovers {
            let file = Place(file: "\(generator.paths.output)/\(path)")
            let words = if case .interrupted = state { Self.interrupted } else { Self.stale }
            messages.say([Diagnostic(file, .stale, words)])
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
