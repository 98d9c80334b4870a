// SPDX-License-Identifier: MIT

import CryptokiSpecification
import Foundation
import SourceDiagnostics
import Synchronization

/// Loads the data in several threads at the same time, as the first thing that the process does. A program of its own, since what
/// libxml2 initializes on first use is initialized once in a process.
@main enum LoadConcurrently {
    /// How many threads run.
    private static let started = Atomic(0)
    /// How many threads have loaded the data without a diagnostic.
    private static let loaded = Atomic(0)

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[3]), count > 0 else {
            print("load-concurrently SPECIFICATION SCHEMA THREADS")
            exit(64)
        }
        let files = Specification.Files(specification: arguments[1], schema: arguments[2])
        let running = DispatchGroup()
        for _ in 0..<count {
            running.enter()
            Thread.detachNewThread {
                load(files, amongst: count)
                running.leave()
            }
        }
        running.wait()
        exit(loaded.load(ordering: .relaxed) == count ? 0 : 1)
    }

    private static func load(_ files: Specification.Files, amongst count: Int) {
        started.add(1, ordering: .relaxed)
        // A thread that slept would come too late to meet the others.
        while started.load(ordering: .relaxed) < count {}
        var diagnostics = Diagnostics()
        let result = Specification.load(files, into: &diagnostics)
        if result.specification != nil, diagnostics.all.isEmpty { loaded.add(1, ordering: .relaxed) }
    }
}
