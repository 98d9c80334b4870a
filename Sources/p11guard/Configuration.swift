// SPDX-License-Identifier: MIT

import CPlatform
import CryptokiSession

/// What the guard is told to do. Set once, before the first call of the module, and constant afterwards.
///
/// A file beside the guard that is called like it, or one in `/etc/p11guard`, says so in lines of `key: value`; what it does not say, the
/// environment does. So two guards in one process, which are two copies of the file, can have two modules.
struct Configuration {
    enum Mode: UInt8 { case enforce, report, off }
    enum Threads: UInt8 { case report, refuse, serialize }

    static nonisolated(unsafe) var current = Configuration()

    var module: UnsafeMutablePointer<CChar>?
    /// Nil: the one that suits the token.
    var policy: Policy? = defaultPolicy
    var mode = Mode.enforce
    var threads = Threads.report
    /// The path of the log, in which `%p` stands for the process; nil: standard error.
    var log: UnsafeMutablePointer<CChar>?

    /// Reads the file, if there is one, and the environment.
    ///
    /// - Parameter guardPath: where the guard was loaded from.
    /// - Returns: false if something is wrong, which the log says.
    mutating func read(guardPath: UnsafePointer<CChar>) -> Bool {
        var (isGood, file) = (true, Line())
        for index in Setting.all.indices {
            let setting = Setting.all[index]
            guard let value = platform_environment(setting.variable.cString)
            else { continue }
            if value.pointee == 0 { continue }
            var place = Line()
            place.append(setting.variable)
            isGood = set(setting, Text(start: value, count: strlen(value)), place) && isGood
        }
        guard let text = Self.file(guardPath, name: &file) else { return isGood }
        return read(text, file) && isGood
    }

    // MARK: The settings

    private enum Setting {
        case module, policy, mode, threads, log
        static var all: InlineArray<5, Setting> { [.module, .policy, .mode, .threads, .log] }

        var key: StaticString {
            switch self {
            case .module: "module"
            case .policy: "policy"
            case .mode: "mode"
            case .threads: "threads"
            case .log: "log"
            }
        }
        var variable: StaticString {
            switch self {
            case .module: "P11GUARD_MODULE"
            case .policy: "P11GUARD_POLICY"
            case .mode: "P11GUARD_MODE"
            case .threads: "P11GUARD_THREADS"
            case .log: "P11GUARD_LOG"
            }
        }
    }

    private mutating func set(_ setting: Setting, _ value: Text, _ place: Line) -> Bool {
        switch setting {
        case .module: module = value.copied
        case .log: log = value == "stderr" ? nil : value.copied
        case .policy: return setPolicy(value, place)
        case .mode:
            switch true {
            case value == "enforce": mode = .enforce
            case value == "report": mode = .report
            case value == "off": mode = .off
            default: return Self.fault(place, value, "is no mode; there are: enforce, report, off")
            }
        case .threads:
            switch true {
            case value == "report": threads = .report
            case value == "refuse": threads = .refuse
            case value == "serialize": threads = .serialize
            default: return Self.fault(place, value, "is no way to treat threads; there are: report, refuse, serialize")
            }
        }
        return true
    }

    private static var defaultPolicy: Policy { Policy(rawValue: 0).unsafelyUnwrapped }

    private mutating func setPolicy(_ value: Text, _ place: Line) -> Bool {
        if value == "auto" {
            policy = nil
            return true
        }
        var number: UInt8 = 0
        while let candidate = Policy(rawValue: number) {
            if value == candidate.name {
                policy = candidate
                return true
            }
            number += 1
        }
        var line = Self.faultLine(place, value, "is no policy; there are: auto")
        number = 0
        while let candidate = Policy(rawValue: number) {
            line.append(listed: candidate.name, isFirst: false)
            number += 1
        }
        Report.write(&line)
        return false
    }

    private static func faultLine(_ place: Line, _ value: Text, _ problem: StaticString) -> Line {
        var line = Report.head()
        line.append("error: ")
        line.append(place)
        line.append(": '")
        line.append(value)
        line.append("' ")
        line.append(problem)
        return line
    }

    private static func fault(_ place: Line, _ value: Text, _ problem: StaticString) -> Bool {
        var line = faultLine(place, value, problem)
        Report.write(&line)
        return false
    }

    // MARK: The file

    private static let mostBytes = 65_536

    private mutating func read(_ text: Text, _ file: Line) -> Bool {
        var (isGood, rest, number) = (true, text, UInt64(0))
        while let line = rest.cutLine() {
            number += 1
            let line = line.trimmed
            if line.count == 0 || line.start[0] == 0x23 { continue }
            var place = file
            place.append(":")
            place.append(number)
            guard let colon = line.position(of: 0x3A) else {
                isGood = Self.fault(place, line, "is no 'key: value'")
                continue
            }
            let (key, value) = (line.upTo(colon).trimmed, line.after(colon).trimmed)
            var found = false
            for index in Setting.all.indices where key == Setting.all[index].key {
                found = true
                isGood = set(Setting.all[index], value, place) && isGood
            }
            if !found { isGood = Self.fault(place, key, "is no key; there are: module, policy, mode, threads, log") }
        }
        return isGood
    }

    /// The text of the file that is beside the guard, or else in the system's folder.
    private static func file(_ guardPath: UnsafePointer<CChar>, name: inout Line) -> Text? {
        let path = Text(start: guardPath, count: strlen(guardPath))
        let stem = path.withoutSuffix
        for attempt in 0..<2 {
            var candidate = Line()
            if attempt == 0 {
                candidate.append(stem)
            } else {
                candidate.append("/etc/p11guard/")
                candidate.append(stem.lastComponent)
            }
            candidate.append(".conf")
            guard let text = candidate.withCString({ contents(of: $0) }) else { continue }
            name = candidate
            return text
        }
        return nil
    }

    private static func contents(of path: UnsafePointer<CChar>) -> Text? {
        let descriptor = platform_open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
        defer { close(descriptor) }
        guard let memory = malloc(mostBytes)?.assumingMemoryBound(to: CChar.self) else { return nil }
        var count = 0
        while count < mostBytes {
            let got = CPlatform.read(descriptor, memory + count, mostBytes - count)
            if got < 0, platform_error() == EINTR { continue }
            if got <= 0 { break }
            count += got
        }
        return Text(start: memory, count: count)
    }
}

/// Bytes that somebody else keeps.
struct Text {
    var start: UnsafePointer<CChar>
    var count: Int

    static func == (text: Text, other: StaticString) -> Bool {
        text.count == other.utf8CodeUnitCount && memcmp(text.start, other.utf8Start, text.count) == 0
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

    /// Without `.so` and what follows it.
    var withoutSuffix: Text {
        let name = lastComponent
        var position = name.count
        for index in 0..<max(0, name.count - 2)
        where name.start[index] == 0x2E && name.start[index + 1] == 0x73 && name.start[index + 2] == 0x6F {
            position = index
            break
        }
        return upTo(count - name.count + position)
    }
}
