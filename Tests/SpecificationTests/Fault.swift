// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// A file of `Faults/`: a small edit of the base, and every line that is then said.
///
/// The first line says what the person did wrong. Then come sections, each with a headline `--- file`, in which lines
/// that start with `-` must stand in the file once, together, and give way to the lines after them that start with `+`.
/// An empty line stands between two such edits where it is not clear. Then comes the section `--- expect`: the diagnostics
/// and notes, a line each, in the order in which p11gen prints them; none at all says that the edit is no fault. A section
/// `--- print` may follow it: the same with the lines of the source and the carets below them.
struct Fault: Sendable, CustomTestStringConvertible {
    private struct Edit: Sendable {
        var old: [String] = []
        var new: [String] = []
    }

    let name: String
    let expected: [String]
    /// Nothing where the file does not say how it is printed.
    let printed: [String]
    private let edits: [String: [Edit]]

    var testDescription: String { name }

    static let folder = "\(Project.root)/Tests/SpecificationTests/Faults"
    private static func path(_ name: String) -> String { "\(folder)/\(name).fault" }

    static let all: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".fault") }.map { String($0.dropLast(".fault".count)) }.sorted()
    }()

    init(_ name: String) throws {
        var lines = try Project.text(Self.path(name)).components(separatedBy: "\n")
        while lines.last == "" { lines.removeLast() }
        var edits: [String: [Edit]] = [:]
        var expected: [String] = []
        var printed: [String] = []
        var section = ""
        var block: Edit?
        for line in lines.dropFirst() + ["--- "] {
            let text = String(line.dropFirst())
            // A '-' line after '+' lines, an empty line and a headline end a block.
            if let edit = block, line.isEmpty || line.hasPrefix("--- ") || (line.hasPrefix("-") && !edit.new.isEmpty) {
                edits[section, default: []].append(edit)
                block = nil
            }
            if line.hasPrefix("--- ") {
                section = String(line.dropFirst(4))
                if !(Base.files + ["expect", "print", ""]).contains(section) { throw Malformed(name, line) }
            } else if section == "expect" {
                expected.append(line)
            } else if section == "print" {
                printed.append(line)
            } else if line.hasPrefix("-") {
                block = block ?? Edit()
                block!.old.append(text)
            } else if line.hasPrefix("+"), block != nil {
                block!.new.append(text)
            } else if !line.isEmpty {
                throw Malformed(name, line)
            }
        }
        guard lines.contains("--- expect"), !edits.isEmpty else { throw Malformed(name, "no edit or no expectation") }
        self.name = name
        self.expected = expected
        self.printed = printed
        self.edits = edits
    }

    /// The texts of the files that the edit changes.
    func texts() throws -> [String: String] {
        var texts: [String: String] = [:]
        for (file, edits) in edits {
            var lines = try Base.text(file).components(separatedBy: "\n")
            let placed = try edits.map { edit in
                let places = lines.indices.filter { lines[$0...].starts(with: edit.old) }
                guard places.count == 1 else {
                    throw Malformed(name, "\(places.count) times in \(file): \(edit.old.joined(separator: "\n"))")
                }
                return (place: places[0], edit: edit)
            }
            for (place, edit) in placed.sorted(by: { $0.place > $1.place }) {
                lines.replaceSubrange(place..<(place + edit.old.count), with: edit.new)
            }
            texts[file] = lines.joined(separator: "\n")
        }
        return texts
    }

    /// Puts what was reported into the file in the place of what was expected, and prints the difference.
    func accepting(_ report: Report) throws -> Fault {
        let path = Self.path(name)
        let edit = try Project.text(path).components(separatedBy: "--- expect\n")[0]
        var text = ([edit + "--- expect"] + report.lines).joined(separator: "\n") + "\n"
        if !printed.isEmpty { text += (["--- print"] + report.printed).joined(separator: "\n") + "\n" }
        try Project.withFolder { folder in
            let new = "\(folder)/\(name).fault"
            try Data(text.utf8).write(to: URL(filePath: new))
            print(try run("diff", ["-u", path, new]).output, terminator: "")
        }
        try Data(text.utf8).write(to: URL(filePath: path))
        return try Fault(name)
    }

    private struct Malformed: Error, CustomStringConvertible {
        let description: String
        init(_ name: String, _ what: String) { description = "\(name).fault: \(what)" }
    }
}
