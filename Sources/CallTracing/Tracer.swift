// SPDX-License-Identifier: MIT

import CryptokiSpecification
import RuleAnalysis

/// Follows the calls of a log, and says of each what the rules say.
package struct Tracer {
    /// The findings about one call.
    package struct Remark: Sendable {
        /// Where the call starts in the log, from 1.
        package let line: Int
        /// The call in words, with its session, its return value and the state afterwards.
        package let call: String
        /// Whether the call has to do with operations at all.
        package let concernsOperations: Bool
        /// The findings, one per line.
        package var notes: [String] = []
    }

    private struct Session {
        var state = SessionState()
        /// The call that made each operation active, by the operation's bit.
        var origins: [Int: (line: Int, words: String)] = [:]
    }

    private let interpreter: Interpreter
    private var sessions: [String: Session] = [:]
    /// How many calls broke a rule so far, and were not refused for it with its value.
    package private(set) var brokenRules = 0
    /// How many operations were still active where their session or the log ended.
    package private(set) var leftOpen = 0
    /// How many sessions calls have named so far; the same name is the same session.
    package var sessionCount: Int { seen.count }
    private var seen: Set<String> = []

    /// Starts before the first call: no session is known, and in a new one every operation is idle.
    ///
    /// - Parameter interpreter: the rules to hold the calls against.
    package init(_ interpreter: Interpreter) { self.interpreter = interpreter }

    private var specification: Specification { interpreter.specification }

    // MARK: Calls

    /// Takes the next call of the log.
    ///
    /// - Returns: the call with its findings.
    package mutating func follow(_ entry: CallLog.Entry) -> Remark {
        let call = entry.call
        let function = interpreter.function(of: call)
        let role = interpreter.role(of: call)
        let words = interpreter.words(call)
        let concerns = role.scope != .own || !function.operations.isEmpty || role.starts || function.group != nil
        var remark = Remark(
            line: entry.line, call: "\(words) \(entry.returnValue)", concernsOperations: concerns)
        if let name = entry.session {
            seen.insert(name)
            remark.notes += judge(entry, in: sessions[name] ?? Session())
        }
        // Sessions that end are left as they are: what is open in them stays open for good.
        let reach = interpreter.reach(of: call, returning: entry.returnValue)
        let touched =
            reach == .session
            ? [entry.session].compactMap { $0 } : sessions.keys.sorted() + [entry.session].compactMap { $0 }
        for name in Set(touched).sorted() {
            var session = sessions[name] ?? Session()
            let next = interpreter.complete(call, in: session.state, returning: entry.returnValue)
            // A handle that is used again is a new session; operations left active in the old one have been reported.
            if ends(entry), next.word == 0 { remark.notes += open(session, name, "when its session ended") }
            note(entry, words, &session, next)
            // A session in which nothing is active is like a new one, and so is one that ended: to keep them would
            // make each login look at all sessions that there ever were.
            sessions[name] = next.word == 0 ? nil : session
        }
        if let name = entry.session {
            let state = sessions[name]?.state ?? SessionState()
            let place = name.isEmpty ? "" : "session \(name), "
            remark = Remark(
                line: remark.line, call: "\(place)\(remark.call): \(interpreter.words(state))",
                concernsOperations: remark.concernsOperations, notes: remark.notes)
        }
        return remark
    }

    /// What is still active where the log ends.
    package mutating func finish() -> [String] {
        sessions.keys.sorted().flatMap { open(sessions[$0]!, $0, "when the log ended") }
    }

    /// Whether the session is no more after the call.
    private func ends(_ entry: CallLog.Entry) -> Bool {
        let outcome = interpreter.outcome(of: entry.returnValue, entry.call)
        if specification.outcomes[outcome].effect == .gone { return true }
        return outcome == specification.usualOutcome && interpreter.role(of: entry.call).async == .end
    }

    private func note(_ entry: CallLog.Entry, _ words: String, _ session: inout Session, _ next: SessionState) {
        for operation in specification.operations {
            let bit = operation.bit
            if next[bit] == .idle {
                session.origins[bit] = nil
            } else if session.state[bit] == .idle || interpreter.started(by: entry.call)?.bit == bit {
                session.origins[bit] = (entry.line, words)
            }
        }
        session.state = next
    }

    private mutating func open(_ session: Session, _ name: String, _ when: String) -> [String] {
        specification.operations.filter { session.state[$0.bit].blocks }.map { operation in
            leftOpen += 1
            let place = name.isEmpty ? "" : " in session \(name)"
            let origin = session.origins[operation.bit].map { ": left by \($0.words) in line \($0.line)" } ?? ""
            return "\(operation.name) was still active\(place) \(when)\(origin)"
        }
    }

    // MARK: Judgements

    private mutating func judge(_ entry: CallLog.Entry, in session: Session) -> [String] {
        let isOK = interpreter.outcome(of: entry.returnValue, entry.call) == specification.usualOutcome
        switch interpreter.admit(entry.call, in: session.state) {
        case .admitted:
            let outcome = specification.outcomes[interpreter.outcome(of: entry.returnValue, entry.call)]
            if outcome.effect == .contradiction, interpreter.started(by: entry.call) != nil {
                return ["the module finds something in the way where by this log nothing is"]
            }
            return []
        case .reported(let rule):
            brokenRules += 1
            return ["out of phase: " + words(rule)]
        case .refused(let rule, let returnValue):
            if entry.returnValue == returnValue {
                return ["refused, as \(words(rule))"] + blocking(entry, rule, session)
            }
            brokenRules += 1
            let what = isOK ? "the module let it through" : "the rules answer \(returnValue)"
            return ["breaks \(words(rule)); \(what)"] + blocking(entry, rule, session)
        }
    }

    private func words(_ rule: Rule) -> String { "\(rule.id): \(rule.text) (\(rule.citation.words))" }

    /// The operations that block the call, and the calls that started them.
    private func blocking(_ entry: CallLog.Entry, _ rule: Rule, _ session: Session) -> [String] {
        guard let blocker = interpreter.blockers(of: entry.call).first(where: { $0.rule.id == rule.id }) else {
            return []
        }
        return blocker.operations.filter { session.state[$0.bit].blocks }.map { operation in
            let origin = session.origins[operation.bit].map { " since line \($0.line): \($0.words)" } ?? ""
            return "\(operation.name) is active\(origin)"
        }
    }
}
