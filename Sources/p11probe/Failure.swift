// SPDX-License-Identifier: MIT

import CryptokiSession

/// Why nothing can be tried, and what the user can do about it.
struct Failure: Error {
    let message: String

    init(_ message: String) { self.message = message }

    /// A function answered an error that leaves nothing to do.
    init(_ function: String, _ value: ReturnValue, _ remedy: String) {
        message = "\(function) answered \(value): \(remedy)"
    }
}
