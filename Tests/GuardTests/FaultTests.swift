// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Configurations that are wrong, and several copies of the guard with a file each.
struct FaultTests {
    @Test(arguments: ConfigurationFault.all) func fault(_ fault: ConfigurationFault) throws {
        let bench = try Workbench.ordinary()
        try Project.withFolder { folder in
            let last = URL(filePath: folder).lastPathComponent
            func filled(_ text: String) -> String {
                text.replacing("FOLDER", with: folder).replacing("PROGRAMS", with: bench.folder).replacing(
                    "LAST", with: last)
            }
            func write(_ text: String, _ name: String) throws {
                try filled(text).write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            }
            try FileManager.default.copyItem(atPath: bench.guardPath, toPath: "\(folder)/\(fault.guardName)")
            if let file = fault.file { try write(file, fault.fileName) }
            for (name, file) in fault.copies {
                try FileManager.default.copyItem(atPath: bench.guardPath, toPath: "\(folder)/\(name).so")
                try write(file, "\(name).conf")
            }
            let result = try bench.check(
                fault.works ? "some-module" : "no-module", guard: "\(folder)/\(fault.guardName)", module: nil,
                environment: fault.environment.mapValues(filled))
            #expect(result.status == 0, "\(result)")
            let texts = GuardLog(result.errors).texts.filter { !$0.contains(" C_F") }
            #expect(texts == fault.log.map(filled))
        }
    }

    /// Ordinary Swift sees to it that what changes is not read meanwhile; Embedded Swift does not.
    @Test func faultsWhileTheConfigurationIsRead() throws {
        let result = try Workbench.sanitized().check(
            "no-module", module: nil,
            environment: ["P11GUARD_POLICY": "a", "P11GUARD_MODE": "b", "P11GUARD_THREADS": "c"])
        #expect(result.status == 0 && GuardLog(result.errors).lines.count == 3, "\(result)")
    }

    /// What is wrong is said in the log, wherever that is.
    @Test(arguments: [true, false]) func theLogOfFaults(isInFile: Bool) throws {
        let bench = try Workbench.ordinary()
        try Project.withFolder { folder in
            try FileManager.default.copyItem(atPath: bench.guardPath, toPath: "\(folder)/guard.so")
            var environment = ["P11GUARD_POLICY": "lax", "P11GUARD_LOG": "\(folder)/log"]
            if isInFile {
                environment = [:]
                try "policy: lax\nlog: \(folder)/log\n".write(
                    toFile: "\(folder)/guard.conf", atomically: true, encoding: .utf8)
            }
            let result = try bench.check(
                "no-module", guard: "\(folder)/guard.so", module: nil, environment: environment)
            #expect(result.status == 0 && result.errors == "", "\(result)")
            #expect((try? Project.text("\(folder)/log"))?.contains("'lax' is no policy") == true)
        }
    }

    /// Two copies in one process, each with a module, a policy and a log of its own; and as many as one likes.
    @Test func copies() throws {
        let bench = try Workbench.ordinary()
        try Project.withFolder { folder in
            func copy(_ name: String, _ file: String) throws {
                try FileManager.default.copyItem(atPath: bench.guardPath, toPath: "\(folder)/\(name).so")
                try file.write(toFile: "\(folder)/\(name).conf", atomically: true, encoding: .utf8)
            }
            try copy("one", "module: \(bench.path("permissive.so"))\nlog: \(folder)/one.log\n")
            try copy("two", "module: \(bench.path("permissive240.so"))\npolicy: single\nlog: \(folder)/two.log\n")
            let two = try bench.check(
                "two-guards", guard: "\(folder)/one.so", module: nil,
                environment: ["CHECK_GUARD_SECOND": "\(folder)/two.so", "P11GUARD_POLICY": "per-kind"])
            #expect(two.status == 0 && two.errors.isEmpty, "\(two)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/one.log"))
            #expect(GuardLog(try Project.text("\(folder)/two.log")).violations == 2)
            for number in 0..<32 { try copy("copy\(number)", "module: \(bench.path("permissive.so"))\n") }
            let many = try bench.check("many-copies", module: nil, environment: ["CHECK_GUARD_FOLDER": folder])
            #expect(many.status == 0 && GuardLog(many.errors).violations == 32, "\(many)")
        }
    }
}
