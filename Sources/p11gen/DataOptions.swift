// SPDX-License-Identifier: MIT

import ArgumentParser
import CodeGeneration
import CryptokiSpecification
import PathArgument

/// Which data a command works on; the same for all of them.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The data; the spec/cryptoki.xml of the package, or what was installed, if not given.", valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var spec: String?

    @Option(
        help: ArgumentHelp("The schema; cryptoki.rng beside the data if not given.", valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var schema: String?

    @Option(
        help: ArgumentHelp(
            "The version of the standard to keep to, such as 2.40; the newest if not given.", valueName: "version"))
    var api: String?

    @Option(
        help: ArgumentHelp(
            "A file in which a vendor adds to the standard or restricts its rules; may be given several times.",
            valueName: "file"),
        completion: .file(), transform: PathArgument.parse)
    var overlay: [String] = []

    /// The files of the data; throws if none were given and there is no package.
    var files: Specification.Files {
        get throws {
            let paths = ProjectPaths.ofPackage() ?? ProjectPaths.ofInstallation()
            guard let spec = spec ?? paths?.data.specification else {
                throw ValidationError("There is no package around this folder: give --spec, or go into the package.")
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
