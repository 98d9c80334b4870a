// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// Names of the data that generated code cannot have: each is refused before anything is written.
struct NameTests {
    struct Edit: Sendable, CustomTestStringConvertible {
        let file, old, new: String
        let messages: [String]
        var testDescription: String { messages[0] }
    }

    private static let cancel =
        #"<constant name="CKR_CANCEL"                            since="2.40"  value="0x00000001"/>"#
    private static let bool = #"<scalar name="CK_BBOOL" is="CK_BYTE" since="2.40"/>"#
    private static let encryptInit = #"<function number="30" name="C_EncryptInit""#

    private static func constant(_ name: String, _ messages: String...) -> Edit {
        let new = "\(cancel)\n<constant name=\"\(name)\" since=\"2.40\" value=\"0x7FFF0001\"/>"
        return Edit(file: "spec/registry.xml", old: cancel, new: new, messages: messages)
    }

    private static func type(_ name: String, _ messages: String...) -> Edit {
        let new = "\(bool)\n<scalar name=\"\(name)\" is=\"CK_BYTE\" since=\"2.40\"/>"
        return Edit(file: "spec/registry.xml", old: bool, new: new, messages: messages)
    }

    private static func encryptInit(_ old: String, _ new: String, _ message: String) -> Edit {
        let end = "\n      <parameter type=\"CK_OBJECT_HANDLE\"  name=\"hKey\"/>"
        let text = """
            \(encryptInit) since="2.40" section="5.8.1" category="cryptographic"
                          role="begin" operation="encrypt" codes="work" summary="starts encryption">
                  <parameter type="CK_SESSION_HANDLE" name="hSession"   use="session"/>
                  <parameter type="CK_MECHANISM_PTR"  name="pMechanism" use="mechanism"/>\(end)
            """
        return Edit(file: "spec/cryptoki.xml", old: text, new: text.replacing(old, with: new), messages: [message])
    }

    static let edits = [
        constant(
            "CKR__CANCEL",
            "registry.xml:2036:17: error: 'CKR__CANCEL' and 'CKR_CANCEL' become the same name in Swift [name-collision]",
            "registry.xml:2035:21: note: the first one"),
        type("C_Login", "error: the function 'C_Login' has the name of a type [name-collision]"),
        type("CKR_OK", "error: the constant 'CKR_OK' has the name of a type [name-collision]"),
        type("class", "registry.xml:23:15: error: 'class' is a keyword of C or C++ [reserved-word]"),
        type(
            "CK_C_Login", "error: 'CK_C_Login' is a name of the generated headers: choose another name [reserved-name]"),
        type("NULL_PTR", "error: 'NULL_PTR' is a name of the generated headers: choose another name [reserved-name]"),
        type(
            "p11_session",
            "error: 'p11_session' is a name of the generated headers: choose another name [reserved-name]"),
        encryptInit(
            #"name="hKey""#, #"name="CKR_OK""#,
            "error: the parameter 'CKR_OK' has the name of a constant, which is a macro in C [name-collision]"),
        encryptInit(#"name="hKey""#, #"name="register""#, "error: 'register' is a keyword of C or C++ [reserved-word]"),
        encryptInit(
            #"name="pMechanism""#, #"name="inout""#,
            "error: 'inout' is a name of the generated functions, or a keyword of Swift: choose another name [reserved-name]"
        ),
        encryptInit(
            #"name="C_EncryptInit""#, #"name="RULE_EncryptInit""#,
            "error: 'RULE_EncryptInit' is a name of the generated headers: choose another name [reserved-name]"),
        Edit(
            file: "spec/registry.xml", old: #"noun="token-flags""#, new: #"noun="session-rules""#,
            messages: [
                "error: 'session-rules' is a type of Swift or of the generated code: choose another name [reserved-name]"
            ]),
        Edit(
            file: "spec/registry.xml", old: #"noun="token-flags""#, new: #"noun="slotFlags""#,
            messages: ["error: 'slotFlags' and 'slot-flags' become the same name in C [name-collision]"]),
        Edit(
            file: "spec/cryptoki.xml", old: #"id="recover-not-started""#, new: #"id="none""#,
            messages: ["error: 'none' is the name of no rule: choose another name [reserved-name]"]),
    ]

    @Test(arguments: edits)
    func aNameIsRefused(_ edit: Edit) throws {
        try Workshop.open { workshop in
            try workshop.edit(edit.file, edit.old, edit.new)
            let result = try workshop.generate("--check")
            #expect(result.status != 0)
            for message in edit.messages { #expect(result.errors.contains(message), "\(result.errors)") }
        }
    }

    /// A constant of an overlay is newer than a function of the data, in whatever order they are read.
    @Test func theNewerNameIsTheFault() throws {
        try Workshop.open { workshop in
            try workshop.write(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <overlay>
                  <constants group="vendor" summary="constants of a vendor">
                    <constant name="C_Login" since="3.0" value="1"/>
                  </constants>
                </overlay>

                """, to: "vendor.xml")
            let result = try workshop.generate("--overlay", "vendor.xml", "--check")
            let message = "vendor.xml:4:21: error: the constant 'C_Login' has the name of a function [name-collision]"
            #expect(result.errors.contains(message), "\(result.errors)")
        }
    }
}
