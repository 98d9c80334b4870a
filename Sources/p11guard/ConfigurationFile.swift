// SPDX-License-Identifier: MIT

import CPlatform

/// The file in which a guard finds its configuration: lines of `key: value`, empty lines, and comments that begin with `#`.
struct ConfigurationFile {
    private let text: Text
    private let name: Line
    private static let mostBytes = 1_048_576

    /// What there is in the place of a configuration.
    enum Search {
        /// No file: neither path exists.
        case none
        case found(ConfigurationFile)
        /// Something that cannot be read as a file: what it says would be lost, so that the guard does nothing without it.
        case fault(Line, StaticString, UnsafePointer<CChar>?)
    }

    /// Looks for the file that is called like the guard with `.conf` in the place of `.so` and what follows: beside it, or else in
    /// the system's folder.
    static func search(beside guardPath: UnsafePointer<CChar>) -> Search {
        let stem = Text(start: guardPath, count: strlen(guardPath)).withoutSuffix
        for attempt in 0..<2 {
            var candidate = Line()
            if attempt == 0 {
                candidate.append(stem)
            } else {
                candidate.append("/etc/p11guard/")
                candidate.append(stem.lastComponent)
            }
            candidate.append(".conf")
            // A path that was cut off is another one.
            if candidate.isFull { return .fault(candidate, "is cut off here: the path is too long", nil) }
            switch candidate.withCString({ contents(of: $0) }) {
            case .none: continue
            case .some(let text): return .found(ConfigurationFile(text: text, name: candidate))
            case .fault(let problem, let reason): return .fault(candidate, problem, reason)
            }
        }
        return .none
    }

    private enum Contents {
        case none
        case some(Text)
        case fault(StaticString, UnsafePointer<CChar>?)
    }

    private static func contents(of path: UnsafePointer<CChar>) -> Contents {
        let descriptor = platform_open_file(path)
        if descriptor == PLATFORM_MISSING { return .none }
        if descriptor == PLATFORM_NO_FILE { return .fault("is not a regular file", nil) }
        if descriptor < 0 { return .fault("cannot be read: ", platform_error_text()) }
        defer { close(descriptor) }
        // One byte more than may be there, to see that there is more.
        guard let memory = malloc(mostBytes + 1)?.assumingMemoryBound(to: CChar.self) else {
            return .fault("cannot be read: ", platform_error_text())
        }
        var count = 0
        while count <= mostBytes {
            let got = CPlatform.read(descriptor, memory + count, mostBytes + 1 - count)
            if got < 0, platform_error() == EINTR { continue }
            if got < 0 {
                let reason = platform_error_text()
                free(memory)
                return .fault("cannot be read: ", reason)
            }
            if got == 0 { break }
            count += got
        }
        return .some(Text(start: memory, count: count))
    }

    /// Frees the text; what was found in it was copied.
    func forget() { free(UnsafeMutableRawPointer(mutating: text.start)) }

    /// Calls the body with each line that says something, its number, and the place of its colon.
    private func eachLine(_ body: (Text, UInt64, Int?) -> Void) {
        var (rest, number) = (text, UInt64(0))
        while let line = rest.cutLine() {
            number += 1
            let line = line.trimmed
            if line.count == 0 || line.start[0] == 0x23 { continue }
            body(line, number, line.position(of: 0x3A))
        }
    }

    private func place(_ number: UInt64) -> Line {
        var place = name
        place.append(":")
        place.append(number)
        return place
    }

    /// What the last line with the key says, and where.
    func value(of key: StaticString) -> (Text, Line)? {
        var found: (text: Text, number: UInt64)?
        eachLine { line, number, colon in
            guard let colon, line.upTo(colon).trimmed == key else { return }
            found = (line.after(colon).trimmed, number)
        }
        return found.map { ($0.text, place($0.number)) }
    }

    /// Whether every line is one of the settings; the log says which is not.
    func hasOnly(_ settings: InlineArray<6, Configuration.Setting>) -> Bool {
        var isGood = true
        eachLine { line, number, colon in
            guard let colon else {
                isGood = Report.fault(place(number), line, "is no 'key: value'")
                return
            }
            let key = line.upTo(colon).trimmed
            for index in settings.indices where key == settings[index].key { return }
            var problem = Report.faultLine(place(number), key, "is no key; there are: ")
            for index in settings.indices { problem.append(listed: settings[index].key, isFirst: index == 0) }
            Log.write(&problem)
            isGood = false
        }
        if text.count > Self.mostBytes {
            var problem = Report.head()
            problem.append("error: ")
            problem.append(name)
            problem.append(" has more than ")
            problem.append(UInt64(Self.mostBytes))
            problem.append(" bytes")
            Log.write(&problem)
            isGood = false
        }
        return isGood
    }
}

/// Bytes that somebody else keeps.
struct Text {
    var start: UnsafePointer<CChar>
    var count: Int

    static func == (text: Text, other: StaticString) -> Bool {
        text.count == other.utf8CodeUnitCount && memcmp(text.start, other.utf8Start, text.count) == 0
    }

    private func begins(with other: StaticString) -> Bool {
        count >= other.utf8CodeUnitCount && memcmp(start, other.utf8Start, other.utf8CodeUnitCount) == 0
    }

    /// Whether it is one of the system's names for a file that the process has open.
    var isOpenFile: Bool {
        self == "/dev/stdout" || self == "/dev/stderr" || self == "/dev/stdin" || begins(with: "/dev/fd/")
            || begins(with: "/proc/self/fd/")
    }

    /// A copy that ends with a zero byte and is kept for ever; nil if there is no memory.
    var copied: UnsafeMutablePointer<CChar>? { strndup(start, count) }

    func position(of byte: CChar) -> Int? {
        for index in 0..<count where start[index] == byte { return index }
        return nil
    }

    func upTo(_ position: Int) -> Text { Text(start: start, count: position) }
    func after(_ position: Int) -> Text { Text(start: start + position + 1, count: count - position - 1) }

    var trimmed: Text {
        func isBlank(_ byte: CChar) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var text = self
        while text.count > 0, isBlank(text.start[0]) { text = text.after(0) }
        while text.count > 0, isBlank(text.start[text.count - 1]) { text.count -= 1 }
        return text
    }

    /// Takes the first line off; nil if nothing is left.
    mutating func cutLine() -> Text? {
        if count == 0 { return nil }
        let end = position(of: 0x0A) ?? count
        let line = upTo(end)
        self = end == count ? Text(start: start + count, count: 0) : after(end)
        return line
    }

    var lastComponent: Text {
        var text = self
        while let slash = text.position(of: 0x2F) { text = text.after(slash) }
        return text
    }

    /// Without the last `.so` that ends the name or stands before a version.
    var withoutSuffix: Text {
        let name = lastComponent
        var position = name.count
        for index in 0..<max(0, name.count - 2)
        where name.start[index] == 0x2E && name.start[index + 1] == 0x73 && name.start[index + 2] == 0x6F
            && (index + 3 == name.count || name.start[index + 3] == 0x2E)
        {
            position = index
        }
        return upTo(count - name.count + position)
    }
}
