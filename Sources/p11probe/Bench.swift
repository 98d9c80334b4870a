// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// A token with keys on hand, and what each operation gives when it is alone.
final class Bench {
    let token: Token
    private(set) var home: CK_SESSION_HANDLE
    private(set) var keys: Keys
    private(set) var offers: [SessionOperation: Offer] = [:]
    /// Why an operation is not offered.
    private(set) var reasons: [SessionOperation: ReturnValue] = [:]
    /// The operations that were tried alone; what is not among them lacks a mechanism, a key or something to work on.
    private(set) var tried: Set<SessionOperation> = []
    /// Whether the token lets an application have one session only: then each experiment begins from nothing.
    private(set) var isSingle = false

    private let wanted: [SessionOperation]

    /// - Parameter wanted: the operations to look at; keys are made for these only.
    init(_ token: Token, wanted: [SessionOperation] = SessionOperation.allCases) throws(Failure) {
        self.token = token
        self.wanted = wanted
        home = try token.openHome()
        keys = Keys(token, home)
        // Asked now, as a search should find the same objects every time.
        let (second, value) = token.open()
        if value == .ok { token.close(second) } else { isSingle = true }
        prepare()
    }

    var offered: [SessionOperation] { SessionOperation.allCases.filter { offers[$0] != nil } }

    /// Does something in a session in which nothing is active.
    func withSession<Result>(_ body: (CK_SESSION_HANDLE) -> Result) throws(Failure) -> Result {
        if isSingle {
            try renew()
            return body(home)
        }
        let (session, value) = token.open()
        guard value == .ok else {
            throw Failure("C_OpenSession", value, "the token ends sessions or leaves none for the next experiment")
        }
        defer { token.close(session) }
        return body(session)
    }

    /// Begins from nothing: a session, the login, keys, results.
    func renew() throws(Failure) {
        close()
        home = try token.openHome()
        keys = Keys(token, home)
        prepare()
    }

    /// Leaves nothing behind.
    func close() {
        keys.destroy()
        token.close(home)
    }

    // MARK: What is offered

    private func prepare() {
        offers = [:]
        for operation in wanted where operation != .find { offer(operation) }
        // Last, when there are all the keys that it finds.
        if wanted.contains(.find) { offer(.find) }
    }

    private func offer(_ operation: SessionOperation) {
        CrashReport.note("\(operation) was tried alone")
        reasons[operation] = has(operation) ? .mechanismInvalid : .functionNotSupported
        for candidate in candidates(for: operation) {
            guard let driver = candidate() else { continue }
            tried.insert(operation)
            switch alone(driver) {
            case .success(let offer):
                offers[operation] = offer
                reasons[operation] = nil
                return
            case .failure(let problem): reasons[operation] = problem.value
            }
        }
    }

    /// Whether there is a function that starts the operation, of those that came after 2.40.
    private func has(_ operation: SessionOperation) -> Bool {
        let module = token.module
        return switch operation {
        case .verifySignature: module.list32?.C_VerifySignatureInit != nil
        case .messageEncrypt: module.list30?.C_MessageEncryptInit != nil
        case .messageDecrypt: module.list30?.C_MessageDecryptInit != nil
        case .messageSign: module.list30?.C_MessageSignInit != nil
        case .messageVerify: module.list30?.C_MessageVerifyInit != nil
        default: true
        }
    }

    private struct Problem: Error { let value: ReturnValue }

    /// Runs a driver alone, each variant twice: a result that differs cannot be checked later.
    private func alone(_ driver: any Driver) -> Result<Offer, Problem> {
        var results: [[UInt8]] = []
        var isSteady = true
        for variant in 0..<2 {
            for time in 0..<2 {
                let (session, value) = isSingle ? (home, .ok) : token.open()
                guard value == .ok else { return .failure(Problem(value: value)) }
                defer { if !isSingle { token.close(session) } }
                let run = Run(Offer(driver: driver), session, variant: variant)
                let start = run.start()
                guard start == .ok else { return .failure(Problem(value: start)) }
                run.finish()
                if let failure = run.failure { return .failure(Problem(value: failure)) }
                if time == 0 { results.append(run.output) } else if results[variant] != run.output { isSteady = false }
            }
        }
        if driver.operation == .decrypt || driver.operation == .messageDecrypt || driver.operation == .verifyRecover {
            // What went in must come out.
            let data = testData(for: driver.operation)
            let plain = data.map { driver.operation == .verifyRecover ? $0[0] : $0[0] + $0[1] }
            if plain != results { return .failure(Problem(value: .encryptedDataInvalid)) }
        }
        return .success(Offer(driver: driver, expected: isSteady ? results : nil))
    }

    /// The result of a driver that is used to make the input of another.
    func results(of driver: any Driver) -> [[UInt8]]? {
        if case .success(let offer) = alone(driver) { return offer.expected }
        return nil
    }
}
