// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

/// Where an item is written, for messages. A place is found again in the text only when a message needs it.
package struct Origin: Sendable {
    let element: XMLElement

    init(_ element: XMLElement) { self.element = element }

    /// Where the item starts.
    package var place: Place { element.place }

    /// Where the value of an attribute is; the start of the item if it has no such attribute.
    package func place(of attribute: String) -> Place { element.place(of: attribute) }

    /// Where the name of an attribute is; the start of the item if it has no such attribute.
    func place(ofName attribute: String) -> Place { element.place(ofName: attribute) }

    func has(_ attribute: String) -> Bool { element[attribute] != nil }

    /// A part of the item that has an element of its own.
    func part(_ name: String) -> Origin? { element.child(name).map(Origin.init) }

    /// Whether a fault of the item itself has been reported.
    var isFaulty: Bool { element.isFaulty }

    /// Whether a fault of the item or of a part of it has been reported.
    var hasFault: Bool { element.hasFault }
}
