// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Ends the test where something is not installed: as a failure where everything should be, else as a skip with its reason.
package func require(package: String) throws {
    if package.isEmpty { return }
    let status = try run("dpkg-query", ["-W", "-f=${Status}", package])
    if !status.output.contains("install ok installed") {
        try skip("the package \(package) is not installed; make deps installs it")
    }
}

/// The same for a program.
package func require(program: String) throws {
    if !has(program) { try skip("\(program) is not installed; make deps installs it") }
}

/// The same for a file of the package that a build makes.
package func require(file: String, _ remedy: String) throws {
    if !FileManager.default.fileExists(atPath: "\(Project.root)/\(file)") {
        try skip("\(file) is not there; \(remedy)")
    }
}

func skip(_ reason: String) throws {
    if Project.mustNotSkip { throw Missing(description: reason) }
    try Test.cancel("\(reason)")
}

private struct Missing: Error, CustomStringConvertible { let description: String }
