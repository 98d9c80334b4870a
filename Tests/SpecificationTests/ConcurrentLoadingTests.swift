// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// Several threads load data at the same time, before anything else has used libxml2.
@Suite(.serialized) struct ConcurrentLoadingTests {
    private func load(_ program: String) throws -> CommandResult {
        try run(program, ["Tests/SpecificationTests/Base/cryptoki.xml", "spec/cryptoki.rng", "8"])
    }

    /// Without `LibXML2.isReady` some of these processes fail or crash: which, and how many, is a matter of chance.
    @Test func inFreshProcesses() throws {
        var failed: [CommandResult] = []
        for _ in 1...400 {
            let result = try load(Project.program("load-concurrently"))
            if result.status != 0 { failed.append(result) }
        }
        #expect(failed.isEmpty, "\(failed.count) of 400 processes failed: \(failed.first?.description ?? "")")
    }

    @Test func withTheThreadSanitizer() throws {
        let program = ".build/tsan/debug/load-concurrently"
        try require(file: program, "make sanitizers builds it")
        for _ in 1...3 {
            let result = try load("\(Project.root)/\(program)")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
        }
    }
}
