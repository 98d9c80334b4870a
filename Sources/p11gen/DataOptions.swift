// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import CryptokiSpecification
import PathArgument

/// The data that a command reads.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The data file (default: spec/cryptoki.xml of the package, or the installed one).", valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var spec: String?

    @Option(
        help: ArgumentHelp("The schema (default: cryptoki.rng beside the data file).", valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var schema: String?

    @Option(
        help: ArgumentHelp(
            "Restrict the data to a version of the standard, such as 2.40 (default: the newest).", valueName: "version")
    )
    var api: String?

    @Option(
        help: ArgumentHelp(
            "A vendor's additions to the data and restrictions of its rules; may be repeated.",
            valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var overlay: [String] = []

    /// The files of the data; throws if none were given and there is no package.
    var files: Specification.Files {
        get throws {
            let paths = ProjectPaths.ofPackage() ?? ProjectPaths.ofInstallation()
            guard let spec = spec ?? paths?.data.specification else {
                throw ValidationError("no package in this folder or above it; pass --spec")
            }
            let folder = spec.lastIndex(of: "/").map { String(spec[...$0]) } ?? ""
            return .init(specification: spec, schema: schema ?? "\(folder)cryptoki.rng", overlays: overlay)
        }
    }

    /// Loads, checks and compiles the data, and prints the warnings.
    func load(_ messages: MessageOptions) throws -> RuleData {
        let data = try RuleData(try files, version: api)
        skipDeallocation(of: data)
        messages.show(data.warnings)
        return data
    }
}

/// Keeps a value until the process ends: to free it piece by piece would take a while.
func skipDeallocation(of value: some Any) { _ = Unmanaged.passRetained(Box(value)) }

/// Keeps a value for as long as somebody holds it.
private final class Box<Value> {
    let value: Value
    init(_ value: Value) { self.value = value }
}
