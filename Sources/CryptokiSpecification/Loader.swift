// SPDX-License-Identifier: MIT

import Glibc

extension Specification {
    /// Where a specification is read from.
    public struct Files: Sendable {
        /// The path of `cryptoki.xml`.
        let specification: String
        /// The path of `cryptoki.rng`, the form of all of them.
        let schema: String
        /// What vendors add and restrict, in the order in which it is applied.
        let overlays: [String]
        /// Where the files that the specification names are; nil for its own folder.
        let folder: String?

        /// - Parameters:
        ///   - specification: the path of `cryptoki.xml`, which names the files of headings and of the registry.
        ///   - schema: the path of `cryptoki.rng`, the form of all of them.
        ///   - overlays: the paths of what vendors add and restrict, in the order in which it is applied.
        ///   - folder: where the files are that the specification names; nil for its own folder.
        public init(specification: String, schema: String, overlays: [String] = [], folder: String? = nil) {
            self.folder = folder
            self.specification = specification
            self.schema = schema
            self.overlays = overlays
        }
    }

    /// Reads, validates, resolves and checks; all faults of the files are found in one run.
    ///
    /// - Returns: the specification, or nil if there was an error, and the files that were read, in their order.
    public static func load(
        _ files: Files, into diagnostics: inout Diagnostics
    ) -> (specification: Specification?, inputs: [String]) {
        var loader = Loader()
        loader.load(files)
        diagnostics.append(contentsOf: loader.diagnostics)
        return (loader.diagnostics.hasErrors ? nil : loader.specification, loader.inputs)
    }
}

/// Builds the specification from the elements, in the order of the files.
struct Loader {
    var specification = Specification()
    var diagnostics = Diagnostics()
    private(set) var inputs: [String] = []

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
    var numbers: [String: (name: String, numbers: Names)] = [:]

    mutating func load(_ files: Specification.Files) {
        guard let schema = read(files.schema, { Schema($0, into: &$1) }) else { return }
        guard let root = readRoot(files.specification, schema, expecting: "cryptoki") else { return }
        let own = files.specification.lastIndex(of: "/").map { String(files.specification[...$0]) } ?? ""
        let folder = files.folder.map { "\($0)/" } ?? own
        let headings = root["headings"].flatMap { readRoot(folder + $0, schema, expecting: "headings") }
        let registry = root["registry"].flatMap { readRoot(folder + $0, schema, expecting: "registry") }
        let overlays = readOverlays(files.overlays, schema)
        guard let headings, let registry else { return }
        guard overlays.count == files.overlays.count else { return }
        for overlay in overlays { lay(overlay, over: root, headings, registry) }
        specification.layout = root.number("layout")
        load(headings: headings)
        load(registry: registry)
        load(rules: root)
        for container in root.children("functions") { load(functions: container) }
        for overlay in overlays { restrict(by: overlay) }
        checkIdentifiers(root, registry)
        loadDifferences(registry)
        checkSince(registry)
        let found = Checks(specification).run()
        // What could not be resolved leaves gaps, and a warning about a gap misleads.
        diagnostics.append(contentsOf: diagnostics.hasErrors ? found.errors : found)
        // What only makes sense where all else is as it should be.
        if !diagnostics.hasErrors {
            checkOwnNames(root, registry)
            diagnostics.append(contentsOf: Checks(specification).starts())
        }
        specification.pairs.removeAll { $0.withdrawal != nil }
    }

    private mutating func read<Result>(
        _ path: String, layer: Int = 0, _ parse: (SourceText, inout Diagnostics) -> Result?
    ) -> Result? {
        inputs.append(path)
        return SourceText.read(path, layer: layer, into: &diagnostics).flatMap { parse($0, &diagnostics) }
    }

