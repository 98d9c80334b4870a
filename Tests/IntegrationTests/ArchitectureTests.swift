// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What docs/architecture.md says of the modules is what Package.swift says.
struct ArchitectureTests {
    private struct Package: Decodable {
        struct Target: Decodable {
            let name, type: String
            let path: String?
            let dependencies: [Dependency]
        }

        /// `{"byName": ["Spelling", null]}`; what other packages offer is a `product`.
        struct Dependency: Decodable {
            let byName: [String?]?
        }

        let targets: [Target]
    }

    /// The modules of Package.swift below Sources, with those that they depend on.
    private func modules() throws -> [String: Set<String>] {
        // In a folder of its own: the one of the package is locked while its tests run.
        let dump = try Project.withFolder { try run("swift", ["package", "--scratch-path", $0, "dump-package"]) }
        try #require(dump.status == 0, "\(dump)")
        let package = try JSONDecoder().decode(Package.self, from: Data(dump.output.utf8))
        let own = package.targets.filter { $0.type != "test" && $0.path?.hasPrefix("Tests/") != true }
        let names = Set(own.map(\.name))
        return Dictionary(
            uniqueKeysWithValues: own.map { target in
                (target.name, names.intersection(target.dependencies.compactMap { $0.byName?.first ?? nil }))
            })
    }

    /// The lines of the table of modules: the name, and those that it depends on.
    private func table() throws -> [(name: String, dependencies: Set<String>)] {
        let text = try Project.text("docs/architecture.md")
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("| module |") }.dropFirst(2).prefix {
            $0.hasPrefix("|")
        }
        return lines.map { line in
            let columns = line.split(separator: "|").map { $0.matches(of: #/`(\w+)`/#).map { String($0.1) } }
            return (columns[0][0], Set(columns[2]))
        }
    }

    @Test func theTableOfModulesIsTrue() throws {
        let (modules, table) = (try modules(), try table())
        #expect(Set(table.map(\.name)) == Set(modules.keys))
        for (name, dependencies) in table {
            #expect(dependencies == modules[name], "\(name)")
        }
    }

    /// So there is no cycle, and no arrow against the flow of the data.
    @Test func eachModuleDependsOnThoseAboveIt() throws {
        var above: Set<String> = []
        for (name, dependencies) in try table() {
            #expect(dependencies.isSubset(of: above), "\(name) depends on \(dependencies.subtracting(above))")
            above.insert(name)
        }
    }

    /// What is generated is no part of what generates it.
    @Test func theGeneratorDoesNotDependOnItsOutputs() throws {
        let modules = try modules()
        var (reached, next) = (Set<String>(), ["p11gen"])
        while let name = next.popLast() {
            if reached.insert(name).inserted { next += modules[name] ?? [] }
        }
        #expect(reached.isDisjoint(with: ["CCryptoki", "CryptokiSession"]))
    }

    /// Every file that names an effect of an outcome is in the list of CONTRIBUTING.md, and no other file is.
    @Test func theListOfEffectsIsTrue() throws {
        let section = try #require(
            try Project.text("CONTRIBUTING.md").components(separatedBy: "\n## ").first {
                $0.hasPrefix("Where an effect is implemented")
            })
        let listed = section.matches(of: #/`([\w/+-]+\.(?:swift|mustache))`/#).map { $0.1.split(separator: "/").last! }
        let folders = [
            "CallTracing", "CodeGeneration", "CryptokiSpecification", "RuleAnalysis", "RuleCompiler",
        ].map { "Sources/\($0)" }
        let found = try run(
            "grep", ["-rlE", #"(case |[.])(gone|doubt|contradiction)\b"#] + folders, in: Project.root
        ).output.split(separator: "\n")
        let templates = try run(
            "grep",
            ["-rliE", "contradiction|effect[.]has|P11_(KEEP|TO)_|p11_doubted_", "Templates"] + ["--include=*.mustache"],
            in: Project.root
        ).output.split(separator: "\n").filter { $0.split(separator: "/").count == 2 }
        let names = (found + templates).map { $0.split(separator: "/").last! }
        #expect(Set(listed) == Set(names))
    }
}
