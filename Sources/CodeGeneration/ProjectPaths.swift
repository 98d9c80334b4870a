// SPDX-License-Identifier: MIT

import CryptokiSpecification
import SourceDiagnostics

/// Where a project has its data, templates and outputs.
package struct ProjectPaths: Sendable {
    /// The data.
    package var data: Specification.Files
    /// The folder of templates.
    package var templates: String
    /// The folder of outputs, which need not exist.
    package var output: String

    /// Paths that were given.
    package init(data: Specification.Files, templates: String, output: String) {
        self.data = data
        self.templates = templates
        self.output = output
    }

    /// - Parameter package: the package's folder with a `/`, or nothing.
    private init(package: String) {
        self.init(
            data: .init(specification: "\(package)spec/cryptoki.xml", schema: "\(package)spec/cryptoki.rng"),
            templates: "\(package)Templates", output: "\(package)Sources/Generated")
    }

    /// The package around the current folder, as relative paths: the nearest folder upwards that has the data and the
    /// templates.
    package static func ofPackage() -> ProjectPaths? {
        let depth = FileSystem.currentFolder.split(separator: "/").count
        for up in 0...depth {
            let paths = ProjectPaths(package: String(repeating: "../", count: up))
            if FileSystem.kind(of: paths.data.specification) == .file,
                FileSystem.kind(of: paths.templates) == .directory
            {
                return paths
            }
        }
        return nil
    }

    /// The data and templates that were installed with this program: in `share/p11gen` beside the folder of the program.
    package static func ofInstallation() -> ProjectPaths? {
        guard let program = FileSystem.program, let slash = program.lastIndex(of: "/") else { return nil }
        let paths = ProjectPaths(package: "\(program[..<slash])/../share/p11gen/")
        return FileSystem.kind(of: paths.data.specification) == .file ? paths : nil
    }

    /// The paths of the requested outputs. Reads the names of the templates only.
    ///
    /// - Parameter only: outputs, or folders of outputs; empty for all.
    package func outputs(only: [String]) throws(DiagnosticsError) -> [String] {
        try TemplateFiles.select(only, in: templates).map { "\(output)/\($0)" }
    }
}
