// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// How one operation is done with one mechanism: start, two parts, end.
///
/// There are two variants of its data, so that an operation that was started again can be told from one that went on. What
/// can be done in one part only has parts that do nothing.
protocol Driver {
    var operation: SessionOperation { get }
    var mechanism: Mechanism? { get }
    func start(_ session: CK_SESSION_HANDLE, _ variant: Int) -> CK_RV
    func part(_ session: CK_SESSION_HANDLE, _ variant: Int, _ index: Int, _ output: inout [UInt8]) -> CK_RV
    func end(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV

    /// The function that does the whole operation in one call, where it should not be called after a part.
    var single: Function? { get }
    func single(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV
    /// The start with a NULL mechanism, which cancels since 3.0.
    func startWithoutMechanism(_ session: CK_SESSION_HANDLE) -> CK_RV?
}

extension Driver {
    var single: Function? { nil }
    func single(_ session: CK_SESSION_HANDLE, _ variant: Int, _ output: inout [UInt8]) -> CK_RV { notSupported }
    func startWithoutMechanism(_ session: CK_SESSION_HANDLE) -> CK_RV? { nil }
}

/// Two variants of two parts, others for each operation: a result that belongs to another operation is noticed.
func testData(for operation: SessionOperation) -> [[[UInt8]]] {
    (0..<2).map { variant in
        (0..<2).map { part in
            (0..<32).map { UInt8(truncatingIfNeeded: Int(operation.rawValue) * 19 + variant * 101 + part * 53 + $0) }
        }
    }
}

/// Calls what writes into a buffer, and keeps what it wrote.
func collect(
    _ output: inout [UInt8], _ call: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<CK_ULONG>) -> CK_RV?
) -> CK_RV {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var length = CK_ULONG(buffer.count)
    let value = buffer.withUnsafeMutableBufferPointer { call($0.baseAddress!, &length) } ?? notSupported
    if value == CKR_OK { output += buffer.prefix(Int(clamping: length)) }
    return value
}

/// Lends bytes to a function that takes them, and does not change them although its prototype says it might.
func lend(
    _ bytes: [UInt8], _ call: (UnsafeMutablePointer<UInt8>?, CK_ULONG) -> CK_RV?
) -> CK_RV {
    var copy = bytes
    return copy.withUnsafeMutableBufferPointer { call($0.baseAddress, CK_ULONG($0.count)) } ?? notSupported
}

/// One use of a driver in a session, to its end or its first error.
final class Run {
    enum Ending: Equatable {
        case right
        /// It came to its end, with another result than alone.
        case wrong(ReturnValue)
        /// A call answered that there is no such operation, or that it failed.
        case failed(ReturnValue)
    }

    let offer: Offer
    let session: CK_SESSION_HANDLE
    let variant: Int
    private(set) var output: [UInt8] = []
    private(set) var failure: ReturnValue?

    init(_ offer: Offer, _ session: CK_SESSION_HANDLE, variant: Int = 0) {
        self.offer = offer
        self.session = session
        self.variant = variant
    }

    func start() -> ReturnValue {
        ReturnValue(offer.driver.start(session, variant))
    }

    func part(_ index: Int) {
        if failure != nil { return }
        note(offer.driver.part(session, variant, index, &output))
    }

    func end() {
        if failure != nil { return }
        note(offer.driver.end(session, variant, &output))
    }

    private func note(_ value: CK_RV) {
        if value != CKR_OK { failure = ReturnValue(value) }
    }

    /// Both parts and the end, of an operation that was started.
    func finish(from index: Int = 0) {
        for index in index..<2 { part(index) }
        end()
    }

    var ending: Ending {
        if let failure { return Self.judgements.contains(failure) ? .wrong(failure) : .failed(failure) }
        guard let expected = offer.expected else { return .right }
        if expected[variant] == output { return .right }
        // A module may say of a search that is gone that it found all there is.
        return offer.operation == .find && expected[variant].starts(with: output) ? .failed(.ok) : .wrong(.ok)
    }

    /// Return values that concern the data, which is correct: the operation was performed on other data.
    private static let judgements: Set<ReturnValue> = [
        .signatureInvalid, .signatureLenRange, .encryptedDataInvalid, .encryptedDataLenRange, .aeadDecryptFailed,
        .dataInvalid, .dataLenRange,
    ]
}

/// An operation that a token offers, and what it gives when it is alone.
struct Offer {
    let driver: any Driver
    /// The result for each variant; nil where it differs from time to time and cannot be checked.
    var expected: [[UInt8]]?
    var operation: SessionOperation { driver.operation }
}
