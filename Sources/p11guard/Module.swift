// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform
import CryptokiSession
import Synchronization

/// The module's functions; nil where it has none, and before it is loaded.
var module: UnsafeMutablePointer<FunctionList> {
    @inline(__always) get { platform_module().assumingMemoryBound(to: FunctionList.self) }
}

/// The module's functions, for calls in open sessions; a missing one is replaced by a function that returns an error.
var wholeModule: UnsafeMutablePointer<FunctionList> {
    @inline(__always) get { platform_whole_module().assumingMemoryBound(to: FunctionList.self) }
}

/// The same; loads the module if it is not loaded.
@inline(__always)
func loadedModule() -> UnsafeMutablePointer<FunctionList> {
    if !Module.isLoaded { _ = Module.load() }
    return module
}

/// The answer of a function that the module does not have.
@inline(never)
func missing() -> CK_RV { Module.isLoaded ? CKR_FUNCTION_NOT_SUPPORTED : CKR_GENERAL_ERROR }

/// The module in front of which the guard stands, and the function lists that the guard gives in the place of the module's.
enum Module {
    private enum Stage: UInt8, AtomicRepresentable { case unloaded, loading, loaded, failed }

    private static let stage = Atomic<Stage>(.unloaded)

    static var isLoaded: Bool { stage.load(ordering: .acquiring) == .loaded }

    /// Loads the module once.
    ///
    /// - Returns: `CKR_OK`, or what to answer if it cannot be loaded; the log says why.
    static func load() -> CK_RV {
        // The thread that loads would wait for itself here, if the module were this guard again.
        if platform_is_loading() != 0 {
            Report.error(
                "the module would load this guard, which would load the module, and so on: ",
                Configuration.current.module)
            return CKR_GENERAL_ERROR
        }
        let cancellation = platform_defer_cancellation()
        defer { platform_restore_cancellation(cancellation) }
        GuardState.whileLoading {
            if stage.load(ordering: .relaxed) != .unloaded { return }
            stage.store(.loading, ordering: .relaxed)
            stage.store(prepare() ? .loaded : .failed, ordering: .releasing)
        }
        return isLoaded ? CKR_OK : CKR_GENERAL_ERROR
    }

