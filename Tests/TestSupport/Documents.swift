// SPDX-License-Identifier: MIT

import Foundation

/// A Markdown file of the package.
package struct Document: Sendable {
    /// Its path in the package.
    package let path: String
    /// Its lines, each with whether it is part of a fenced block, the fences included.
    package let lines: [(text: String, isCode: Bool)]

    /// Reads a document, given by its path in the package.
    package init(_ path: String) throws {
        self.path = path
        var isCode = false
        lines = try Project.text(path).components(separatedBy: "\n").map { text in
            let isFence = text.trimmingCharacters(in: .whitespaces).hasPrefix("```")
            defer { if isFence { isCode.toggle() } }
            return (text, isCode || isFence)
        }
    }

    /// The fenced blocks in their order.
    package var blocks: [Block] {
        var blocks: [Block] = []
        var opening: Int?
        for (index, line) in lines.enumerated() where line.isCode {
            guard line.text.trimmingCharacters(in: .whitespaces).hasPrefix("```") else { continue }
            if let start = opening {
                let body = lines[(start + 1)..<index].map { $0.text + "\n" }.joined()
                blocks.append(
                    Block(
                        document: path, line: start + 1, marker: start > 0 ? lines[start - 1].text : "",
                        language: String(lines[start].text.trimmingCharacters(in: .whitespaces).dropFirst(3)),
                        text: body))
                opening = nil
            } else {
                opening = index
            }
        }
        return blocks
    }

    /// A fenced block.
    package struct Block: Sendable {
        /// The path of its document.
        package let document: String
        /// The number of its first line, counted from 1.
        package let line: Int
        /// The line before it.
        package let marker: String
        /// What follows the opening fence.
        package let language: String
        /// The lines between the fences.
        package let text: String

        /// The name in `<!-- example: NAME -->`.
        package var name: String? { Self.content(of: marker, "example") }
        /// The reason in `<!-- not tested: REASON -->`.
        package var reason: String? { Self.content(of: marker, "not tested") }

        private static func content(of marker: String, _ kind: String) -> String? {
            guard marker.hasPrefix("<!-- \(kind): "), marker.hasSuffix(" -->") else { return nil }
            return String(marker.dropFirst("<!-- \(kind): ".count).dropLast(" -->".count))
        }
    }
}

/// The documents whose examples are tested.
package enum Documents {
    /// Generated, with examples that come from tested `.fault` files.
    package static let generated = ["docs/diagnostics.md"]

    /// The README and the documents in `docs` that are written by hand.
    package static let paths: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(Project.root)/docs")) ?? []
        let documents = names.filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }.sorted()
        return ["README.md"] + documents.filter { !generated.contains($0) }
    }()

    /// All fenced blocks of these documents.
    package static var blocks: [Document.Block] { paths.flatMap { (try? Document($0))?.blocks ?? [] } }

    /// The block with the marker `<!-- example: NAME -->`.
    package static func block(_ name: String) throws -> Document.Block {
        let found = blocks.filter { $0.name == name }
        guard found.count == 1 else { throw Missing(name: name, count: found.count) }
        return found[0]
    }

    /// The text of that block.
    package static func example(_ name: String) throws -> String { try block(name).text }

    /// Replaces the text of that block in its document. The caller has to be the only one that does.
    package static func accept(_ text: String, as name: String) throws {
        let block = try block(name)
        let old = try Project.text(block.document)
        let start = "\(block.marker)\n```\(block.language)\n"
        let pieces = old.components(separatedBy: start + block.text + "```")
        guard pieces.count == 2 else { throw Missing(name: name, count: pieces.count - 1) }
        let new = pieces.joined(separator: start + text + "```")
        try new.write(toFile: "\(Project.root)/\(block.document)", atomically: true, encoding: .utf8)
    }

    private struct Missing: Error, CustomStringConvertible {
        let name: String
        let count: Int
        var description: String { "\(count) examples are named '\(name)' in README.md and docs" }
    }
}
