// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession
import Synchronization

/// What the guard says: a line for each rule that a call broke, and for what is wrong with the guard itself. Never a PIN, a key or data.
enum Report {
    enum Verdict {
        /// The module was not called.
        case refused
        /// The module was called although the rule forbids it: the guard was told to report only.
        case reported
        /// The module was called, since only its answer can decide.
        case letThrough
    }

    /// A call, and what was known of its session when the rules were asked.
    struct Situation {
        let function: Function
        let handle: CK_SESSION_HANDLE
        let record: Record
        let pending: Function?
    }

    /// One line that is useful alone: when, who, which call, what was active since which call, and which rule says what where.
    @inline(never)
    static func violation(_ rule: Rule, by call: Situation, _ verdict: Verdict, _ returnValue: CK_RV) {
        platform_count(UInt32(rule.rawValue))
        var line = head()
        switch verdict {
        case .refused: line.append("refused ")
        case .reported: line.append("would refuse ")
        case .letThrough: line.append("noticed ")
        }
        line.append(call.function.name)
        line.append(" in session ")
        line.append(hexadecimal: call.handle)
        line.append(", call ")
        line.append(UInt64(call.record.pointee.calls.load(ordering: .relaxed)))
        line.append("; active: ")
        appendActive(of: call.record, call.pending, to: &line)
        line.append("; rule ")
        line.append(rule.id)
        line.append(": ")
        line.append(rule.text)
        line.append(" (")
        line.append(rule.citation)
        line.append(")")
        if verdict == .refused {
            line.append("; answered ")
            line.append(nameOfAnswer(returnValue))
        }
        if let reference = Configuration.current.reference {
            line.append("; see ")
            line.append(Text(start: reference, count: strlen(reference)))
            line.append("#")
            line.append(rule.id)
        }
        Log.write(&line)
    }

    private static func appendActive(of record: Record, _ pending: Function?, to line: inout Line) {
        let state = record.state
        var rest = state.active
        if rest == 0 { line.append("none") }
        while rest != 0 {
            let bit = rest.trailingZeroBitCount / 2
            rest &= rest - 1
            guard let operation = SessionOperation(rawValue: UInt8(bit)) else { continue }
            line.append(operation.name)
            line.append(" (")
            line.append(state[operation].name)
            line.append(")")
            record.withActivation(of: bit) { function, thread, call, caller in
                line.append(" since ")
                line.append(function.name)
                line.append(", call ")
                line.append(call)
                line.append(", thread ")
                line.append(thread)
                appendPlace(caller, to: &line)
            }
            if rest != 0 { line.append("; ") }
        }
        if let pending {
            line.append("; pending: ")
            line.append(pending.name)
        }
    }

    /// The file and function that called, for addr2line and people.
    private static func appendPlace(_ address: UInt, to line: inout Line) {
        var place = platform_place()
        guard let pointer = UnsafeRawPointer(bitPattern: address), platform_find_place(pointer, &place) != 0 else {
            return
        }
        line.append(", from ")
        line.append(Text(start: place.file, count: strlen(place.file)).lastComponent)
        line.append("+")
        line.append(hexadecimal: address - place.start)
        guard let name = place.function else { return }
        line.append(" (")
        line.append(cString: name)
        line.append(")")
    }

    // MARK: Once in a process

    /// A session that was not opened by way of the guard works.
    static func unknown(_ function: Function, _ handle: CK_SESSION_HANDLE) {
        // The call itself may have ended the session.
        if handle == 0 || Configuration.current.mode == .off || SessionRules.ends(function, returning: CKR_OK) {
            return
        }
        let isKnown = GuardState.withSessions {
            let isKnown = GuardState.hasSaidUnknown || Sessions.find(handle) != nil
            if !isKnown { GuardState.hasSaidUnknown = true }
            return isKnown
        }
        if isKnown { return }
        var line = head()
        line.append(function.name)
        line.append(" in session ")
        line.append(hexadecimal: handle)
        if GuardState.isForked {
            line.append(
                ", which is that of the process that called fork: until C_Initialize is called here, nothing is checked"
            )
        } else {
            line.append(", which was not opened by way of this guard: such sessions are not checked")
        }
        Log.write(&line)
    }

    /// After C_Finalize: what there was, if there was anything or somebody asked.
    static func summary() {
        var violations: UInt64 = 0
        for number in 0..<ruleEnd { violations += UInt64(platform_counted(UInt32(number))) }
        let lost = Log.takeLost()
        let isWanted = violations != 0 || lost != 0 || Configuration.current.mode == .report
        if !isWanted || Configuration.current.mode == .off { return forget() }
        var line = head()
        line.append("C_Finalize: ")
        line.append(UInt64(GuardState.openedCount))
        line.append(" sessions, ")
        line.append(violations)
        line.append(" violations")
        var isFirst = true
        for number in 0..<ruleEnd {
            let count = platform_counted(UInt32(number))
            guard count != 0, let rule = Rule(rawValue: UInt8(number)) else { continue }
            line.append(isFirst ? ": " : ", ")
            line.append(rule.id)
            line.append(" ")
            line.append(UInt64(count))
            isFirst = false
        }
        if lost != 0 {
            line.append("; log lines lost: ")
            line.append(lost)
        }
        Log.write(&line)
        forget()
    }

    /// Starts to count anew. A child of fork has inherited what its parent counted.
    static func forget() {
        _ = Log.takeLost()
        GuardState.withSessions {
            for number in 0..<ruleEnd { platform_uncount(UInt32(number)) }
            GuardState.hasSaidUnknown = false
        }
    }

    // MARK: Lines

    /// A line that says when it was written and by whom.
    static func head() -> Line {
        var line = Line()
        line.appendTime()
        line.append(" p11guard[")
        line.append(UInt64(getpid()))
        line.append("/")
        line.append(UInt64(platform_thread()))
        line.append("] ")
        if let module = Configuration.current.module {
            line.append(Text(start: module, count: strlen(module)).lastComponent)
            line.append(": ")
        }
        return line
    }

    static func error(_ problem: StaticString, _ detail: UnsafePointer<CChar>? = nil) {
        var line = head()
        line.append("error: ")
        line.append(problem)
        if let detail { line.append(cString: detail) }
        Log.write(&line)
    }

    /// A line about something that was written wrong somewhere.
    static func faultLine(_ place: Line, _ value: Text, _ problem: StaticString) -> Line {
        var line = head()
        line.append("error: ")
        line.append(place)
        line.append(": '")
        line.append(value)
        line.append("' ")
        line.append(problem)
        return line
    }

    /// Writes such a line, and returns that it is not good.
    static func fault(_ place: Line, _ value: Text, _ problem: StaticString) -> Bool {
        var line = faultLine(place, value, problem)
        Log.write(&line)
        return false
    }

    /// The same of a file that says nothing, for a reason of the system's.
    static func fault(_ path: Line, _ problem: StaticString, _ reason: UnsafePointer<CChar>?) -> Bool {
        var line = head()
        line.append("error: ")
        line.append(path)
        line.append(": ")
        line.append(problem)
        if let reason { line.append(cString: reason) }
        Log.write(&line)
        return false
    }
}
