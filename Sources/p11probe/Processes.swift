// SPDX-License-Identifier: MIT

@preconcurrency import Glibc

/// What a process said, and whether a signal ended it.
struct ProcessEnd {
    var output = ""
    var wasKilled = false
}

/// Runs this program once more.
func runAgain(_ arguments: [String]) -> ProcessEnd {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return ProcessEnd() }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    // A crash is expected: no backtrace.
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    var words = (["p11probe"] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, "/proc/self/exe", &actions, nil, words, environ)
    close(ends[1])
    defer { close(ends[0]) }
    guard status == 0 else { return ProcessEnd() }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256)
    while true {
        let count = read(ends[0], &buffer, buffer.count)
        if count <= 0 { break }
        output += buffer[..<count]
    }
    var end: Int32 = 0
    while waitpid(process, &end, 0) < 0, errno == EINTR {}
    return ProcessEnd(output: String(decoding: output, as: UTF8.self), wasKilled: end & 0x7F != 0)
}

/// Says what was tried when a module takes the process down with it.
enum CrashReport {
    /// What a signal handler may touch: memory that is there already.
    nonisolated(unsafe) private static var message = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 400)
    nonisolated(unsafe) private static var length = 0

    /// Making keys takes some tokens a minute; nothing takes one this long.
    private static let patience: UInt32 = 300

    static func prepare() {
        note("loading the module")
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                let what: StaticString =
                    number == SIGALRM
                    ? "p11probe: error: the module did not return for minutes: "
                    : "p11probe: error: the module crashed: "
                _ = write(STDERR_FILENO, what.utf8Start, what.utf8CodeUnitCount)
                _ = write(STDERR_FILENO, CrashReport.message.baseAddress, CrashReport.length)
                // What a module leaves behind is not to be trusted, not even to run its own end.
                _exit(2)
            }
            sigaction(number, &action, nil)
        }
    }

    /// Nothing is asked of the module for a while.
    static func rest() { alarm(0) }

    /// Remembers what is going on, from now on.
    static func note(_ what: String) {
        let text = Array("\(what); report this to its maker\n".utf8)
        alarm(patience)
        length = 0
        length = message.update(fromContentsOf: text.prefix(message.count))
    }
}
