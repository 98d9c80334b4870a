// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Where the guard looks for its configuration, and what it makes of what is there.
struct ConfigurationPlaceTests {
    /// What stands in the place of the file beside the guard, and what is wrong with it.
    enum Obstacle: String, CaseIterable, Sendable {
        case folder, fifo, socket, device, linkToNothing, linkToItself, unreadable, throughAFile

        var problem: String {
            switch self {
            case .folder, .fifo, .device: "is not a regular file"
            case .socket: "cannot be read: No such device or address"
            case .linkToNothing: "cannot be read: No such file or directory"
            case .linkToItself: "cannot be read: Too many levels of symbolic links"
            case .unreadable: "cannot be read: Permission denied"
            case .throughAFile: "cannot be read: Not a directory"
            }
        }

        /// Puts it there.
        fileprivate func make(_ path: String) throws {
            let script =
                switch self {
                case .folder: "mkdir $0"
                case .fifo: "mkfifo $0"
                case .socket:
                    "python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $0"
                case .device: "ln -s /dev/zero $0"
                case .linkToNothing: "ln -s nothing $0"
                case .linkToItself: "ln -s guard.conf $0"
                case .unreadable: "echo mode: off > $0; chmod 0 $0"
                case .throughAFile: "ln -s guard.so/guard.conf $0"
                }
            try #require(try run("sh", ["-c", script, path]).status == 0)
        }
    }

    /// Only where there is nothing is there no configuration: anything else may be one, so that the guard does not work without it.
    /// The environment would say otherwise.
    @Test(arguments: Obstacle.allCases) func whatIsNoFileIsAFault(_ obstacle: Obstacle) throws {
        let bench = try Workbench.ordinary()
        try require(program: "setpriv")
        try Project.withFolder { folder in
            try FileManager.default.copyItem(atPath: bench.guardPath, toPath: "\(folder)/guard.so")
            try obstacle.make("\(folder)/guard.conf")
            // As somebody who is not allowed to read everything.
            try #require(try run("chmod", ["-R", "a+rX", bench.folder, folder]).status == 0)
            if obstacle == .unreadable { try #require(try run("chmod", ["0", "\(folder)/guard.conf"]).status == 0) }
            let result = try bench.check(
                "no-module", guard: "\(folder)/guard.so", module: nil,
                environment: ["P11GUARD_MODULE": bench.path("permissive.so"), "P11GUARD_MODE": "report"],
                as: ["setpriv", "--reuid", "65534", "--clear-groups"])
            #expect(result.status == 0, "\(result)")
            #expect(GuardLog(result.errors).texts == ["error: \(folder)/guard.conf: \(obstacle.problem)"])
        }
    }

    /// The same is said in the log that the environment names.
    @Test func theLogOfAFileThatCannotBeRead() throws {
        let bench = try Workbench.ordinary()
        try Project.withFolder { folder in
            try FileManager.default.copyItem(atPath: bench.guardPath, toPath: "\(folder)/guard.so")
            try Obstacle.folder.make("\(folder)/guard.conf")
            let result = try bench.check(
                "no-module", guard: "\(folder)/guard.so", module: nil, environment: ["P11GUARD_LOG": "\(folder)/log"])
            #expect(result.status == 0 && result.errors == "", "\(result)")
            #expect(
                GuardLog(try Project.text("\(folder)/log")).texts.first
                    == "error: \(folder)/guard.conf: is not a regular file")
        }
    }

    /// A guard that was loaded by a relative path has the configuration beside it, wherever the process has gone since.
    @Test(arguments: ["./guard.so", "../LAST/guard.so"]) func aRelativePathMeansTheFolderOfThen(_ path: String) throws {
        let bench = try Workbench.ordinary()
        try Project.withFolder { folder in
            try FileManager.default.copyItem(atPath: bench.guardPath, toPath: "\(folder)/guard.so")
            try "module: \(bench.path("permissive.so"))\npolicy: single\n".write(
                toFile: "\(folder)/guard.conf", atomically: true, encoding: .utf8)
            let other = "\(folder)/LAST"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            try "module: \(other)/hostile.so\n".write(
                toFile: "\(other)/guard.conf", atomically: true, encoding: .utf8)
            let last = URL(filePath: folder).lastPathComponent
            let result = try bench.check(
                "after-chdir", guard: path.replacing("LAST", with: last), module: nil,
                environment: ["CHECK_GUARD_FOLDER": folder, "CHECK_GUARD_OTHER": other])
            #expect(result.status == 0 && GuardLog(result.errors).violations == 1, "\(result)")
        }
    }
}
