// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The form of the Markdown files: links resolve, and lines are short.
struct DocumentFormTests {
    /// All Markdown files of the package.
    private static let files: [String] = {
        let enumerator = FileManager.default.enumerator(atPath: Project.root)
        var files: [String] = []
        while let path = enumerator?.nextObject() as? String {
            let name = path.split(separator: "/").last ?? ""
            if name.hasPrefix(".") || path == "Examples/c-token/build" {
                enumerator?.skipDescendants()
            } else if path.hasSuffix(".md") {
                files.append(path)
            }
        }
        return files.sorted()
    }()

    @Test func theReadmeIsShort() throws {
        let document = try Document("README.md")
        #expect(document.lines.dropLast().count <= 150, "move details to docs")
        for (index, line) in document.lines.enumerated() {
            #expect(line.text.count <= 120, "README.md:\(index + 1): \(line.text.count) columns")
        }
    }

    @Test func theReadmeHasBothCommands() throws {
        let readme = try Project.text("README.md")
        for command in ["make setup show", "make deps test"] {
            #expect(readme.contains("\(command)\n```"), "\(command)")
        }
    }

    /// Tables and code have the width that they need.
    @Test(arguments: Documents.paths)
    func proseIsWrapped(_ path: String) throws {
        for (index, line) in try Document(path).lines.enumerated() where !line.isCode && !line.text.hasPrefix("|") {
            #expect(line.text.count <= 120, "\(path):\(index + 1): \(line.text.count) columns")
        }
    }

    @Test(arguments: files)
    func linksResolve(_ path: String) throws {
        let folder = URL(filePath: "\(Project.root)/\(path)").deletingLastPathComponent()
        for link in try links(of: path) where link.target.firstMatch(of: /^[a-z]+:/) == nil {
            let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let file =
                parts[0].isEmpty
                ? "\(Project.root)/\(path)" : folder.appending(path: parts[0]).standardizedFileURL.path
            let place = "\(path):\(link.line): \(link.target)"
            let exists = FileManager.default.fileExists(atPath: file)
            #expect(exists, "\(place): no such file")
            if exists, parts.count == 2 {
                #expect(try anchors(of: file).contains(String(parts[1])), "\(place): no such anchor")
            }
        }
    }

    /// Every document can be reached from the index.
    @Test func theIndexIsComplete() throws {
        let linked = Set(try links(of: "docs/README.md").map { "docs/\($0.target)" })
        for path in Documents.paths where path.hasPrefix("docs/") && path != "docs/README.md" {
            #expect(linked.contains(path), "docs/README.md does not link to \(path)")
        }
    }

    // MARK: Markdown

    /// The targets of inline links outside of code.
    private func links(of path: String) throws -> [(line: Int, target: String)] {
        try Document(path).lines.enumerated().filter { !$1.isCode }.flatMap { index, line in
            line.text.replacing(/`[^`]*`/, with: "code").matches(of: /\]\(([^)\s]+)\)/)
                .map { (index + 1, String($0.output.1)) }
        }
    }

    /// The anchors of a file: its IDs and, in Markdown, those of its headings as GitHub makes them.
    private func anchors(of file: String) throws -> Set<String> {
        let text = try Project.text(file)
        var anchors = Set(text.matches(of: /\b(?:id|name)="([^"]+)"/).map { String($0.output.1) })
        guard file.hasSuffix(".md") else { return anchors }
        var counts: [String: Int] = [:]
        for line in try Document(file).lines where !line.isCode {
            guard let heading = line.text.firstMatch(of: /^#{1,6} +(.*)$/)?.output.1 else { continue }
            let words = heading.replacing(/\[([^\]]*)\]\([^)]*\)/) { $0.output.1 }.lowercased()
            let slug = String(
                words.filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }.map { $0 == " " ? "-" : $0 })
            let count = counts[slug, default: 0]
            counts[slug] = count + 1
            anchors.insert(count == 0 ? slug : "\(slug)-\(count)")
        }
        return anchors
    }
}
