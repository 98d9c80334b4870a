// SPDX-License-Identifier: MIT

import SourceDiagnostics
import Spelling
import ValidatedXML

// Constants, and what headers of others have otherwise.

extension Loader {
    mutating func load(constants root: XMLElement) {
        let all = root.children("constants").flatMap { $0.children("constant") }
        checkNouns(root.children("constants"))
        symbols.constants.expectDeclarations(in: root, of: root)
        for group in root.children("constants") { symbols.constants.expectDeclarations(in: group, of: root) }
        for element in all { symbols.constants.declare(element, by: .name, into: &diagnostics) }
        specification.registry.numbers.reserveCapacity(all.count)
        for element in all {
            if let value = element["value"] { specification.registry.numbers[element.text("name")] = parse(value) }
        }
        for element in all where element["alias"] != nil {
            specification.registry.numbers[element.text("name")] = number(of: element)
        }
        for group in root.children("constants") {
            checkEqualValues(in: group)
            let constants = group.children("constant").map {
                Registry.Constant(
                    name: $0.text("name"), since: since($0), value: $0["alias"] ?? $0.text("value"),
                    isAlias: $0["alias"] != nil, status: $0["status"],
                    isGuarded: $0["guarded"] == "yes")
            }
            specification.registry.groups.append(
                .init(
                    name: group.text("group"), summary: group.text("summary"), suffix: group.text("suffix"),
                    noun: group["noun"], prefix: group.text("prefix"), isFlags: group["flags"] == "yes",
                    constants: constants))
        }
    }

    /// After the functions, of which some are otherwise elsewhere.
    mutating func loadDifferences(_ registry: XMLElement) {
        let all = [symbols.types, symbols.constants, symbols.functions]
        var first: [String: XMLElement] = [:]
        for element in registry.items("differences") {
            guard let name = element["name"] else { continue }
            if !all.contains(where: { $0.find(name) != nil }), !all.contains(where: \.isIncomplete) {
                let hint = Spelling.suggestion(for: name, among: all.flatMap(\.all).sorted())
                diagnostics.report(
                    element.place(of: "name"), .unknownName,
                    "unknown type, constant or function '\(name)'\(hint)")
            }
            let header = element.text("in")
            if let other = first["\(name) \(header)"], !element.isFaulty {
                diagnostics.report(
                    element.place, .duplicateDifference, "duplicate difference of \(header) for \(name)",
                    notes: [.init(place: other.place, message: "the first one")])
            }
            first["\(name) \(header)"] = first["\(name) \(header)"] ?? element
            specification.registry.differences.append(
                .init(name: name, header: element.text("in"), reason: element.text))
        }
    }

    /// Constants of a group with a noun must have its prefix.
    private mutating func checkNouns(_ groups: [XMLElement]) {
        var nouns = Names<Never>("group of constants")
        var names = Names<Never>("group of constants")
        for group in groups {
            names.declare(group, by: .group, into: &diagnostics)
            if group["noun"] != nil { nouns.declare(group, by: .noun, into: &diagnostics) }
            if group.isFaulty { continue }
            switch (group["noun"], group["prefix"]) {
            case (_?, nil):
                diagnostics.report(
                    group.place(of: "noun"), .missingPrefix,
                    "'noun' requires 'prefix', with which the names of the constants start")
            case (nil, _?):
                diagnostics.report(
                    group.place(ofName: "prefix"), .missingNoun,
                    "'prefix' requires 'noun'")
            case (_?, let prefix?): checkNames(in: group, prefix)
            case (nil, nil): break
            }
        }
    }

    private mutating func checkNames(in group: XMLElement, _ prefix: String) {
        for constant in group.children("constant") {
            guard let name = constant["name"] else { continue }
            if !name.hasPrefix(prefix) || name == prefix {
                let words = name == prefix ? "continue after" : "start with"
                diagnostics.report(
                    constant.place(of: "name"), .prefix, "the names of this group must \(words) '\(prefix)'",
                    notes: [.init(place: group.place(of: "prefix"), message: "the prefix of the group")])
            }
        }
    }

    /// The number of a constant that is another name of one, which may be another name itself.
    private mutating func number(of element: XMLElement) -> UInt {
        var names: [String] = []
        var current: XMLElement? = element
        while let constant = current, constant["alias"] != nil {
            if names.contains(constant.text("name")) {
                diagnostics.report(
                    element.place(of: "alias"), .aliasCircle,
                    "the aliases form a cycle; give one constant a value",
                    notes: names.dropFirst().compactMap(symbols.constants.declaration).map {
                        .init(place: $0.place(of: "alias"), message: "continues here")
                    })
                return 0
            }
            names.append(constant.text("name"))
            if resolve(constant, "alias", in: symbols.constants) == nil { return 0 }
            current = symbols.constants.declaration(of: constant.text("alias"))
        }
        return current.flatMap { specification.registry.numbers[$0.text("name")] } ?? 0
    }

    /// Two names of one value in a group: one of them is another name of the other, or a slip.
    private mutating func checkEqualValues(in group: XMLElement) {
        var first: [UInt: XMLElement] = [:]
        for element in group.children("constant") where element["value"] != nil && !element.isFaulty {
            let number = parse(element.text("value"))
            if let other = first[number], other["name"] != element["name"] {
                diagnostics.report(
                    element.place(of: "value"), .equalValues,
                    "\(element.text("name")) has the value of \(other.text("name")); if that is intended, use alias=\"\(other.text("name"))\"",
                    notes: [.init(place: other.place(of: "value"), message: "the first one")])
            }
            first[number] = first[number] ?? element
        }
    }

    /// The number that a constant has by the schema; 0 where it has none.
    private func parse(_ constant: String) -> UInt {
        let bytes = constant.utf8
        if bytes.first == UInt8(ascii: "~") { return constant == "~0" ? .max : 0 }
        if !bytes.starts(with: "0x".utf8) { return UInt(constant) ?? 0 }
        var number: UInt = 0
        for byte in bytes.dropFirst(2) {
            guard byte.isHexadecimal, number <= .max >> 4 else { return 0 }
            number = number << 4 | UInt(byte.isDigit ? byte & 15 : byte & 15 + 9)
        }
        return number
    }
}
