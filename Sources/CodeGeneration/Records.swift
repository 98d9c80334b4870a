// SPDX-License-Identifier: MIT

import StrictMustache

/// Adds to each record a column: the text of a field, padded to the widest.
func adding(column: String, of field: String, to records: [Record], suffix: String = "") -> [Record] {
    func text(_ record: Record) -> String {
        if case .text(let text)? = record[field] { return text + suffix }
        return ""
    }
    let width = records.map { text($0).utf8.count }.max() ?? 0
    return records.map { record in
        var record = record
        record.add(column, .text(Naming.padded(text(record), to: width)))
        return record
    }
}
