// SPDX-License-Identifier: MIT

import Glibc

/// Something that the file system refused, in its words.
struct FileError: Error, Sendable {
    let path: String
    let message: String
    /// Whether there is no such file, for instance because another process removed it.
    let isMissing: Bool

    init(_ path: String, _ action: String) {
        self.path = path
        isMissing = errno == ENOENT || errno == ENOTDIR
        message = "cannot \(action): \(String(cString: strerror(errno)))"
    }

    /// Something that the file system did not refuse.
    init(_ path: String, message: String) {
        self.path = path
        self.message = message
        isMissing = false
    }
}

/// The few things that the generator does with files.
enum FileSystem {
    enum Kind { case file, directory, pipe, socket, device, missing }

    static func kind(of path: String) -> Kind {
        var status = stat()
        if stat(path, &status) != 0 { return .missing }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        case S_IFIFO: .pipe
        case S_IFSOCK: .socket
        default: .device
        }
    }

    /// Throws unless there is a regular file, a link to one, or nothing. A device can be read without end, and must not be replaced.
    static func expectFile(_ path: String) throws(FileError) {
        let noun: String
        switch kind(of: path) {
        case .file, .missing: return
        case .directory: noun = "a folder"
        case .pipe: noun = "a named pipe"
        case .socket: noun = "a socket"
        case .device: noun = "a device"
        }
        var status = stat()
        let isLink = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
        let words = isLink ? "is a link to \(noun), not to a regular file" : "is \(noun), not a regular file"
        throw FileError(path, message: "\(words); remove it or write elsewhere")
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

    /// Everything below the folder but folders, as paths relative to it, sorted. Symbolic links to folders are not followed. What another
    /// process removes in the meantime is left out.
    static func files(below folder: String, at prefix: String = "") throws(FileError) -> [String] {
        var files: [String] = []
        for name in try names(in: folder) {
            var status = stat()
            if lstat("\(folder)/\(name)", &status) != 0 { continue }
            if status.st_mode & S_IFMT != S_IFDIR {
                files.append(prefix + name)
                continue
            }
            do throws(FileError) {
                files += try self.files(below: "\(folder)/\(name)", at: "\(prefix)\(name)/")
            } catch {
                if !error.isMissing { throw error }
            }
        }
        return files
    }

    static func createFolder(_ path: String) throws(FileError) {
        if kind(of: path) == .directory { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try createFolder(String(path[..<slash])) }
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw FileError(path, "create the folder") }
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
