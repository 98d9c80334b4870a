// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleAnalysis
import SourceDiagnostics
import Spelling
import TypedTables

/// Puts calls together from their lines.
struct CallReader {
    private let specification: Specification
    private let functions: [String: Ref<Function>]
    /// Names of return values by number.
    private let names: [UInt: String]
    private(set) var entries: [CallLog.Entry] = []
    private(set) var unknown = 0
    /// Words of the log that cannot be understood, and why.
    private(set) var faults: [(word: Substring, message: String)] = []
    /// A call that has not returned yet: calls may stand inside others.
    private struct Open {
        let name: Substring
        let line: Int
        var arguments: [Substring: Substring] = [:]
    }
    private var open: [Open] = []
    /// Where so many others were made inside a call, it never returned: the log ends or was cut there.
    private static let mostOpen = 1000

    init(_ specification: Specification) {
        self.specification = specification
        functions = Dictionary(
            specification.functions.indices.map { (specification.functions[$0].name, $0) }
        ) { first, _ in first }
        let values = Set(
            specification.outcomes.compactMap(\.value) + specification.universal
                + specification.functions.flatMap(\.returnValues))
        names = Dictionary(values.map { (specification.registry.numbers[$0] ?? 0, $0) }) { min($0, $1) }
    }

    // MARK: The forms

    mutating func plain(_ line: Substring, _ number: Int) {
        let text = line.prefix { $0 != "#" }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let name = words.first else { return }
        guard let function = functions[String(name)] else {
            let start = name.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            let hint =
                start != name && functions[String(start)] != nil
                ? "; write '\(start)' alone" : suggestion(for: String(name), among: functions.keys.sorted())
            return faults.append((name, "unknown function '\(name)'\(hint)"))
        }
        var call = Interpreter.Call(function: function)
        var session: String?
        var returnValue: String?
        for word in words.dropFirst() {
            if word.hasPrefix("session=") {
                session = String(word.dropFirst("session=".count))
            } else if let fact = specification.facts.first(where: { $0.name == word }) {
                call.facts |= 1 << UInt(fact.bit)
            } else if let flag = specification.operations.compactMap(\.flag).first(where: { $0 == word }) {
                call.flags |= specification.registry.numbers[flag] ?? 0
            } else if let value = value(of: word) {
                returnValue = value
            } else {
                let known =
                    Array(specification.registry.numbers.keys) + specification.facts.map(\.name)
                    + specification.operations.compactMap(\.flag)
                let hint = suggestion(for: String(word), among: known.sorted())
                return faults.append(
                    (word, "'\(word)' is not a return value, fact, flag or 'session=…'\(hint)"))
            }
        }
        guard let returnValue else {
            return faults.append((name, "missing return value of \(name); append its name or number"))
        }
        let usual = session ?? (hasSession(function) ? "" : nil)
        entries.append(.init(line: number, call: call, returnValue: returnValue, session: usual))
    }

    /// What to say of a log of which nothing was understood at all.
    mutating func explainNothing(in lines: [Substring], _ format: CallLog.Format) {
        let form = "write lines such as 'C_EncryptInit CKR_OK'"
        if format == .plain {
            // A file of another kind has a fault in each of its lines.
            guard faults.count > 3, let first = faults.first else { return }
            faults = [(first.word, "not a log of calls; \(form)")]
        } else if unknown == 0, let line = lines.first(where: { CallLog.format(of: [$0]) == format }) {
            faults = [
                (line, "the log looks like '\(format.rawValue)', but no call in it is complete; \(form)")
            ]
        }
    }

    mutating func spy(_ line: Substring, _ number: Int) {
        if let name = CallLog.spyCall(line) {
            start(name, number)
        } else if line.hasPrefix("Returned:") {
            guard let call = open.popLast() else { return }
            let words = line.split(separator: " ")
            close(call, words.count > 1 ? words[1] : "0")
        } else if line.hasPrefix("[in] ") || line.hasPrefix("[out] ") {
            note(line.drop { $0 != " " }.dropFirst())
        }
    }

