// SPDX-License-Identifier: MIT

import ValidatedXML

/// Everything that has a name in the data, as it is written: what emits these names checks them.
///
/// Declarations with faults are included, so that faults of names are found in the same run.
package struct Declarations: Sendable {
    private let root: XMLElement
    private let registry: XMLElement

    init(_ root: XMLElement, _ registry: XMLElement) {
        self.root = root
        self.registry = registry
    }

    /// The types of the registry.
    package var types: [Origin] { registry.items("types").map(Origin.init) }

    /// The groups of constants.
    package var constantGroups: [Origin] { registry.children("constants").map(Origin.init) }

    /// The functions.
    package var functions: [Origin] { root.items("functions").filter { $0.name == "function" }.map(Origin.init) }

    /// The uses of parameters that do not pass anything to the rules.
    package var unusedUses: [Origin] { root.items("uses").filter { $0["test"] == "none" }.map(Origin.init) }

    /// Rules that a call can break: those of exclusions and of roles.
    package var rules: [Origin] {
        (root.items("exclusions") + root.items("roles").flatMap { $0.children("refuses") }).map(Origin.init)
    }

    /// Rules of calls at the same time.
    package var rulesOfConcurrency: [Origin] {
        ["concurrency", "meanwhile"].compactMap(root.child).map(Origin.init)
    }

    /// The items of each kind whose names become enumerators or members.
    package var enumerated: [[Origin]] {
        ["phases", "perspectives", "operations", "policies", "conflicts", "facts", "outcomes", "roles"].map {
            root.items($0).map(Origin.init)
        }
    }
}

extension Origin {
    /// The name of the kind of declaration in the data, such as `function` or `member`.
    package var kind: String { element.name }

    /// The value of an attribute; nil if it is missing.
    package subscript(attribute: String) -> String? { element[attribute] }

    /// The parts with a name of their own: parameters, members, arguments.
    package var variables: [Origin] {
        element.children.filter { $0.name == "parameter" || $0.name == "member" || $0.name == "argument" }
            .map(Origin.init)
    }

    /// The constants of a group.
    package var constants: [Origin] { element.children("constant").map(Origin.init) }

    /// Whether another origin is the same declaration.
    package func isSame(as other: Origin) -> Bool { element === other.element }

    /// Two declarations, the earlier one first: an overlay comes after the data, in whatever order they are read.
    package static func inOrder(_ one: Origin, _ other: Origin) -> (first: Origin, second: Origin) {
        let (first, second) = CryptokiSpecification.inOrder(one.element, other.element)
        return (Origin(first), Origin(second))
    }
}
