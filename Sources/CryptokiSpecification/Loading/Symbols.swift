// SPDX-License-Identifier: MIT

/// The names that the data declares, by what they name.
struct Symbols {
    var documents = Names<Document>("document", unknown: .unknownDocument)
    var phases = Names<Phase>("phase", unknown: .unknownPhase)
    var perspectives = Names<Perspective>("perspective")
    var operations = Names<Operation>("operation", unknown: .unknownOperation)
    var pairs = Names<Never>("pair", unknown: .unknownPair, isListedByName: true)
    var withdrawals = Names<Never>("withdrawal", isListedByName: true)
    var groups = Names<Group>("group", unknown: .unknownGroup)
    var rules = Names<Never>("rule", unknown: .unknownRule, isListedByName: true)
    var policies = Names<Policy>("policy", unknown: .unknownPolicy)
    var exclusions = Names<Exclusion>("exclusion", unknown: .unknownExclusion)
    var facts = Names<Fact>("fact", unknown: .unknownFact)
    var uses = Names<Use>("use", unknown: .unknownUse)
    var outcomes = Names<Outcome>("outcome", unknown: .unknownOutcome)
    var readings = Names<Reading>("reading", unknown: .unknownReading)
    var roles = Names<Role>("role", unknown: .unknownRole)
    var codeSets = Names<CodeSet>("code set", unknown: .unknownCodeSet)
    var functions = Names<Never>("function")
    var versions = Names<Never>("version", unknown: .unknownVersion)
    var types = Names<Never>("type", unknown: .unknownType, isListedByName: true)
    var constants = Names<Never>("constant", unknown: .unknownConstant, isListedByName: true)
}
