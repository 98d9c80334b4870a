// SPDX-License-Identifier: MIT

import CPlatform
import Synchronization

/// Where lines go: to the file that the configuration names, or else to standard error.
///
/// The process belongs to somebody else. So a line is written only where lines are expected, and to nothing else in its place; what
/// cannot be written is lost, and counted. A pipe as the log file that is not read any more is waited for once, for a second;
/// standard error is waited for, as everybody does who writes there.
enum Log {
    private static let lostLines = Atomic<UInt64>(0)

    /// The process in which a line was begun and could not be ended, if that was the last thing it wrote; otherwise 0.
    private static let cutProcess = Atomic<Int32>(0)

    /// How many lines were lost since this was asked last.
    static func takeLost() -> UInt64 { lostLines.exchange(0, ordering: .relaxed) }

    static func write(_ line: inout Line) {
        // A thread that is cancelled here would leave the file open.
        let cancellation = platform_defer_cancellation()
        if !isWritten(&line) { lostLines.add(1, ordering: .relaxed) }
        platform_restore_cancellation(cancellation)
    }

    /// The file is opened for each line: the host may close what it does not know, and its child is another process.
    private static func isWritten(_ line: inout Line) -> Bool {
        guard let pattern = Configuration.current.log else {
            return platform_has_standard_error() != 0 && isWritten(&line, to: STDERR_FILENO)
        }
        var path = Line()
        var next = UnsafePointer(pattern)
        while next.pointee != 0 {
            if next.pointee == 0x25, next[1] == 0x70 {
                path.append(UInt64(getpid()))
                next += 2
            } else {
                path.append(byte: UInt8(bitPattern: next.pointee))
                next += 1
            }
        }
        // A path that was cut off is another one.
        let descriptor = path.isFull ? -1 : path.withCString { platform_open_log($0) }
        if descriptor < 0 { return false }
        defer { close(descriptor) }
        return isWritten(&line, to: descriptor)
    }

    /// Ends a line first that was cut off, as a full disk does: otherwise this one would not begin where a line does.
    private static func isWritten(_ line: inout Line, to descriptor: Int32) -> Bool {
        let process = getpid()
        if cutProcess.compareExchange(expected: process, desired: 0, ordering: .relaxed).exchanged {
            let lineBreak: StaticString = "\n"
            if platform_write(descriptor, lineBreak.utf8Start, 1) != 1 {
                cutProcess.store(process, ordering: .relaxed)
                return false
            }
        }
        let extent = line.write(to: descriptor)
        if extent == .beginning { cutProcess.store(process, ordering: .relaxed) }
        return extent == .all
    }
}
