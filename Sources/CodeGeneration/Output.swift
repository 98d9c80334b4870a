// SPDX-License-Identifier: MIT

/// A file that the generator makes.
package struct Output: Sendable {
    /// Below the output folder.
    package let path: String
    /// What the file should hold.
    package let bytes: [UInt8]

    /// The bytes as a text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// How a file on disk relates to the output that should be there.
package enum OutputState: Sendable {
    /// It holds what it should.
    case same
    /// There is no file.
    case missing
    /// It holds something else, which is given.
    case differs(existing: String)
    /// A generated file that no template makes any more.
    case stale
    /// A temporary file of a run that did not finish.
    case interrupted
}
