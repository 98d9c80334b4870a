// SPDX-License-Identifier: MIT

/// Text in columns for a terminal of 120.
enum Layout {
    static let width = 120

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// The words of a name in camel case.
    private static func words(_ name: String) -> [String] {
        name.reduce(into: [""]) { words, character in
            if character.isUppercase { words.append("") }
            words[words.count - 1].append(character)
        }
    }

    /// A table: a name, then its cells. A column's title stands in as many lines as it has words.
    static func table(titles: [String], rows: [(name: String, cells: [String])]) -> [String] {
        let titles = titles.map(words)
        let height = titles.map(\.count).max() ?? 0
        let widths = titles.indices.map { column in
            max(titles[column].map(\.count).max() ?? 0, rows.map { $0.cells[column].count }.max() ?? 0)
        }
        let names = rows.map(\.name.count).max() ?? 0
        func line(_ name: String, _ cells: [String]) -> String {
            "  " + pad(name, names) + zip(cells, widths).map { " " + padLeft($0, $1) }.joined()
        }
        let head = (0..<height).map { level in
            // Short titles stand at the bottom, beside the rows.
            line("", titles.map { $0.count > height - 1 - level ? $0[level - (height - $0.count)] : "" })
        }
        return head + rows.map { line($0.name, $0.cells) }
    }

    /// A list behind a heading, continued under itself.
    static func list(_ heading: String, _ items: [String], indent: Int = 2) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent) + heading
        let margin = String(repeating: " ", count: line.count < 40 ? line.count + 1 : indent + 4)
        for (index, item) in items.enumerated() {
            let piece = item + (index + 1 < items.count ? "," : "")
            if line.count + 1 + piece.count > width {
                lines.append(line)
                line = margin + piece
            } else {
                line += " " + piece
            }
        }
        return lines + [line]
    }
}
