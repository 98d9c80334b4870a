// SPDX-License-Identifier: MIT

/// The names that the data declares, by what they name.
struct Symbols {
    var documents = Names("document")
    var phases = Names("phase")
    var perspectives = Names("perspective")
    var operations = Names("operation")
    var pairs = Names("pair")
    var withdrawals = Names("withdrawal")
    var groups = Names("group")
    var rules = Names("rule")
    var policies = Names("policy")
    var exclusions = Names("exclusion")
    var facts = Names("fact")
    var uses = Names("use")
    var outcomes = Names("outcome")
    var readings = Names("reading")
    var roles = Names("role")
    var codeSets = Names("code set")
    var functions = Names("function")
    var versions = Names("version")
    var types = Names("type")
    var constants = Names("constant")
}