    private static func prepare() -> Bool {
        if !GuardState.isPrepared {
            Sessions.prepare()
            pthread_atfork({ platform_lock_for_fork() }, { platform_unlock_in_parent() }, { atForkInChild() })
            GuardState.isPrepared = true
        }
        guard let path = platform_own_path() else {
            Report.error("where this guard was loaded from is not known, and so neither is its configuration")
            return false
        }
        if !Configuration.read(guardPath: path) { return false }
        guard let name = Configuration.current.module else {
            Report.error(
                "no module is given: set P11GUARD_MODULE, or write 'module: PATH' into a file with the guard's name and .conf"
            )
            return false
        }
        dlerror()
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            Report.error("the module cannot be loaded: ", dlerror())
            return false
        }
        return readLists(handle)
    }

    private static func symbol(_ handle: UnsafeMutableRawPointer, _ name: StaticString) -> UnsafeMutableRawPointer? {
        dlsym(handle, name.cString)
    }

    private static func readLists(_ handle: UnsafeMutableRawPointer) -> Bool {
        let getFunctionList = symbol(handle, "C_GetFunctionList").map {
            unsafeBitCast($0, to: (@convention(c) (CK_FUNCTION_LIST_PTR_PTR?) -> CK_RV).self)
        }
        GuardState.getInterfaceList = symbol(handle, "C_GetInterfaceList").map {
            unsafeBitCast($0, to: (@convention(c) (CK_INTERFACE_PTR?, CK_ULONG_PTR?) -> CK_RV).self)
        }
        GuardState.getInterface = symbol(handle, "C_GetInterface").map { unsafeBitCast($0, to: CK_C_GetInterface.self) }
        guard let getFunctionList else {
            Report.error("the module has no C_GetFunctionList: it is no PKCS #11 module")
            return false
        }
        let own: @convention(c) (CK_FUNCTION_LIST_PTR_PTR?) -> CK_RV = guarded_C_GetFunctionList
        if unsafeBitCast(getFunctionList, to: UInt.self) == unsafeBitCast(own, to: UInt.self) {
            Report.error("the module is this guard itself")
            return false
        }
        var list: CK_FUNCTION_LIST_PTR?
        let returnValue = getFunctionList(&list)
        guard returnValue == CKR_OK, let list else {
            Report.error("the module's C_GetFunctionList gives no function list")
            return false
        }
        readNewest()
        guard let first = copy(UnsafeRawPointer(list), MemoryLayout<OldestFunctionList>.size) else { return false }
        fillMembers(of: module, from: first)
        platform_fill_whole_list()
        if Configuration.current.mode == .off {
            GuardState.functionList = list
            return true
        }
        // A program that expects a newer list than this one reads beyond it: it finds functions that return an error.
        guardMembers(of: first, all: list.pointee.version.major > 2)
        GuardState.functionList = UnsafeMutableRawPointer(first).assumingMemoryBound(to: CK_FUNCTION_LIST.self)
        return true
    }

    /// The functions of the newest interface: those of 3.x are nowhere else.
    private static func readNewest() {
        var newest: CK_INTERFACE?
        guard let getInterfaceList = GuardState.getInterfaceList else { return }
        // With room from the start: some modules write to the list without looking whether there is one.
        var count: CK_ULONG = 64
        guard let memory = calloc(Int(count), MemoryLayout<CK_INTERFACE>.stride) else { return }
        defer { free(memory) }
        let all = memory.assumingMemoryBound(to: CK_INTERFACE.self)
        guard getInterfaceList(all, &count) == CKR_OK, count <= 64 else { return }
        for index in 0..<Int(count) {
            guard isStandard(all[index]), let version = version(of: all[index]), version.major == newestVersion.major
            else { continue }
            if let before = newest.flatMap({ self.version(of: $0) }), before.minor >= version.minor { continue }
            newest = all[index]
        }
        guard let newest, let list = newest.pFunctionList, let version = version(of: newest) else { return }
        memcpy(module, list, sizeOfList(version))
    }

    // MARK: Interfaces

    /// An interface of the module, and what the guard gives in its place.
    struct GuardedInterface {
        var interface: CK_INTERFACE
        var own: UnsafeRawPointer
        var next: UnsafeMutablePointer<GuardedInterface>?
    }

    /// What the standard's interfaces are called (Base 3.2, 5.4.5).
    static var standardName: StaticString { "PKCS 11" }

    static func isStandard(_ interface: CK_INTERFACE) -> Bool {
        guard let name = interface.pInterfaceName else { return false }
        return strcmp(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), standardName.cString) == 0
    }

    private static func version(of interface: CK_INTERFACE) -> CK_VERSION? {
        interface.pFunctionList?.assumingMemoryBound(to: CK_VERSION.self).pointee
    }

    /// What the guard gives in the place of an interface: the same for the same, and the module's own where it is a vendor's.
    static func guarded(_ interface: CK_INTERFACE) -> UnsafeMutablePointer<CK_INTERFACE>? {
        guard isStandard(interface), let list = interface.pFunctionList, let version = version(of: interface) else {
            return nil
        }
        return GuardState.whileLoading { guarded(interface, list, version) }
    }

    private static func guarded(
        _ interface: CK_INTERFACE, _ list: UnsafeMutableRawPointer, _ version: CK_VERSION
    ) -> UnsafeMutablePointer<CK_INTERFACE>? {
        if interface.flags & CK_FLAGS(CKF_INTERFACE_FORK_SAFE) != 0 { GuardState.isForkSafe = true }
        var known = GuardState.interfaces
        while let one = known {
            if one.pointee.own == UnsafeRawPointer(list), one.pointee.interface.flags == interface.flags {
                return UnsafeMutableRawPointer(one).assumingMemoryBound(to: CK_INTERFACE.self)
            }
            known = one.pointee.next
        }
        guard let guarded = copy(list, sizeOfList(version)),
            let memory = malloc(MemoryLayout<GuardedInterface>.size)?.assumingMemoryBound(to: GuardedInterface.self)
        else { return nil }
        // A module may have interfaces that it does not list.
        fillMembers(of: module, from: guarded)
        platform_fill_whole_list()
        guardMembers(of: guarded, all: false)
        // Of a version that is not known yet only the beginning is known.
        if version.major == newestVersion.major, version.minor > newestVersion.minor {
            guarded.pointee.version = newestVersion
        }
        memory.initialize(to: GuardedInterface(interface: interface, own: list, next: GuardState.interfaces))
        memory.pointee.interface.pFunctionList = UnsafeMutableRawPointer(guarded)
        GuardState.interfaces = memory
        return UnsafeMutableRawPointer(memory).assumingMemoryBound(to: CK_INTERFACE.self)
    }

    /// A copy of a list with room for the newest one.
    private static func copy(_ list: UnsafeRawPointer, _ size: Int) -> UnsafeMutablePointer<FunctionList>? {
        guard let memory = calloc(1, MemoryLayout<FunctionList>.size) else { return nil }
        memcpy(memory, list, size)
        return memory.assumingMemoryBound(to: FunctionList.self)
    }

    // MARK: fork

    /// In the child, where only the thread is left that called fork.
    fileprivate static func forked() {
        let wasAtRest = platform_renew_locks_in_child() != 0
        // Another thread began to load, and is not here to go on.
        if platform_is_loading() == 0, stage.load(ordering: .relaxed) == .loading {
            stage.store(.unloaded, ordering: .relaxed)
        }
        let hazardSlot = platform_hazard_slot_of_thread()
        if hazardSlot != platform_no_hazard_slot() {
            hazardSlot.pointee.thread = platform_thread()
            platform_renumber(hazardSlot.pointee.thread)
        }
        if !wasAtRest {
            Sessions.disown()
        } else if GuardState.isForkSafe {
            return Sessions.keep(otherThreadsThan: hazardSlot)
        } else {
            Sessions.forget(otherThreadsThan: hazardSlot)
        }
        GuardState.isForked = true
    }
}

private func atForkInChild() { Module.forked() }