    mutating func p11Kit(_ line: Substring, _ number: Int) {
        if let (name, value) = CallLog.p11KitReturn(line) {
            guard let index = open.lastIndex(where: { $0.name == name }) else { return }
            close(open.remove(at: index), value)
        } else if line.hasPrefix("C_"), !line.contains(" ") {
            start(line, number)
        } else if line.hasPrefix("  IN: ") || line.hasPrefix(" OUT: ") {
            note(line.dropFirst(6))
        }
    }

    private mutating func start(_ name: Substring, _ number: Int) {
        if open.count == Self.mostOpen { open.removeFirst() }
        open.append(Open(name: name, line: number))
    }

    /// `hSession = 0x1`, `*phSession = 0x1`, `pDigest[*pulDigestLen] 00007ffe25c9fa90 / 16`.
    private mutating func note(_ text: Substring) {
        guard !open.isEmpty else { return }
        let start = text.first == "*" ? text.dropFirst() : text
        let name = start.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        var rest = start.dropFirst(name.count)
        if rest.hasPrefix("->") { return }
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") { rest = rest[end...].dropFirst() }
        if let equals = rest.firstIndex(of: "=") { rest = rest[equals...].dropFirst() }
        open[open.count - 1].arguments[name] = rest.drop(while: \.isWhitespace)
    }

    // MARK: Calls

    private mutating func close(_ call: Open, _ value: Substring) {
        guard let function = functions[String(call.name)] else {
            unknown += 1
            return
        }
        var made = Interpreter.Call(function: function)
        for parameter in specification.functions[function].parameters {
            guard let use = parameter.use.map({ specification.uses[$0] }) else { continue }
            guard let argument = call.arguments[parameter.name[...]] else { continue }
            if use.test == .flags { made.flags = self.number(argument) ?? 0 }
            if let fact = use.fact.map({ specification.facts[$0] }), tells(use, argument) {
                made.facts |= 1 << UInt(fact.bit)
            }
        }
        let session = sessionParameter(function).flatMap { call.arguments[$0[...]] }.map { String(last($0)) }
        let returnValue = self.value(of: value) ?? String(value)
        entries.append(.init(line: call.line, call: made, returnValue: returnValue, session: session))
    }

    private func tells(_ use: Use, _ argument: Substring) -> Bool {
        let value = use.value.flatMap { specification.registry.numbers[$0] } ?? 0
        return switch use.test {
        case .null: isNull(argument)
        case .notNull: !isNull(argument)
        case .flag: (number(argument) ?? 0) & value != 0
        case .equal: number(argument) == value
        case .none, .flags, .function, .slot, .opened, .lists: false
        }
    }

    private func isNull(_ argument: Substring) -> Bool {
        if argument.contains("\"") { return false }
        return argument.hasPrefix("NULL") || argument.hasPrefix("(nil)") || argument.hasSuffix("NULL")
            || argument.hasSuffix("NO-VALUES") || argument.hasSuffix("NOTHING")
    }

    /// The parameter that is the session, or through which a call gives a new one.
    private func sessionParameter(_ function: Ref<Function>) -> String? {
        let parameters = specification.functions[function].parameters
        return parameters.first { parameter in
            parameter.use.map { [.none, .opened].contains(specification.uses[$0].test) } ?? false
        }?.name
    }

    private func hasSession(_ function: Ref<Function>) -> Bool { sessionParameter(function) != nil }

    /// Where a log gives the address and what is there, what is there.
    private func last(_ argument: Substring) -> Substring {
        argument.split(separator: "=").last.map { $0.drop(while: \.isWhitespace) } ?? argument
    }

    /// `6 = CKF_SERIAL_SESSION | CKF_RW_SESSION`, `0x6`, `CKU_USER`.
    private func number(_ argument: Substring) -> UInt? {
        guard let word = argument.split(separator: " ").first else { return nil }
        if word.hasPrefix("0x") || word.hasPrefix("0X") { return UInt(word.dropFirst(2), radix: 16) }
        return UInt(word) ?? specification.registry.numbers[String(word)]
    }

    /// The name of a return value that is given by its name or number.
    private func value(of word: Substring) -> String? {
        if let number = number(word),
            specification.registry.numbers[String(word)] == nil || word.first?.isNumber == true
        {
            return names[number] ?? String(word)
        }
        return specification.registry.numbers[String(word)].map { names[$0] ?? String(word) }
    }
}
