// SPDX-License-Identifier: MIT

/// A path on the command line: `transform: PathArgument.parse` for each option and argument that is one.
package enum PathArgument {
    /// Returns the path that was given, which is not empty.
    ///
    /// - Throws: what an empty path means. In a build, `--output "$OUT"` is `--output ""` where the variable is unset, and
    ///   `/c/include` would be written to.
    @Sendable package static func parse(_ argument: String) throws -> String {
        if argument.isEmpty { throw Empty() }
        return argument
    }

    private struct Empty: Error, CustomStringConvertible {
        let description = "the path is empty, perhaps because a variable is unset; give a path"
    }
}
