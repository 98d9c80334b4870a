// SPDX-License-Identifier: MIT

import CryptokiSpecification
import SessionRules

/// The data, loaded, checked and compiled.
public struct RuleData {
    public let tables: RuleTables
    /// Every file that was read.
    public let inputs: [String]
    /// What there is to say although there is no error.
    public let warnings: [String]

    /// - Parameter version: the version of the standard to which the data is restricted; nil for the newest.
    public init(_ paths: Generator.Paths, version: String? = nil) throws(Generator.Failure) {
        var diagnostics = Diagnostics()
        let files = Specification.Files(
            specification: paths.specification, schema: paths.schema, overlays: paths.overlays)
        let loaded = Specification.load(files, into: &diagnostics)
        let tables = loaded.specification.map { RuleTables($0) }
        tables?.check(into: &diagnostics)
        let messages = diagnostics.sorted.map(\.description)
        guard let tables, !diagnostics.hasErrors else { throw Generator.Failure(messages) }
        inputs = loaded.inputs
        warnings = messages
        guard let version else {
            self.tables = tables
            return
        }
        let versions = tables.specification.registry.versions.map(\.name)
        guard versions.contains(version) else {
            throw Generator.Failure([
                "\(paths.specification): error: there is no version '\(version)' of the standard; those of the data are "
                    + "\(versions.joined(separator: ", ")) [unknown-version]"
            ])
        }
        self.tables = version == versions.last ? tables : RuleTables(tables.specification.restricted(to: version))
    }
}
