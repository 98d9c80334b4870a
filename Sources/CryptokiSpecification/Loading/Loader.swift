// SPDX-License-Identifier: MIT

import SourceDiagnostics
import StageTimes
import TypedTables
import ValidatedXML

/// Builds the specification from the elements of the files.
///
/// The passes, each of which may rely on those before it:
///
/// 1. The schema and all files are read, and each is validated. A file that is not valid is used as far as it goes, so that its other
///    faults are found too; elements that have been complained of are marked.
/// 2. Overlays are laid over the data.
/// 3. Declarations are loaded: headings, registry, rules, functions. References point to kinds that are loaded earlier, or whose names
///    are declared earlier. Loading reports what is wrong with one declaration: its names, values and references.
/// 4. Overlays restrict what is there.
/// 5. `Checks` looks at all declarations together, in passes of its own.
struct Loader {
    /// A policy, and an exclusion that it applies.
    struct Application: Hashable {
        let policy: Ref<Policy>
        let exclusion: Ref<Exclusion>
    }

    let times: StageTimes?
    var specification = Specification()
    var diagnostics = Diagnostics()
    var inputs: [String] = []
    /// libxml2's trees and its schema, which live as long as this.
    var documentsAndSchema: [AnyObject] = []

    /// Operations without a kind, which has been reported.
    var isKindMissing = false
    var symbols = Symbols()
    /// What overlays make policies apply.
    var tightened: [Application: XMLElement] = [:]
    var claims = NumberClaims()
    private(set) var declarations: Declarations?

    init(times: StageTimes?) { self.times = times }

    mutating func load(_ files: Specification.Files) {
        inputs.append(files.schema)
        // First what the person named: that there is no schema beside it may just mean that it is something else.
        guard let document = readDocument(files.specification, expecting: "cryptoki") else { return }
        guard let schema = readSchema(files.schema) else { return }
        validate(document, schema)
        let root = document.root
        let own = files.specification.lastIndex(of: "/").map { String(files.specification[...$0]) } ?? ""
        let folder = files.folder.map { "\($0)/" } ?? own
        let headings = readPart("headings", of: root, in: folder, schema)
        let registry = readPart("registry", of: root, in: folder, schema)
        let overlays = readOverlays(files.overlays, schema)
        guard let headings, let registry else { return }
        guard overlays.count == files.overlays.count else { return }
        for overlay in overlays { lay(overlay, over: root, headings, registry) }
        declarations = Declarations(root, registry)
        specification.layout = root.number("layout")
        times.measure("load the headings") { load(headings: headings) }
        times.measure("load the registry") { load(registry: registry) }
        times.measure("load the rules") { load(rules: root) }
        times.measure("load the functions") {
            for container in root.children("functions") { load(functions: container) }
        }
        loadDifferences(registry)
        for overlay in overlays { restrict(by: overlay) }
        times.measure("check the data") { check(root, registry) }
        specification.pairs.keep { $1.withdrawal == nil }
    }

    private mutating func check(_ root: XMLElement, _ registry: XMLElement) {
        diagnostics = Checks(self, root, registry).run()
    }
}
