// SPDX-License-Identifier: MIT

import CLibXML2
import SourceDiagnostics

/// A well-formed document: libxml2's tree, which its validation needs, and our own, which keeps every place.
package final class XMLDocument {
    package let root: XMLElement
    let tree: xmlDocPtr

    private init(root: XMLElement, tree: xmlDocPtr) {
        self.root = root
        self.tree = tree
    }

    deinit { xmlFreeDoc(tree) }

    /// Parses the text. A document type declaration is refused, and with it every entity; nothing is fetched.
    package static func parse(_ source: SourceText, into diagnostics: inout Diagnostics) -> XMLDocument? {
        LibXML2.isReady
        let state = ParserState(source)
        defer { withExtendedLifetime(state) {} }
        let context = source.bytes.withUnsafeBytes {
            xmlCreateMemoryParserCtxt($0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
        guard let context else {
            diagnostics.report(Place(source: source, offset: 0), .xml, "libxml2 cannot parse it: out of memory")
            return nil
        }
        defer { xmlFreeParserCtxt(context) }
        context.pointee._private = Unmanaged.passUnretained(state).toOpaque()
        // White space between elements is nothing to validation, and nothing to us.
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_BIG_LINES.rawValue | XML_PARSE_COMPACT.rawValue
            | XML_PARSE_NOBLANKS.rawValue
        xmlCtxtUseOptions(context, Int32(options))
        context.pointee.sax.pointee.internalSubset = { context, _, _, _ in
            parserState(context).refuseDocumentType(context!.assumingMemoryBound(to: xmlParserCtxt.self))
        }
        context.pointee.sax.pointee.startElementNs = { context, name, prefix, uri, nn, namespaces, na, nd, attributes in
            xmlSAX2StartElementNs(context, name, prefix, uri, nn, namespaces, na, nd, attributes)
            parserState(context).noteStart(context!.assumingMemoryBound(to: xmlParserCtxt.self))
        }
        xmlSetStructuredErrorFunc(Unmanaged.passUnretained(state).toOpaque()) { state, error in
            Unmanaged<ParserState>.fromOpaque(state!).takeUnretainedValue().noteError(error!.pointee)
        }
        defer { xmlSetStructuredErrorFunc(nil, nil) }

        xmlParseDocument(context)
        let tree = context.pointee.myDoc
        context.pointee.myDoc = nil
        diagnostics.append(contentsOf: state.diagnostics)
        guard let tree, context.pointee.wellFormed == 1, !state.diagnostics.hasErrors,
            let root = xmlDocGetRootElement(tree)
        else {
            if !state.diagnostics.hasErrors {
                diagnostics.report(Place(source: source, offset: 0), .xml, "is not well-formed XML")
            }
            if let tree { xmlFreeDoc(tree) }
            return nil
        }
        if let encoding = tree.pointee.encoding, String(cString: encoding).uppercased() != "UTF-8" {
            let message = "declares the encoding \(String(cString: encoding)); save it as UTF-8 and say so"
            diagnostics.report(Place(source: source, offset: 0), .notUTF8, message)
            xmlFreeDoc(tree)
            return nil
        }
        let isVisible = source.isVisible(&diagnostics)
        state.hasInvisible = !References.areVisible(in: source, &diagnostics) || !isVisible
        return XMLDocument(root: state.element(root), tree: tree)
    }
}

private func parserState(_ context: UnsafeMutableRawPointer?) -> ParserState {
    let context = context!.assumingMemoryBound(to: xmlParserCtxt.self)
    return Unmanaged<ParserState>.fromOpaque(context.pointee._private).takeUnretainedValue()
}

/// What the callbacks of one parse share.
private final class ParserState {
    let source: SourceText
    var diagnostics = Diagnostics()
    /// Whether there are invisible characters, which have been reported. Values do without them, so that their other faults are found.
    var hasInvisible = false
    /// The names that were met last, by their addresses in libxml2's dictionary.
    private var names = Array(repeating: (address: UnsafePointer<UInt8>?.none, name: ""), count: 256)

    init(_ source: SourceText) { self.source = source }

    private func offset(_ context: UnsafeMutablePointer<xmlParserCtxt>) -> Int {
        let input = context.pointee.input.pointee
        return min(Int(input.consumed) + (input.cur - input.base), source.bytes.count - 1)
    }

    /// Keeps the offset of the tag in its node. The parser stands at the tag's end, and a `<` cannot occur inside one.
    func noteStart(_ context: UnsafeMutablePointer<xmlParserCtxt>) {
        guard let node = context.pointee.node else { return }
        let input = context.pointee.input.pointee
        var back = 0
        let most = input.cur - input.base
        while back < most, input.cur[-back] != UInt8(ascii: "<") { back += 1 }
        node.pointee._private = UnsafeMutableRawPointer(bitPattern: offset(context) - back + 1)
    }

    func refuseDocumentType(_ context: UnsafeMutablePointer<xmlParserCtxt>) {
        var offset = offset(context)
        while offset > 0, source.bytes[offset] != UInt8(ascii: "<") { offset -= 1 }
        diagnostics.report(
            Place(source: source, offset: offset), .doctype,
            "document type declarations are not allowed; remove it")
        xmlStopParser(context)
    }

    func noteError(_ error: xmlError) {
        // After a refusal the parser complains about the end that it was made to see.
        if diagnostics.hasErrors || error.level.rawValue < XML_ERR_ERROR.rawValue { return }
        let offset = source.offset(line: Int(error.line), column: Int(error.int2))
        let place = Place(source: source, offset: offset)
        // What is said further down would be another fault than the one at which the parser stopped.
        if let fault = Markup.fault(in: source), fault.place.line <= place.line {
            return diagnostics.append(contentsOf: CollectionOfOne(fault))
        }
        let message = error.message.map { String(cString: $0) } ?? "is not well-formed XML"
        var words = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if words.hasPrefix("Excessive depth") { words = "elements stand in each other too deeply" }
        diagnostics.report(place, .xml, words)
    }

    /// The name at an address. libxml2 keeps each name of a document once.
    private func name(at address: UnsafePointer<UInt8>) -> String {
        let slot = Int(truncatingIfNeeded: UInt(bitPattern: address) >> 2) & (names.count - 1)
        if names[slot].address == address { return names[slot].name }
        let name = String(cString: address)
        names[slot] = (address, name)
        return name
    }

    private func attributes(of node: xmlNodePtr) -> [XMLElement.Attribute] {
        var count = 0
        var attribute = node.pointee.properties
        while let current = attribute {
            count += 1
            attribute = current.pointee.next
        }
        var attributes: [XMLElement.Attribute] = []
        attributes.reserveCapacity(count)
        attribute = node.pointee.properties
        while let current = attribute {
            // There are no entities but the five of XML, which are text by now: a value is one text, or empty.
            let value = current.pointee.children?.pointee.content
            if hasInvisible, let value { removeInvisible(from: value) }
            var name = name(at: current.pointee.name)
            if let prefix = current.pointee.ns?.pointee.prefix { name = "\(String(cString: prefix)):\(name)" }
            attributes.append(.init(name: name, written: name, value: value.map { String(cString: $0) } ?? ""))
            attribute = current.pointee.next
        }
        return attributes
    }

    func element(_ node: xmlNodePtr) -> XMLElement {
        let name = name(at: node.pointee.name)
        let place = Place(
            source: source, offset: max(0, Int(bitPattern: node.pointee._private) - 1), length: 1 + name.utf8.count)
        let element = XMLElement(
            name: name, isInNamespace: node.pointee.ns != nil, attributes: attributes(of: node), place: place)
        let count = Int(xmlChildElementCount(node))
        if count > 0 { element.reserve(children: count) }
        var child = node.pointee.children
        while let current = child {
            switch current.pointee.type {
            case XML_ELEMENT_NODE: element.add(self.element(current))
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
                if hasInvisible { removeInvisible(from: current.pointee.content) }
                element.addText(current.pointee.content)
            default: break
            }
            child = current.pointee.next
        }
        return element
    }

    /// Removes them from libxml2's tree, which is validated: a value only gets shorter.
    private func removeInvisible(from value: UnsafeMutablePointer<UInt8>) {
        let visible = String(cString: value).unicodeScalars.filter { !$0.isInvisible }
        var bytes = Array(String(visible).utf8)
        bytes.append(0)
        value.update(from: bytes, count: bytes.count)
    }
}
