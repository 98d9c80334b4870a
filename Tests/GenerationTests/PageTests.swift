// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The page for people. What it should say is written here by hand, from the standard and its usage guide.
struct PageTests {
    private let page: String

    init() throws { page = try Project.text("Sources/Generated/doc/session-rules.html") }

    /// The text from one mark to the next, without the tags.
    private func words(from start: String, to end: String, in text: String? = nil) throws -> String {
        let parts = (text ?? page).components(separatedBy: start)
        let part = try #require(parts.dropFirst().first?.components(separatedBy: end).first, "\(start)")
        return part.replacing(/<[^>]*>/, with: "")
    }

    private func card(_ id: String) throws -> String {
        let start = "<section class=\"card\" id=\"\(id)\">"
        let part = try #require(page.components(separatedBy: start).dropFirst().first, "#\(id)")
        return try #require(part.components(separatedBy: "</section>").first)
    }

    static let operations = [
        "find", "encrypt", "decrypt", "digest", "sign", "signRecover", "verify", "verifyRecover", "verifySignature",
        "messageEncrypt", "messageDecrypt", "messageSign", "messageVerify",
    ]
    static let pairs: [Set<String>] = [
        ["digest", "encrypt"], ["decrypt", "digest"], ["sign", "encrypt"], ["decrypt", "verify"],
    ]

