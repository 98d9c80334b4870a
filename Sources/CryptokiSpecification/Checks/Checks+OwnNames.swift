// SPDX-License-Identifier: MIT

import SourceDiagnostics
import ValidatedXML

// Names that the generated code has already.

extension Checks {
    /// Names that the generated code has itself.
    mutating func checkOwnNames() {
        func refuse(_ element: XMLElement, _ attribute: String, _ what: String) {
            diagnostics.report(
                element.place(of: attribute), .reservedName,
                "'\(element.text(attribute))' is \(what): choose another name")
        }
        let constants = registry.children("constants").flatMap { $0.children("constant") }
        for element in registry.items("types") + constants + functions {
            let name = element.text("name")
            let isOwn =
                name.utf8.starts(with: "p11_".utf8) || name.utf8.starts(with: "P11_".utf8)
                || Self.ofHeaders.contains(name) || isPointer(name)
            let isEnumerator =
                element.name == "function"
                && ["FUNCTION_", "RULE_", "OPERATION_", "PHASE_", "POLICY_"].contains(where: name.hasPrefix)
            if isOwn || isEnumerator {
                refuse(element, "name", "a name of the generated headers")
            }
        }
        // Whatever only says which session it is, is not handed on.
        let silent = root.items("uses").filter { $0["test"] == "none" }.map { $0.text("name") }
        for element in functions.flatMap({ $0.children("parameter") })
        where element["use"].map({ !silent.contains($0) }) ?? false {
            if Self.ofFunctions.contains(element.text("name")) {
                refuse(element, "name", "a name in the generated functions, or a word of Swift")
            }
        }
        for element in registry.children("constants") where Self.ofSwift.contains(Self.folded(element.text("noun"))) {
            refuse(element, "noun", "a type of Swift or of the generated code")
        }
        let ruled = root.items("exclusions") + root.items("roles").flatMap { $0.children("refuses") }
        checkFolded(ruled + ["concurrency", "meanwhile"].compactMap(root.child), by: "id")
        for element in ruled where element["id"] == "none" { refuse(element, "id", "the name of no rule") }
    }

    /// Whether it is the name of a function's type in the headers.
    private func isPointer(_ name: String) -> Bool {
        name.utf8.starts(with: "CK_".utf8) && symbols.functions.find(String(name.utf8.dropFirst(3))!) != nil
    }

    private static let ofHeaders: NameSet = [
        "CK_PTR", "NULL_PTR", "CK_DECLARE_FUNCTION", "CK_DECLARE_FUNCTION_POINTER", "CK_CALLBACK_FUNCTION",
        "CK_PKCS11_FUNCTION_INFO", "CK_NEED_ARG_LIST", "PKCS11_H", "PKCS11T_H", "CRYPTOKI_VERSION_MAJOR",
        "CRYPTOKI_VERSION_MINOR", "CRYPTOKI_VERSION_AMENDMENT", "rv", "word", "facts", "flags", "rule", "uint8_t",
        "uint16_t",
        "uint32_t", "uint64_t",
    ]

    /// What stands beside a parameter in the functions by name, and words that are no names in Swift.
    private static let ofFunctions: NameSet = [
        "rules", "state", "call", "rv", "session", "returning", "returnValue", "_", "as", "func", "guard", "import",
        "in",
        "inout", "is", "let", "nil", "self", "Self", "super", "switch", "throws", "var", "where",
    ]

    private static let ofSwift: Set<String> = [
        "session", "session-rules", "session-operation", "session-entry", "rule", "rule-violation", "function",
        "policy",
        "perspective", "conflict", "reach", "phase", "call", "facts", "pending", "any", "bool",
        "custom-string-convertible",
        "hashable", "option-set", "raw-representable", "self", "sendable", "string", "type", "u-int", "uint",
    ]
}
