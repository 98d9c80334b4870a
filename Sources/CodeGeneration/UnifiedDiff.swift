// SPDX-License-Identifier: MIT

/// The changes from one text to another in the unified format, with three lines around each; empty if there is none.
package func unifiedDiff(from old: String, to new: String, oldName: String, newName: String) -> String {
    if old == new { return "" }
    let a = lines(of: old)
    let b = lines(of: new)
    var result = "--- \(oldName)\n+++ \(newName)\n"
    let edits = b.difference(from: a)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for edit in edits {
        switch edit {
        case .remove(let offset, _, _): removed.insert(offset)
        case .insert(let offset, _, _): inserted.insert(offset)
        }
    }
    for hunk in hunks(script(a, b, removed, inserted)) { result += hunk }
    return result
}

private enum Line {
    case kept(old: Int, new: Int, String)
    case removed(old: Int, new: Int, String)
    case inserted(old: Int, new: Int, String)

    var isKept: Bool {
        if case .kept = self { true } else { false }
    }
}

/// Lines with their ends, so that a last line without one differs from one with it.
private func lines(of text: String) -> [Substring] {
    var lines: [Substring] = []
    var start = text.utf8.startIndex
    while start < text.utf8.endIndex {
        let end = text.utf8[start...].firstIndex(of: 10).map { text.utf8.index(after: $0) } ?? text.utf8.endIndex
        lines.append(text[start..<end])
        start = end
    }
    return lines
}

private func script(_ a: [Substring], _ b: [Substring], _ removed: Set<Int>, _ inserted: Set<Int>) -> [Line] {
    var script: [Line] = []
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
        if removed.contains(i) {
            script.append(.removed(old: i, new: j, String(a[i])))
            i += 1
        } else if inserted.contains(j) {
            script.append(.inserted(old: i, new: j, String(b[j])))
            j += 1
        } else {
            script.append(.kept(old: i, new: j, String(a[i])))
            i += 1
            j += 1
        }
    }
    return script
}

private let context = 3

private func hunks(_ script: [Line]) -> [String] {
    let changed = script.indices.filter { !script[$0].isKept }
    var ranges: [Range<Int>] = []
    for index in changed {
        let range = max(0, index - context)..<min(script.count, index + context + 1)
        if let last = ranges.last, last.upperBound >= range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }
    return ranges.map { hunk(script[$0]) }
}

private func hunk(_ lines: ArraySlice<Line>) -> String {
    var (oldStart, newStart) = (0, 0)
    var (oldCount, newCount) = (0, 0)
    var body = ""
    for line in lines {
        let (mark, text, old, new) =
            switch line {
            case .kept(let old, let new, let text): (" ", text, old, new)
            case .removed(let old, let new, let text): ("-", text, old, new)
            case .inserted(let old, let new, let text): ("+", text, old, new)
            }
        if body.isEmpty { (oldStart, newStart) = (old, new) }
        if mark != "+" { oldCount += 1 }
        if mark != "-" { newCount += 1 }
        body += mark + text + (text.hasSuffix("\n") ? "" : "\n\\ No newline at end of file\n")
    }
    func range(_ start: Int, _ count: Int) -> String { "\(count == 0 ? start : start + 1),\(count)" }
    return "@@ -\(range(oldStart, oldCount)) +\(range(newStart, newCount)) @@\n" + body
}
