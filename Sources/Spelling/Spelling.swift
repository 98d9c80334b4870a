// SPDX-License-Identifier: MIT

/// The one of `candidates` that was most likely meant by `word`: with an edit distance of at most two and of at
/// most half of its letters; or else the only one that begins with the word. Nil if there is none.
package func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    var best: (distance: Int, candidate: String)?
    for candidate in candidates where candidate != word {
        let distance = word.lowercased() == candidate.lowercased() ? 0 : editDistance(word, candidate)
        guard distance <= 2, 2 * distance <= max(word.count, candidate.count) else { continue }
        if distance < best?.distance ?? Int.max { best = (distance, candidate) }
    }
    if best == nil, word.utf8.count > 3 {
        let longer = Set(candidates.filter { $0 != word && $0.hasPrefix(word) })
        return longer.count == 1 ? longer.first : nil
    }
    return best?.candidate
}

/// `did you mean 'x'?`, or other advice where no candidate is near.
package func hint(for word: String, among candidates: some Sequence<String>, otherwise advice: String) -> String {
    nearest(to: word, among: candidates).map { "did you mean '\($0)'?" } ?? advice
}

/// The end of a message about an unknown word: `; did you mean 'x'?`, or nothing.
package func suggestion(for word: String, among candidates: some Sequence<String>) -> String {
    nearest(to: word, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
}

/// How many letters must be inserted, deleted, replaced or swapped with their neighbour to make one word the other.
private func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    if abs(a.count - b.count) > 2 || max(a.count, b.count) > 64 { return Int.max }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1] + [Int](repeating: 0, count: b.count)
        for j in 0..<b.count {
            row[j + 1] = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1) }
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
