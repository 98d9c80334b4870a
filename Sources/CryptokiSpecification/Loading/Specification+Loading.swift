// SPDX-License-Identifier: MIT

import SourceDiagnostics
import StageTimes

extension Specification {
    /// Where a specification is read from.
    package struct Files: Sendable {
        /// The path of `cryptoki.xml`.
        package let specification: String
        /// The path of `cryptoki.rng`, the form of all of them.
        let schema: String
        /// What vendors add and restrict, in the order in which it is applied.
        package let overlays: [String]
        /// Where the files that the specification names are; nil for its own folder.
        let folder: String?

        /// - Parameters:
        ///   - specification: the path of `cryptoki.xml`, which names the files of headings and of the registry.
        ///   - schema: the path of `cryptoki.rng`, the form of all of them.
        ///   - overlays: the paths of what vendors add and restrict, in the order in which it is applied.
        ///   - folder: where the files are that the specification names; nil for its own folder.
        package init(specification: String, schema: String, overlays: [String] = [], folder: String? = nil) {
            self.folder = folder
            self.specification = specification
            self.schema = schema
            self.overlays = overlays
        }
    }

    /// The result of loading.
    package struct Loaded {
        /// The specification, or nil if there was an error.
        package let specification: Specification?
        /// All declarations; nil if a file could not be read.
        package let declarations: Declarations?
        /// The files that were read, in their order.
        package let inputs: [String]
        /// Documents and tables that are no longer needed. Freeing them takes time, so a process that ends soon keeps them.
        package let remains: Any
    }

    /// Reads, validates, resolves and checks; all faults of the files are found in one run.
    ///
    /// - Parameter times: measures the stages.
    package static func load(
        _ files: Files, _ times: StageTimes? = nil, into diagnostics: inout Diagnostics
    ) -> Loaded {
        var loader = Loader(times: times)
        loader.load(files)
        diagnostics.append(contentsOf: loader.diagnostics)
        return Loaded(
            specification: loader.diagnostics.hasErrors ? nil : loader.specification,
            declarations: loader.declarations, inputs: loader.inputs,
            remains: loader)
    }
}
