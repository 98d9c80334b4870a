// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession
import Glibc

/// What a member of a function list that is not there answers.
let notSupported = CKR_FUNCTION_NOT_SUPPORTED

/// A loaded PKCS #11 module and its function lists.
///
/// The lists are copied as far as the module has them. A caller writes `module.list.C_Digest?(…) ?? notSupported`: any
/// member may be NULL.
struct Module {
    let path: String
    /// The functions of 2.40.
    let list: CK_FUNCTION_LIST
    /// Those of 3.0 where the module has an interface of version 3.
    let list30: CK_FUNCTION_LIST_3_0?
    /// Those of 3.2.
    let list32: CK_FUNCTION_LIST_3_2?
    /// The version of the list that is used.
    let version: CK_VERSION

    init(path: String) throws(Failure) {
        self.path = path
        // A name without a slash would be looked for in the system's folders, not here.
        if access(path, R_OK) != 0, path.contains("/") {
            throw Failure("cannot read the module \(path): \(String(cString: strerror(errno)))")
        }
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw Failure("cannot load the module: \(dlerror().map { String(cString: $0) } ?? path)")
        }
        guard let symbol = dlsym(library, "C_GetFunctionList") else {
            throw Failure("\(path) is not a PKCS #11 module: it has no C_GetFunctionList")
        }
        let getFunctionList = unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)
        var pointer: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        let value = ReturnValue(getFunctionList(&pointer))
        guard value == .ok, let pointer else {
            throw Failure(
                "C_GetFunctionList", value,
                "\(path) gives no functions; ask its maker")
        }
        guard let newest = Self.newestInterface(of: library) else {
            // A list from here has the 68 functions of 2.40 and no more, whatever version it names.
            (list, list30, list32, version) = (pointer.pointee, nil, nil, pointer.pointee.version)
            return
        }
        // One list for all: a module may keep the state behind its interfaces apart.
        version = newest.load(as: CK_VERSION.self)
        list = newest.load(as: CK_FUNCTION_LIST.self)
        list30 = newest.load(as: CK_FUNCTION_LIST_3_0.self)
        list32 = version.minor >= 2 ? newest.load(as: CK_FUNCTION_LIST_3_2.self) : nil
    }

    /// The function list of the newest interface "PKCS 11" of major version 3.
    private static func newestInterface(of library: UnsafeMutableRawPointer) -> UnsafeRawPointer? {
        guard let symbol = dlsym(library, "C_GetInterfaceList") else { return interface(of: library) }
        let getInterfaceList = unsafeBitCast(symbol, to: CK_C_GetInterfaceList.self)
        // Not asked for the number first: OpenSC's spy 0.23 writes to the NULL that this takes.
        var interfaces = [CK_INTERFACE](repeating: CK_INTERFACE(), count: 100)
        var count = CK_ULONG(interfaces.count)
        guard getInterfaceList(&interfaces, &count) == CKR_OK else { return interface(of: library) }
        return interfaces.prefix(Int(clamping: count)).compactMap(functionList)
            .max { $0.load(as: CK_VERSION.self).minor < $1.load(as: CK_VERSION.self).minor }
    }

    /// The same asked for by name, for a module that does not list its interfaces.
    private static func interface(of library: UnsafeMutableRawPointer) -> UnsafeRawPointer? {
        guard let symbol = dlsym(library, "C_GetInterface") else { return nil }
        let getInterface = unsafeBitCast(symbol, to: CK_C_GetInterface.self)
        var name = Array("PKCS 11\0".utf8)
        for minor: CK_BYTE in [2, 1, 0] {
            var version = CK_VERSION(major: 3, minor: minor)
            var interface: UnsafeMutablePointer<CK_INTERFACE>?
            if getInterface(&name, &version, &interface, 0) == CKR_OK, let interface,
                let list = functionList(interface.pointee)
            {
                return list
            }
        }
        return nil
    }

    private static func functionList(_ interface: CK_INTERFACE) -> UnsafeRawPointer? {
        guard let name = interface.pInterfaceName, let list = interface.pFunctionList,
            strcmp(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), "PKCS 11") == 0,
            list.load(as: CK_VERSION.self).major == 3
        else { return nil }
        return UnsafeRawPointer(list)
    }

    // MARK: The library's life

    func initialize(_ arguments: String?) throws(Failure) {
        // NSS has one member more at the end, which must be there and be NULL.
        let size = MemoryLayout<CK_C_INITIALIZE_ARGS>.size + 64
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        memset(memory, 0, size)
        if let arguments {
            let structure = memory.bindMemory(to: CK_C_INITIALIZE_ARGS.self, capacity: 1)
            structure.pointee.flags = CKF_OS_LOCKING_OK
            // Neither this nor the structure is given back: a module may keep what it was shown.
            structure.pointee.pReserved = UnsafeMutableRawPointer(strdup(arguments))
        }
        guard let initialize = list.C_Initialize else { throw Failure("\(path) has no C_Initialize; ask its maker") }
        let value = ReturnValue(initialize(arguments == nil ? nil : memory))
        if value == .ok || value == .cryptokiAlreadyInitialized { return }
        throw Failure(
            "C_Initialize", value,
            arguments == nil
                ? "the module may want a configuration of its own, or --init-args as NSS softoken does"
                : "are the --init-args what this module wants?")
    }

    func finalize() { _ = list.C_Finalize?(nil) }

    var info: CK_INFO? {
        var info = CK_INFO()
        return list.C_GetInfo?(&info) == CKR_OK ? info : nil
    }
}

/// Text of a fixed length, without the blanks at its end.
func text<Characters>(_ characters: Characters) -> String {
    let bytes = withUnsafeBytes(of: characters) { Array($0) }.prefix { $0 != 0 }
    let trimmed = bytes.reversed().drop { $0 == UInt8(ascii: " ") }.reversed()
    // Nothing that a terminal would obey.
    return String(decoding: trimmed.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
}

func text(_ version: CK_VERSION) -> String { "\(version.major).\(version.minor)" }
