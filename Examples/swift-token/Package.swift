// swift-tools-version: 6.1
// SPDX-License-Identifier: MIT

import PackageDescription

let package = Package(
    name: "swift-token",
    products: [.library(name: "swift-token", type: .dynamic, targets: ["SwiftToken"])],
    dependencies: [.package(name: "p11gen", path: "../..")],
    targets: [
        .target(
            name: "SwiftToken",
            dependencies: [
                .product(name: "CCryptoki", package: "p11gen"), .product(name: "CryptokiSession", package: "p11gen"),
            ],
            // A module is loaded into programs that have other modules, and Swift, of their own. So only C_ names are exported,
            // and it stays loaded when it is closed: the Swift runtime remembers the types of what it has seen.
            linkerSettings: [
                .unsafeFlags([
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/exports.map", "-Xlinker", "-z",
                    "-Xlinker",
                    "nodelete",
                ])
            ])
    ],
    swiftLanguageModes: [.v6]
)
