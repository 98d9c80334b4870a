// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleCompiler
import SourceDiagnostics
import StrictMustache
import TestSupport
import Testing

@testable import CodeGeneration

/// swift-mustache renders the project's own templates to the same bytes.
struct SecondOpinionTests {
    @Test func everyTemplateRendersTheSame() throws {
        let root = Project.root
        var diagnostics = Diagnostics()
        let files = Specification.Files(specification: "\(root)/spec/cryptoki.xml", schema: "\(root)/spec/cryptoki.rng")
        let specification = try #require(Specification.load(files, into: &diagnostics).specification)
        #expect(diagnostics.all.isEmpty)
        let parts = OutputContext(tables: RuleTables(specification), source: "cryptoki.xml").parts.map { $0() }
        let record = parts.reduce(Record()) { $0.adding($1) }

        let paths = try FileSystem.files(below: "\(root)/Templates").filter { $0.hasSuffix(".mustache") }
        let sources = try paths.map { (name: String($0.dropLast(9)), text: try Project.text("Templates/\($0)")) }
        let library = try TemplateLibrary(sources.map { ($0.name, $0.name, $0.text) })
        for source in sources where source.name.contains("/") {
            let escaping = Pipeline.escaping(of: source.name)
            let ours = try library.render(source.name, record, escaping: escaping)
            #expect(ours == (try Project.text("Sources/Generated/\(source.name)")), "\(source.name) as committed")
            let theirs = try renderWithSwiftMustache(
                sources: sources, main: source.name, record: record, asMarkup: source.name.hasSuffix(".html"))
            #expect(Array(ours.utf8) == Array(theirs.utf8), "\(source.name)")
        }
    }
}
