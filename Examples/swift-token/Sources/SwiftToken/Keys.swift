// SPDX-License-Identifier: MIT

import CCryptoki

typealias Attributes = [CK_ATTRIBUTE_TYPE: [UInt8]]

/// An AES key, an object of the session that made it.
struct Key {
    let owner: CK_SESSION_HANDLE
    let attributes: Attributes

    var value: [UInt8] { attributes[CKA_VALUE] ?? [] }

    func may(_ use: CK_ATTRIBUTE_TYPE) -> Bool { attributes[use] == Key.yes }

    func matches(_ template: Attributes) -> Bool { template.allSatisfy { attributes[$0] == $1 } }

    private static let yes = bytes(of: CK_BBOOL(CK_TRUE))
    private static let no = bytes(of: CK_BBOOL(CK_FALSE))

    /// The attributes that all keys share: keys are the only objects, are deleted with their session, and need no login.
    private static let fixed: Attributes = [
        CKA_CLASS: bytes(of: CKO_SECRET_KEY), CKA_KEY_TYPE: bytes(of: CKK_AES), CKA_TOKEN: no, CKA_PRIVATE: no,
        CKA_SENSITIVE: no, CKA_EXTRACTABLE: yes,
    ]
    /// What a template may choose.
    private static let chosen: Attributes = [CKA_LABEL: [], CKA_ID: [], CKA_ENCRYPT: no, CKA_DECRYPT: no]

    /// - Parameter template: with a value, whose length need not be said.
    init(_ template: Attributes, of owner: CK_SESSION_HANDLE) throws(Failure) {
        var template = template
        guard let value = template.removeValue(forKey: CKA_VALUE) else { throw Failure(CKR_TEMPLATE_INCOMPLETE) }
        if !AES.isKeySize(value.count) { throw Failure(CKR_ATTRIBUTE_VALUE_INVALID) }
        for (type, wanted) in template {
            if let fixed = Self.fixed[type] {
                if wanted != fixed { throw Failure(CKR_ATTRIBUTE_VALUE_INVALID) }
            } else if let chosen = Self.chosen[type] {
                if !chosen.isEmpty, wanted != Self.yes, wanted != Self.no { throw Failure(CKR_ATTRIBUTE_VALUE_INVALID) }
            } else {
                throw Failure(CKR_ATTRIBUTE_TYPE_INVALID)
            }
        }
        self.owner = owner
        attributes = Self.fixed.merging(Self.chosen) { $1 }.merging(template) { $1 }
            .merging([CKA_VALUE: value, CKA_VALUE_LEN: bytes(of: CK_ULONG(value.count))]) { $1 }
    }
}

/// All keys.
struct Keys {
    private var keys: [CK_OBJECT_HANDLE: Key] = [:]
    private var last: CK_OBJECT_HANDLE = 0

    subscript(handle: CK_OBJECT_HANDLE) -> Key? { keys[handle] }

    mutating func add(_ key: Key) -> CK_OBJECT_HANDLE {
        last += 1
        keys[last] = key
        return last
    }

    mutating func remove(_ handle: CK_OBJECT_HANDLE) -> Bool { keys.removeValue(forKey: handle) != nil }

    mutating func removeAll(of session: CK_SESSION_HANDLE) { keys = keys.filter { $1.owner != session } }

    func matching(_ template: Attributes) -> [CK_OBJECT_HANDLE] {
        keys.filter { $1.matches(template) }.keys.sorted()
    }
}

/// A copy of a template.
func attributes(_ template: CK_ATTRIBUTE_PTR?, _ count: CK_ULONG) throws(Failure) -> Attributes {
    guard let count = Int(exactly: count), template != nil || count == 0 else { throw Failure(CKR_ARGUMENTS_BAD) }
    var result: Attributes = [:]
    for attribute in UnsafeBufferPointer(start: template, count: count) {
        let value = try bytes(attribute.pValue, attribute.ulValueLen)
        if result.updateValue(value, forKey: attribute.type) != nil { throw Failure(CKR_TEMPLATE_INCONSISTENT) }
    }
    return result
}
