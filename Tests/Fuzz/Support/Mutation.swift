// SPDX-License-Identifier: MIT

import CFuzzer
import Glibc

/// Texts from which changes may take a line or a word. A harness sets them before the first input.
package nonisolated(unsafe) var quarry: [[UInt8]] = []

/// Changes an input: half of the time as libFuzzer does, byte by byte; else by lines and words, which keeps more of its form.
@c(LLVMFuzzerCustomMutator)
package func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ most: Int, _ seed: UInt32) -> Int {
    var dice = Dice(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
    if size == 0 || dice.roll(2) == 0 { return LLVMFuzzerMutate(data, size, most) }
    var text = Array(UnsafeBufferPointer(start: data, count: size))
    for _ in 0...dice.roll(3) { change(&text, &dice) }
    let count = min(text.count, most)
    for index in 0..<count { data[index] = text[index] }
    return count
}

struct Dice {
    var state: UInt64

    /// A number from 0 up to, but without, `sides`.
    mutating func roll(_ sides: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return sides < 2 ? 0 : Int(state >> 8 & 0x7FFF_FFFF) % sides
    }
}

private func change(_ text: inout [UInt8], _ dice: inout Dice) {
    switch dice.roll(8) {
    case 0: text.removeSubrange(line(of: text, &dice))
    case 1:
        let copied = Array(text[line(of: text, &dice)])
        text.insert(contentsOf: copied, at: line(of: text, &dice).lowerBound)
    case 2:
        let line = line(of: text, &dice)
        let moved = Array(text[line])
        text.removeSubrange(line)
        text.insert(contentsOf: moved, at: text.isEmpty ? 0 : lineStart(of: text, &dice))
    case 3:
        let found = quarry.isEmpty ? text : quarry[dice.roll(quarry.count)]
        text.insert(contentsOf: found[line(of: found, &dice)], at: lineStart(of: text, &dice))
    case 4, 5:
        let found = quarry.isEmpty || dice.roll(2) == 0 ? text : quarry[dice.roll(quarry.count)]
        text.replaceSubrange(word(of: text, &dice), with: found[word(of: found, &dice)])
    case 6: text.removeSubrange(word(of: text, &dice))
    default:
        // From somewhere to somewhere else: elements, sections and calls that stand in others.
        let (one, other) = (dice.roll(text.count + 1), dice.roll(text.count + 1))
        let span = Array(text[min(one, other)..<min(max(one, other), min(one, other) + 2000)])
        text.insert(contentsOf: span, at: dice.roll(text.count + 1))
    }
}

private func lineStart(of text: [UInt8], _ dice: inout Dice) -> Int { line(of: text, &dice).lowerBound }

/// A line with its end.
private func line(of text: [UInt8], _ dice: inout Dice) -> Range<Int> {
    if text.isEmpty { return 0..<0 }
    let at = dice.roll(text.count)
    let start = text[..<at].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let end = text[at...].firstIndex(of: 10).map { $0 + 1 } ?? text.count
    return start..<end
}

/// What stands between two of the characters that part words in all of the languages here, or a few words together.
private func word(of text: [UInt8], _ dice: inout Dice) -> Range<Int> {
    if text.isEmpty { return 0..<0 }
    let isQuoted = dice.roll(2) == 0
    func parts(_ byte: UInt8) -> Bool {
        isQuoted ? byte == 34 || byte == 10 : byte <= 32 || #""'<>=/:{}#^!()[],|"#.utf8.contains(byte)
    }
    let at = dice.roll(text.count)
    let start = text[..<at].lastIndex(where: parts).map { $0 + 1 } ?? 0
    let end = text[at...].firstIndex(where: parts) ?? text.count
    return min(start, end)..<end
}
