// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics

extension FileSystem {
    /// Opens a regular file for reading; nil if there is none, or none any more.
    static func open(_ path: String) throws(DiagnosticsError) -> OpenFile? {
        try expectFile(path)
        let descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        if descriptor >= 0 { return OpenFile(path: path, descriptor: descriptor) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw DiagnosticsError("read", path)
    }

    /// A file that is read.
    struct OpenFile: ~Copyable {
        private let path: String
        private let descriptor: Int32

        fileprivate init(path: String, descriptor: Int32) {
            self.path = path
            self.descriptor = descriptor
        }

        deinit { close(descriptor) }

        /// How many bytes to expect: another process may be writing, and some files have no size.
        var size: Int {
            var status = stat()
            return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
        }

        /// The bytes of the file, or at most so many of them.
        func read(most: Int) throws(DiagnosticsError) -> [UInt8] {
            let size = size
            var bytes: [UInt8] = []
            while bytes.count < most {
                let piece = try readPiece(min(most - bytes.count, max(size - bytes.count + 1, 1 << 12)))
                if piece.isEmpty { break }
                if bytes.isEmpty { bytes = piece } else { bytes += piece }
            }
            return bytes
        }

        private func readPiece(_ most: Int) throws(DiagnosticsError) -> [UInt8] {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, initialized in
                count = Glibc.read(descriptor, buffer.baseAddress!, most)
                initialized = max(count, 0)
            }
            if count < 0 { throw DiagnosticsError("read", path) }
            return bytes
        }

        /// Whether a running p11gen is writing the file, or has put it in its place in the meantime: it holds a lock on
        /// each of its temporary files until that has its final name.
        var isInUse: Bool {
            if flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK { return true }
            var (opened, named) = (stat(), stat())
            return fstat(descriptor, &opened) != 0 || stat(path, &named) != 0
                || opened.st_dev != named.st_dev || opened.st_ino != named.st_ino
        }
    }
}
