// SPDX-License-Identifier: MIT

import Glibc
import SourceDiagnostics

/// Ends the program, which is a finding, if something that must hold does not.
package func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
    if condition { return }
    let line = "does not hold: \(message())\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    abort()
}

/// Whether a text is one line that nothing but letters stands in: nothing that a terminal would obey.
package func isOneLine(_ text: some StringProtocol) -> Bool {
    text.unicodeScalars.allSatisfy {
        ![.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
    }
}

/// Whether a message is what a person can read, however the source looks: each line one line, a caret that is in sight.
package func checkRendering(of diagnostic: Diagnostic) {
    for columns in [0, 80, 130] {
        let lines = diagnostic.rendered(in: MessageStyle(columns: columns)).split(
            separator: "\n", omittingEmptySubsequences: false)
        for line in lines { expect(isOneLine(line), "a line is one: \(line)") }
        let carets = lines.filter { $0.contains(" | ") && $0.trimmingPrefix { " |".contains($0) }.first == "^" }
        expect(carets.count <= 1 + diagnostic.notes.count, "a caret for each place: \(lines)")
        expect(carets.allSatisfy { $0.utf8.count <= max(columns, 50) + 1 }, "a caret is in sight: \(lines)")
    }
    expect(diagnostic.rendered(in: MessageStyle(isColored: true)).contains("\u{1B}["), "a terminal gets colours")
}

/// What a file holds. It is one of the harness's own, without which there is nothing to do.
package func contents(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else {
        fatalError("\(path) cannot be read: run the harness in the package's folder")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}

/// A folder in memory for this process, which is removed when it ends in order.
package let scratchFolder: String = {
    let path = "\(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")/p11gen-fuzz-\(getpid())"
    if mkdir(path, 0o700) != 0 { fatalError("\(path) cannot be made") }
    return path
}()

/// Puts a text into a file of that folder.
package func put(_ text: [UInt8], in path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { fatalError("\(path) cannot be written") }
    defer { close(descriptor) }
    var written = 0
    while written < text.count {
        let count = text[written...].withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
        if count <= 0 { fatalError("\(path) cannot be written") }
        written += count
    }
}
