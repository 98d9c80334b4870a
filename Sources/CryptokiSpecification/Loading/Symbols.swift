// SPDX-License-Identifier: MIT

/// The names that the data declares, by what they name.
struct Symbols {
    var documents = Names<Document>("document")
    var phases = Names<Phase>("phase")
    var perspectives = Names<Perspective>("perspective")
    var operations = Names<Operation>("operation")
    var pairs = Names<Never>("pair", isListedByName: true)
    var withdrawals = Names<Never>("withdrawal", isListedByName: true)
    var groups = Names<Group>("group")
    var rules = Names<Never>("rule", isListedByName: true)
    var policies = Names<Policy>("policy")
    var exclusions = Names<Exclusion>("exclusion")
    var facts = Names<Fact>("fact")
    var uses = Names<Use>("use")
    var outcomes = Names<Outcome>("outcome")
    var readings = Names<Reading>("reading")
    var roles = Names<Role>("role")
    var codeSets = Names<CodeSet>("code set")
    var functions = Names<Never>("function")
    var versions = Names<Never>("version")
    var types = Names<Never>("type", isListedByName: true)
    var constants = Names<Never>("constant", isListedByName: true)
}
