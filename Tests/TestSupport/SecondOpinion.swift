// SPDX-License-Identifier: MIT

import Mustache
import StrictMustache

/// Renders the same templates and values with the swift-mustache package.
///
/// - Parameters:
///   - sources: each template's name, which partial tags use, and its text.
///   - main: the name of the template to render.
///   - record: the values, as `TemplateLibrary.render` takes them.
///   - asMarkup: whether texts are escaped, as they are in HTML.
package func renderWithSwiftMustache(
    sources: [(name: String, text: String)], main: String, record: Record, asMarkup: Bool = false
) throws -> String {
    var library = MustacheLibrary()
    for source in sources {
        // Each template, partials too, starts out with HTML escaping; this line, which renders as nothing, says what to do.
        let type = asMarkup ? "HTML" : "TEXT"
        try library.register("{{%CONTENT_TYPE:\(type)}}\n" + source.text, named: source.name)
    }
    guard let output = library.render(plain(record), withTemplate: main) else { throw UnknownTemplate(name: main) }
    return output
}

private struct UnknownTemplate: Error {
    let name: String
}

private func plain(_ record: Record) -> [String: Any] {
    Dictionary(uniqueKeysWithValues: record.fields.map { ($0.name, plain($0.value)) })
}

/// A record of a list, in which swift-mustache has no flag for the last one.
private func plain(_ record: Record, isLast: Bool) -> [String: Any] {
    plain(record).merging(["last": isLast]) { own, _ in own }
}

private func plain(_ value: Value) -> Any {
    switch value {
    case .text(let text): text
    case .flag(let flag): flag
    case .list(let records): records.indices.map { plain(records[$0], isLast: $0 == records.count - 1) }
    case .record(let record): plain(record) as [String: Any]
    }
}
