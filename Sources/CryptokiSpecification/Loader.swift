// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics
import StageTimes

extension Specification {
    /// Where a specification is read from.
    package struct Files: Sendable {
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
        package init(specification: String, schema: String, overlays: [String] = [], folder: String? = nil) {
            self.folder = folder
            self.specification = specification
            self.schema = schema
            self.overlays = overlays
        }
    }

    /// What comes of reading.
    package struct Loaded {
        /// The specification, or nil if there was an error.
        package let specification: Specification?
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
            specification: loader.diagnostics.hasErrors ? nil : loader.specification, inputs: loader.inputs,
            remains: loader)
    }
}

/// Builds the specification from the elements, in the order of the files.
struct Loader {
    private let times: StageTimes?
    var specification = Specification()
    var diagnostics = Diagnostics()
    private(set) var inputs: [String] = []
    /// libxml2's trees and its schema, which live as long as this.
    private var documentsAndSchema: [AnyObject] = []

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
    private var numbers: [String: Names] = [:]
    private var claimedTwice: [(kind: String, attribute: String, first: XMLElement, second: XMLElement)] = []

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

    private mutating func readSchema(_ path: String) -> Schema? {
        times.measure("read the schema") {
            guard let source = SourceText.read(path, into: &diagnostics) else { return nil }
            times.count(bytes: source.bytes.count)
            let schema = Schema(source, into: &diagnostics)
            if let schema { documentsAndSchema.append(schema) }
            return schema
        }
    }

    private mutating func validate(_ document: XMLDocument, _ schema: Schema) {
        times.measure("validate") {
            times.count(bytes: document.root.place.source.bytes.count)
            schema.validate(document, into: &diagnostics)
        }
    }

    /// A file that the data names; that it cannot be read is a fault of that name as well.
    private mutating func readPart(
        _ name: String, of root: XMLElement, in folder: String, _ schema: Schema
    ) -> XMLElement? {
        guard let file = root[name] else { return nil }
        let note = Diagnostic.Note(place: root.place(of: name), message: "this names the file")
        return readRoot(folder + file, schema, expecting: name, notes: [note])
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
        _ path: String, _ schema: Schema, expecting name: String, layer: Int = 0, notes: [Diagnostic.Note] = []
    ) -> XMLElement? {
        guard let document = readDocument(path, expecting: name, layer: layer, notes: notes) else { return nil }
        validate(document, schema)
        return document.root
    }

    /// - Parameter notes: what to add where it cannot be read or is another file.
    private mutating func readDocument(
        _ path: String, expecting name: String, layer: Int = 0, notes: [Diagnostic.Note] = []
    ) -> XMLDocument? {
        inputs.append(path)
        var unreadable = Diagnostics()
        let source = SourceText.read(path, layer: layer, into: &unreadable)
        for said in unreadable.all {
            // A name that is wrong leads to nothing, to a folder or the like.
            let isOfName = ["unreadable", "not-a-file"].contains(said.check)
            diagnostics.error(said.place, said.check, said.message, notes: isOfName ? notes : [])
        }
        guard let document = source.flatMap({ parse($0) }) else { return nil }
        let found = document.root.name
        if found != name {
            let words = Self.roots[found].map { ": it is \($0)" }
            diagnostics.error(
                document.root.place, "unexpected-root", "the file must hold <\(name)>, not <\(found)>\(words ?? "")",
                notes: words == nil ? [] : notes)
            return nil
        }
        return document
    }

    private mutating func parse(_ source: SourceText) -> XMLDocument? {
        times.measure("parse the data") {
            times.count(bytes: source.bytes.count)
            let document = XMLDocument.parse(source, into: &diagnostics)
            if let document { documentsAndSchema.append(document) }
            return document
        }
    }

    /// What the files are, by the elements that they hold.
    private static let roots = [
        "cryptoki": "the data itself", "headings": "the headings, which the data names",
        "registry": "the registry, which the data names", "overlay": "an overlay, which is laid over the data",
        "grammar": "a schema",
    ]

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
            // One digit more than there should be; any other number is as near as the next.
            let near = found.headings[String(section.dropLast())].map { _ in "did you mean '\(section.dropLast())'?" }
            let advice = near ?? "the headings file lists those there are"
            diagnostics.error(
                element.place(ofLast: section, of: attribute), "unknown-section",
                "\(found.title) has no section \(section); \(advice)")
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
                element.place(ofFirst: parts[0], of: "cite"), "unknown-document",
                "no document is called '\(parts[0])'\(hint)")
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
        if let number = element[attribute], let other = numbers[kind]?.declaration(of: number) {
            claimedTwice.append((kind, attribute, other, element))
        } else {
            numbers[kind, default: Names("one of the \(kind)")]
                .declare(element, by: attribute, as: 0, into: &diagnostics)
        }
    }

    /// Once all are known, one can say which number is free.
    mutating func sayNumbersClaimedTwice() {
        for (kind, attribute, one, other) in claimedTwice {
            let (first, second) = inOrder(one, other)
            diagnostics.error(
                second.place(of: attribute), "duplicate-\(attribute)",
                "a second one of the \(kind) with the \(attribute) '\(second.text(attribute))'\(freeNumber(kind, second))",
                notes: [.init(place: first.place(of: attribute), message: "the first one")])
        }
    }

    /// Numbers are append-only: one that nothing has now may have had a meaning once.
    private func freeNumber(_ kind: String, _ element: XMLElement) -> String {
        guard let names = numbers[kind], let most = Self.mostNumbers[kind] else { return "" }
        let isOfVendors = element.place.source.layer > 0
        let hasRanges = ["functions", "rules"].contains(kind)
        let taken = names.names { isOfVendors && !hasRanges || ($0 > 0) == isOfVendors }.compactMap { Int($0) }
        let least = isOfVendors && hasRanges ? Function.firstNumberOfVendors : 0
        let free = max(least, (taken.max() ?? -1) + 1)
        return free > most ? "" : "; the next one that is free is \(free)"
    }

    /// What a number of a kind can be; others are places in a list.
    private static let mostNumbers = [
        "functions": Checks.mostNumber, "rules": Checks.mostNumber, "operations": Checks.mostOperations - 1,
        "facts": Checks.mostFacts - 1,
    ]
}
