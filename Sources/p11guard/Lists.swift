// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform

// Where a program gets the functions from: the guard answers with lists of its own, which have the versions, the flags and the
// holes of the module's.

func answerGetFunctionList(_ ppFunctionList: CK_FUNCTION_LIST_PTR_PTR?) -> CK_RV {
    let returnValue = Module.load()
    if returnValue != CKR_OK { return returnValue }
    guard let ppFunctionList else { return CKR_ARGUMENTS_BAD }
    ppFunctionList.pointee = GuardState.functionList
    return CKR_OK
}

func answerGetInterfaceList(_ pInterfacesList: CK_INTERFACE_PTR?, _ pulCount: CK_ULONG_PTR?) -> CK_RV {
    let returnValue = Module.load()
    if returnValue != CKR_OK { return returnValue }
    guard let pulCount else { return CKR_ARGUMENTS_BAD }
    guard let own = GuardState.getInterfaceList else { return giveOnlyInterface(pInterfacesList, pulCount) }
    let room = pulCount.pointee
    let answer = own(pInterfacesList, pulCount)
    if answer != CKR_OK || Configuration.current.mode == .off { return answer }
    guard let pInterfacesList else { return answer }
    // A module that says it gave more than there is room for: whoever believes it reads what is not there.
    if pulCount.pointee > room { return CKR_BUFFER_TOO_SMALL }
    for index in 0..<Int(pulCount.pointee) {
        if let guarded = Module.guarded(pInterfacesList[index]) { pInterfacesList[index] = guarded.pointee }
    }
    return answer
}

func answerGetInterface(
    _ pInterfaceName: CK_UTF8CHAR_PTR?, _ pVersion: CK_VERSION_PTR?, _ ppInterface: CK_INTERFACE_PTR_PTR?,
    _ flags: CK_FLAGS
) -> CK_RV {
    let returnValue = Module.load()
    if returnValue != CKR_OK { return returnValue }
    guard let ppInterface else { return CKR_ARGUMENTS_BAD }
    guard let own = GuardState.getInterface else {
        return giveOnlyInterface(pInterfaceName, pVersion, ppInterface, flags)
    }
    let answer = own(pInterfaceName, pVersion, ppInterface, flags)
    if answer != CKR_OK || Configuration.current.mode == .off { return answer }
    if let interface = ppInterface.pointee, let guarded = Module.guarded(interface.pointee) {
        ppInterface.pointee = guarded
    }
    return answer
}

// MARK: - A module that has no interfaces: its function list is the only one

private nonisolated(unsafe) var onlyInterface = CK_INTERFACE()

private func onlyInterfacePointer() -> UnsafeMutablePointer<CK_INTERFACE> {
    withUnsafeMutablePointer(to: &onlyInterface) { pointer in
        pointer.pointee.pInterfaceName = UnsafeMutableRawPointer(mutating: Module.standardName.utf8Start)
            .assumingMemoryBound(to: CK_UTF8CHAR.self)
        pointer.pointee.pFunctionList = UnsafeMutableRawPointer(GuardState.functionList)
        return pointer
    }
}

private func giveOnlyInterface(_ list: CK_INTERFACE_PTR?, _ count: CK_ULONG_PTR) -> CK_RV {
    let room = count.pointee
    count.pointee = 1
    guard let list else { return CKR_OK }
    if room < 1 { return CKR_BUFFER_TOO_SMALL }
    list.pointee = onlyInterfacePointer().pointee
    return CKR_OK
}

private func giveOnlyInterface(
    _ name: CK_UTF8CHAR_PTR?, _ version: CK_VERSION_PTR?, _ interface: CK_INTERFACE_PTR_PTR, _ flags: CK_FLAGS
) -> CK_RV {
    let only = onlyInterfacePointer()
    guard let list = GuardState.functionList, flags == 0 else { return CKR_FUNCTION_FAILED }
    if let name {
        var wanted = only.pointee
        wanted.pInterfaceName = name
        if !Module.isStandard(wanted) { return CKR_FUNCTION_FAILED }
    }
    if let version {
        let own = list.pointee.version
        if version.pointee.major != own.major || version.pointee.minor != own.minor { return CKR_FUNCTION_FAILED }
    }
    interface.pointee = only
    return CKR_OK
}
