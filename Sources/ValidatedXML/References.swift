// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics

/// The references to characters of a well-formed document, such as `&#x202E;`.
struct References {
    private let source: SourceText
    private var index = 0

    /// Whether none of them is to an invisible character; each that is is an error.
    static func areVisible(in source: SourceText, _ diagnostics: inout Diagnostics) -> Bool {
        var references = References(source: source)
        // Few files have any, and to look for them takes a while.
        if !references.mayBeThere { return true }
        var areVisible = true
        while let (scalar, range) = references.next() {
            if scalar.isInvisible {
                source.reportInvisible(scalar, range, &diagnostics)
                areVisible = false
            }
        }
        return areVisible
    }

    private init(source: SourceText) { self.source = source }

    private var mayBeThere: Bool {
        source.bytes.withUnsafeBytes { bytes in
            var index = 0
            while let found = memchr(bytes.baseAddress! + index, Int32(UInt8(ascii: "&")), bytes.count - index) {
                index = UnsafeRawPointer(found) - bytes.baseAddress! + 1
                if index < bytes.count, bytes[index] == UInt8(ascii: "#") { return true }
            }
            return false
        }
    }

    private mutating func next() -> (scalar: Unicode.Scalar, range: Range<Int>)? {
        let bytes = source.bytes
        while let found = bytes[index...].firstIndex(where: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "<") }) {
            index = found + 1
            if bytes[found] == UInt8(ascii: "<") {
                skip("<!--", to: "-->", from: found)
                skip("<![CDATA[", to: "]]>", from: found)
                skip("<?", to: "?>", from: found)
            } else if bytes[index...].starts(with: "#".utf8) {
                let end = bytes[index...].firstIndex(of: UInt8(ascii: ";")) ?? bytes.count
                let digits = String(decoding: bytes[index + 1..<end], as: UTF8.self)
                let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
                index = end
                if let scalar = number.flatMap({ Unicode.Scalar($0) }) { return (scalar, found..<end + 1) }
            }
        }
        return nil
    }

    /// Skips what stands in no value: there, what looks like a reference is none.
    private mutating func skip(_ start: String, to end: String, from found: Int) {
        let bytes = source.bytes
        guard bytes[found...].starts(with: start.utf8) else { return }
        index = found + start.utf8.count
        while index < bytes.count, !bytes[index...].starts(with: end.utf8) { index += 1 }
    }
}
