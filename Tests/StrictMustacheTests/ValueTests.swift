// SPDX-License-Identifier: MIT

import StrictMustache
import Testing

@Suite struct ValueTests {
    @Test func fieldsKeepTheirOrder() {
        var record: Record = ["b": "1", "a": true]
        record.add("c", "3")
        #expect(record.fields.map(\.name) == ["b", "a", "c"])
        #expect(record.adding(["B": "4", "d": "5"]).fields.map(\.name) == ["b", "a", "c", "B", "d"])
    }

    @Test func aFieldThatOverridesAnotherEndsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            var record: Record = ["a": "1"]
            record.add("a", "2")
        }
        await #expect(processExitsWith: .failure) {
            _ = (["a": "1", "b": "2"] as Record).adding(["c": "3", "b": "4"])
        }
        await #expect(processExitsWith: .failure) {
            let library = try TemplateLibrary([("main", "main.mustache", "{{b}}")])
            _ = try library.bytes(of: "main", LazyRecord([{ ["a": "1"] }, { ["a": "2"] }]))
        }
    }

    @Test func literals() throws {
        let number = 7
        #expect(try render("{{a}}{{#b}}{{c}}{{/b}}", ["a": "n\(number)", "b": true, "c": "é"]) == "n7é")
    }
}
