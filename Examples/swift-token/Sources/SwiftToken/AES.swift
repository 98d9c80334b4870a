// SPDX-License-Identifier: MIT

/// AES (FIPS 197) with keys of 128 and 256 bits, written to be read.
///
/// It looks up secret bytes in a table, so how long it takes tells of the key, and it forgets keys without erasing them. A
/// token in earnest takes a library's.
struct AES {
    static let blockSize = 16
    static func isKeySize(_ count: Int) -> Bool { count == 16 || count == 32 }

    /// One for each round, and one more.
    private let roundKeys: [[UInt8]]

    /// - Parameter key: of a size that `isKeySize`.
    init(key: [UInt8]) {
        let keyWords = key.count / 4
        var words = (0..<keyWords).map { Array(key[4 * $0..<4 * $0 + 4]) }
        var constant: UInt8 = 1
        for index in keyWords..<4 * (keyWords + 7) {
            var word = words[index - 1]
            if index % keyWords == 0 {
                word = [word[1], word[2], word[3], word[0]].map { Self.box[Int($0)] }
                word[0] ^= constant
                constant = Self.doubled(constant)
            } else if keyWords > 6, index % keyWords == 4 {
                word = word.map { Self.box[Int($0)] }
            }
            words.append(Self.sum(word, words[index - keyWords]))
        }
        roundKeys = stride(from: 0, to: words.count, by: 4).map { Array(words[$0..<$0 + 4].joined()) }
    }

    func encrypt(_ block: [UInt8]) -> [UInt8] {
        var state = Self.sum(block, roundKeys[0])
        for round in 1..<roundKeys.count {
            // Row r of the four columns moves r columns to the left.
            state = (0..<16).map { Self.box[Int(state[($0 + 4 * ($0 % 4)) % 16])] }
            if round < roundKeys.count - 1 { state = Self.mixed(state, 2, 3, 1, 1) }
            state = Self.sum(state, roundKeys[round])
        }
        return state
    }

    func decrypt(_ block: [UInt8]) -> [UInt8] {
        var state = block
        for round in (1..<roundKeys.count).reversed() {
            state = Self.sum(state, roundKeys[round])
            if round < roundKeys.count - 1 { state = Self.mixed(state, 14, 11, 13, 9) }
            state = (0..<16).map { Self.inverseBox[Int(state[($0 + 12 * ($0 % 4)) % 16])] }
        }
        return Self.sum(state, roundKeys[0])
    }

    /// Each column times the matrix whose first row is given; each further row is the one above, moved to the right.
    private static func mixed(_ state: [UInt8], _ row: UInt8...) -> [UInt8] {
        (0..<16).map { index in
            (0..<4).reduce(0) { $0 ^ product(row[($1 + 4 - index % 4) % 4], state[index / 4 * 4 + $1]) }
        }
    }

    static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { zip(left, right).map { $0 ^ $1 } }

    // MARK: Bytes as polynomials modulo x^8 + x^4 + x^3 + x + 1

    private static func doubled(_ byte: UInt8) -> UInt8 { byte << 1 ^ (byte >> 7) * 0x1b }

    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var (rest, power, result) = (left, right, UInt8(0))
        while rest != 0 {
            if rest & 1 != 0 { result ^= power }
            (rest, power) = (rest >> 1, doubled(power))
        }
        return result
    }

    /// The S-box: of the inverse, each bit plus four others and a constant.
    private static let box: [UInt8] = (UInt8.min...UInt8.max).map { byte in
        // Zero has no inverse, and is taken for its own.
        let inverse = (UInt8.min...UInt8.max).first { product(byte, $0) == 1 } ?? 0
        return (1...4).reduce(inverse ^ 0x63) { $0 ^ (inverse << $1 | inverse >> (8 - $1)) }
    }

    private static let inverseBox: [UInt8] = {
        var inverse = [UInt8](repeating: 0, count: 256)
        for (byte, image) in box.enumerated() { inverse[Int(image)] = UInt8(byte) }
        return inverse
    }()
}
