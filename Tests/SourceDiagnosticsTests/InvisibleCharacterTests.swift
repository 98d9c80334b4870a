// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Testing

struct InvisibleCharacterTests {
    private func offsets(in text: String) -> [Int] {
        var diagnostics = Diagnostics()
        let isVisible = SourceText(path: "file", bytes: Array(text.utf8)).isVisible(&diagnostics)
        #expect(isVisible == diagnostics.all.isEmpty)
        return diagnostics.all.map(\.place.offset)
    }

    @Test(arguments: [
        "\u{7F}", "\u{80}", "\u{9F}", "\u{AD}", "\u{61C}", "\u{200B}", "\u{200E}", "\u{2028}", "\u{2029}", "\u{202A}",
        "\u{202E}", "\u{2060}", "\u{2066}", "\u{2069}", "\u{FEFF}", "\u{FFF9}", "\u{E0001}", "\u{E007F}",
    ])
    func eachIsFoundAnywhere(_ character: String) {
        for length in 0..<20 {
            let text = String(repeating: "~", count: length)
            #expect(offsets(in: text + character) == [length])
            #expect(offsets(in: "é" + text + character + text + character + "…\n").first == 2 + length)
        }
    }

    @Test func whatIsSeenIsFine() {
        #expect(offsets(in: "a\tb\r\n ~ é … – \u{A0}\u{3000}\u{2009} 汉字 🙂 \u{1F468}\u{1F3FD} e\u{301}") == [])
        #expect(offsets(in: "") == [])
    }
}
