// SPDX-License-Identifier: MIT

extension SourceText {
    /// Whether there are no invisible characters, which are an error each: in generated code they could make a comment look like code, and
    /// code like a comment.
    package func isVisible(_ diagnostics: inout Diagnostics) -> Bool {
        var isVisible = true
        var index = 0
        while let next = firstUnusual(from: index) {
            let scalar = scalar(at: next)
            index = next + UTF8.width(scalar)
            if scalar.isInvisible {
                reportInvisible(scalar, next..<index, &diagnostics)
                isVisible = false
            }
        }
        return isVisible
    }

    /// Reports an invisible character, or a reference to one.
    package func reportInvisible(_ scalar: Unicode.Scalar, _ range: Range<Int>, _ diagnostics: inout Diagnostics) {
        let words = "U+\(hexadecimal(scalar.value, 4))\(scalar.properties.name.map { " (\($0))" } ?? "")"
        diagnostics.report(
            Place(source: self, offset: range.lowerBound, length: range.count), .invisibleCharacter,
            "the invisible character \(words) can disguise code; remove it")
    }

    /// Where the next byte is that is neither printable ASCII nor a control character below U+0020.
    private func firstUnusual(from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            var index = start
            while index < bytes.count {
                if index + 8 <= bytes.count {
                    // The highest bit of each byte, which U+007F has once 1 is added.
                    let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    if (word | (word &+ 0x0101_0101_0101_0101)) & 0x8080_8080_8080_8080 == 0 {
                        index += 8
                        continue
                    }
                }
                if bytes[index] >= 0x7F { return index }
                index += 1
            }
            return nil
        }
    }

    private func scalar(at offset: Int) -> Unicode.Scalar {
        String(decoding: bytes[offset...].prefix(4), as: UTF8.self).unicodeScalars.first ?? " "
    }
}

extension Unicode.Scalar {
    /// Whether it is neither seen nor a blank: a control character other than those of lines and tabs, a mark that changes the direction of
    /// a text, a separator of lines, and the like.
    package var isInvisible: Bool {
        switch properties.generalCategory {
        case .control: ![9, 10, 13].contains(value)
        case .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
