// SPDX-License-Identifier: MIT

import CPlatform

/// A line of text of limited length: what does not fit is left out. Nothing is allocated.
struct Line {
    static let capacity = 2560
    private var bytes = InlineArray<2560, UInt8>(repeating: 0)
    private(set) var count = 0

    /// Whether something may have been left out.
    var isFull: Bool { count == Self.capacity - 1 }

    mutating func append(byte: UInt8) {
        if isFull { return }  // The last is the end of the line.
        // A line break in a path or name would make two lines of one.
        bytes[count] = byte < 0x20 || byte == 0x7F ? 0x3F : byte
        count += 1
    }

    mutating func append(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { append(byte: text.utf8Start[index]) }
    }

    mutating func append(cString text: UnsafePointer<CChar>?) {
        guard var next = text else { return append("(null)") }
        while next.pointee != 0 {
            append(byte: UInt8(bitPattern: next.pointee))
            next += 1
        }
    }

    mutating func append(_ text: Text) {
        for index in 0..<text.count { append(byte: UInt8(bitPattern: text.start[index])) }
    }

    mutating func append(_ line: Line) {
        for index in 0..<line.count { append(byte: line.bytes[index]) }
    }

    /// What was appended, as C has it.
    mutating func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        bytes[count] = 0
        return bytes.span.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
    }

    /// - Parameter digits: at least so many, with zeros in front.
    mutating func append(_ number: UInt64, digits: Int = 1) {
        var (divisor, places) = (UInt64(1), 1)
        while number / divisor >= 10 {
            divisor *= 10
            places += 1
        }
        for _ in 0..<max(0, digits - places) { append(byte: 0x30) }
        while divisor > 0 {
            append(byte: 0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    mutating func append(hexadecimal number: UInt) {
        append("0x")
        var shift = 60
        while shift > 0, number >> UInt(shift) == 0 { shift -= 4 }
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: number >> UInt(shift) & 15)
            append(byte: digit < 10 ? 0x30 + digit : 0x57 + digit)
            shift -= 4
        }
    }

    mutating func append(listed text: StaticString, isFirst: Bool) {
        if !isFirst { append(", ") }
        append(text)
    }

    /// The time of day in UTC, to the millisecond.
    ///
    /// Not with gmtime_r, which takes a lock that another thread may have held when this process was forked.
    mutating func appendTime() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        // Rounded down: a clock that was never set may be before 1970.
        var (days, second) = now.tv_sec.quotientAndRemainder(dividingBy: 86_400)
        if second < 0 { (days, second) = (days - 1, second + 86_400) }
        // Years begin in March here, so that the leap day is a year's last; eras of 400 years have the same days.
        let shifted = max(0, days + 719_468)
        let (era, day) = (shifted / 146_097, shifted % 146_097)
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        append(UInt64(year + era * 400 + (month < 10 ? 0 : 1)), digits: 4)
        append("-")
        append(UInt64(month < 10 ? month + 3 : month - 9), digits: 2)
        append("-")
        append(UInt64(dayOfYear - (153 * month + 2) / 5 + 1), digits: 2)
        append("T")
        append(UInt64(second / 3600), digits: 2)
        append(":")
        append(UInt64(second / 60 % 60), digits: 2)
        append(":")
        append(UInt64(second % 60), digits: 2)
        append(".")
        // A library that replaces the clock may have got the nanoseconds wrong.
        append(UInt64(min(max(0, now.tv_nsec), 999_999_999) / 1_000_000), digits: 3)
        append("Z")
    }

    /// Ends the line and writes it with one call, so that lines of several threads and processes do not mix.
    ///
    /// - Returns: how much of it was written.
    mutating func write(to descriptor: Int32) -> Extent {
        bytes[count] = 0x0A
        var (rest, at) = (count + 1, 0)
        bytes.span.withUnsafeBytes { text in
            while rest > 0 {
                let written = platform_write(descriptor, text.baseAddress! + at, rest)
                if written < 0, errnoIsInterrupted() { continue }
                if written <= 0 { return }
                at += written
                rest -= written
            }
        }
        return rest == 0 ? .all : at == 0 ? .nothing : .beginning
    }

    enum Extent { case all, beginning, nothing }
}

private func errnoIsInterrupted() -> Bool { platform_error() == EINTR }

extension StaticString {
    /// Its text as C has it: it ends with a zero byte.
    var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}
