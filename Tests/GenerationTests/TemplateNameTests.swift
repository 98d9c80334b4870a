// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import SourceDiagnostics
import StrictMustache
import TestSupport
import Testing

@testable import CodeGeneration

/// The names that templates can use: each is read by a template.
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

    private static func schema() throws -> FieldSchema {
        var diagnostics = Diagnostics()
        let files = Specification.Files(
            specification: "\(Project.root)/spec/cryptoki.xml", schema: "\(Project.root)/spec/cryptoki.rng")
        let specification = try #require(Specification.load(files, into: &diagnostics).specification)
        let parts = OutputContext(tables: RuleTables(specification), source: "cryptoki.xml").parts
        return FieldSchema(parts.reduce(Record()) { $0.adding($1()) })
    }
}
