// SPDX-License-Identifier: MIT

import CPlatform
import CryptokiSession

/// The memory of many records: first all of them, then their details, then the parts that most sessions never need.
///
/// So calls in many sessions touch few pages, and opening a session touches little memory. Used under the lock of the sessions.
struct RecordBlock {
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    private var count = 0

    /// A record that no session had yet, or nil if there is no memory.
    mutating func next() -> Record? {
        if count == capacity, !allocate(min(max(64, 2 * capacity), 32_768)) { return nil }
        guard let memory else { return nil }
        // First the even ones, then the odd ones: processors fetch the neighbour of a cache line with it, and what one thread
        // writes in each call would slow down another thread that has a session opened next.
        let half = capacity / 2
        let index = count < half ? 2 * count : 2 * (count - half) + 1
        count += 1
        let details = memory + capacity * MemoryLayout<SessionRecord>.stride
        let more = details + capacity * MemoryLayout<SessionDetails>.stride
        let record = memory.assumingMemoryBound(to: SessionRecord.self) + index
        record.initialize(
            to: SessionRecord(
                details: details.assumingMemoryBound(to: SessionDetails.self) + index,
                more: (more + index * SessionMore.size).assumingMemoryBound(to: SessionMore.self)))
        record.details.initialize(to: SessionDetails())
        return record
    }

    private mutating func allocate(_ number: Int) -> Bool {
        let stride = MemoryLayout<SessionRecord>.stride + MemoryLayout<SessionDetails>.stride + SessionMore.size
        guard let pages = platform_pages(number * stride, number * MemoryLayout<SessionRecord>.stride) else {
            return false
        }
        (memory, capacity, count) = (pages, number, 0)
        return true
    }
}
