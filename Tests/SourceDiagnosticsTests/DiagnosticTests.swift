// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Testing

/// Messages with their notes, in colour and without, and their order.
struct DiagnosticTests {
    private let diagnostic = Diagnostic(
        place(of: "two", in: "one\ntwo", path: "b.xml"), .duplicateNumber, "a second one",
        notes: [.init(place: place(of: "one", in: "\n\n one", path: "a.xml"), message: "the first one")])

    @Test func aNoteInAnotherFileHasALineOfItsOwn() {
        #expect(
            diagnostic.rendered(in: MessageStyle()) == """
                b.xml:2:1: error: a second one [duplicate-number]
                    2 | two
                      | ^~~
                a.xml:3:2: note: the first one
                    3 |  one
                      |  ^~~
                """)
    }

    @Test func theDescriptionHasNoSource() {
        #expect(
            diagnostic.description == """
                b.xml:2:1: error: a second one [duplicate-number]
                a.xml:3:2: note: the first one
                """)
    }

    @Test func anErrorInColour() {
        let (bold, red, cyan, green, end) = ("\u{1B}[1m", "\u{1B}[1;31m", "\u{1B}[1;36m", "\u{1B}[1;32m", "\u{1B}[0m")
        #expect(
            diagnostic.rendered(in: MessageStyle(isColored: true)) == """
                \(bold)b.xml:2:1:\(end) \(red)error:\(end) \(bold)a second one\(end) [duplicate-number]
                    2 | two
                      | \(green)^~~\(end)
                \(bold)a.xml:3:2:\(end) \(cyan)note:\(end) the first one
                    3 |  one
                      |  \(green)^~~\(end)
                """)
    }

    @Test func aWarningInColour() {
        let warning = Diagnostic(Place(file: "out"), .stale, "delete it")
        #expect(
            warning.rendered(in: MessageStyle(isColored: true))
                == "\u{1B}[1mout:\u{1B}[0m \u{1B}[1;35mwarning:\u{1B}[0m \u{1B}[1mdelete it\u{1B}[0m [stale]")
        #expect(warning.rendered(in: MessageStyle()) == "out: warning: delete it [stale]")
    }

    @Test func byFileAndPlaceEachOnce() {
        var diagnostics = Diagnostics()
        let (b, a) = (SourceText(path: "b", bytes: Array("x\ny".utf8)), SourceText(path: "a", bytes: Array("x".utf8)))
        diagnostics.report(Place(source: b, offset: 2), .duplicateBit, "second line")
        diagnostics.report(Place(source: b, offset: 0), .duplicateName, "said first")
        diagnostics.report(Place(source: b, offset: 0), .stale, "said next")
        diagnostics.report(Place(source: b, offset: 2), .duplicateBit, "second line")
        diagnostics.report(Place(source: a, offset: 0), .duplicateName, "another file")
        #expect(
            diagnostics.sorted.map(\.description) == [
                "a:1:1: error: another file [duplicate-name]", "b:1:1: error: said first [duplicate-name]",
                "b:1:1: warning: said next [stale]", "b:2:1: error: second line [duplicate-bit]",
            ])
        #expect(diagnostics.hasErrors && diagnostics.errors.all.count == 4)
    }
}
