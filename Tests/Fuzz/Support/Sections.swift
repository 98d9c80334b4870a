// SPDX-License-Identifier: MIT

/// An input of several texts: each starts after a line `--- name`; what stands before the first such line has the name "".
package struct Sections {
    /// The texts in their order; a name may occur again.
    package private(set) var all: [(name: String, text: [UInt8])] = []

    /// Takes an input apart, whatever it is.
    package init(_ input: some Collection<UInt8>) {
        var name = ""
        var text: [UInt8] = []
        for line in input.split(separator: 10, omittingEmptySubsequences: false) {
            if line.starts(with: "--- ".utf8) {
                end(name, &text)
                name = String(decoding: line.dropFirst(4), as: UTF8.self)
            } else {
                text += line
                text.append(10)
            }
        }
        // The last piece is what follows the last line end, which may be nothing.
        text.removeLast(text.isEmpty ? 0 : 1)
        end(name, &text)
    }

    private mutating func end(_ name: String, _ text: inout [UInt8]) {
        if !name.isEmpty || !text.isEmpty { all.append((name, text)) }
        text = []
    }

    /// The last text of that name.
    package subscript(name: String) -> [UInt8]? { all.last { $0.name == name }?.text }
}
