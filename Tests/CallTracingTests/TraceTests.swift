// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What is said of logs: written by hand, and made by the programs that people use.
struct TraceTests {
    private func trace(_ log: String, _ arguments: String...) throws -> CommandResult {
        try Project.withFolder { folder in
            let file = "\(folder)/log"
            try Data(log.utf8).write(to: URL(filePath: file))
            let words = arguments.map { "'\($0)'" }.joined(separator: " ")
            return try run("sh", ["-c", "'\(Project.generator)' trace \(words) < '\(file)'"])
        }
    }

    // MARK: Logs by hand

    @Test func everyCallAndTheCulprit() throws {
        let result = try trace(
            """
            # A search that nobody ends.
            C_DigestInit CKR_OK
            C_FindObjectsInit CKR_OK
            C_DigestFinal query CKR_OK
            C_DigestFinal 0x0
            C_EncryptInit 0x90
            C_CloseSession CKR_OK

            """)
        #expect(result.status == 1)
        #expect(
            result.output == """
                2: C_DigestInit CKR_OK: digest ready
                3: C_FindObjectsInit CKR_OK: find ready, digest ready
                    breaks search-beside-cryptographic: A search cannot start while a cryptographic operation is active. (Usage Guide 3.2, 4.1 Operations, sessions, and threads); the module let it through
                    digest is active since line 2: C_DigestInit
                4: C_DigestFinal (query) CKR_OK: find ready, digest ready
                5: C_DigestFinal CKR_OK: find ready
                6: C_EncryptInit CKR_OPERATION_ACTIVE: find ready
                    refused, as cryptographic-beside-search: A cryptographic operation cannot start while a search is active. (Base 3.2, 5.1.6 All other Cryptoki function return values)
                    find is active since line 3: C_FindObjectsInit
                7: C_CloseSession CKR_OK: every operation is idle
                    find was still active when its session ended: left by C_FindObjectsInit in line 3
                6 calls, 1 sessions, 1 rules broken, 1 operations left open (usage-guide, observer)

                """, "\(result)")
    }

    @Test func sessionsAreToldApart() throws {
        let log = """
            C_DigestInit session=a CKR_OK
            C_FindObjectsInit session=b CKR_OK
            C_DigestFinal session=a CKR_OK
            C_FindObjectsFinal session=b CKR_OK

            """
        let result = try trace(log)
        #expect(result.status == 0, "\(result)")
        #expect(
            result.output.hasSuffix(
                "4 calls, 2 sessions, 0 rules broken, 0 operations left open (usage-guide, observer)\n"))
        #expect(try trace(log.replacingOccurrences(of: "session=b", with: "session=a")).status == 1)
    }

    @Test func anotherPolicyAndPerspective() throws {
        let log = "C_DigestInit CKR_OK\nC_EncryptInit CKR_OK\nC_DigestFinal CKR_OK\nC_EncryptFinal CKR_OK\n"
        #expect(try trace(log).status == 0)
        let single = try trace(log, "--policy", "single", "--quiet")
        #expect(single.status == 1 && single.output.contains("2: C_EncryptInit CKR_OK"), "\(single)")
        #expect(single.output.contains("breaks no-dual-operations"))
        #expect(try trace(log, "--perspective", "owner").status == 0)
        #expect(try trace(log, "--policy", "singel").status == 64)
    }

    /// Logging in touches every session: what was active may be so no more.
    @Test func aLoginTouchesOtherSessions() throws {
        let result = try trace(
            "C_DigestInit session=a CKR_OK\nC_Login session=b CKR_OK\nC_DigestUpdate session=a CKR_OK\n")
        #expect(result.output.contains("session a, C_DigestUpdate CKR_OK: digest parts"), "\(result)")
        #expect(
            result.output.contains(
                "digest was still active in session a when the log ended: left by C_DigestInit in line 1"))
    }

    @Test(arguments: [
        (
            "C_DigestInt CKR_OK",
            """
            <standard input>:1:1: error: unknown function 'C_DigestInt'; did you mean 'C_DigestInit'? [log]
                1 | C_DigestInt CKR_OK
                  | ^~~~~~~~~~~
            p11gen: 1 error; nothing was traced
            """
        ),
        (
            "\nC_DigestInit",
            """
            <standard input>:2:1: error: missing return value of C_DigestInit; append its name or number [log]
                2 | C_DigestInit
                  | ^~~~~~~~~~~~
            p11gen: 1 error; nothing was traced
            """
        ),
        (
            "C_DigestInit CKR_KO # é\r\nC_DigestFinal CKR_OK\r\n\tC_Digest(1) CKR_OK",
            """
            <standard input>:1:14: error: 'CKR_KO' is not a return value, fact, flag or 'session=…'; did you mean 'CKR_OK'? [log]
                1 | C_DigestInit CKR_KO # é
                  |              ^~~~~~
            <standard input>:3:2: error: unknown function 'C_Digest(1)'; write 'C_Digest' alone [log]
                3 |         C_Digest(1) CKR_OK
                  |         ^~~~~~~~~~~
            p11gen: 2 errors; nothing was traced
            """
        ),
        (
            "root:x:0:0\nbin:x:2:2\nsys:x:3:3\nsync:x:4:4\n",
            """
            <standard input>:1:1: error: not a log of calls; write lines such as 'C_EncryptInit CKR_OK' [log]
                1 | root:x:0:0
                  | ^~~~~~~~~~
            p11gen: 1 error; nothing was traced
            """
        ),
        (
            "C_DigestInit = CKR_OK\n",
            """
            <standard input>:1:1: error: the log looks like 'p11-kit', but no call in it is complete; write lines such as 'C_EncryptInit CKR_OK' [log]
                1 | C_DigestInit = CKR_OK
                  | ^~~~~~~~~~~~~~~~~~~~~
            p11gen: 1 error; nothing was traced
            """
        ),
    ])
    func aLogThatCannotBeRead(_ log: String, _ message: String) throws {
        let result = try trace(log)
        #expect(result.status == 65)
        #expect(result.errors == "\(message)\n")
    }

    /// A log may have been made by somebody who wants something of whoever looks at it.
    @Test func whatATerminalWouldObeyIsWrittenOut() throws {
        let result = try trace("C_DigestInit session=\u{1B}[2J 99\nC_DigestFinal session=\u{1B}[2J CKR_OK\n")
        #expect(
            result.output.hasPrefix(
                "1: session <U+001B>[2J, C_DigestInit CKR_KEY_TYPE_INCONSISTENT: every operation is idle\n"),
            "\(result)"
        )
        let unread = try trace("C_DigestInit \u{9B}2J\n")
        #expect(
            unread.errors.hasPrefix("<standard input>:1:14: error: '<U+009B>2J' is not a return value"), "\(unread)")
        #expect(!(result.output + unread.errors).contains { "\u{1B}\u{9B}".contains($0) })
    }

    /// Each login touches the sessions in which something is active, not all that there ever were.
    @Test func manySessionsInTurn() throws {
        let log = (0..<3000).map { number in
            ["C_OpenSession", "C_Login", "C_DigestInit", "C_DigestFinal", "C_CloseSession"]
                .map { "\($0) session=\(number) CKR_OK\n" }.joined()
        }
        let result = try trace(log.joined(), "--quiet")
        #expect(result.status == 0, "\(result)")
        #expect(
            result.output.hasPrefix("15000 calls, 3000 sessions, 0 rules broken, 0 operations left open"), "\(result)")
    }

    /// Calls that never return, and answers to calls that nobody made; only so many are waited for.
    @Test func manyCallsThatNeverReturn() throws {
        let log =
            "C_Login\n" + String(repeating: "C_Sign\n", count: 20_000)
            + String(repeating: "C_Other = CKR_OK\n", count: 20_000) + "C_Sign = CKR_OK\nC_Login = CKR_OK\n"
        let result = try trace(log, "--quiet", "--input-format", "p11-kit")
        #expect(result.output.contains("1 calls, 0 sessions, "), "\(result)")
    }

    // MARK: Logs of pkcs11-spy and p11-kit around SoftHSM2

    private static let spy = "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so"
    private static let proxy = "/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so"

    /// A folder with a token that has a user, and a way to run programs as somebody who has a configuration of their own:
    /// p11-kit does not read root's.
    private func withToken(_ body: (String, ([String], [String: String]) throws -> CommandResult) throws -> Void) throws
    {
        for package in ["opensc", "p11-kit", "p11-kit-modules", "softhsm2"] { try require(package: package) }
        try Project.withFolder { folder in
            let token = try SoftHSM(folder: folder)
            let modules = "\(folder)/.config/pkcs11/modules"
            try FileManager.default.createDirectory(atPath: modules, withIntermediateDirectories: true)
            try "user-config: only\n".write(
                toFile: "\(folder)/.config/pkcs11/pkcs11.conf", atomically: true, encoding: .utf8)
            try "module: \(SoftHSM.module)\nlog-calls: yes\n".write(
                toFile: "\(modules)/softhsm.module", atomically: true, encoding: .utf8)
            let program = "\(folder)/leave_search_open"
            let compiled = try run(
                "gcc",
                [
                    "-std=c99", "-D_GNU_SOURCE", "-I", "Sources/Generated/c/include",
                    "Tests/Programs/leave_search_open.c",
                    "-o", program, "-ldl",
                ])
            try #require(compiled.status == 0, "\(compiled)")
            try #require(try run("chmod", ["-R", "a+rwX", folder]).status == 0)
            let isRoot = try run("id", ["-u"]).output == "0\n"
            let somebody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
            func call(_ words: [String], _ more: [String: String] = [:]) throws -> CommandResult {
                let all = somebody + words
                let environment = token.environment.merging(["HOME": folder, "XDG_CONFIG_HOME": "\(folder)/.config"]) {
                    $1
                }
                return try run(
                    all[0], Array(all.dropFirst()), in: folder, environment: environment.merging(more) { $1 })
            }
            let made = try call(
                ["softhsm2-util", "--init-token", "--free", "--label", "token", "--pin", "1234", "--so-pin", "1234"])
            try #require(made.status == 0, "\(made)")
            try body(program, call)
        }
    }

    /// A well-behaved client: nothing to say. It tries what the module cannot do, so its own end does not matter.
    @Test(arguments: [spy, proxy])
    func aWellBehavedClient(_ module: String) throws {
        try withToken { _, call in
            let client = try call(
                ["pkcs11-tool", "--module", module, "--login", "--pin", "1234", "--test"], ["PKCS11SPY": SoftHSM.module]
            )
            let result = try trace(client.errors, "--quiet")
            #expect(result.status == 0, "\(result)")
            print("pkcs11-tool --test through \(module): \(result.output)", terminator: "")
            let calls = try #require(result.output.split(separator: " ").first.flatMap { Int($0) })
            #expect(calls > 100, "\(client)")
        }
    }

    /// The application that leaves a search open is told of, with the line and the session.
    @Test func theCulpritInRealLogs() throws {
        try withToken { program, call in
            let viaSpy = try call([program, Self.spy], ["PKCS11SPY": SoftHSM.module])
            #expect(viaSpy.status == 0, "\(viaSpy)")
            let viaKit = try call([program, Self.proxy], [:])
            #expect(viaKit.status == 0, "\(viaKit)")
            for log in [viaSpy.errors, viaKit.errors] {
                let lines = log.components(separatedBy: "\n")
                let start = try #require(lines.firstIndex { $0.hasSuffix("C_FindObjectsInit") }) + 1
                let result = try trace(log)
                #expect(result.status == 1)
                #expect(
                    result.output.contains(
                        "when its session ended: left by C_FindObjectsInit in line \(start)\n"), "\(result)")
                #expect(result.output.contains("find is active since line \(start): C_FindObjectsInit"), "\(result)")
                #expect(result.output.contains(" 2 sessions, "), "\(result)")
                #expect(result.output.contains("1 operations left open"), "\(result)")
            }
        }
    }
}
