// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics

extension FileSystem {
    /// A new text beside the file that it will replace. It is locked until then, which tells other runs that it is in use.
    struct Staged {
        fileprivate let path, temporary, target: String
        fileprivate let lock: Int32?

        /// Replaces the file in one step: a reader sees the old text or the new one, never a part.
        func commit() throws(DiagnosticsError) {
            if rename(temporary, target) != 0 { throw DiagnosticsError("replace", path) }
            unlock()
        }

        func discard() {
            unlink(temporary)
            unlock()
        }

        private func unlock() { if let lock { close(lock) } }
    }

    /// Writes the new text of a file beside it. A symbolic link stays, and the file it names will be replaced. A file
    /// that is there keeps its permissions; a new one gets those of the umask.
    static func stage(_ path: String, with bytes: [UInt8]) throws(DiagnosticsError) -> Staged {
        try expectFile(path)
        let target = resolved(path)
        var status = stat()
        let mode = stat(target, &status) == 0 ? status.st_mode & 0o777 : 0
        let (temporary, descriptor) = try createTemporary(for: target, path)
        // Before anything is written: an empty file does not count as a leftover. Without locks, as on some network file systems, another
        // run may report the file.
        _ = flock(descriptor, LOCK_EX)
        var error: DiagnosticsError?
        var written = 0
        while written < bytes.count, error == nil {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if count < 0, errno != EINTR { error = DiagnosticsError("write", path) }
            written += max(count, 0)
        }
        if error == nil, mode != 0, fchmod(descriptor, mode) != 0 { error = DiagnosticsError("set the mode of", path) }
        let isKept = mayStayOpen(descriptor)
        // Some file systems report a failed write only when a descriptor is closed; closing a duplicate keeps the lock.
        if close(isKept ? dup(descriptor) : descriptor) != 0, error == nil { error = DiagnosticsError("write", path) }
        let staged = Staged(path: path, temporary: temporary, target: target, lock: isKept ? descriptor : nil)
        if let error {
            staged.discard()
            throw error
        }
        return staged
    }

    /// A lock lasts as long as its descriptor is open. Outputs beyond half of what a process may open do without.
    private static func mayStayOpen(_ descriptor: Int32) -> Bool {
        Int(descriptor) < sysconf(Int32(_SC_OPEN_MAX)) / 2
    }

    /// An empty file that no other run has, not even one with the same process ID on another machine.
    private static func createTemporary(
        for target: String, _ path: String
    ) throws(DiagnosticsError) -> (path: String, descriptor: Int32) {
        for number in 0... {
            let temporary = "\(target).\(getpid())\(number == 0 ? "" : "-\(number)").tmp"
            let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (temporary, descriptor) }
            if errno != EEXIST { break }
        }
        throw DiagnosticsError("write", path)
    }

    /// The file for which a path is that of a temporary file.
    static func target(ofTemporary path: String) -> String? {
        guard path.hasSuffix(".tmp"), let dot = path.dropLast(4).lastIndex(of: ".") else { return nil }
        let number = path.dropLast(4)[dot...].dropFirst().utf8
        let isNumber = number.first?.isDigit == true && number.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "-") }
        return isNumber ? String(path[..<dot]) : nil
    }

    /// The path with the link that it may be followed to its end, also to a file that is not there yet.
    private static func resolved(_ path: String, links: Int = 0) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = target.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
        // As many as Linux follows.
        if count <= 0 || links == 40 { return path }
        let link = String(decoding: target[..<count], as: UTF8.self)
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        return resolved(link.hasPrefix("/") ? link : folder + link, links: links + 1)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
