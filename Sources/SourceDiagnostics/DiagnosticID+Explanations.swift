// SPDX-License-Identifier: MIT

extension Diagnostic.ID {
    /// Diagnostics that concern the same part of the input.
    package struct Topic: Sendable {
        /// The heading of the topic.
        package let title: String
        /// Each diagnostic with its explanation: what is wrong, and what to do about it, in Markdown.
        package let explanations: KeyValuePairs<Diagnostic.ID, String>
    }

    /// What is wrong in general, and what to do about it, in Markdown.
    package var explanation: String {
        for topic in Self.topics {
            for (id, explanation) in topic.explanations where id == self { return explanation }
        }
        return ""
    }

    /// Every diagnostic, in the order of the documentation.
    package static let topics = [
        Topic(
            title: "Files and text",
            explanations: [
                .unreadable: "The file cannot be opened or read. Check the path and its permissions.",
                .notAFile: "The path names a folder, a pipe or a device. Name a regular file.",
                .file:
                    "The file system refused to create, write or replace a file. Outputs that were "
                    + "changed before are listed.",
                .tooLarge: "The file is larger than any input may be. It is not read into memory.",
                .empty: "The file has no content.",
                .byteOrderMark: "The file starts with a byte order mark. Save it as UTF-8 without one.",
                .notUTF8: "The file is not UTF-8. Save it as UTF-8.",
                .invisibleCharacter:
                    "The text contains a control or formatting character. In generated code it could make a comment "
                    + "look like code. Remove it.",
            ]),
        Topic(
            title: "XML and its schema",
            explanations: [
                .xml: "The document is not well-formed XML, so libxml2 cannot parse it.",
                .doctype:
                    "The document has a document type declaration. Entities are not expanded and the schema is RELAX "
                    + "NG, so remove the declaration.",
                .schema:
                    "The document is not valid against the schema, for a reason that no other diagnostic describes; "
                    + "or the schema itself cannot be used.",
                .namespace: "The element has a namespace. Remove `xmlns` and prefixes.",
                .unexpectedRoot:
                    "The root element is that of another kind of file. Pass the data to `--spec` and a vendor's "
                    + "additions to `--overlay`.",
                .unknownElement: "The schema has no such element, or does not allow it at this place.",
                .missingElement: "A required child element is missing.",
                .repeatedElement: "The element may occur only once in its parent.",
                .elementOrder: "The child elements are in the wrong order.",
                .unknownAttribute: "The element has no such attribute.",
                .missingAttribute: "A required attribute is missing.",
                .conflictingAttributes: "Two attributes exclude each other. Keep one.",
                .unexpectedText: "The element contains text but may only contain elements.",
                .missingText: "The element must contain text.",
                .wrongText: "The text of the element has the wrong form.",
                .wrongValue: "The value of the attribute has the wrong form, or is not one of the allowed values.",
            ]),
        Topic(
            title: "Names and references",
            explanations: [
                .duplicateName: "Two declarations of the same kind have the same name. Rename one.",
                .duplicateID: "Two rules, readings or documents have the same ID. IDs must be unique.",
                .duplicateNumber:
                    "Two functions, rules, policies or perspectives have the same number. Use the next free number; "
                    + "numbers are never reused.",
                .duplicateBit: "Two operations or facts have the same bit. Use the next free bit.",
                .duplicateGroup: "Two groups of constants have the same name.",
                .duplicateNoun:
                    "Two groups of constants have the same noun, which would generate two functions with the same "
                    + "name.",
                .duplicatePair: "The pair is declared or withdrawn twice.",
                .duplicateRule: "A function gives two exceptions for the same rule.",
                .duplicateSection: "A headings file lists a section twice.",
                .unknownCodeSet: "No set of return values has this name.",
                .unknownConstant: "The registry declares no constant with this name.",
                .unknownDocument: "No headings file declares a document with this ID.",
                .unknownExclusion: "No exclusion has this ID.",
                .unknownFact: "No fact has this name.",
                .unknownGroup: "No group has this name.",
                .unknownKind: "No operation is of this kind.",
                .unknownName: "No declaration has this name.",
                .unknownOperation: "No operation has this name.",
                .unknownOutcome: "No outcome has this name.",
                .unknownPair: "No pair has this ID.",
                .unknownPhase: "No phase has this name.",
                .unknownPolicy: "No policy has this name.",
                .unknownReading: "No reading (interpretation of an ambiguous passage) has this ID.",
                .unknownRole: "No role has this name.",
                .unknownRule: "No rule has this ID.",
                .unknownSection:
                    "The cited document has no such section. The headings file lists the sections of each document.",
                .unknownType: "The registry declares no type with this name.",
                .unknownUse: "No parameter use has this name.",
                .unknownVersion: "The data has no such version of the standard.",
                .nameCollision:
                    "Two names become the same identifier in generated code, or a name that is a macro in C is used "
                    + "for something else.",
                .reservedName: "The name would become an identifier that the generated code uses itself.",
                .reservedWord: "The name is a keyword of C or C++.",
            ]),
        Topic(
            title: "Numbers and limits",
            explanations: [
                .numberOutOfRange: "The number does not fit into the tables of the generated code.",
                .wordTooSmall:
                    "The bit does not fit into the word that holds the state of a session or the facts of a call.",
                .numbering:
                    "Policies, perspectives and conflict policies are numbered from 0 in the order of their "
                    + "declarations.",
            ]),
        Topic(
            title: "Operations, roles and outcomes",
            explanations: [
                .pairWithItself: "A pair needs two different operations.",
                .roleWithoutOperation: "The role acts on an operation, and the function names none. Add `operation`.",
                .secondWithoutFirst: "The function has `second` without `operation`.",
                .sameOperation: "The first and second operation of the function are the same.",
                .groupOfAStart:
                    "The role starts an operation, and groups are only for calls that do not. Remove `group`, and use "
                    + "`starting` in the exclusion.",
                .startWithoutStarts:
                    "The role makes an idle operation active without `starts=\"yes\"`. Add it, or refuse the call in "
                    + "the idle phase.",
                .roleScope: "A role with refusals by phase must have the scope of its function's own operations.",
                .roleLikeItself: "The roles that refer to each other with `like` form a cycle.",
                .softlyTwice: "A role has more than one soft refusal.",
                .duplicateRefusal: "A role refuses the same phase twice.",
                .duplicateAfter: "A role has two transitions for the same outcome and phase.",
                .outcomeEffect:
                    "The outcome has an effect that does not depend on the role, so this transition would never be "
                    + "used.",
                .useFact: "The test of a parameter's use needs a fact, or takes none.",
                .useValue: "The test of a parameter's use needs a value, or takes none.",
                .variantRole:
                    "A variant must have the scope of the role that it replaces, and neither `starts` nor `group`.",
                .cancelOfMany: "`async=\"cancel\"` requires a role whose scope is its function's own operation.",
                .missingPhase: "Each of the phase codes 0 to 3 needs a phase.",
                .unreachablePhase: "No transition leads to the phase.",
                .neverInPhase:
                    "The function requires a phase that no function of its operation reaches, so it could never be "
                    + "called.",
                .outcomeOrder:
                    "The outcomes must begin with success, end with the outcome of every other value, and contain "
                    + "exactly one with the effect `pending`.",
                .duplicateOutcome: "Two outcomes have the same value and fact.",
                .elseCircle: "The outcomes that refer to each other with `else` form a cycle.",
                .elseEffect: "`else` names an outcome whose effect does not depend on the role.",
                .reachWithoutGone: "`reach` is only meaningful with `effect=\"gone\"`.",
            ]),
        Topic(
            title: "Policies and return values",
            explanations: [
                .duplicateExclusion: "A policy applies the same exclusion twice.",
                .needlessExclusion: "The policy already applies the exclusion. Remove the line.",
                .orderMatters:
                    "Under this policy one operation may start beside another but not the other way round. Add or "
                    + "remove an exclusion.",
                .tooManyActive: "Under this policy more operations can be active at the same time than `most` allows.",
                .withinItself:
                    "`within` names the policy itself. It must name another policy that allows at least as much.",
                .dualWithoutPair:
                    "The function needs two active operations that are not an allowed pair, so policies that require "
                    + "pairs always refuse it.",
                .undocumentedReturnValue:
                    "The rule returns a value that the standard does not document for the function. Correct the rule, "
                    + "or add `<answers>` with the reason.",
                .needlessAnswer: "The exception in `<answers>` has no effect. Remove it.",
                .answerOfSuccess: "A rule refuses a call, so it cannot return a value that reports success.",
            ]),
        Topic(
            title: "Functions, types and constants",
            explanations: [
                .codeSetOrder: "A set of return values must follow the set that it includes.",
                .duplicateValue: "A return value is listed twice.",
                .lacksNothing: "The function excludes a return value that its set does not contain.",
                .listedByAVendor:
                    "A vendor's function cannot be in the standard's function lists. Add `listed=\"no\"`.",
                .laterThanItsUser: "A type is newer than the declaration that uses it.",
                .sinceGoesBackwards:
                    "A function is older than a function with a smaller number. Function lists only grow, so numbers "
                    + "follow the versions.",
                .versionOrder: "Versions must be declared from the oldest to the newest.",
                .typeOfItself: "A type contains or refers to itself without a structure or pointer between them.",
                .typeOrder: "A type must follow the types that it consists of.",
                .noNumber: "The type must be a number in C.",
                .missingPrefix: "A group of constants with `noun` needs `prefix`.",
                .missingNoun: "A group of constants with `prefix` needs `noun`.",
                .prefix: "The name of a constant does not match the prefix of its group.",
                .aliasCircle: "The constants that refer to each other with `alias` form a cycle.",
                .equalValues: "Two constants of a group have the same value, and neither is declared as an alias.",
                .duplicateDifference: "A difference from another header is declared twice for the same name.",
                .repeatedOverlay: "The same overlay is given twice.",
                .emptyVersion:
                    "No function of the requested version acts on an operation, so there is nothing to generate.",
            ]),
        Topic(
            title: "Templates and outputs",
            explanations: [
                .noTemplate: "No template generates the requested output. `--list` prints the outputs.",
                .stale:
                    "A generated file has no template any more, or an interrupted run left a temporary file. Delete "
                    + "it.",
                .templateBadName: "The name in a tag is not valid.",
                .templateDeepNesting: "Sections or partials are nested too deeply. Move inner sections into a partial.",
                .templateDottedName: "Dotted names are not supported. Open a section for the record instead.",
                .templateDuplicateName: "Two templates have the same name.",
                .templateEndless:
                    "The template renders more than any output may hold, most likely because a partial includes "
                    + "itself.",
                .templateIndentedPartial: "A partial on a line of its own cannot be indented.",
                .templateRecursivePartial: "A partial includes itself where no section can end the recursion.",
                .templateSectionAsValue: "The field is a list or record, and the tag needs a text.",
                .templateStrayClose: "The tag closes a section that is not open.",
                .templateTextAsSection: "The field is a text, and a section needs a flag, list or record.",
                .templateUnclosedSection: "The section is never closed.",
                .templateUnclosedTag: "The tag is never closed.",
                .templateUnknownName:
                    "No record in scope has a field of this name. `p11gen export --template-names` lists all names.",
                .templateUnknownPartial: "No template has this name.",
                .templateUnknownTemplate: "No template has this name.",
                .templateUnsupportedTag: "The tag is part of Mustache but not supported here.",
                .templateWrongClose: "The tag closes another section than the one that was opened last.",
            ]),
        Topic(
            title: "Call logs",
            explanations: [
                .log: "A line of the call log cannot be read."
            ]),
    ]
}
