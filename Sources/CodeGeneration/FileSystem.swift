// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics

extension DiagnosticsError {
    /// The error of a system call.
    init(_ action: String, _ path: String) {
        self.init(file: path, "cannot \(action): \(String(cString: strerror(errno)))")
    }

    /// A file that cannot be used.
    init(file path: String, _ message: String) {
        self.init([Diagnostic(Place(file: path), .file, message)])
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
    static func expectFile(_ path: String) throws(DiagnosticsError) {
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
        throw DiagnosticsError(file: path, "\(words); remove it or choose another path")
    }

    /// Whether two texts are the same. `Array` compares byte by byte.
    static func areSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && memcmp(one, other, one.count) == 0
    }

    /// The names in a folder, sorted.
    static func names(in folder: String) throws(DiagnosticsError) -> [String] {
        guard let directory = opendir(folder) else { throw DiagnosticsError("read the folder", folder) }
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
    static func files(below folder: String, at prefix: String = "") throws(DiagnosticsError) -> [String] {
        var files: [String] = []
        for name in try names(in: folder) {
            var status = stat()
            if lstat("\(folder)/\(name)", &status) != 0 { continue }
            if status.st_mode & S_IFMT != S_IFDIR {
                files.append(prefix + name)
                continue
            }
            do throws(DiagnosticsError) {
                files += try self.files(below: "\(folder)/\(name)", at: "\(prefix)\(name)/")
            } catch {
                if kind(of: "\(folder)/\(name)") != .missing { throw error }
            }
        }
        return files
    }

    static func createFolder(_ path: String) throws(DiagnosticsError) {
        if kind(of: path) == .directory { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try createFolder(String(path[..<slash])) }
        if mkdir(path, 0o777) != 0, errno != EEXIST { throw DiagnosticsError("create the folder", path) }
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
