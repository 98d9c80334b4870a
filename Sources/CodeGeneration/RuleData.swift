// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import SourceDiagnostics
import StageTimes

/// The data after loading, checking and compiling.
package struct RuleData {
    /// The compiled rules, and the specification that they are compiled from.
    package let tables: RuleTables
    /// Every file that was read.
    let inputs: [String]
    /// Diagnostics that are not errors.
    package let warnings: [Diagnostic]
    /// Kept, since to free so many small values takes a while.
    private let remains: Any

    /// Loads, checks and compiles.
    ///
    /// - Parameters:
    ///   - files: where the data is.
    ///   - version: the version of the standard to which the data is restricted; nil for the newest.
    ///   - times: measures the stages.
    /// - Throws: all errors of the data, or that it has no such version.
    package init(
        _ files: Specification.Files, version: String? = nil, _ times: StageTimes? = nil
    ) throws(DiagnosticsError) {
        var diagnostics = Diagnostics()
        let loaded = Specification.load(files, times, into: &diagnostics)
        let tables = times.measure("compile the rules") {
            let tables = loaded.specification.map { RuleTables($0) }
            tables?.check(into: &diagnostics)
            return tables
        }
        if let declarations = loaded.declarations {
            times.measure("check the names") { NameChecks.run(declarations, into: &diagnostics) }
        }
        let sorted = diagnostics.sorted
        guard let tables, !diagnostics.hasErrors else { throw DiagnosticsError(sorted) }
        self.tables = try Self.restrict(tables, to: version, Place(file: files.specification))
        inputs = loaded.inputs
        remains = loaded.remains
        warnings = sorted
    }

    private static func restrict(
        _ tables: RuleTables, to version: String?, _ place: Place
    ) throws(DiagnosticsError) -> RuleTables {
        let versions = tables.specification.registry.versions.map(\.name)
        guard let version, version != versions.last else { return tables }
        guard versions.contains(version) else {
            let words = "unknown version '\(version)' of the standard; use "
            throw DiagnosticsError([Diagnostic(place, .unknownVersion, words + versions.joined(separator: ", "))])
        }
        let restricted = tables.specification.restricted(to: version)
        if restricted.operations.isEmpty || restricted.functions.isEmpty {
            let words = "no function of version \(version) acts on an operation"
            throw DiagnosticsError([Diagnostic(place, .emptyVersion, words)])
        }
        return RuleTables(restricted)
    }
}
