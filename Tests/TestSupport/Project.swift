// SPDX-License-Identifier: MIT

import Foundation

/// The package under test, and places to work in.
package enum Project {
    /// The folder of the package.
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The paths of all outputs below `Sources/Generated`.
    package static let outputs = [
        "c/include/p11_session_rules.h", "swift/CryptokiSession.swift", "swift/SessionEntry.swift",
        "swift/CryptokiNames.swift", "model/session.pml", "c/include/p11_names.h", "doc/session-rules.md",
        "doc/session-rules.html",
        "c/include/pkcs11.h", "c/include/pkcs11t.h", "c/include/pkcs11f.h", "c/include/module.modulemap",
        "guard/GuardedFunctions.swift",
    ]

    /// What a file holds, given by its path in the package or from the root of the file system.
    package static func text(_ path: String) throws -> String {
        try String(contentsOfFile: path.hasPrefix("/") ? path : "\(root)/\(path)", encoding: .utf8)
    }

    /// An empty folder for the time of the call.
    package static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "p11gen-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    /// The generator under test.
    package static let generator = program("p11gen")

    /// The path of a program of the package: in the folder that `P11GEN_PROGRAMS` names, else beside the test bundle.
    package static func program(_ name: String) -> String {
        if let folder = ProcessInfo.processInfo.environment["P11GEN_PROGRAMS"] { return "\(folder)/\(name)" }
        var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appending(path: name).path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                return candidate
            }
            folder.deleteLastPathComponent()
        }
        return "\(root)/.build/debug/\(name)"
    }

    /// Whether tests put what they find in the place of what they expect, where that is a picture of today's outputs.
    package static let accepts = ProcessInfo.processInfo.environment["P11GEN_ACCEPT"] == "1"

    /// Whether a skipped test is a failure, as it is where everything should be installed.
    package static let mustNotSkip = ProcessInfo.processInfo.environment["P11GEN_NO_SKIP"] == "1"
}
