// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// A token of a module, and the sessions with it.
struct Token {
    let module: Module
    let slot: CK_SLOT_ID
    let info: CK_TOKEN_INFO
    let pin: String?
    private let mechanisms: Set<CK_MECHANISM_TYPE>

    var flags: TokenFlags { TokenFlags(rawValue: info.flags) }
    var hasDualOperations: Bool { flags.contains(.dualCryptoOperations) }

    /// The token in a slot, or the first one that is initialised.
    init(_ module: Module, slot wanted: UInt?, pin: String?) throws(Failure) {
        self.module = module
        self.pin = pin
        let slots = try Self.slots(module)
        if let wanted {
            var info = CK_TOKEN_INFO()
            let value = ReturnValue(module.list.C_GetTokenInfo?(wanted, &info) ?? notSupported)
            guard value == .ok else {
                throw Failure("C_GetTokenInfo", value, "slot \(wanted) holds no token; \(Self.listed(slots))")
            }
            (slot, self.info, mechanisms) = (wanted, info, Self.mechanisms(module, wanted))
            return
        }
        var tokens: [(slot: CK_SLOT_ID, info: CK_TOKEN_INFO)] = []
        for slot in slots {
            var info = CK_TOKEN_INFO()
            if module.list.C_GetTokenInfo?(slot, &info) == CKR_OK { tokens.append((slot, info)) }
        }
        guard let first = tokens.first(where: { TokenFlags(rawValue: $0.info.flags).contains(.tokenInitialized) })
        else {
            throw Failure(
                tokens.isEmpty
                    ? "the module \(module.path) has no slot with a token"
                    : "no token is initialised; initialise one, or name its slot: \(Self.listed(slots))")
        }
        (slot, info, mechanisms) = (first.slot, first.info, Self.mechanisms(module, first.slot))
    }

    private static func slots(_ module: Module) throws(Failure) -> [CK_SLOT_ID] {
        var count: CK_ULONG = 0
        var value = ReturnValue(module.list.C_GetSlotList?(CK_BBOOL(CK_TRUE), nil, &count) ?? notSupported)
        var slots = [CK_SLOT_ID](repeating: 0, count: Int(clamping: min(count, 10_000)))
        if value == .ok, count > 0 {
            count = CK_ULONG(slots.count)
            value = ReturnValue(module.list.C_GetSlotList?(CK_BBOOL(CK_TRUE), &slots, &count) ?? notSupported)
        }
        guard value == .ok else { throw Failure("C_GetSlotList", value, "the module does not say which slots it has") }
        return Array(slots.prefix(Int(clamping: count)))
    }

    private static func listed(_ slots: [CK_SLOT_ID]) -> String {
        slots.isEmpty
            ? "no slot holds a token"
            : "--slot can be \(slots.prefix(20).map { String($0) }.joined(separator: ", "))"
    }

    // MARK: Sessions

    /// Opens a session that cannot change the token.
    func open() -> (session: CK_SESSION_HANDLE, value: ReturnValue) {
        var session: CK_SESSION_HANDLE = 0
        let value = module.list.C_OpenSession?(slot, CKF_SERIAL_SESSION, nil, nil, &session) ?? notSupported
        return (session, ReturnValue(value))
    }

    func close(_ session: CK_SESSION_HANDLE) { _ = module.list.C_CloseSession?(session) }

    func login(_ session: CK_SESSION_HANDLE) -> ReturnValue {
        guard let pin else { return .argumentsBad }
        var bytes = Array(pin.utf8)
        return ReturnValue(module.list.C_Login?(session, CKU_USER, &bytes, CK_ULONG(bytes.count)) ?? notSupported)
    }

    func logout(_ session: CK_SESSION_HANDLE) -> ReturnValue {
        ReturnValue(module.list.C_Logout?(session) ?? notSupported)
    }

    /// Opens the session that holds the keys and, with a PIN, the login.
    func openHome() throws(Failure) -> CK_SESSION_HANDLE {
        let (session, value) = open()
        guard value == .ok else {
            throw Failure(
                "C_OpenSession", value,
                flags.contains(.tokenInitialized)
                    ? "no session with the token in slot \(slot)"
                    : "the token in slot \(slot) is not initialised; initialise it or choose another --slot")
        }
        if pin == nil { return session }
        // Tried once and never again: tokens count wrong PINs.
        let answer = login(session)
        if answer == .ok || answer == .userAlreadyLoggedIn { return session }
        close(session)
        throw Failure(
            "C_Login", answer,
            answer == .pinIncorrect
                ? "the PIN is wrong; it was tried once"
                : flags.contains(.loginRequired)
                    ? "cannot log in to the token in slot \(slot) with this PIN"
                    : "the token in slot \(slot) asks for no login, so leave the PIN out")
    }

    /// What the token says of a mechanism.
    func flags(of mechanism: Mechanism) -> MechanismFlags? {
        var info = CK_MECHANISM_INFO()
        // Some modules take a question for another mechanism for a fault of their caller.
        guard mechanisms.contains(mechanism.rawValue),
            module.list.C_GetMechanismInfo?(slot, mechanism.rawValue, &info) == CKR_OK
        else { return nil }
        return MechanismFlags(rawValue: info.flags)
    }

    private static func mechanisms(_ module: Module, _ slot: CK_SLOT_ID) -> Set<CK_MECHANISM_TYPE> {
        var count: CK_ULONG = 0
        guard module.list.C_GetMechanismList?(slot, nil, &count) == CKR_OK, count > 0, count < 100_000 else {
            return []
        }
        var mechanisms = [CK_MECHANISM_TYPE](repeating: 0, count: Int(count))
        guard module.list.C_GetMechanismList?(slot, &mechanisms, &count) == CKR_OK else { return [] }
        return Set(mechanisms.prefix(Int(clamping: count)))
    }
}
