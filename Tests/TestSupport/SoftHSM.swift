// SPDX-License-Identifier: MIT

import Foundation

/// SoftHSM2, a software token, with its objects in a folder of the test's own.
public struct SoftHSM {
    /// The module to load.
    public static let module = "/usr/lib/softhsm/libsofthsm2.so"

    /// What a program that loads the module finds in its environment.
    public let environment: [String: String]

    /// - Parameter folder: an empty folder, which holds the tokens.
    public init(folder: String) throws {
        try require(package: "softhsm2")
        let configuration = "\(folder)/softhsm2.conf"
        try FileManager.default.createDirectory(atPath: "\(folder)/tokens", withIntermediateDirectories: true)
        try "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
            .write(toFile: configuration, atomically: true, encoding: .utf8)
        environment = ["SOFTHSM2_CONF": configuration]
    }
}
