// SPDX-License-Identifier: MIT

/// The line of the source that a place is in, or of a long line what is around the place, and a caret under it.
enum Excerpt {
    /// A character as it is printed, and where it is from.
    private struct Cell {
        let text: String
        let width: Int
        /// The offset after it.
        let end: Int
    }

    private static let tabStop = 8
    private static let cut = "..."

    /// Two lines, or none where there is no text to show.
    static func lines(of place: Place, _ style: MessageStyle) -> [String] {
        let source = place.source
        if place.isWholeFile || source.bytes.isEmpty { return [] }
        let number = source.position(of: place.offset).line
        let line = source.line(number)
        let gutter = String(repeating: " ", count: max(0, 5 - String(number).utf8.count)) + "\(number) | "
        let room = max(40, min(max(style.columns, 0), 10_000) - gutter.utf8.count)
        let offset = min(place.offset, line.upperBound)

        // No more of a line is looked at than could be shown.
        var seen = max(line.lowerBound, offset - 8 * room)..<min(line.upperBound, offset + 8 * room)
        while seen.lowerBound < offset, isContinuation(source.bytes[seen.lowerBound]) {
            seen = seen.lowerBound + 1..<seen.upperBound
        }
        let cells = cells(of: source.bytes, seen)
        let caret = cells.firstIndex { $0.end > offset } ?? cells.count
        let afterToken = cells.firstIndex { $0.end > offset + place.length } ?? cells.count
        let isAllSeen = seen == line
        let shown =
            isAllSeen && width(cells) <= room
            ? cells.indices : window(cells, around: caret, to: afterToken, room - 2 * cut.utf8.count)

        let isCutBefore = shown.lowerBound > 0 || seen.lowerBound > line.lowerBound
        let isCutAfter = shown.upperBound < cells.count || seen.upperBound < line.upperBound
        let before = isCutBefore ? cut : ""
        let text = before + cells[shown].map(\.text).joined() + (isCutAfter ? cut : "")
        let blanks = before.utf8.count + width(cells[shown.lowerBound..<caret])
        let marked = max(1, width(cells[caret..<max(caret, min(afterToken, shown.upperBound))]))
        let mark = style.paint("^" + String(repeating: "~", count: marked - 1), .green)
        let margin = String(repeating: " ", count: gutter.utf8.count - 2) + "| "
        return [
            trimmed(gutter + text), margin + String(repeating: " ", count: blanks) + mark,
        ]
    }

    private static func width(_ cells: some Sequence<Cell>) -> Int { cells.reduce(0) { $0 + $1.width } }

    /// As many cells as there is room for: from the start of the line if the caret can be seen then.
    private static func window(_ cells: [Cell], around caret: Int, to end: Int, _ room: Int) -> Range<Int> {
        var start = 0
        if width(cells[..<min(cells.count, max(end, caret + 1))]) > room {
            start = caret
            var before = 0
            while start > 0, before + cells[start - 1].width <= room / 2 {
                start -= 1
                before += cells[start].width
            }
        }
        var stop = start
        var used = 0
        while stop < cells.count, used + cells[stop].width <= room {
            used += cells[stop].width
            stop += 1
        }
        return start..<max(stop, min(caret, cells.count))
    }

    /// The bytes as characters; one that is no part of a character as its number.
    private static func cells(of bytes: [UInt8], _ range: Range<Int>) -> [Cell] {
        var cells: [Cell] = []
        var column = 0
        var run = ""
        var offset = range.lowerBound
        func add(_ text: String, _ width: Int, _ length: Int) {
            offset += length
            cells.append(Cell(text: text, width: width, end: offset))
            column += width
        }
        func addRun() {
            for character in run {
                if character == "\t" {
                    let width = tabStop - column % tabStop
                    add(String(repeating: " ", count: width), width, 1)
                } else {
                    let text = printable(String(character))
                    let isItself = text == String(character)
                    add(text, isItself ? character.columns : text.utf8.count, character.utf8.count)
                }
            }
            run = ""
        }
        var parser = Unicode.UTF8.ForwardParser()
        var input = bytes[range].makeIterator()
        while true {
            switch parser.parseScalar(from: &input) {
            case .valid(let scalar):
                run.unicodeScalars.append(Unicode.UTF8.decode(scalar))
            case .error(let length):
                addRun()
                for _ in 0..<length { add("<\(hexadecimal(UInt32(bytes[offset]), 2))>", 4, 1) }
            case .emptyInput:
                addRun()
                return cells
            }
        }
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
