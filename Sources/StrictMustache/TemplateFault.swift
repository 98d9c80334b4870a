// SPDX-License-Identifier: MIT

import Spelling

/// One thing that is wrong with a template, or with the values it is rendered with.
public struct TemplateFault: Error, Sendable, Equatable {
    /// The file, as the library's sources name it.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// The column in characters, from 1.
    public let column: Int
    /// What is wrong and what to do about it.
    public let message: String
    /// A short stable name of this kind of fault, such as "template-unknown-name".
    public let check: String

    init(file: String, line: Int, column: Int, message: String, check: String) {
        self.file = file
        self.line = line
        self.column = column
        // Names come from templates, with whatever stands in them.
        self.message = printable(message)
        self.check = check
    }

    fileprivate var place: (String, Int, Int) { (file, line, column) }
}

/// All the faults met in one run: each position once, sorted by file, line and column.
public struct TemplateFaults: Error, Sendable {
    /// The faults; never empty.
    public let faults: [TemplateFault]

    /// Sorts the faults and keeps the first that was met at each position.
    init(_ met: [TemplateFault]) {
        var faults: [TemplateFault] = []
        for fault in met.sorted(by: { $0.place < $1.place }) {
            if let last = faults.last, last.place == fault.place { continue }
            faults.append(fault)
        }
        self.faults = faults
    }
}
