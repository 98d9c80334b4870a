// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics
import StageTimes
import ValidatedXML

// Files become documents.
extension Loader {
    mutating func readSchema(_ path: String) -> Schema? {
        times.measure("read the schema") {
            guard let source = SourceText.read(path, into: &diagnostics) else { return nil }
            times.count(bytes: source.bytes.count)
            let schema = Schema(source, valueForms: { ValueForm(ofType: $0) }, into: &diagnostics)
            if let schema { documentsAndSchema.append(schema) }
            return schema
        }
    }

    mutating func validate(_ document: XMLDocument, _ schema: Schema) {
        times.measure("validate") {
            times.count(bytes: document.root.place.source.bytes.count)
            schema.validate(document, into: &diagnostics)
        }
    }

    /// A file that the data names; that it cannot be read is a fault of that name as well.
    mutating func readPart(
        _ name: String, of root: XMLElement, in folder: String, _ schema: Schema
    ) -> XMLElement? {
        guard let file = root[name] else { return nil }
        let note = Diagnostic.Note(place: root.place(of: name), message: "this names the file")
        return readRoot(folder + file, schema, expecting: name, notes: [note])
    }

    mutating func readOverlays(_ paths: [String], _ schema: Schema) -> [XMLElement] {
        var overlays: [XMLElement] = []
        for (index, path) in paths.enumerated() {
            if paths[..<index].contains(where: { isSameFile($0, path) }) {
                let place = Place(source: SourceText(path: path, bytes: []), offset: 0)
                diagnostics.report(place, .repeatedOverlay, "the overlay is given twice; remove one")
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
    mutating func readDocument(
        _ path: String, expecting name: String, layer: Int = 0, notes: [Diagnostic.Note] = []
    ) -> XMLDocument? {
        inputs.append(path)
        var unreadable = Diagnostics()
        let source = SourceText.read(path, tag: layer, into: &unreadable)
        for said in unreadable.all {
            // A name that is wrong leads to nothing, to a folder or the like.
            let isOfName = [.unreadable, .notAFile].contains(said.id)
            diagnostics.report(said.place, said.id, said.message, notes: isOfName ? notes : [])
        }
        guard let document = source.flatMap({ parse($0) }) else { return nil }
        let found = document.root.name
        if found != name {
            let words = Self.roots[found].map { "; the file is \($0)" }
            diagnostics.report(
                document.root.place, .unexpectedRoot, "expected <\(name)>, found <\(found)>\(words ?? "")",
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
        "registry": "the registry, which the data names", "overlay": "an overlay",
        "grammar": "a schema",
    ]
}
