// SPDX-License-Identifier: MIT

import CPlatform
import CryptokiSession

/// What the guard is told to do. Set once, before the first call of the module, and constant afterwards.
///
/// A file beside the guard that is called like it, or one in `/etc/p11guard`, says so in lines of `key: value`; what it does not say,
/// the environment does. So two guards in one process, which are two copies of the file, can have two modules.
struct Configuration {
    enum Mode: UInt8 { case enforce, report, off }
    enum Threads: UInt8 { case report, refuse, serialize }

    static var current: Configuration {
        get { GuardState.configuration }
        set { GuardState.configuration = newValue }
    }

    var module: UnsafeMutablePointer<CChar>?
    /// Nil: the one that suits the token.
    var policy: Policy? = Policy(rawValue: 0)
    var mode = Mode.enforce
    /// What becomes of the second of two threads in a session. To report is to let everything pass as it comes.
    var threads: Threads { mode == .report ? .report : wantedThreads }
    private(set) var wantedThreads = Threads.report
    /// The path of the log, in which `%p` stands for the process; nil: standard error.
    var log: UnsafeMutablePointer<CChar>?
    /// The address of the reference page, to which the log adds the rule that was broken; nil: it names the rule alone.
    var reference: UnsafeMutablePointer<CChar>?

    /// Reads the file, if there is one, and the environment, and makes what they say the current configuration.
    ///
    /// - Parameter guardPath: where the guard was loaded from.
    /// - Returns: false if something is wrong, which the log says.
    static func read(guardPath: UnsafePointer<CChar>) -> Bool {
        var (file, isGood) = (ConfigurationFile?.none, true)
        let search = ConfigurationFile.search(beside: guardPath)
        if case .found(let found) = search { file = found }
        current = Configuration()
        // Not inlined: each place is a line, and six of them would take 100 KB of stack.
        @inline(never)
        func take(_ setting: Setting) -> Bool {
            guard let (value, place) = file?.value(of: setting.key) ?? setting.ofEnvironment else { return true }
            // A fault is said in the log that the current one names, which must not be changing meanwhile.
            var next = current
            defer { current = next }
            return next.set(setting, value, place)
        }
        // The log comes first: whatever is wrong with the rest is said there. The module comes last: it is named in every line
        // after it.
        isGood = take(.log)
        if case .fault(let path, let problem, let reason) = search {
            isGood = Report.fault(path, problem, reason)
        }
        isGood = take(.policy) && isGood
        isGood = take(.mode) && isGood
        isGood = take(.threads) && isGood
        isGood = take(.reference) && isGood
        if let file { isGood = file.hasOnly(Setting.all) && isGood }
        isGood = take(.module) && isGood
        file?.forget()
        return isGood
    }

    enum Setting {
        case module, policy, mode, threads, log, reference
        static var all: InlineArray<6, Setting> { [.module, .policy, .mode, .threads, .log, .reference] }

        var key: StaticString {
            switch self {
            case .log: "log"
            case .module: "module"
            case .policy: "policy"
            case .mode: "mode"
            case .threads: "threads"
            case .reference: "reference"
            }
        }

        private var variable: StaticString {
            switch self {
            case .log: "P11GUARD_LOG"
            case .module: "P11GUARD_MODULE"
            case .policy: "P11GUARD_POLICY"
            case .mode: "P11GUARD_MODE"
            case .threads: "P11GUARD_THREADS"
            case .reference: "P11GUARD_REFERENCE"
            }
        }

        /// What the environment says, and where; a variable that is empty says nothing.
        fileprivate var ofEnvironment: (Text, Line)? {
            guard let value = platform_environment(variable.cString), value.pointee != 0 else { return nil }
            var place = Line()
            place.append(variable)
            return (Text(start: value, count: strlen(value)), place)
        }
    }

    private mutating func set(_ setting: Setting, _ value: Text, _ place: Line) -> Bool {
        // What C takes for the end of a path would make it another one.
        if value.position(of: 0) != nil { return Report.fault(place, value, "holds a zero byte") }
        switch setting {
        case .log:
            if value.isOpenFile {
                return Report.fault(
                    place, value, "is no log file, but what the process has open; write 'stderr' or a path")
            }
            if value.count >= Line.capacity { return Report.fault(place, "the path is too long", nil) }
            log = value == "stderr" || value.count == 0 ? nil : value.copied
        case .reference: reference = value.count == 0 ? nil : value.copied
        case .module: module = value.count == 0 ? nil : value.copied
        case .policy: return setPolicy(value, place)
        case .mode:
            switch true {
            case value == "enforce": mode = .enforce
            case value == "report": mode = .report
            case value == "off": mode = .off
            default: return Report.fault(place, value, "is no mode; there are: enforce, report, off")
            }
        case .threads:
            switch true {
            case value == "report": wantedThreads = .report
            case value == "refuse": wantedThreads = .refuse
            case value == "serialize": wantedThreads = .serialize
            default:
                return Report.fault(place, value, "is no way to treat threads; there are: report, refuse, serialize")
            }
        }
        return true
    }

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
        var line = Report.faultLine(place, value, "is no policy; there are: auto")
        number = 0
        while let candidate = Policy(rawValue: number) {
            line.append(", ")
            line.append(candidate.name)
            number += 1
        }
        Log.write(&line)
        return false
    }
}
