// SPDX-License-Identifier: MIT

import CTestSupport
import Foundation
import Glibc

/// What a program did.
package struct CommandResult: Sendable, CustomStringConvertible {
    /// Its exit code, or the number of the signal that ended it.
    package let status: Int32
    /// What it wrote to standard output.
    package let output: String
    /// What it wrote to standard error.
    package let errors: String
    /// All of it, for the message of a test that fails.
    package var description: String { "exit \(status)\n\(output)\(errors)" }
}

/// Runs a program to its end and collects its output.
///
/// Foundation's `Process` is of no use here: up to Swift 6.3.1 its `run()` reads past the end of a buffer as soon as some 1,340 file
/// descriptors are open, and crashes if the next page is not mapped (swift-corelibs-foundation 5472). Tests that run at the same time
/// do open that many.
@discardableResult
package func run(
    _ program: String, _ arguments: [String] = [], in folder: String? = nil, environment: [String: String] = [:]
) throws -> CommandResult {
    // A crashing Swift program would otherwise start an interactive backtracer.
    let environment = ProcessInfo.processInfo.environment
        .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(environment) { $1 }
    let (output, errors) = (try Pipe(), try Pipe())
    let child = try spawn(
        ["/usr/bin/env", program] + arguments, environment.map { "\($0)=\($1)" }, in: folder ?? Project.root, output,
        errors)
    output.closeWritingEnd()
    errors.closeWritingEnd()
    let texts = read(output, errors)
    var status: Int32 = 0
    while waitpid(child, &status, 0) == -1 && errno == EINTR {}
    // The low seven bits are the number of the signal, the next byte is the exit code.
    let signal = status & 0x7F
    return CommandResult(
        status: signal == 0 ? status >> 8 & 0xFF : signal, output: texts.output, errors: texts.errors)
}

/// Whether a program can be found.
package func has(_ program: String) -> Bool {
    (try? run("sh", ["-c", "command -v \(program)"]).status) == 0
}

private func spawn(
    _ words: [String], _ environment: [String], in folder: String, _ output: Pipe, _ errors: Pipe
) throws -> pid_t {
    let (arguments, variables) = (words.map { strdup($0) }, environment.map { strdup($0) })
    defer { for string in arguments + variables { free(string) } }
    var child = pid_t()
    try check(
        spawn_program(&child, arguments + [nil], variables + [nil], folder, output.writingEnd, errors.writingEnd))
    return child
}

/// Throws the error with the number, if it is one.
private func check(_ error: Int32) throws {
    if error != 0 { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EIO) }
}

/// Reads both pipes to their ends, in turn: a full one would stop the program.
private func read(_ output: Pipe, _ errors: Pipe) -> (output: String, errors: String) {
    var bytes: [[UInt8]] = [[], []]
    var ends = [output, errors].map { pollfd(fd: $0.readingEnd, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 65536)
    // A descriptor that is negative is skipped.
    while ends.contains(where: { $0.fd >= 0 }) {
        if poll(&ends, nfds_t(ends.count), -1) < 0 { continue }
        for index in ends.indices where ends[index].revents != 0 {
            let count = Glibc.read(ends[index].fd, &buffer, buffer.count)
            if count > 0 {
                bytes[index] += buffer[..<count]
            } else if count == 0 || errno != EINTR {
                ends[index].fd = -1
            }
        }
    }
    return (String(decoding: bytes[0], as: UTF8.self), String(decoding: bytes[1], as: UTF8.self))
}

/// A pipe neither end of which a program inherits.
private final class Pipe {
    let readingEnd: Int32
    private(set) var writingEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try check(open_pipe(&ends))
        (readingEnd, writingEnd) = (ends[0], ends[1])
    }

    func closeWritingEnd() {
        close(writingEnd)
        writingEnd = -1
    }

    deinit {
        close(readingEnd)
        if writingEnd >= 0 { close(writingEnd) }
    }
}
