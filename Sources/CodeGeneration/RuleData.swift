// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import SourceDiagnostics
import StageTimes

/// The data, loaded, checked and compiled.
package struct RuleData {
    /// Where it comes from, and what of it.
    package struct Sources: Sendable {
        /// The path of `cryptoki.xml`.
        package var specification: String
        /// The path of `cryptoki.rng`.
        package var schema: String
        /// What vendors add and restrict, in the order in which it is applied.
        package var overlays: [String]
        /// The version of the standard to which the data is restricted; nil for the newest.
        package var version: String?
        /// Where the files that the data names are; nil for the folder of the data.
        package var folder: String?

        /// What is not given is the standard alone, in its newest version, with all files in one folder.
        package init(
            specification: String, schema: String, overlays: [String] = [], version: String? = nil,
            folder: String? = nil
        ) {
            self.folder = folder
            self.specification = specification
            self.schema = schema
            self.overlays = overlays
            self.version = version
        }
    }

    /// Why there is no result.
    package struct Failure: Error, Sendable {
        /// What is wrong, and perhaps warnings, in the order in which it is to be printed.
        package let diagnostics: [Diagnostic]
        /// What was done before; nil if nothing was.
        package let consequence: String?

        /// There is no result for these reasons.
        package init(_ diagnostics: [Diagnostic]) {
            self.diagnostics = diagnostics
            consequence = nil
        }

        init(_ error: FileError, consequence: String? = nil) {
            diagnostics = [Diagnostic(Place(file: error.path), .file, error.message)]
            self.consequence = consequence
        }
    }

    /// The rules, and the specification that they are compiled from.
    package let tables: RuleTables
    /// Every file that was read.
    let inputs: [String]
    /// Kept, since to free so many small things takes a while.
    private let remains: Any
    /// What there is to say although there is no error.
    package let warnings: [Diagnostic]

    /// Loads, checks and compiles.
    ///
    /// - Parameter times: measures the stages.
    /// - Throws: everything that is wrong with the data, or that it has no such version.
    package init(_ sources: Sources, _ times: StageTimes? = nil) throws(Failure) {
        var diagnostics = Diagnostics()
        let files = Specification.Files(
            specification: sources.specification, schema: sources.schema, overlays: sources.overlays,
            folder: sources.folder)
        let loaded = Specification.load(files, times, into: &diagnostics)
        let tables = times.measure("compile the rules") {
            let tables = loaded.specification.map { RuleTables($0) }
            tables?.check(into: &diagnostics)
            return tables
        }
        let sorted = diagnostics.sorted
        guard let tables, !diagnostics.hasErrors else { throw Failure(sorted) }
        inputs = loaded.inputs
        remains = loaded.remains
        warnings = sorted
        guard let version = sources.version else {
            self.tables = tables
            return
        }
        let versions = tables.specification.registry.versions.map(\.name)
        guard versions.contains(version) else {
            let words = "there is no version '\(version)' of the standard; those of the data are "
            throw Failure([
                Diagnostic(
                    Place(file: sources.specification), .unknownVersion,
                    words + versions.joined(separator: ", "))
            ])
        }
        if version == versions.last {
            self.tables = tables
            return
        }
        let restricted = tables.specification.restricted(to: version)
        if restricted.operations.isEmpty || restricted.functions.isEmpty {
            throw Failure([
                Diagnostic(
                    Place(file: sources.specification), .emptyVersion,
                    "no function of version \(version) has to do with operations")
            ])
        }
        self.tables = RuleTables(restricted)
    }
}
