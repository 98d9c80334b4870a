// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// The modules that the guard is tested and measured with behave as documented. See `Tests/Programs/check_permissive`.
struct PermissiveTests {
    @Test func modules() throws {
        let bench = try Workbench.ordinary()
        try Project.withFolder { folder in
            try Compiler.plain.makeModule("null_module.c", at: "\(folder)/null_module.so")
            try Compiler.plain.makeProgram("check_permissive", at: "\(folder)/check_permissive")
            let result = try run(
                "timeout",
                [
                    "120", "\(folder)/check_permissive", bench.path("permissive.so"), bench.path("permissive240.so"),
                    "\(folder)/null_module.so",
                ])
            #expect(result.status == 0 && result.output.hasSuffix(" checks, 0 failed\n"), "\(result)")
        }
    }
}
