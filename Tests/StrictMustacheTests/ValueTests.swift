// SPDX-License-Identifier: MIT

import StrictMustache
import Testing

@Suite struct ValueTests {
    @Test func fieldsKeepTheirOrder() {
        var record: Record = ["b": "1", "a": true]
        record["c"] = "3"
        #expect(record.fields.map(\.name) == ["b", "a", "c"])
    }

    @Test func settingAFieldReplacesItsValueInPlace() throws {
        var record: Record = ["a": "1", "b": "2"]
        record["a"] = "3"
        #expect(record.fields.map(\.name) == ["a", "b"])
        #expect(try render("{{a}}{{b}}", record) == "32")
    }

    @Test func settingNilRemovesTheField() {
        var record: Record = ["a": "1", "b": "2"]
        record["a"] = nil
        record["c"] = nil
        #expect(record.fields.map(\.name) == ["b"])
        #expect(record["a"] == nil)
    }

    @Test func literals() throws {
        let number = 7
        #expect(try render("{{a}}{{#b}}{{c}}{{/b}}", ["a": "n\(number)", "b": true, "c": "é"]) == "n7é")
    }
}
