// SPDX-License-Identifier: MIT
// The names of these functions, and what they do, are the standard's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CCryptoki

@c @implementation
public func C_GetFunctionList(_ ppFunctionList: CK_FUNCTION_LIST_PTR_PTR?) -> CK_RV {
    guard let ppFunctionList else { return CKR_ARGUMENTS_BAD }
    ppFunctionList.pointee = functionList
    return CKR_OK
}

/// The functions of 2.40. They are read by several threads and never change.
private nonisolated(unsafe) let functionList: CK_FUNCTION_LIST_PTR = {
    let list = CK_FUNCTION_LIST_PTR.allocate(capacity: 1)
    list.initialize(to: functions())
    return list
}()

private func functions() -> CK_FUNCTION_LIST {
    var list = CK_FUNCTION_LIST()
    list.version = CK_VERSION(major: 2, minor: 40)
    list.C_Initialize = C_Initialize
    list.C_Finalize = C_Finalize
    list.C_GetInfo = C_GetInfo
    list.C_GetFunctionList = C_GetFunctionList
    list.C_GetSlotList = C_GetSlotList
    list.C_GetSlotInfo = C_GetSlotInfo
    list.C_GetTokenInfo = C_GetTokenInfo
    list.C_GetMechanismList = C_GetMechanismList
    list.C_GetMechanismInfo = C_GetMechanismInfo
    list.C_OpenSession = C_OpenSession
    list.C_CloseSession = C_CloseSession
    list.C_CloseAllSessions = C_CloseAllSessions
    list.C_GetSessionInfo = C_GetSessionInfo
    list.C_CreateObject = C_CreateObject
    list.C_DestroyObject = C_DestroyObject
    list.C_GetAttributeValue = C_GetAttributeValue
    list.C_FindObjectsInit = C_FindObjectsInit
    list.C_FindObjects = C_FindObjects
    list.C_FindObjectsFinal = C_FindObjectsFinal
    list.C_EncryptInit = C_EncryptInit
    list.C_Encrypt = C_Encrypt
    list.C_EncryptUpdate = C_EncryptUpdate
    list.C_EncryptFinal = C_EncryptFinal
    list.C_DecryptInit = C_DecryptInit
    list.C_Decrypt = C_Decrypt
    list.C_DecryptUpdate = C_DecryptUpdate
    list.C_DecryptFinal = C_DecryptFinal
    list.C_DigestInit = C_DigestInit
    list.C_Digest = C_Digest
    list.C_DigestUpdate = C_DigestUpdate
    list.C_DigestKey = C_DigestKey
    list.C_DigestFinal = C_DigestFinal
    list.C_DigestEncryptUpdate = C_DigestEncryptUpdate
    list.C_DecryptDigestUpdate = C_DecryptDigestUpdate
    list.C_GenerateKey = C_GenerateKey
    list.C_GenerateRandom = C_GenerateRandom

    // No member may be NULL.
    list.C_InitToken = { _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_InitPIN = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SetPIN = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_GetOperationState = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SetOperationState = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_Login = { _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_Logout = { _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_CopyObject = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_GetObjectSize = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SetAttributeValue = { _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SignInit = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_Sign = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SignUpdate = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SignFinal = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SignRecoverInit = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SignRecover = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_VerifyInit = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_Verify = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_VerifyUpdate = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_VerifyFinal = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_VerifyRecoverInit = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_VerifyRecover = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SignEncryptUpdate = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_DecryptVerifyUpdate = { _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_GenerateKeyPair = { _, _, _, _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_WrapKey = { _, _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_UnwrapKey = { _, _, _, _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_DeriveKey = { _, _, _, _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_SeedRandom = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    list.C_GetFunctionStatus = { _ in CKR_FUNCTION_NOT_PARALLEL }
    list.C_CancelFunction = { _ in CKR_FUNCTION_NOT_PARALLEL }
    list.C_WaitForSlotEvent = { _, _, _ in CKR_FUNCTION_NOT_SUPPORTED }
    return list
}
