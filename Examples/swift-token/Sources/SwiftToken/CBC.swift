// SPDX-License-Identifier: MIT

import CCryptoki

/// AES in cipher block chaining mode without padding: CKM_AES_CBC.
struct CBC {
    private let cipher: AES
    private let encrypts: Bool
    /// The vector, later the last block of the ciphertext.
    private var previous: [UInt8]
    /// Less than a block that still waits.
    private var rest: [UInt8] = []

    init(_ mechanism: CK_MECHANISM, key: [UInt8], encrypts: Bool) throws(Failure) {
        previous = try bytes(mechanism.pParameter, mechanism.ulParameterLen)
        guard previous.count == AES.blockSize else { throw Failure(CKR_MECHANISM_PARAM_INVALID) }
        cipher = AES(key: key)
        self.encrypts = encrypts
    }

    /// Works on the next part, or the last. Where the output is not wanted or does not fit, nothing has happened.
    ///
    /// - Returns: what it gave as the output, or nil where the caller only asks how long that is.
    @discardableResult
    mutating func step(_ part: [UInt8], isLast: Bool = false, into output: Output) throws(Failure) -> [UInt8]? {
        let left = (rest.count + part.count) % AES.blockSize
        if isLast, left != 0 { throw Failure(encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE) }
        guard try output.wants(rest.count + part.count - left) else { return nil }
        let input = rest + part
        var result: [UInt8] = []
        for start in stride(from: 0, to: input.count - left, by: AES.blockSize) {
            result += worked(on: Array(input[start..<start + AES.blockSize]))
        }
        rest = Array(input.suffix(left))
        output.give(result)
        return result
    }

    private mutating func worked(on block: [UInt8]) -> [UInt8] {
        if encrypts {
            previous = cipher.encrypt(AES.sum(block, previous))
            return previous
        }
        defer { previous = block }
        return AES.sum(cipher.decrypt(block), previous)
    }
}
