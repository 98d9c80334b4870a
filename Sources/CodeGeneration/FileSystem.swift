// SPDX-License-Identifier: MIT

import Glibc

/// Something that the file system refused, in its words.
struct FileError: Error, Sendable {
    let path: String
    let message: String

    init(_ path: String, _ action: String) {
        self.path = path
        message = "cannot \(action): \(String(cString: strerror(errno)))"
    }
}

/// The few things that the generator does with files.
enum FileSystem {
    enum Kind { case file, directory, other, missing }

    static func kind(of path: String) -> Kind {
        var status = stat()
        if stat(path, &status) != 0 { return .missing }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        default: .other
        }
    }

    /// The bytes of a file, or at most so many of them.
    static func read(_ path: String, most: Int = .max) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        if descriptor < 0 { throw FileError(path, "read") }
        defer { close(descriptor) }
        // The size is only what to expect: another process may be writing, and some files have none.
        var status = stat()
        let size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
        var bytes: [UInt8] = []
        while bytes.count < most {
            let piece = try read(min(most - bytes.count, max(size - bytes.count + 1, 1 << 12)), of: descriptor, path)
            if piece.isEmpty { break }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        return bytes
    }

    private static func read(_ most: Int, of descriptor: Int32, _ path: String) throws(FileError) -> [UInt8] {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, initialized in
            count = Glibc.read(descriptor, buffer.baseAddress!, most)
            initialized = max(count, 0)
        }
        if count < 0 { throw FileError(path, "read") }
        return bytes
    }

    /// Whether two texts are the same. `Array` compares byte by byte.
    static func areSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && memcmp(one, other, one.count) == 0
    }

    /// The names in a folder, sorted.
    static func names(in folder: String) throws(FileError) -> [String] {
        guard let directory = opendir(folder) else { throw FileError(folder, "read the folder") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Every regular file below the folder, as paths relative to it, sorted. Symbolic links to folders are not followed.
    static func files(below folder: String, at prefix: String = "") throws(FileError) -> [String] {
        var files: [String] = []
        for name in try names(in: folder) {
            var status = stat()
            if lstat("\(folder)/\(name)", &status) != 0 { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: files += try self.files(below: "\(folder)/\(name)", at: "\(prefix)\(name)/")
            case S_IFREG, S_IFLNK: files.append(prefix + name)
            default: break
            }
        }
        return files
    }

    static func createFolder(_ path: String) throws(FileError) {
        if kind(of: path) == .directory { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try createFolder(String(path[..<slash])) }
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw FileError(path, "create the folder") }
    }

    /// A new text beside the file that it will replace.
    struct Staged {
        fileprivate let path, temporary, target: String

        /// Replaces the file in one step: whoever reads it sees the old text or the new one, never a part.
        func commit() throws(FileError) {
            if rename(temporary, target) != 0 { throw FileError(path, "replace") }
        }

        func discard() { unlink(temporary) }
    }

    /// Writes the new text of a file beside it. A symbolic link stays, and the file it names will be replaced. A file
    /// that is there keeps its permissions; a new one gets those of the umask.
    static func stage(_ path: String, with bytes: [UInt8]) throws(FileError) -> Staged {
        let target = resolved(path)
        let staged = Staged(path: path, temporary: "\(target).\(getpid()).tmp", target: target)
        var status = stat()
        let mode = stat(target, &status) == 0 ? status.st_mode & 0o777 : 0
        staged.discard()
        let descriptor = open(staged.temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw FileError(path, "write") }
        var error: FileError?
        var written = 0
        while written < bytes.count, error == nil {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if count < 0, errno != EINTR { error = FileError(path, "write") }
            written += max(count, 0)
        }
        if error == nil, mode != 0, fchmod(descriptor, mode) != 0 { error = FileError(path, "set the mode of") }
        if close(descriptor) != 0, error == nil { error = FileError(path, "write") }
        if let error {
            staged.discard()
            throw error
        }
        return staged
    }

    /// The path with the link that it may be followed to its end.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// The file of this program.
    static var program: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    static var currentFolder: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }
}
