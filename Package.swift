// swift-tools-version: 6.1
// SPDX-License-Identifier: MIT

import PackageDescription

// With P11_EMBEDDED=1 the guard is built in Embedded Swift, which brings no runtime into the processes that load it. Nothing else can
// be built that way, and what is built ordinarily cannot import it: hence a switch, and a build folder of its own (see the Makefile).
let isEmbedded = Context.environment["P11_EMBEDDED"] == "1"
let embedded: [SwiftSetting] = isEmbedded ? [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo"])] : []

// With P11_FUZZ=1 there are the harnesses of Tests/Fuzz as well, which need a build of their own (see the Makefile).
let isFuzzed = Context.environment["P11_FUZZ"] == "1"

// The tests load data thousands of times, which takes unoptimised code several times as long: the modules that do so are optimised in
// debug builds as well, with every assertion.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

let package = Package(
    name: "p11gen",
    products: [
        .executable(name: "p11gen", targets: ["p11gen"]),
        .executable(name: "p11probe", targets: ["p11probe"]),
        .library(name: "CryptokiSession", targets: ["CryptokiSession"]),
        .library(name: "CCryptoki", targets: ["CCryptoki"]),
        .library(name: "p11guard", type: .dynamic, targets: ["p11guard"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    ],
    targets: [
        // The generator. It depends on nothing that it generates: a broken output is always repaired by generating again.
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .target(name: "Spelling", swiftSettings: optimized),
        .target(name: "SourceDiagnostics", swiftSettings: optimized),
        .target(name: "StageTimes", swiftSettings: optimized),
        .target(name: "TypedTables", swiftSettings: optimized),
        .target(name: "PathArgument"),
        .target(
            name: "ValidatedXML", dependencies: ["CLibXML2", "SourceDiagnostics", "Spelling"],
            swiftSettings: optimized),
        .target(
            name: "CryptokiSpecification",
            dependencies: ["SourceDiagnostics", "Spelling", "StageTimes", "TypedTables", "ValidatedXML"],
            swiftSettings: optimized),
        .target(
            name: "RuleCompiler", dependencies: ["CryptokiSpecification", "SourceDiagnostics", "TypedTables"]),
        .target(
            name: "RuleAnalysis",
            dependencies: ["CryptokiSpecification", "SourceDiagnostics", "Spelling", "TypedTables"]),
        .target(
            name: "CallTracing",
            dependencies: ["CryptokiSpecification", "RuleAnalysis", "SourceDiagnostics", "Spelling", "TypedTables"]),
        .target(
            name: "StrictMustache", dependencies: ["SourceDiagnostics", "Spelling"], swiftSettings: optimized),
        .target(
            name: "CodeGeneration",
            dependencies: [
                "CryptokiSpecification", "RuleAnalysis", "RuleCompiler", "SourceDiagnostics", "Spelling", "StageTimes",
                "StrictMustache", "TypedTables",
            ]),
        .executableTarget(
            name: "p11gen",
            dependencies: [
                "CallTracing", "CodeGeneration", "CryptokiSpecification", "PathArgument", "RuleAnalysis",
                "SourceDiagnostics", "Spelling", "StageTimes",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // Probes what a module allows at the same time.
        .executableTarget(
            name: "p11probe",
            dependencies: [
                "CryptokiSession", "CCryptoki", "PathArgument",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // What it generates.
        .target(name: "CCryptoki", path: "Sources/Generated/c"),
        .target(
            name: "CryptokiSession", path: "Sources/Generated/swift",
            exclude: isEmbedded ? ["CryptokiNames.swift", "SessionEntry.swift"] : [], swiftSettings: embedded),

        // The guard: hand-written and generated sources in one module. Only C_ names are exported, and calls among them are its own
        // even where a program has others of the same names.
        // In the form of debug information that Swift has: valgrind does not understand a mixture.
        .target(name: "CPlatform", cSettings: [.unsafeFlags(["-gdwarf-4"])]),
        .target(
            name: "p11guard", dependencies: ["CCryptoki", "CPlatform", "CryptokiSession"], exclude: ["exports.map"],
            swiftSettings: embedded,
            linkerSettings: [
                .unsafeFlags([
                    "-Xlinker", "--version-script=Sources/p11guard/exports.map", "-Xlinker", "-Bsymbolic", "-Xlinker",
                    "--gc-sections", "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "now",
                ])
            ]),

        // Tests. swift-mustache is their second opinion about the renderer.
        .target(name: "CTestSupport", path: "Tests/CTestSupport"),
        .target(
            name: "TestSupport",
            dependencies: ["CTestSupport", "StrictMustache", .product(name: "Mustache", package: "swift-mustache")],
            path: "Tests/TestSupport"),
        .executableTarget(
            name: "equivalence", dependencies: ["CodeGeneration", "RuleAnalysis", "CCryptoki", "CryptokiSession"],
            path: "Tests/Equivalence"),
        .executableTarget(
            name: "load-concurrently", dependencies: ["CryptokiSpecification", "SourceDiagnostics"],
            path: "Tests/ConcurrentLoading"),
        .testTarget(name: "SourceDiagnosticsTests", dependencies: ["SourceDiagnostics"]),
        .testTarget(name: "StrictMustacheTests", dependencies: ["SourceDiagnostics", "StrictMustache", "TestSupport"]),
        .testTarget(
            name: "SpecificationTests",
            dependencies: ["CodeGeneration", "CryptokiSpecification", "SourceDiagnostics", "TestSupport"],
            exclude: ["Base", "Faults"]),
        .testTarget(name: "EnforcementTests", dependencies: ["CCryptoki", "CryptokiSession", "TestSupport"]),
        .testTarget(
            name: "GenerationTests",
            dependencies: ["CodeGeneration", "CCryptoki", "SourceDiagnostics", "TestSupport", "p11gen"]),
        .testTarget(name: "RuleAnalysisTests", dependencies: ["TestSupport", "p11gen"]),
        .testTarget(name: "CallTracingTests", dependencies: ["TestSupport", "p11gen"]),
        .testTarget(name: "CommandLineTests", dependencies: ["TestSupport", "p11gen"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["CCryptoki", "CodeGeneration", "CryptokiSession", "TestSupport", "p11gen"]),
        .testTarget(name: "ProbeTests", dependencies: ["TestSupport", "p11probe"]),
        .testTarget(name: "GuardTests", dependencies: ["TestSupport"]),
        .testTarget(name: "ClientTests", dependencies: ["TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

if isFuzzed {
    // Coverage for libFuzzer and the address sanitizer at once, which the package manager's own option cannot say; optimised, with
    // every assertion; and what is internal can be imported.
    let instrumented: [SwiftSetting] = [
        .unsafeFlags(["-sanitize=fuzzer,address", "-assert-config", "Debug", "-enable-testing"])
    ]
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(name: "FuzzSupport", dependencies: ["CFuzzer", "SourceDiagnostics"], path: "Tests/Fuzz/Support"),
    ]
    // Outside of the guard's own files only these functions are called: a harness stands in for them.
    let wrapped = ["platform_write", "platform_open_log", "platform_has_standard_error"].flatMap {
        ["-Xlinker", "--wrap=\($0)"]
    }
    func harness(_ name: String, _ tested: [Target.Dependency], _ linking: [String] = []) -> Target {
        .executableTarget(
            name: "fuzz-\(name.lowercased())", dependencies: ["FuzzSupport"] + tested, path: "Tests/Fuzz/\(name)",
            exclude: ["seeds", "regressions", "dictionary"], swiftSettings: [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"] + linking)])
    }
    package.targets += [
        harness("Loader", ["CodeGeneration", "RuleAnalysis", "StrictMustache"]),
        harness("Renderer", ["StrictMustache"]),
        harness("Trace", ["CallTracing", "CodeGeneration", "RuleAnalysis"]),
        harness("Configuration", ["p11guard"], wrapped),
    ]
    for target in package.targets where [.regular, .executable].contains(target.type) {
        target.swiftSettings = (target.swiftSettings ?? []) + instrumented
        // How the guard is linked when it is delivered is nothing for a program.
        if target.name == "p11guard" { target.linkerSettings = nil }
    }
}
