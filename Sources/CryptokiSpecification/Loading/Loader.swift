// SPDX-License-Identifier: MIT

import SourceDiagnostics
import StageTimes
import ValidatedXML

/// Builds the specification from the elements of the files.
///
/// The passes, each of which may rely on those before it:
///
/// 1. The schema and all files are read, and each is validated. A file that is not valid is used as far as it goes, so that its other
///    faults are found too; elements that have been complained of are marked.
/// 2. Overlays are laid over the data.
/// 3. What is declared is loaded, in the order in which references point: headings, registry, rules, functions. Loading says what is
///    wrong with one declaration, its names, numbers and references.
/// 4. Overlays restrict what is there now.
/// 5. Names across all declarations, and versions, are checked.
/// 6. `Checks` looks at the whole specification. Where something could not be resolved, it says errors only: what it would warn of may
///    be a gap.
/// 7. What makes sense only where all else is in order is checked last.
struct Loader {
    let times: StageTimes?
    var specification = Specification()
    var diagnostics = Diagnostics()
    var inputs: [String] = []
    /// libxml2's trees and its schema, which live as long as this.
    var documentsAndSchema: [AnyObject] = []

    /// Operations that say no kind have none, which has been said.
    var isKindMissing = false
    var documents = Names("document")
    var phases = Names("phase")
    var perspectives = Names("perspective")
    var operations = Names("operation")
    var pairs = Names("pair")
    var withdrawals = Names("withdrawal")
    var groups = Names("group")
    var rules = Names("rule")
    var policies = Names("policy")
    var exclusions = Names("exclusion")
    var facts = Names("fact")
    var uses = Names("use")
    var outcomes = Names("outcome")
    var readings = Names("reading")
    var roles = Names("role")
    var codeSets = Names("code set")
    var functions = Names("function")
    var versions = Names("version")
    var types = Names("type")
    var constants = Names("constant")
    /// What overlays make policies apply, by the numbers of both.
    var tightened: [String: XMLElement] = [:]
    var numbers: [String: Names] = [:]
    var claimedTwice: [(kind: String, attribute: String, first: XMLElement, second: XMLElement)] = []

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
        specification.layout = root.number("layout")
        times.measure("load the headings") { load(headings: headings) }
        times.measure("load the registry") { load(registry: registry) }
        times.measure("load the rules") { load(rules: root) }
        times.measure("load the functions") {
            for container in root.children("functions") { load(functions: container) }
        }
        times.measure("check the data") { check(root, registry, overlays) }
        specification.pairs.removeAll { $0.withdrawal != nil }
    }

    private mutating func check(_ root: XMLElement, _ registry: XMLElement, _ overlays: [XMLElement]) {
        for overlay in overlays { restrict(by: overlay) }
        checkIdentifiers(root, registry)
        loadDifferences(registry)
        checkSince(registry)
        sayNumbersClaimedTwice()
        let found = Checks(specification).run()
        // What could not be resolved leaves gaps, and a warning about a gap misleads.
        diagnostics.append(contentsOf: diagnostics.hasErrors ? found.errors : found)
        // What only makes sense where all else is as it should be.
        if !diagnostics.hasErrors {
            checkOwnNames(root, registry)
            diagnostics.append(contentsOf: Checks(specification).starts())
        }
    }
}
