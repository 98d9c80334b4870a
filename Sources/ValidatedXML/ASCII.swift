// SPDX-License-Identifier: MIT

/// ASCII, one byte at a time.
extension UInt8 {
    @inlinable package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    @inlinable package var isLowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    @inlinable package var isUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    @inlinable package var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    @inlinable package var isHexadecimal: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
    /// ASCII letters in the other case.
    @inlinable package var uppercased: UInt8 { isLowercase ? self - 32 : self }
    @inlinable package var lowercased: UInt8 { isUppercase ? self + 32 : self }
}
