// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The recipes of the adoption guide, as they stand there, in a repository of somebody else's.
struct RecipeTests {
    /// A repository with the data, its first commit the present state, and p11gen in the path.
    private func withRepository(_ body: (Workshop, (String) throws -> CommandResult) throws -> Void) throws {
        try require(program: "git")
        try Workshop.open { workshop in
            func shell(_ script: String) throws -> CommandResult {
                let folder = URL(filePath: Project.generator).deletingLastPathComponent().path
                let path = "\(folder):/usr/bin:/bin"
                return try run("sh", ["-euc", script], in: workshop.folder, environment: ["PATH": path])
            }
            let made = try shell(
                """
                git init -q -b main . && git config user.name n && git config user.email e
                p11gen generate --spec spec/cryptoki.xml --templates Templates --only c --output generated
                git add . && git commit -q -m one && git branch origin/main
                """)
            try #require(made.status == 0, "\(made)")
            try body(workshop, shell)
        }
    }

    @Test func makefile() throws {
        let recipe = try Documents.example("recipe-makefile")
        try withRepository { workshop, shell in
            try workshop.write(recipe, to: "Makefile")
            #expect(try shell("make").status == 0)
            #expect(try shell("make").output.contains("is up to date"))
            try workshop.edit("spec/cryptoki.xml", "summary=\"starts encryption\"", "summary=\"starts encrypting\"")
            let again = try shell("make")
            #expect(again.output.contains("p11_session_rules.h"), "\(again)")
        }
    }

    @Test func hook() throws {
        let recipe = try Documents.example("recipe-hook")
        try withRepository { workshop, shell in
            try workshop.write(recipe, to: ".git/hooks/pre-commit")
            #expect(try shell("chmod +x .git/hooks/pre-commit && git commit -q --allow-empty -m two").status == 0)
            let pair =
                "    <pair id=\"pair-sign-encrypt\"   first=\"sign\"    second=\"encrypt\" cite=\"guide-3.2 2.6.7\"/>\n"
            try workshop.edit("spec/cryptoki.xml", pair, "")
            let refused = try shell("git commit -q -a -m three || test $? = 1")
            #expect(
                refused.status == 0 && (refused.output + refused.errors).contains("tighter: C_SignInit"), "\(refused)")
            #expect(try shell("git log --oneline | wc -l").output == "2\n", "a commit without its headers is none")
            let whole = try shell(
                "p11gen generate --spec spec/cryptoki.xml --only c --output generated && git commit -q -a -m three")
            #expect(whole.status == 0, "\(whole)")
        }
    }

    @Test func continuousIntegration() throws {
        let recipe = try Documents.example("recipe-ci")
        try withRepository { workshop, shell in
            #expect(try shell(recipe).status == 0)
            try workshop.edit(
                "spec/cryptoki.xml", "<policy name=\"single\" number=\"1\" most=\"1\"",
                "<policy name=\"single\" number=\"1\"")
            #expect(try shell(recipe).status == 0, "nothing changes in behaviour")
            let pair =
                "    <pair id=\"pair-sign-encrypt\"   first=\"sign\"    second=\"encrypt\" cite=\"guide-3.2 2.6.7\"/>\n"
            try workshop.edit("spec/cryptoki.xml", pair, "")
            #expect(try shell(recipe).status == 1, "the headers are not those of the data")
            #expect(try shell("p11gen generate --spec spec/cryptoki.xml --only c --output generated").status == 0)
            let changed = try shell(recipe)
            #expect(changed.status == 1 && changed.output.contains("tighter: C_SignInit"), "\(changed)")
        }
    }
}
