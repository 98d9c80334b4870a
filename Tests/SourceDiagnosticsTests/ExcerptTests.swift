// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Testing

/// The line of the source and the caret below it.
struct ExcerptTests {
    // MARK: Where the caret is

    @Test func aTokenIsUnderlined() {
        #expect(
            shown("one\ntwo three\nfour", "three") == """
                a.xml:2:5: error: no [wrong-value]
                    2 | two three
                      |     ^~~~~
                """)
    }

    @Test func aTokenOfUnknownLengthHasACaretOnly() {
        #expect(excerpt("two three", at: 4) == ["    1 | two three", "      |     ^"])
    }

    @Test func aTokenGoesNoFurtherThanItsLine() {
        #expect(excerpt("say \"a\nb\"", at: 4, length: 5) == ["    1 | say \"a", "      |     ^~"])
    }

    @Test func tabsAreAsWideAsTheyReach() {
        #expect(
            shown("\t\tab\tcd", "cd") == """
                a.xml:1:6: error: no [wrong-value]
                    1 |                 ab      cd
                      |                         ^~
                """)
    }

    @Test func aTabItselfIsUnderlined() {
        #expect(excerpt("a\tb", at: 1, length: 1) == ["    1 | a       b", "      |  ^~~~~~~"])
    }

    /// Ideographs and emoji take two columns, combining marks none; the column of the message counts characters.
    @Test(arguments: [
        ("日本", 4), ("한글", 4), ("e\u{301}", 1), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("ﾊﾛ", 2), ("ＡＢ", 4), ("❤\u{FE0F}", 2), ("é", 1),
    ])
    func widthOfLetters(_ letters: String, _ columns: Int) {
        #expect(
            shown("\(letters)x y", "y") == """
                a.xml:1:\(letters.count + 3): error: no [wrong-value]
                    1 | \(letters)x y
                      | \(String(repeating: " ", count: columns + 2))^
                """)
        #expect(
            shown("x\(letters)y", letters) == """
                a.xml:1:2: error: no [wrong-value]
                    1 | x\(letters)y
                      |  ^\(String(repeating: "~", count: columns - 1))
                """)
    }

    // MARK: Ends

    @Test func theLastLineNeedsNoEnd() {
        #expect(
            shown("a\nbc", "c") == """
                a.xml:2:2: error: no [wrong-value]
                    2 | bc
                      |  ^
                """)
    }

    @Test func linesThatEndAsInWindows() {
        #expect(
            shown("a\r\nb c\r\nd", "c") == """
                a.xml:2:3: error: no [wrong-value]
                    2 | b c
                      |   ^
                """)
        #expect(excerpt("a\r\nb\r\n", at: 4) == ["    2 | b", "      |  ^"])
    }

    @Test func theEndOfTheFile() {
        #expect(excerpt("a\nbc", at: 4) == ["    2 | bc", "      |   ^"])
        #expect(excerpt("a\nbc\n", at: 5) == ["    3 |", "      | ^"])
        #expect(excerpt("abc", at: 3, length: 7) == ["    1 | abc", "      |    ^"])
    }

    @Test func anOffsetOutsideOfTheFile() {
        #expect(excerpt("abc", at: 900, length: 9) == ["    1 | abc", "      |    ^"])
        #expect(excerpt("abc", at: -5) == ["    1 | abc", "      | ^"])
    }

    @Test func anEmptyLine() {
        #expect(excerpt("a\n\nb", at: 2) == ["    2 |", "      | ^"])
    }

    @Test func aFileOfWhichNothingIsThereHasNoExcerpt() {
        #expect(excerpt("", at: 0) == [])
        let whole = Diagnostic(Place(file: "out/a.h"), .file, "cannot write")
        #expect(whole.rendered(in: MessageStyle()) == "out/a.h: error: cannot write [file]")
    }

    @Test func manyLines() {
        let text = String(repeating: "\n", count: 1_234_566) + "here"
        #expect(
            shown(text, "here") == """
                a.xml:1234567:1: error: no [wrong-value]
                1234567 | here
                        | ^~~~
                """)
    }

    // MARK: Long lines

    @Test func whatFitsIsShownWhole() {
        let line = String(repeating: "a", count: 120) + "bc"
        #expect(excerpt(line, at: 120, length: 2)[0] == "    1 | " + line)
    }

    @Test func aLongLineIsShownFromItsStartIfTheCaretIsThere() {
        let line = "<a b=\"c\" d=\"" + String(repeating: "x", count: 100_000) + "\"/>"
        let shown = excerpt(line, at: 3, length: 1, columns: 60)
        #expect(
            shown == ["    1 | <a b=\"c\" d=\"" + String(repeating: "x", count: 34) + "...", "      |    ^"])
    }

    @Test func theMiddleOfALongLine() {
        let half = String(repeating: "x", count: 50_000)
        let shown = excerpt(half + "here" + half, at: 50_000, length: 4, columns: 60)
        #expect(
            shown == [
                "    1 | ..." + String(repeating: "x", count: 23) + "here" + String(repeating: "x", count: 19) + "...",
                "      |    " + String(repeating: " ", count: 23) + "^~~~",
            ])
    }

    @Test func theEndOfALongLine() {
        let line = String(repeating: "x", count: 100_000)
        let shown = excerpt(line, at: 100_000, columns: 60)
        #expect(
            shown == [
                "    1 | ..." + String(repeating: "x", count: 23),
                "      |    " + String(repeating: " ", count: 23) + "^",
            ])
    }

    @Test func aTokenThatIsLongerThanTheRoom() {
        let shown = excerpt("a " + String(repeating: "x", count: 100_000), at: 2, length: 100_000, columns: 60)
        #expect(
            shown == [
                "    1 | a " + String(repeating: "x", count: 44) + "...",
                "      |   ^" + String(repeating: "~", count: 43),
            ])
    }

    @Test(arguments: [20, 0, -7, 41, 60, 200, Int.max, Int.min])
    func anyWidthOfATerminal(_ columns: Int) {
        let line = String(repeating: "日", count: 5_000)
        for offset in [0, 3, 7_500, 14_997, 15_000] {
            let shown = excerpt(line, at: offset, columns: columns)
            #expect(shown.count == 2 && shown[1].contains("^"))
        }
    }

    @Test func aHundredThousandCombiningMarks() {
        let shown = excerpt("e" + String(repeating: "\u{301}", count: 100_000) + "x", at: 100_001)
        #expect(shown.count == 2 && shown[0].utf8.count < 10_000)
    }

    // MARK: What one does not see

    @Test func controlCharactersAreHarmless() {
        #expect(
            excerpt("a\u{1B}[31mb\u{7}", at: 6, length: 1) == [
                "    1 | a<U+001B>[31mb<U+0007>", "      |              ^",
            ])
        #expect(excerpt("a\u{9B}31mb\rc", at: 6, length: 1)[0] == "    1 | a<U+009B>31mb<U+000D>c")
        #expect(excerpt("a\0b", at: 1, length: 1) == ["    1 | a<U+0000>b", "      |  ^~~~~~~~"])
    }

    @Test func whatTurnsATextAroundIsShown() {
        #expect(excerpt("a\u{202E}b\u{2066}", at: 0)[0] == "    1 | a<U+202E>b<U+2066>")
        #expect(excerpt("\u{FEFF}a\u{200B}b\u{A0}c", at: 3)[0] == "    1 | <U+FEFF>a<U+200B>b<U+00A0>c")
    }

    @Test func bytesThatAreNoCharacters() {
        let source = SourceText(path: "a.xml", bytes: [0x61, 0xE9, 0x62, 0xC3])
        let diagnostic = Diagnostic(Place(source: source, offset: 2, length: 1), .wrongValue, "no")
        #expect(
            diagnostic.rendered(in: MessageStyle()).split(separator: "\n").dropFirst() == [
                "    1 | a<E9>b<C3>", "      |      ^",
            ])
    }

    @Test func messagesAndPathsAreHarmlessAsWell() {
        let source = SourceText(path: "a\u{1B}c.xml", bytes: [])
        let diagnostic = Diagnostic(
            Place(source: source, offset: 0), .wrongValue, "no '\u{9B}2J\u{202E}\n'",
            notes: [.init(place: Place(file: "b\u{7}"), message: "\u{1B}]0;x")])
        #expect(
            diagnostic.rendered(in: MessageStyle()) == """
                a<U+001B>c.xml:1:1: error: no '<U+009B>2J<U+202E><U+000A>' [wrong-value]
                b<U+0007>: note: <U+001B>]0;x
                """)
    }

    @Test func aMessageThatQuotesTooMuch() {
        let diagnostic = Diagnostic(
            Place(file: "a"), .wrongValue, "'\(String(repeating: "x", count: 100_000))' is long")
        #expect(diagnostic.description.count < 1_100)
        #expect(diagnostic.description.hasSuffix("x' is long [wrong-value]"))
    }
}

/// A diagnostic about the first occurrence of a word, as it is printed.
func shown(_ text: String, _ word: String, in style: MessageStyle = MessageStyle()) -> String {
    Diagnostic(place(of: word, in: text), .wrongValue, "no").rendered(in: style)
}

func place(of word: String, in text: String, path: String = "a.xml") -> Place {
    let (bytes, wanted) = (Array(text.utf8), Array(word.utf8))
    let offset = bytes.indices.first { bytes[$0...].starts(with: wanted) }!
    return Place(source: SourceText(path: path, bytes: bytes), offset: offset, length: wanted.count)
}

/// The lines below the message.
func excerpt(_ text: String, at offset: Int, length: Int = 0, columns: Int = 130) -> [String] {
    let place = Place(source: SourceText(path: "a.xml", bytes: Array(text.utf8)), offset: offset, length: length)
    return Diagnostic(place, .wrongValue, "no").rendered(in: MessageStyle(columns: columns))
        .split(separator: "\n").dropFirst().map(String.init)
}
