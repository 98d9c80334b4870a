// SPDX-License-Identifier: MIT

import Glibc

/// How long each stage of a run takes, and how many bytes it reads or makes.
///
/// The time of a stage does not include that of the stages inside it.
package final class StageTimes {
    /// One stage, which may have run several times.
    package struct Stage: Sendable {
        /// The name that a table shows.
        package let name: String
        /// The time of all its runs.
        package fileprivate(set) var nanoseconds: UInt64 = 0
        /// The bytes that it read or made; nil if it has to do with none.
        package fileprivate(set) var bytes: Int?
    }

    /// The stages, in the order in which they first began.
    package private(set) var stages: [Stage] = []
    private var current: Int?
    private var lastChange: UInt64 = 0

    /// No stage has run yet.
    package init() {}

    /// The time of all stages together.
    package var nanoseconds: UInt64 { stages.reduce(0) { $0 + $1.nanoseconds } }

    fileprivate func enter(_ name: String) -> Int? {
        let outer = current
        var index = stages.firstIndex { $0.name == name }
        if index == nil {
            index = stages.count
            stages.append(Stage(name: name))
        }
        change(to: index)
        return outer
    }

    fileprivate func change(to index: Int?) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        if let current { stages[current].nanoseconds += now - lastChange }
        (current, lastChange) = (index, now)
    }

    fileprivate func add(bytes: Int) {
        if let current { stages[current].bytes = (stages[current].bytes ?? 0) + bytes }
    }
}

extension StageTimes? {
    /// Runs a stage, and measures it if this is not nil.
    package func measure<Result, Failure: Error>(
        _ stage: String, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let times = self else { return try body() }
        let outer = times.enter(stage)
        defer { times.change(to: outer) }
        return try body()
    }

    /// Counts bytes that the innermost stage reads or makes.
    package func count(bytes: Int) { self?.add(bytes: bytes) }
}
