// SPDX-License-Identifier: MIT

/// A file that the generator makes.
public struct Output: Sendable {
    /// Below the output folder.
    public let path: String
    public let text: String
}

/// How a file on disk relates to the output that should be there.
public enum OutputState: Sendable {
    case same, missing
    case differs(existing: String)
    /// A generated file that no template makes any more.
    case stale
}
