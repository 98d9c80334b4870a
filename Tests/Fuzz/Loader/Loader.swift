// SPDX-License-Identifier: MIT

import FuzzSupport
import Glibc
import SourceDiagnostics

@testable import CodeGeneration
@testable import CryptokiSpecification
@testable import RuleAnalysis
@testable import RuleCompiler
@testable import StrictMustache

/// Takes an input for the files of a specification: each has a section of its own, and those that are not there are the base's. An
/// overlay is only laid over it where it has a section. Nothing of the work tree is written: the files are in memory.
@c(LLVMFuzzerTestOneInput)
public func loadInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let sections = Sections(UnsafeBufferPointer(start: data, count: size))
    for file in base.keys { workshop.put(file, sections[file]) }
    let overlays = sections["overlay.xml"] == nil ? [] : [workshop.path("overlay.xml")]
    let files = Specification.Files(
        specification: workshop.path("cryptoki.xml"), schema: "spec/cryptoki.rng", overlays: overlays)
    let first = Outcome(files)
    // What takes long is not done with each: which of it, the input decides.
    let lot = sections.all.reduce(0) { $1.text.reduce($0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } }
    if lot % 4 == 0 { expect(first.messages == Outcome(files).messages, "the same is said twice") }
    for message in first.messages { check(message) }
    for diagnostic in first.diagnostics.prefix(8) { checkRendering(of: diagnostic) }
    guard let data = first.data else {
        expect(first.messages.contains { $0.contains(": error: ") }, "a failure has a reason")
        return 0
    }
    let versions = data.tables.specification.registry.versions.map(\.name)
    guard !versions.isEmpty, lot % (versions.count + 1) > 0 else {
        goOn(with: data.tables, data.json)
        return 0
    }
    let older = Outcome(files, version: versions[lot % (versions.count + 1) - 1])
    // That a version has nothing to do with operations is said, and no fault of the data.
    if let data = older.data { goOn(with: data.tables, data.json) }
    return 0
}

/// What comes of files.
private struct Outcome {
    var data: RuleData?
    var diagnostics: [Diagnostic]
    var messages: [String] { diagnostics.map(\.description) }

    init(_ files: Specification.Files, version: String? = nil) {
        do throws(DiagnosticsError) {
            let data = try RuleData(files, version: version)
            self.data = data
            diagnostics = data.warnings
        } catch {
            diagnostics = error.diagnostics
        }
    }
}

/// `file:line:column: error: …`, and the notes of the same form, in the files that were read.
private func check(_ message: String) {
    for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
        let parts = line.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
        expect(parts.count == 5 && isOneLine(line), "a message has its form: \(message)")
        let file = parts[0].split(separator: "/").last ?? ""
        guard let text = workshop.texts[String(file)] else {
            // One that the data names and that is not there.
            return expect(parts[1...3] == ["1", "1", " error"], "a message is about a file: \(message)")
        }
        let lines = text.split(separator: 10, omittingEmptySubsequences: false)
        guard let number = Int(parts[1]), let column = Int(parts[2]), lines.indices.contains(number - 1) else {
            return expect(false, "a message has a place: \(message)")
        }
        let letters = String(decoding: lines[number - 1], as: UTF8.self).count
        expect((1...letters + 1).contains(column), "a message has a place in its file: \(message)")
        expect([" error", " warning", " note"].contains(parts[3]), "a message says how bad it is: \(message)")
    }
}

/// Does with data without errors what the program does.
private func goOn(with tables: RuleTables, _ json: String) {
    expect(json.hasSuffix("}\n"), "the export is whole")
    let specification = tables.specification
    let values = LazyRecord(OutputContext(tables: tables, source: "cryptoki.xml").parts)
    for output in outputs {
        do throws(DiagnosticsError) {
            let text = try library.bytes(of: output, values, escaping: Pipeline.escaping(of: output))
            expect(!text.isEmpty, "an output has a text")
        } catch {
            expect(false, "\(output) has what it needs: \(error.diagnostics)")
        }
    }
    let explanation = Explanation(specification)
    let names = specification.functions.map(\.name) + specification.operations.map(\.name)
    for name in names + specification.policies.map(\.name) + specification.roles.map(\.name) {
        do throws(Explanation.Unknown) {
            expect(!(try explanation.lines(for: [name])).isEmpty, "there is something to say of \(name)")
        } catch {
            expect(false, "what there is can be explained: \(error.message)")
        }
    }
}

// MARK: What all inputs have in common

private let base: [String: [UInt8]] = {
    let files = ["cryptoki.xml", "headings.xml", "registry.xml", "overlay.xml"]
    return Dictionary(uniqueKeysWithValues: files.map { ($0, contents(of: "Tests/SpecificationTests/Base/\($0)")) })
}()

/// The folder with the files. Few inputs have all of them: what stands in one already is not written again.
private struct Workshop {
    private(set) var texts: [String: [UInt8]] = [:]

    func path(_ file: String) -> String { "\(scratchFolder)/\(file)" }

    mutating func put(_ file: String, _ text: [UInt8]?) {
        let text = text ?? base[file] ?? []
        if texts[file] == text { return }
        texts[file] = text
        FuzzSupport.put(text, in: path(file))
    }
}
private nonisolated(unsafe) var workshop = Workshop()

/// Every template of the package.
private let templates: [String] = {
    var found: [String] = []
    do throws(DiagnosticsError) {
        found = try FileSystem.files(below: "Templates").filter { $0.hasSuffix(".mustache") }
    } catch {
        fatalError("run the harness in the package's folder: \(error.diagnostics)")
    }
    return found.map { String($0.dropLast(".mustache".count)) }
}()

private let outputs = templates.filter { $0.contains("/") }

private let library: TemplateLibrary = {
    let sources = templates.map { name in
        let file = "Templates/\(name).mustache"
        return (name: name, file: file, text: String(decoding: contents(of: file), as: UTF8.self))
    }
    do throws(DiagnosticsError) {
        return try TemplateLibrary(sources)
    } catch {
        fatalError("\(error.diagnostics)")
    }
}()

/// Lines and words of the base are what changes are made of.
@c(LLVMFuzzerInitialize)
public func prepareLoader(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    quarry = base.values.sorted { $0.count > $1.count }
    atexit {
        for file in base.keys { unlink("\(scratchFolder)/\(file)") }; rmdir(scratchFolder)
    }
    return 0
}
