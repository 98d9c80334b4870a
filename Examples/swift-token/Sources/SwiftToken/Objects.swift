// SPDX-License-Identifier: MIT
// The names of these functions, and what they do, are the standard's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CCryptoki

// Objects, which are keys, and the search for them.

@c @implementation
public func C_CreateObject(
    _ hSession: CK_SESSION_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR?, _ ulCount: CK_ULONG,
    _ phObject: CK_OBJECT_HANDLE_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_CreateObject, rules.complete_C_CreateObject) { session, keys throws(Failure) in
        guard let phObject else { throw Failure(CKR_ARGUMENTS_BAD) }
        let template = try attributes(pTemplate, ulCount)
        if template[CKA_CLASS] == nil || template[CKA_KEY_TYPE] == nil { throw Failure(CKR_TEMPLATE_INCOMPLETE) }
        phObject.pointee = keys.add(try Key(template, of: session.handle))
    }
}

@c @implementation
public func C_GenerateKey(
    _ hSession: CK_SESSION_HANDLE, _ pMechanism: CK_MECHANISM_PTR?, _ pTemplate: CK_ATTRIBUTE_PTR?,
    _ ulCount: CK_ULONG, _ phKey: CK_OBJECT_HANDLE_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_GenerateKey, rules.complete_C_GenerateKey) { session, keys throws(Failure) in
        guard let pMechanism, let phKey else { throw Failure(CKR_ARGUMENTS_BAD) }
        if pMechanism.pointee.mechanism != CKM_AES_KEY_GEN { throw Failure(CKR_MECHANISM_INVALID) }
        var template = try attributes(pTemplate, ulCount)
        if template[CKA_VALUE] != nil { throw Failure(CKR_TEMPLATE_INCONSISTENT) }
        guard let length = template.removeValue(forKey: CKA_VALUE_LEN) else { throw Failure(CKR_TEMPLATE_INCOMPLETE) }
        guard let size = [16, 32].first(where: { length == bytes(of: CK_ULONG($0)) }) else {
            throw Failure(CKR_ATTRIBUTE_VALUE_INVALID)
        }
        template[CKA_VALUE] = randomBytes(size)
        phKey.pointee = keys.add(try Key(template, of: session.handle))
    }
}

@c @implementation
public func C_DestroyObject(_ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE) -> CK_RV {
    inSession(hSession, rules.admit_C_DestroyObject, rules.complete_C_DestroyObject) { _, keys throws(Failure) in
        if !keys.remove(hObject) { throw Failure(CKR_OBJECT_HANDLE_INVALID) }
    }
}

@c @implementation
public func C_GetAttributeValue(
    _ hSession: CK_SESSION_HANDLE, _ hObject: CK_OBJECT_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR?, _ ulCount: CK_ULONG
) -> CK_RV {
    inSession(hSession, rules.admit_C_GetAttributeValue, rules.complete_C_GetAttributeValue) {
        _, keys throws(Failure) in
        guard let key = keys[hObject] else { throw Failure(CKR_OBJECT_HANDLE_INVALID) }
        guard let pTemplate, let count = Int(exactly: ulCount) else { throw Failure(CKR_ARGUMENTS_BAD) }
        var returnValue = CKR_OK
        // All of them are answered, whatever is wrong with one.
        for index in 0..<count {
            let value = key.attributes[pTemplate[index].type]
            let room = pTemplate[index].pValue == nil ? CK_ULONG.max : pTemplate[index].ulValueLen
            if let value, value.count <= room {
                pTemplate[index].pValue?.copyMemory(from: value, byteCount: value.count)
                pTemplate[index].ulValueLen = CK_ULONG(value.count)
            } else {
                pTemplate[index].ulValueLen = CK_UNAVAILABLE_INFORMATION
                returnValue = value == nil ? CKR_ATTRIBUTE_TYPE_INVALID : CKR_BUFFER_TOO_SMALL
            }
        }
        if returnValue != CKR_OK { throw Failure(returnValue) }
    }
}

// MARK: - Searching

@c @implementation
public func C_FindObjectsInit(
    _ hSession: CK_SESSION_HANDLE, _ pTemplate: CK_ATTRIBUTE_PTR?, _ ulCount: CK_ULONG
) -> CK_RV {
    inSession(hSession, rules.admit_C_FindObjectsInit, rules.complete_C_FindObjectsInit) {
        session, keys throws(Failure) in
        session.search = keys.matching(try attributes(pTemplate, ulCount))
    }
}

@c @implementation
public func C_FindObjects(
    _ hSession: CK_SESSION_HANDLE, _ phObject: CK_OBJECT_HANDLE_PTR?, _ ulMaxObjectCount: CK_ULONG,
    _ pulObjectCount: CK_ULONG_PTR?
) -> CK_RV {
    inSession(hSession, rules.admit_C_FindObjects, rules.complete_C_FindObjects) { session, _ throws(Failure) in
        guard let phObject, let pulObjectCount else { throw Failure(CKR_ARGUMENTS_BAD) }
        let found = session.search!.prefix(Int(clamping: ulMaxObjectCount))
        for (index, handle) in found.enumerated() { phObject[index] = handle }
        pulObjectCount.pointee = CK_ULONG(found.count)
        session.search!.removeFirst(found.count)
    }
}

@c @implementation
public func C_FindObjectsFinal(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    inSession(hSession, rules.admit_C_FindObjectsFinal, rules.complete_C_FindObjectsFinal) { _, _ in
        // What was found is freed with all else that has ended.
    }
}
