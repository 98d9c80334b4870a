// SPDX-License-Identifier: MIT

/// What the messages are printed for.
package struct MessageStyle: Sendable {
    /// Whether parts of a message are told apart by colour.
    package var isColored: Bool
    /// How many columns a line of the source has room in.
    package var columns: Int

    /// A file or a pipe, unless something else is said.
    package init(isColored: Bool = false, columns: Int = 130) {
        self.isColored = isColored
        self.columns = columns
    }
}

extension Diagnostic {
    /// `file:line:column: error: message [id]`, followed by the notes, a line each.
    package var description: String {
        let style = MessageStyle()
        return ([headline(style)] + notes.map { $0.headline(style) }).joined(separator: "\n")
    }

    /// The same, with the line of the source after each, and a caret under the place that is meant.
    package func rendered(in style: MessageStyle) -> String {
        var lines = [headline(style)] + Excerpt.lines(of: place, style)
        for note in notes { lines += [note.headline(style)] + Excerpt.lines(of: note.place, style) }
        return lines.joined(separator: "\n")
    }

    private func headline(_ style: MessageStyle) -> String {
        let place = style.paint("\(place.description):", .bold)
        let word = style.paint("\(severity.rawValue):", severity == .error ? .red : .magenta)
        return "\(place) \(word) \(style.paint(printable(shortened(message)), .bold)) [\(id.rawValue)]"
    }
}

extension Diagnostic.Note {
    fileprivate func headline(_ style: MessageStyle) -> String {
        let place = style.paint("\(place.description):", .bold)
        return "\(place) \(style.paint("note:", .cyan)) \(printable(shortened(message)))"
    }
}

/// The numbers that a terminal knows them by; all are bold.
enum Paint: String {
    case bold = "1"
    case red = "1;31"
    case green = "1;32"
    case magenta = "1;35"
    case cyan = "1;36"
}

extension MessageStyle {
    func paint(_ text: String, _ paint: Paint) -> String {
        isColored ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }
}

/// A message that quotes something very long, such as a value of thousands of letters, without its middle.
private func shortened(_ message: String) -> String {
    let (most, end) = (1000, 200)
    if message.utf8.count <= most { return message }
    return "\(message.prefix(most - end))...\(message.suffix(end))"
}
