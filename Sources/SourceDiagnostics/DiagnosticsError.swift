// SPDX-License-Identifier: MIT

/// Why there is no result: the error that every step of the generator throws.
package struct DiagnosticsError: Error, Sendable {
    /// The reasons, and perhaps warnings, in the order in which they are printed; never empty.
    package let diagnostics: [Diagnostic]
    /// What was done nevertheless; nil if nothing was.
    package var consequence: String?

    /// An error with these reasons.
    package init(_ diagnostics: [Diagnostic], consequence: String? = nil) {
        self.diagnostics = diagnostics
        self.consequence = consequence
    }
}
