// SPDX-License-Identifier: MIT

/// What a configuration means, said once more: to be right rather than fast, and sharing nothing with the guard.
struct Model {
    static let keys = ["module", "policy", "mode", "threads", "log", "reference"]

    /// The value of each setting that has one.
    private(set) var values: [String: [UInt8]] = [:]
    /// How many lines of the log there must be.
    private(set) var faults = 0

    /// - Parameters:
    ///   - file: the file's text; nil if there is none.
    ///   - environment: the variables that are set, by the key that each stands for.
    ///   - policies: the names of policies.
    init(file: [UInt8]?, environment: [String: [UInt8]], policies: [String]) {
        for key in Self.keys { values[key] = environment[key].flatMap { $0.isEmpty ? nil : $0 } }
        for line in file?.split(separator: 10) ?? [] {
            let line = Self.trimmed(line)
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                faults += 1
                continue
            }
            let key = String(decoding: Self.trimmed(line[..<colon]), as: UTF8.self)
            if Self.keys.contains(key) {
                values[key] = Array(Self.trimmed(line[(colon + 1)...]))
            } else {
                faults += 1
            }
        }
        let words = [
            "policy": policies + ["auto"], "mode": ["enforce", "report", "off"],
            "threads": ["report", "refuse", "serialize"],
        ]
        for (key, value) in values {
            let isGood = words[key].map { $0.contains { Array($0.utf8) == value } } ?? !value.contains(0)
            if isGood, key != "log" || Self.canBeLog(value) { continue }
            faults += 1
            values[key] = nil
        }
        if let log = values["log"], log.isEmpty || log == Array("stderr".utf8) { values["log"] = nil }
        for key in ["module", "reference"] where values[key]?.isEmpty == true { values[key] = nil }
    }

    /// Not what is longer than a line of the log, and no name of a file that the process has open.
    private static func canBeLog(_ value: [UInt8]) -> Bool {
        let text = String(decoding: value, as: UTF8.self)
        return value.count < 2560 && !["/dev/stdin", "/dev/stdout", "/dev/stderr"].contains(text)
            && !text.hasPrefix("/dev/fd/") && !text.hasPrefix("/proc/self/fd/")
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { " \t\r".utf8.contains(byte) }
        guard let first = text.firstIndex(where: { !isBlank($0) }) else { return [] }
        return text[first...text.lastIndex { !isBlank($0) }!]
    }

    /// The value as a word.
    func word(_ key: String) -> String? { values[key].map { String(decoding: $0, as: UTF8.self) } }

    /// Whether lines are lost, since the path is too long with the number of the process in it.
    func losesLines(of process: Int32) -> Bool { values["log"] != nil && log(of: process) == nil }

    /// The file of the log for a process: nil for standard error, and where there is none.
    func log(of process: Int32) -> [UInt8]? {
        guard let pattern = values["log"] else { return nil }
        var path: [UInt8] = []
        var rest = pattern[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.first == UInt8(ascii: "p") {
                rest.removeFirst()
                path += Array("\(process)".utf8)
            } else {
                path.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte)
            }
        }
        return path.count < 2559 ? path : nil
    }
}