    @Test(arguments: ["usage-guide", "single", "per-kind", "strict"])
    func aMatrixSaysWhichRuleRefusesWhichStart(_ policy: String) throws {
        let card = try card("policy.\(policy)")
        for start in Self.operations {
            let row = try #require(
                card.components(separatedBy: "<th scope=\"row\">\(start)</th>").dropFirst().first?
                    .components(separatedBy: "</tr>").first)
            let cells = row.components(separatedBy: "</td>").dropLast().map { $0.replacing(/<[^>]*>/, with: "") }
            let expected = Self.operations.map { active in
                // 1: a restart; 2 and 3: a search beside something else; 4: no pair; 5: a token of one operation.
                if start == active { return "1" }
                if policy == "per-kind" { return "✓" }
                if start == "find" { return "2" }
                if active == "find" { return "3" }
                if policy == "single" { return "5" }
                return Self.pairs.contains([start, active]) ? "✓" : "4"
            }
            #expect(cells == expected, "\(policy): \(start)")
        }
        // Keys, objects and PINs wait in one policy only.
        for group in ["instant", "objects", "account"] {
            #expect(card.contains("<th scope=\"row\">\(group)</th>") == (policy == "strict"), "\(policy): \(group)")
        }
    }

    /// Usage Guide 3.2, 2.6.7; Base 3.2, 5.8, 5.9 and 5.12.
    @Test func aLifecycleIsSaidInWords() throws {
        func lines(_ operation: String) throws -> [String] {
            let list = try words(from: "in words</summary>\n<ul>\n", to: "</ul>", in: card("operation.\(operation)"))
            return list.split(separator: "\n").map(String.init)
        }
        #expect(
            try lines("find") == [
                "idle → ready: C_FindObjectsInit succeeds",
                "ready → idle: C_FindObjectsInit (null-mechanism) succeeds, C_FindObjectsFinal succeeds, "
                    + "C_SessionCancel succeeds",
                "ready → ready: C_FindObjects succeeds",
            ])
        #expect(
            try lines("verifyRecover") == [
                "idle → ready: C_VerifyRecoverInit succeeds",
                "ready → idle: C_VerifyRecoverInit (null-mechanism) succeeds, "
                    + "C_VerifyRecover whether it succeeds or fails, C_SessionCancel succeeds",
            ])
        #expect(
            try lines("digest") == [
                "idle → ready: C_DigestInit succeeds",
                "ready → idle: C_DigestInit (null-mechanism) succeeds, C_Digest whether it succeeds or fails, "
                    + "C_DigestUpdate fails, C_DigestFinal whether it succeeds or fails, C_SessionCancel succeeds",
                "ready → parts: C_DigestUpdate succeeds, C_DigestKey succeeds, C_DigestEncryptUpdate succeeds, "
                    + "C_DecryptDigestUpdate succeeds",
                "parts → idle: C_DigestInit (null-mechanism) succeeds, C_DigestUpdate fails, "
                    + "C_DigestFinal whether it succeeds or fails, C_SessionCancel succeeds",
                "parts → parts: C_DigestUpdate succeeds, C_DigestKey succeeds, C_DigestEncryptUpdate succeeds, "
                    + "C_DecryptDigestUpdate succeeds",
            ])
        #expect(
            try lines("messageSign") == [
                "idle → ready: C_MessageSignInit succeeds",
                "ready → idle: C_SessionCancel succeeds, C_MessageSignInit (null-mechanism) succeeds, "
                    + "C_MessageSignFinal succeeds",
                "ready → ready: C_SignMessage succeeds",
                "ready → message: C_SignMessageBegin succeeds",
                "message → idle: C_SessionCancel succeeds, C_MessageSignInit (null-mechanism) succeeds, "
                    + "C_MessageSignFinal succeeds",
                "message → ready: C_SignMessageNext fails, C_SignMessageNext (last) whether it succeeds or fails",
                "message → message: C_SignMessageBegin succeeds, C_SignMessageNext succeeds",
            ])
    }

    @Test func everyOperationIsDrawn() throws {
        for operation in Self.operations {
            let drawing = try #require(try card("operation.\(operation)").components(separatedBy: "</svg>").first)
            #expect(drawing.contains(">idle</text>") && drawing.contains(">ready</text>"), "\(operation)")
            let hasParts = drawing.contains(">parts</text>") || drawing.contains(">message</text>")
            #expect(hasParts == !["find", "signRecover", "verifyRecover"].contains(operation), "\(operation)")
        }
    }

    @Test func aRuleHasItsTextPlaceAndAnswer() throws {
        let card = try card("not-a-pair").replacing(/<[^>]*>/, with: "")
        for words in [
            "Two operations may be active only where they form an allowed pair.", "CKR_OPERATION_ACTIVE",
            "Usage Guide 3.2, 2.6.7", "usage-guide, strict", "C_SignInit",
        ] {
            #expect(card.contains(words), "\(words)")
        }
        #expect(!card.contains("C_FindObjectsInit"))
        #expect(try self.card("single-after-part").contains("<a href=\"#reading.S15\">S15</a>"))
        #expect(try self.card("while-pending").contains("C_Encrypt</code>"))
        #expect(try self.card("two-threads").contains("to a start <code>CKR_OPERATION_ACTIVE</code>"))
    }

    /// The tables of a role, one for each perspective: first the phases before the call, then what becomes of them.
    private func tables(ofRole role: String) throws -> [[String]] {
        let card = try card("role.\(role)").replacing("</td>", with: "|").replacing("</th>", with: "|")
        return card.components(separatedBy: "</caption>").dropFirst().map { table in
            let rows = (table.components(separatedBy: "</table>").first ?? "").replacing(/<[^>]*>/, with: "")
            return rows.split(separator: "\n").map(String.init)
        }
    }

    @Test func aRoleSaysWhatHappensInTheEyesOfBoth() throws {
        #expect(
            try tables(ofRole: "part-key") == [
                [
                    "returns|idle|ready|parts|", "ok|refused|parts|parts|", "not-initialized|refused|idle|idle|",
                    "error|refused|ready|parts|",
                ],
                [
                    "returns|idle|ready|uncertain|parts|", "ok|parts|parts|parts|parts|",
                    "not-initialized|idle|idle|idle|idle|",
                    // Whether an error ends the digest, the standard does not say (S1).
                    "error|idle|uncertain|uncertain|uncertain|",
                ],
            ])
        // Neither a search nor an operation with recovery has parts.
        for (role, last) in [("search-next", "ready"), ("single-recover", "ready"), ("last-out", "parts")] {
            #expect(try tables(ofRole: role).first?.first?.hasSuffix("|\(last)|") ?? false, "\(role)")
        }
        #expect(try tables(ofRole: "message-end").first?.first == "returns|idle|ready|message|")
        // Base 3.2, 5.6.7: what the session was doing is cancelled.
        #expect(try tables(ofRole: "restore").first?.dropFirst().first == "ok|idle|idle|idle|")
    }

    /// Base 3.2, 5.21: these calls say how another one ended, or take it up. That they change nothing would be wrong.
    @Test func aRoleSaysWhatBecomesOfAPendingCall() throws {
        #expect(try card("role.async-complete").contains("gives its outcome"))
        #expect(try card("role.async-join").contains("is pending in this session"))
        #expect(try card("role.begin-cancel").contains("is cancelled as well"))
        for role in ["async-complete", "async-join", "async-id", "save", "legacy"] {
            let keeps = !["async-complete", "async-join"].contains(role)
            #expect(try card("role.\(role)").contains("No phase changes") == keeps, "\(role)")
        }
    }

    /// Whoever comes from a line of a log wants to know whether the call was refused, and how to have it otherwise.
    @Test func aRuleSaysWhoRefuses() throws {
        func facts(_ rule: String) throws -> [String] {
            try card(rule).replacing(/<[^>]*>/, with: "").split(separator: "\n").map(String.init)
        }
        let pair = try facts("not-a-pair")
        #expect(pair.contains("refused byusage-guide, strict") && pair.contains("exceptionsthe pairs"))
        let after = try facts("check-after-part")
        #expect(after.contains("for an ownerrefused by every policy"))
        #expect(after.contains("for an observerrefused by strict; else let through and noted"))
        #expect(after.contains("answerCKR_OPERATION_ACTIVE; of C_VerifySignature CKR_OPERATION_NOT_INITIALIZED"))
        // A message inside another is described nowhere (S3), so that a token lets it through as well.
        let inside = try facts("message-begin-inside-message")
        #expect(inside.contains("for an ownerrefused by strict; else let through and noted"))
        #expect(try facts("while-pending").contains("refused bystrict; else let through and noted"))
        // A cancel is never refused, nor is a login for the operation that is going on; the last part of a message may be.
        let exempt = try facts("while-pending").filter { $0.hasPrefix("but not by") }
        #expect(exempt.count == 2 && exempt[0].contains("null-mechanism") && exempt[1].contains("context-specific"))
        #expect(try facts("account-beside-operation").count { $0.contains("but not bycontext-specific") } == 1)
        #expect(!(try facts("instant-beside-operation").contains { $0.hasPrefix("but not by") }))
    }

    /// What stands in the drawings in parentheses, and in the matrices beside the operations, is explained on the page.
    @Test func whatItNamesItExplains() throws {
        for fact in ["null-mechanism", "query", "last", "context-specific"] {
            #expect(page.contains("<li id=\"fact.\(fact)\">"), "\(fact)")
        }
        #expect(try card("policy.strict").contains("<code>account</code>: PINs, login and logout"))
        #expect(!(try card("policy.usage-guide").contains("PINs")))
        #expect(try card("C_Login").contains("<a href=\"#role.login-again\">"))
        #expect(page.contains("<li><a href=\"#C_WrapKey\"><code>C_WrapKey</code></a></li>"))
    }

    @Test func aFunctionHasItsRoleAndReturnValues() throws {
        let card = try card("C_DigestKey")
        #expect(card.contains("<a href=\"#role.part-key\">") && card.contains("<a href=\"#operation.digest\">"))
        for value in ["CKR_KEY_INDIGESTIBLE", "CKR_OPERATION_NOT_INITIALIZED", "CKR_OK", "CKR_PENDING"] {
            #expect(card.contains("<li><code>\(value)</code></li>"), "\(value)")
        }
        #expect(!card.contains("CKR_PIN_INCORRECT"))
    }

    /// A vendor's words are words, whatever characters they have.
    @Test func wordsAreNoMarkup() throws {
        try Workshop.open { workshop in
            try workshop.edit(
                "spec/cryptoki.xml", "summary=\"message digesting\"",
                "summary=\"digesting &lt;b&gt; &amp; &quot;more&quot;, it's &#169;\"")
            try #require(try workshop.generate().status == 0)
            let page = try workshop.text("Sources/Generated/doc/session-rules.html")
            #expect(page.contains("<p>Digesting &lt;b&gt; &amp; &quot;more&quot;, it&#39;s ©.</p>"))
            let markdown = try workshop.text("Sources/Generated/doc/session-rules.md")
            let isText = markdown.contains("| digest (digesting &lt;b&gt; & \"more\", it's ©) |")
            #expect(isText)
        }
    }

    /// 1,280 and 390 pixels wide, light and dark: no messages on the console, nothing beyond the margins, no text over another, no link
    /// that leads nowhere, and what axe finds.
    @Test func aBrowserShowsItWell() throws {
        for package in ["chromium", "chromium-driver", "python3-selenium"] { try require(package: package) }
        try require(file: ".build/axe", "make deps brings it")
        let folder = "\(Project.root)/.build/axe"
        let wheel = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".whl") })
        let look = try run(
            "/usr/bin/python3",
            [
                "\(Project.root)/Tests/Programs/look_at_page.py",
                "\(Project.root)/Sources/Generated/doc/session-rules.html", "\(folder)/\(wheel)",
            ])
        print(look.output)
        #expect(look.status == 0, "\(look)")
    }
}
