// SPDX-License-Identifier: MIT

import SourceDiagnostics

/// All the faults met in one run: each position once, sorted by file, line and column.
package struct TemplateFaults: Error, Sendable {
    /// The faults; never empty.
    package let faults: [Diagnostic]

    /// Sorts the faults and keeps the first that was met at each position.
    init(_ met: [Diagnostic]) {
        var diagnostics = Diagnostics()
        diagnostics.append(contentsOf: met)
        faults = diagnostics.sorted.reduce(into: []) { faults, fault in
            if let last = faults.last, last.place.source === fault.place.source, last.place.offset == fault.place.offset
            {
                return
            }
            faults.append(fault)
        }
    }
}