    private mutating func readOverlays(_ paths: [String], _ schema: Schema) -> [XMLElement] {
        var overlays: [XMLElement] = []
        for (index, path) in paths.enumerated() {
            if paths[..<index].contains(where: { isSameFile($0, path) }) {
                let place = Place(source: SourceText(path: path, bytes: []), offset: 0)
                diagnostics.error(place, "repeated-overlay", "the overlay is given twice; once is enough")
            } else if let root = readRoot(path, schema, expecting: "overlay", layer: index + 1) {
                overlays.append(root)
            }
        }
        return overlays
    }

    private func isSameFile(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        if stat(one, &first) != 0 || stat(other, &second) != 0 { return one == other }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private mutating func readRoot(
        _ path: String, _ schema: Schema, expecting name: String, layer: Int = 0
    ) -> XMLElement? {
        guard let document = read(path, layer: layer, { XMLDocument.parse($0, into: &$1) }) else { return nil }
        if document.root.name != name {
            diagnostics.error(
                document.root.place, "unexpected-root", "the file must hold <\(name)>, not <\(document.root.name)>")
            return nil
        }
        schema.validate(document, into: &diagnostics)
        return document.root
    }

    // MARK: References

    mutating func resolve(
        _ element: XMLElement, _ attribute: String, in names: Names, or words: [String] = []
    ) -> Int? {
        guard let name = element[attribute] else { return nil }
        if let index = names.find(name) { return index }
        element.markFaulty()
        if !names.isIncomplete {
            let check = "unknown-\(names.noun.split(separator: " ").joined(separator: "-"))"
            let hint = names.suggestion(for: name, or: words)
            diagnostics.error(element.place(of: attribute), check, "no \(names.noun) is called '\(name)'\(hint)")
        }
        return nil
    }

    /// The version of the standard that an element came with.
    mutating func since(_ element: XMLElement) -> String {
        _ = resolve(element, "since", in: versions)
        return element.text("since")
    }

    /// The name of a constant, which must be in the registry.
    mutating func constant(_ element: XMLElement, _ attribute: String) -> String {
        _ = resolve(element, attribute, in: constants)
        return element.text(attribute)
    }

    mutating func citation(_ element: XMLElement, document: Int?, section: String, _ attribute: String) -> Citation {
        guard let document else { return Citation(document: 0, section: section, title: "", words: "") }
        let found = specification.documents[document]
        let title = found.headings[section]
        if title == nil, element[attribute] != nil, !found.isIncomplete {
            diagnostics.error(
                element.place(of: attribute), "unknown-section",
                "\(found.title) has no section \(section); the headings file lists those there are")
        }
        let words = "\(found.name) \(found.version), \(section) \(title ?? "")"
        return Citation(document: document, section: section, title: title ?? "", words: words)
    }

    mutating func citation(_ element: XMLElement) -> Citation {
        let parts = element.text("cite").split(separator: " ").map(String.init)
        guard parts.count == 2 else { return Citation(document: 0, section: "", title: "", words: "") }
        let document = documents.find(parts[0])
        if document == nil, !documents.isIncomplete {
            let hint = documents.suggestion(for: parts[0])
            diagnostics.error(
                element.place(of: "cite"), "unknown-document", "no document is called '\(parts[0])'\(hint)")
        }
        return citation(element, document: document, section: parts[1], "cite")
    }

    /// The element as a rule: its ID is unique, and so is its number.
    mutating func rule(_ element: XMLElement) -> Rule {
        rules.declare(element, by: "id", as: 0, into: &diagnostics)
        claim(element, "number", among: "rules")
        _ = resolve(element, "reading", in: readings)
        return Rule(
            id: element.text("id"), number: element["number"].flatMap { Int($0) }, citation: citation(element),
            text: element.text, reading: element["reading"])
    }

    /// Takes a number or bit that no other element of its kind may have.
    mutating func claim(_ element: XMLElement, _ attribute: String, among kind: String) {
        numbers[kind, default: (kind, Names("one of the \(kind)"))].numbers
            .declare(element, by: attribute, as: 0, into: &diagnostics)
    }
}
