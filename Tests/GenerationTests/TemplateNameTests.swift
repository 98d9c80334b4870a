// SPDX-License-Identifier: MIT

import CryptokiSpecification
import Foundation
import RuleCompiler
import SourceDiagnostics
import StrictMustache
import TestSupport
import Testing

@testable import CodeGeneration

/// The names that templates can use: each is read by a template, and Templates/README.md describes it.
struct TemplateNameTests {
    @Test func everyFieldIsRead() throws {
        let schema = try Self.schema()
        // The package's own templates, and the example of a template of one's own.
        for folder in ["Templates", "Examples/python-template"] {
            let paths = try FileSystem.files(below: "\(Project.root)/\(folder)").filter { $0.hasSuffix(".mustache") }
            let sources = try paths.map { (name: String($0.dropLast(9)), text: try Project.text("\(folder)/\($0)")) }
            let library = try TemplateLibrary(sources.map { ($0.name, $0.name, $0.text) })
            for source in sources where source.name.contains("/") { library.markReads(of: source.name, in: schema) }
        }
        #expect(schema.paths.filter { !$0.field.isRead }.map(\.path) == [], "delete what no template reads")
    }

    @Test func theReadmeDescribesEveryName() throws {
        let schema = try Self.schema()
        var described: [String] = []
        for line in try Project.text("Templates/README.md").components(separatedBy: "\n") where line.hasPrefix("| `") {
            let cells = line.components(separatedBy: " | ")
            let names = cells[0].matches(of: #/`([A-Za-z]+)`/#).map { String($0.output.1) }
            // Other tables are about the language and the effects.
            guard cells.count == 3, let first = names.first.flatMap({ schema[$0] }) else { continue }
            described += names
            #expect(cells[1] == Self.fields(of: first), "what Templates/README.md has to list of \(names[0])")
            let isAlone = names.count == 1 || names.allSatisfy { schema[$0]?.fields.isEmpty ?? true }
            #expect(isAlone, "\(names) have fields: give each a row")
        }
        #expect(described.sorted() == schema.fields.map(\.name).sorted())
    }

    /// The fields of a record as the README lists them, or the kind of a value that has none.
    private static func fields(of field: FieldSchema) -> String {
        func list(_ field: FieldSchema) -> String {
            field.fields.map { "`\($0.name)`" + ($0.fields.isEmpty ? "" : " (\(list($0)))") }.joined(separator: ", ")
        }
        return field.fields.isEmpty ? field.kind.rawValue : list(field)
    }

    @Test func theListingHasEveryName() throws {
        let listing = try run(Project.generator, ["export", "--template-names"])
        #expect(listing.status == 0 && listing.errors.isEmpty, "\(listing)")
        let paths = listing.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(paths == (try Self.schema()).paths.map { [$0.path, $0.field.kind.rawValue] })
        #expect(listing.output.contains("\nroles.after.effects.idle "))
    }

    private static func schema() throws -> FieldSchema {
        var diagnostics = Diagnostics()
        let files = Specification.Files(
            specification: "\(Project.root)/spec/cryptoki.xml", schema: "\(Project.root)/spec/cryptoki.rng")
        let specification = try #require(Specification.load(files, into: &diagnostics).specification)
        let parts = OutputContext(tables: RuleTables(specification), source: "cryptoki.xml").parts
        return FieldSchema(parts.reduce(Record()) { $0.adding($1()) })
    }
}
