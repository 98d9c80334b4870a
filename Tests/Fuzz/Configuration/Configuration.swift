// SPDX-License-Identifier: MIT

import CryptokiSession
import FuzzSupport
import Glibc

@testable import p11guard

/// Takes an input for the file beside the guard, and sections such as `--- policy` for variables of the environment; with a section
/// `--- none` there is no file. What the guard makes of it must be what the model does.
@c(LLVMFuzzerTestOneInput)
public func configureInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let sections = Sections(UnsafeBufferPointer(start: data, count: size))
    var environment: [String: [UInt8]] = [:]
    for key in Model.keys {
        let variable = "P11GUARD_\(key.uppercased())"
        if let text = sections[key] {
            // As C has it: no zero byte, and here no line end at the end.
            environment[key] = Array(text.prefix { $0 != 0 }.dropLast(text.last == 10 ? 1 : 0))
            (environment[key]! + [0]).withUnsafeBytes {
                _ = setenv(variable, $0.baseAddress!.assumingMemoryBound(to: CChar.self), 1)
            }
        } else {
            unsetenv(variable)
        }
    }
    let (name, configuration) = names[size % names.count]
    let path = "\(scratchFolder)/\(configuration)"
    let file = sections["none"] == nil ? sections[""] ?? [] : nil
    if let file { put(file, in: path) } else { unlink(path) }
    let model = Model(file: file, environment: environment, policies: SessionRules.Policy.allCases.map { "\($0.name)" })
    check("\(scratchFolder)/\(name)", model)
    return 0
}

/// How the guard may be called, and its file then.
private let names = [
    ("guard.so", "guard.conf"), ("my.soft.so.1.2", "my.soft.conf"), ("without", "without.conf"),
]

private func check(_ guardPath: String, _ model: Model) {
    said = []
    let isGood = guardPath.withCString { Configuration.read(guardPath: $0) }
    let made = Configuration.current
    defer {
        free(made.module)
        free(made.log)
        free(made.reference)
        Configuration.current = Configuration()
    }
    expect(isGood == (model.faults == 0), "good is what is right: \(isGood), \(model)")
    expect(
        said.count == (model.losesLines(of: getpid()) ? 0 : model.faults), "a line for each fault: \(said), \(model)")
    expect(bytes(made.module) == model.values["module"], "the module: \(model)")
    expect(bytes(made.log) == model.values["log"], "the log: \(model)")
    expect(bytes(made.reference) == model.values["reference"], "the page: \(model)")
    let policy = model.word("policy") ?? "\(SessionRules.Policy.allCases[0].name)"
    expect(made.policy.map { "\($0.name)" } ?? "auto" == policy, "the policy: \(model)")
    expect("\(made.mode)" == model.word("mode") ?? "enforce", "the mode: \(model)")
    expect("\(made.wantedThreads)" == model.word("threads") ?? "report", "threads: \(model)")
    let log = model.log(of: getpid())
    for line in said {
        expect(line.path == log, "a line goes to the log: \(line), \(model)")
        let isWhole = line.text.last == 10 && line.text.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        expect(isWhole && line.text.count <= 2560, "a line is one: \(line)")
        let words = String(decoding: line.text, as: UTF8.self)
        expect(words.contains(" p11guard[\(getpid())/") && words.contains(": "), "a line says who: \(words)")
    }
}

private func bytes(_ text: UnsafeMutablePointer<CChar>?) -> [UInt8]? {
    text.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
}

// MARK: In the place of the guard's own functions, so that no input writes a file

/// A line, and the log that it went to; nil for standard error.
private struct Said {
    let path: [UInt8]?
    let text: [UInt8]
}
private nonisolated(unsafe) var said: [Said] = []
private nonisolated(unsafe) var openLog: [UInt8]?

/// Notes which file would be opened.
@c(__wrap_platform_open_log)
public func pretendToOpenLog(_ path: UnsafePointer<CChar>) -> CInt {
    openLog = Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
    return open("/dev/null", O_WRONLY | O_CLOEXEC)
}

/// Whatever runs this.
@c(__wrap_platform_has_standard_error)
public func pretendToHaveStandardError() -> CInt { 1 }

/// Keeps a line.
@c(__wrap_platform_write)
public func pretendToWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    said.append(Said(path: openLog, text: Array(UnsafeRawBufferPointer(start: bytes, count: count))))
    openLog = nil
    return count
}

/// Leaves nothing behind.
@c(LLVMFuzzerInitialize)
public func prepareConfiguration(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let keys = Model.keys.map { "\($0): \n--- \($0)\n" }.joined()
    quarry = [Array("\(keys)# \nstrict\nauto\nsingle\nserialize\nreport\noff\nstderr\n/%p.log\n--- none\n".utf8)]
    atexit {
        for name in names { unlink("\(scratchFolder)/\(name.1)") }
        rmdir(scratchFolder)
    }
    return 0
}
