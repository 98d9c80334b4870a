// SPDX-License-Identifier: MIT

import CCryptoki
import CPlatform

/// Everything that changes while the guard works and is not part of one session, by what protects it.
///
/// What is read and written without a lock is elsewhere, since it is atomic: the table of sessions, the records and the module's
/// functions, which `state.h` keeps, the stage of loading, and what the log has lost.
enum GuardState {
    // MARK: The lock of loading

    /// Whether what a process needs once has been done, in this process or in one that forked it.
    static nonisolated(unsafe) var isPrepared = false
    /// What was given in the place of the module's interfaces.
    static nonisolated(unsafe) var interfaces: UnsafeMutablePointer<Module.GuardedInterface>?
    /// Whether an interface was given of which the module says that a child can go on with its parent's sessions. Read in a child
    /// of fork, which has one thread.
    static nonisolated(unsafe) var isForkSafe = false

    // MARK: Set under the lock of loading, before the module is loaded, and constant afterwards

    /// What the guard is told to do.
    static nonisolated(unsafe) var configuration = Configuration()
    /// The function list of the module for `C_GetFunctionList`, with the guard's functions in it.
    static nonisolated(unsafe) var functionList: UnsafeMutablePointer<CK_FUNCTION_LIST>?
    /// Functions of the module that stand in no list of the guard's.
    static nonisolated(unsafe) var getInterfaceList: CK_C_GetInterfaceList?
    static nonisolated(unsafe) var getInterface: CK_C_GetInterface?
    /// Whether the kernel makes other threads pass a barrier; false as soon as it did not.
    static nonisolated(unsafe) var canOrderOthers = false
    /// The key whose destructor gives up the hazard slot of a thread that ends.
    static nonisolated(unsafe) var hazardSlotKey: pthread_key_t = 0
    static nonisolated(unsafe) var hasHazardSlotKey = false

    // MARK: The lock of the sessions

    /// How many sessions are open, and how many were opened since C_Initialize.
    static nonisolated(unsafe) var openCount = 0
    static nonisolated(unsafe) var openedCount = 0
    /// Records that no session has.
    static nonisolated(unsafe) var unusedRecords: Record?
    /// Records of closed sessions, which a thread may still be in.
    static nonisolated(unsafe) var closedRecords: Record?
    static nonisolated(unsafe) var closedCount = 0
    /// The memory that records are taken from.
    static nonisolated(unsafe) var records = RecordBlock()
    /// The hazard slots of threads, those that are free too.
    static nonisolated(unsafe) var lastHazardSlot: UnsafeMutablePointer<platform_hazard_slot>?
    static nonisolated(unsafe) var hazardSlotCount = 0
    /// Whether the log has said that there is a session that is not known.
    static nonisolated(unsafe) var hasSaidUnknown = false

    // MARK: Written in a child of fork while it has one thread

    /// Counts the forks: a session of another generation is not open here, even if a call in it has yet to return.
    static nonisolated(unsafe) var generation: UInt32 = 0
    /// Whether this is a child of fork that has not called C_Initialize.
    static nonisolated(unsafe) var isForked = false

    // MARK: The locks

    /// Calls the body while no other thread changes or closes a session. The module is never called by it, and no line is written.
    @inline(__always)
    static func withSessions<Result>(_ body: () -> Result) -> Result {
        platform_lock()
        defer { platform_unlock() }
        return body()
    }

    /// Calls the body while no other thread loads the module or makes lists.
    @inline(__always)
    static func whileLoading<Result>(_ body: () -> Result) -> Result {
        platform_lock_loading()
        defer { platform_unlock_loading() }
        return body()
    }
}
