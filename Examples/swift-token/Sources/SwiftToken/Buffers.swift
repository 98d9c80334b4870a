// SPDX-License-Identifier: MIT

import CCryptoki

/// A copy of an input: its memory may be where the output goes.
func bytes(_ start: UnsafeRawPointer?, _ length: CK_ULONG) throws(Failure) -> [UInt8] {
    guard let count = Int(exactly: length), start != nil || count == 0 else { throw Failure(CKR_ARGUMENTS_BAD) }
    return Array(UnsafeRawBufferPointer(start: start, count: count))
}

/// The bytes of a number or a truth value, as attributes have them.
func bytes<Value: BitwiseCopyable>(of value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

/// Random bytes, which the system makes.
func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}

/// Where a caller wants an output (section 5.2 of the specification).
struct Output {
    private let start: CK_BYTE_PTR?
    private let length: CK_ULONG_PTR?

    init(_ start: CK_BYTE_PTR?, _ length: CK_ULONG_PTR?) {
        self.start = start
        self.length = length
    }

    /// Says how long the output is.
    ///
    /// - Returns: whether the caller wants it, and not only to know how long it is.
    func wants(_ count: Int) throws(Failure) -> Bool {
        guard let length else { throw Failure(CKR_ARGUMENTS_BAD) }
        let room = length.pointee
        length.pointee = CK_ULONG(count)
        if start == nil { return false }
        if room < count { throw Failure(CKR_BUFFER_TOO_SMALL) }
        return true
    }

    /// Hands over what is wanted.
    func give(_ result: [UInt8]) { start?.update(from: result, count: result.count) }
}
