// SPDX-License-Identifier: MIT

extension Diagnostic {
    /// The stable name of a diagnostic, which ends its message in brackets. Names are never reused for something else.
    package enum ID: String, CaseIterable, Sendable {
        // Files and text
        case unreadable
        case notAFile = "not-a-file"
        case file
        case tooLarge = "too-large"
        case empty
        case byteOrderMark = "byte-order-mark"
        case notUTF8 = "not-utf-8"
        case invisibleCharacter = "invisible-character"

        // XML and its schema
        case xml
        case doctype
        case schema
        case namespace
        case unexpectedRoot = "unexpected-root"
        case unknownElement = "unknown-element"
        case missingElement = "missing-element"
        case repeatedElement = "repeated-element"
        case elementOrder = "element-order"
        case unknownAttribute = "unknown-attribute"
        case missingAttribute = "missing-attribute"
        case conflictingAttributes = "conflicting-attributes"
        case unexpectedText = "unexpected-text"
        case missingText = "missing-text"
        case wrongText = "wrong-text"
        case wrongValue = "wrong-value"

        // Names and references
        case duplicateName = "duplicate-name"
        case duplicateID = "duplicate-id"
        case duplicateNumber = "duplicate-number"
        case duplicateBit = "duplicate-bit"
        case duplicateGroup = "duplicate-group"
        case duplicateNoun = "duplicate-noun"
        case duplicatePair = "duplicate-pair"
        case duplicateRule = "duplicate-rule"
        case duplicateSection = "duplicate-section"
        case unknownCodeSet = "unknown-code-set"
        case unknownConstant = "unknown-constant"
        case unknownDocument = "unknown-document"
        case unknownExclusion = "unknown-exclusion"
        case unknownFact = "unknown-fact"
        case unknownGroup = "unknown-group"
        case unknownKind = "unknown-kind"
        case unknownName = "unknown-name"
        case unknownOperation = "unknown-operation"
        case unknownOutcome = "unknown-outcome"
        case unknownPair = "unknown-pair"
        case unknownPhase = "unknown-phase"
        case unknownPolicy = "unknown-policy"
        case unknownReading = "unknown-reading"
        case unknownRole = "unknown-role"
        case unknownRule = "unknown-rule"
        case unknownSection = "unknown-section"
        case unknownType = "unknown-type"
        case unknownUse = "unknown-use"
        case unknownVersion = "unknown-version"
        case nameCollision = "name-collision"
        case reservedName = "reserved-name"
        case reservedWord = "reserved-word"

        // Numbers and limits
        case numberOutOfRange = "number-out-of-range"
        case wordTooSmall = "word-too-small"
        case numbering

        // Operations, roles and outcomes
        case pairWithItself = "pair-with-itself"
        case roleWithoutOperation = "role-without-operation"
        case secondWithoutFirst = "second-without-first"
        case sameOperation = "same-operation"
        case groupOfAStart = "group-of-a-start"
        case startWithoutStarts = "start-without-starts"
        case roleScope = "role-scope"
        case roleLikeItself = "role-like-itself"
        case softlyTwice = "softly-twice"
        case duplicateRefusal = "duplicate-refusal"
        case duplicateAfter = "duplicate-after"
        case outcomeEffect = "outcome-effect"
        case useFact = "use-fact"
        case useValue = "use-value"
        case variantRole = "variant-role"
        case cancelOfMany = "cancel-of-many"
        case missingPhase = "missing-phase"
        case unreachablePhase = "unreachable-phase"
        case neverInPhase = "never-in-phase"
        case outcomeOrder = "outcome-order"
        case duplicateOutcome = "duplicate-outcome"
        case elseCircle = "else-circle"
        case elseEffect = "else-effect"
        case reachWithoutGone = "reach-without-gone"

        // Policies and return values
        case duplicateExclusion = "duplicate-exclusion"
        case needlessExclusion = "needless-exclusion"
        case orderMatters = "order-matters"
        case tooManyActive = "too-many-active"
        case withinItself = "within-itself"
        case dualWithoutPair = "dual-without-pair"
        case undocumentedReturnValue = "undocumented-return-value"
        case needlessAnswer = "needless-answer"
        case answerOfSuccess = "answer-of-success"

        // Functions, types and constants
        case codeSetOrder = "code-set-order"
        case duplicateValue = "duplicate-value"
        case lacksNothing = "lacks-nothing"
        case listedByAVendor = "listed-by-a-vendor"
        case laterThanItsUser = "later-than-its-user"
        case sinceGoesBackwards = "since-goes-backwards"
        case versionOrder = "version-order"
        case typeOfItself = "type-of-itself"
        case typeOrder = "type-order"
        case noNumber = "no-number"
        case missingPrefix = "missing-prefix"
        case missingNoun = "missing-noun"
        case prefix
        case aliasCircle = "alias-circle"
        case equalValues = "equal-values"
        case duplicateDifference = "duplicate-difference"
        case repeatedOverlay = "repeated-overlay"
        case emptyVersion = "empty-version"

        // Templates and outputs
        case noTemplate = "no-template"
        case stale
        case templateBadName = "template-bad-name"
        case templateDeepNesting = "template-deep-nesting"
        case templateDottedName = "template-dotted-name"
        case templateDuplicateName = "template-duplicate-name"
        case templateEndless = "template-endless"
        case templateIndentedPartial = "template-indented-partial"
        case templateRecursivePartial = "template-recursive-partial"
        case templateSectionAsValue = "template-section-as-value"
        case templateStrayClose = "template-stray-close"
        case templateTextAsSection = "template-text-as-section"
        case templateUnclosedSection = "template-unclosed-section"
        case templateUnclosedTag = "template-unclosed-tag"
        case templateUnknownName = "template-unknown-name"
        case templateUnknownPartial = "template-unknown-partial"
        case templateUnknownTemplate = "template-unknown-template"
        case templateUnsupportedTag = "template-unsupported-tag"
        case templateWrongClose = "template-wrong-close"

        // Call logs
        case log

        /// Whether the diagnostic leaves no result.
        package var severity: Severity {
            switch self {
            case .dualWithoutPair, .stale: .warning
            default: .error
            }
        }
    }
}
