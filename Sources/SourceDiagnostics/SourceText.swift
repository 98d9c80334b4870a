// SPDX-License-Identifier: MIT

import Glibc

/// The bytes of an input file, which is all that messages about it need.
package final class SourceText: Sendable {
    /// The file's path, as it was given.
    package let path: String
    /// What the file holds; nothing where it could not be read.
    package let bytes: [UInt8]
    /// The offset at which each line starts.
    private let lineStarts: [Int]
    /// A number by which whoever reads several files tells them apart.
    package let tag: Int

    /// A text that is at hand.
    package init(path: String, bytes: [UInt8], tag: Int = 0) {
        self.path = path
        self.bytes = bytes
        self.tag = tag
        lineStarts = Self.lineStarts(in: bytes)
    }

    private static func lineStarts(in bytes: [UInt8]) -> [Int] {
        var starts = [0]
        bytes.withUnsafeBytes { all in
            guard let first = all.baseAddress else { return }
            var start = 0
            while let end = memchr(first + start, 10, all.count - start) {
                start = UnsafeRawPointer(end) - first + 1
                starts.append(start)
            }
        }
        return starts
    }

    /// Far more than any text has that people read; what is larger is not read into memory.
    static let mostBytes = 16 << 20

    /// Reads a regular file that holds UTF-8 without a byte order mark.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - tag: a number by which the caller tells files apart.
    ///   - mayBeEmpty: whether a file that holds nothing is as good as any.
    ///   - diagnostics: says why there is no text.
    package static func read(
        _ path: String, tag: Int = 0, mayBeEmpty: Bool = false, into diagnostics: inout Diagnostics
    ) -> SourceText? {
        let nothing = SourceText(path: path, bytes: [])
        func fail(_ id: Diagnostic.ID, _ message: String) -> SourceText? {
            diagnostics.report(Place(source: nothing, offset: 0), id, message)
            return nil
        }
        // Not blocking: opening a named pipe would wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        if descriptor < 0 { return fail(.unreadable, "cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        if fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            return fail(.notAFile, "is \(isFolder ? "a folder" : "not a regular file"); pass a file")
        }
        if status.st_size > mostBytes {
            return fail(
                .tooLarge, "is larger than the limit of \(mostBytes >> 20) MiB")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
            }
            if read < 0 { return fail(.unreadable, "cannot be read: \(String(cString: strerror(errno)))") }
            if read == 0 { break }
            count += read
        }
        bytes.removeLast(bytes.count - count)
        let source = SourceText(path: path, bytes: bytes, tag: tag)
        return source.isUTF8(mayBeEmpty: mayBeEmpty, &diagnostics) ? source : nil
    }

    private func isUTF8(mayBeEmpty: Bool, _ diagnostics: inout Diagnostics) -> Bool {
        let start = Place(source: self, offset: 0)
        if bytes.isEmpty {
            if mayBeEmpty { return true }
            diagnostics.report(start, .empty, "is empty")
        } else if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            diagnostics.report(start, .byteOrderMark, "starts with a byte order mark; save it as UTF-8 without one")
        } else if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) || bytes.prefix(4).contains(0) {
            // Nothing of it can be shown.
            let nothing = SourceText(path: path, bytes: [])
            let place = Place(source: nothing, offset: 0)
            diagnostics.report(place, .notUTF8, "is UTF-16 or UTF-32; save it as UTF-8")
        } else if String(validating: bytes, as: UTF8.self) == nil, let offset = firstInvalidByte {
            diagnostics.report(
                Place(source: self, offset: offset, length: 1), .notUTF8,
                "is not UTF-8 from here on; save it as UTF-8")
        } else {
            return true
        }
        return false
    }

    private var firstInvalidByte: Int? {
        var parser = Unicode.UTF8.ForwardParser()
        var input = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &input) {
            case .valid(let scalar): offset += scalar.count
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }

    /// The offset of a line and column, both from 1.
    package func offset(line: Int, column: Int) -> Int {
        let start = lineStarts[min(max(line, 1), lineStarts.count) - 1]
        let rest = String(decoding: bytes[start...].prefix(4 * max(column, 1)), as: UTF8.self)
        return min(start + rest.prefix(max(column, 1) - 1).utf8.count, bytes.count)
    }

    /// The bytes of a line, from 1, without what ends it.
    func line(_ number: Int) -> Range<Int> {
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == 13 { end -= 1 }
        return start..<end
    }

    /// Line and column, both from 1, the column in characters.
    func position(of offset: Int) -> (line: Int, column: Int) {
        let line = lineStarts.partitioningIndex { $0 > offset }
        let start = lineStarts[line - 1]
        return (line, 1 + String(decoding: bytes[start..<max(start, min(offset, bytes.count))], as: UTF8.self).count)
    }
}

extension Array {
    /// The first index whose element fulfils a condition that holds from some index on.
    func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
