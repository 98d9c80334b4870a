// SPDX-License-Identifier: MIT

/// What is wrong with a configuration, and what the guard says of it.
struct ConfigurationFault: Sendable, CustomStringConvertible {
    let name: String
    /// In all texts FOLDER is the folder that holds the guard, which is called guard.so there, and PROGRAMS that of the modules.
    var environment: [String: String] = [:]
    /// The text of the file beside the guard, which is called so; nil: there is none.
    var file: String?
    var fileName = "guard.conf"
    var guardName = "guard.so"
    /// A copy of the guard under each of these names, and a file beside it.
    var copies: [String: String] = [:]
    /// Whether the guard works all the same.
    var works = false
    /// The lines of the log but those of violations, as a whole.
    let log: [String]

    var description: String { name }

    private static let choices = "there are: module, policy, mode, threads, log, reference"
    private static let policies = "is no policy; there are: auto, usage-guide, single, per-kind, strict"
    private static let noLog = "is no log file, but what the process has open; write 'stderr' or a path"
    private static let none =
        "error: no module is given: set P11GUARD_MODULE, or write 'module: PATH' into a file with the guard's name and .conf"
    private static let good = ["P11GUARD_MODULE": "PROGRAMS/permissive.so"]
    private static func good(_ name: String, _ value: String) -> [String: String] { good.merging([name: value]) { $1 } }

    private static let tooLong =
        "FOLDER/" + String(repeating: "./", count: 1200) + String(repeating: "x", count: 200)

    static let all: [ConfigurationFault] = [
        // The module.
        .init(name: "none", log: [none]),
        .init(name: "an empty variable", environment: ["P11GUARD_MODULE": ""], log: [none]),
        .init(
            name: "no such file", environment: ["P11GUARD_MODULE": "FOLDER/none.so"],
            log: [
                "none.so: error: the module cannot be loaded: FOLDER/none.so: cannot open shared object file: No such file or directory"
            ]),
        .init(
            name: "a text", environment: ["P11GUARD_MODULE": "FOLDER/guard.conf"], file: "# nothing\n",
            log: ["guard.conf: error: the module cannot be loaded: FOLDER/guard.conf: file too short"]),
        .init(
            name: "a folder", environment: ["P11GUARD_MODULE": "FOLDER"],
            log: ["LAST: error: the module cannot be loaded: FOLDER: cannot read file data: Is a directory"]),
        .init(
            name: "a function is missing", environment: ["P11GUARD_MODULE": "PROGRAMS/undefined.so"],
            log: [
                "undefined.so: error: the module cannot be loaded: PROGRAMS/undefined.so: undefined symbol: nobody_has_this"
            ]),
        .init(
            name: "no module", environment: ["P11GUARD_MODULE": "libm.so.6"],
            log: ["libm.so.6: error: the module has no C_GetFunctionList: it is no PKCS #11 module"]),
        .init(
            name: "its list is an error", environment: ["P11GUARD_MODULE": "PROGRAMS/odd.so", "ODD": "error"],
            log: ["odd.so: error: the module's C_GetFunctionList gives no function list"]),
        .init(
            name: "its list is NULL", environment: ["P11GUARD_MODULE": "PROGRAMS/odd.so", "ODD": "null"],
            log: ["odd.so: error: the module's C_GetFunctionList gives no function list"]),
        // The guard as its own module.
        .init(
            name: "itself", environment: ["P11GUARD_MODULE": "FOLDER/guard.so"],
            log: ["guard.so: error: the module is this guard itself"]),
        .init(
            name: "itself by another way", environment: ["P11GUARD_MODULE": "FOLDER/../LAST/./guard.so"],
            log: ["guard.so: error: the module is this guard itself"]),
        .init(
            name: "two that load each other", file: "module: FOLDER/second.so\n",
            copies: ["second": "module: FOLDER/guard.so\n"],
            log: [
                "second.so: error: the module would load this guard, which would load the module, and so on: FOLDER/second.so",
                "guard.so: error: the module's C_GetFunctionList gives no function list",
                "second.so: error: the module's C_GetFunctionList gives no function list",
            ]),
        .init(
            name: "three in a ring", file: "module: FOLDER/second.so\n",
            copies: ["second": "module: FOLDER/third.so\n", "third": "module: FOLDER/guard.so\n"],
            log: [
                "second.so: error: the module would load this guard, which would load the module, and so on: FOLDER/second.so",
                "guard.so: error: the module's C_GetFunctionList gives no function list",
                "third.so: error: the module's C_GetFunctionList gives no function list",
                "second.so: error: the module's C_GetFunctionList gives no function list",
            ]),
        .init(
            name: "a module that calls the guard while it is loaded",
            environment: ["P11GUARD_MODULE": "PROGRAMS/odd.so", "ODD": "calling", "ODD_GUARD": "FOLDER/guard.so"],
            works: true,
            log: [
                "odd.so: error: the module would load this guard, which would load the module, and so on: PROGRAMS/odd.so"
            ]),
        .init(
            name: "one behind another is no fault", file: "module: FOLDER/second.so\n",
            copies: ["second": "module: PROGRAMS/permissive.so\n"], works: true, log: []),
        // Values.
        .init(
            name: "policy", environment: good("P11GUARD_POLICY", "lax"),
            log: ["error: P11GUARD_POLICY: 'lax' \(policies)"]),
        .init(
            name: "policy in capitals", environment: good("P11GUARD_POLICY", "Strict"),
            log: ["error: P11GUARD_POLICY: 'Strict' \(policies)"]),
        .init(
            name: "policy with a blank", environment: good("P11GUARD_POLICY", "strict "),
            log: ["error: P11GUARD_POLICY: 'strict ' \(policies)"]),
        .init(
            name: "mode", environment: good("P11GUARD_MODE", "on"),
            log: ["error: P11GUARD_MODE: 'on' is no mode; there are: enforce, report, off"]),
        .init(
            name: "threads", environment: good("P11GUARD_THREADS", "serialise"),
            log: [
                "error: P11GUARD_THREADS: 'serialise' is no way to treat threads; there are: report, refuse, serialize"
            ]),
        .init(
            name: "a log that is no file", environment: good("P11GUARD_LOG", "/dev/stdout"),
            log: ["error: P11GUARD_LOG: '/dev/stdout' \(noLog)"]),
        .init(
            name: "other names for what is open", environment: good, file: "log: /dev/stderr\n",
            log: ["error: FOLDER/guard.conf:1: '/dev/stderr' \(noLog)"]),
        .init(
            name: "a log by its number", environment: good("P11GUARD_LOG", "/dev/fd/1"),
            log: ["error: P11GUARD_LOG: '/dev/fd/1' \(noLog)"]),
        .init(
            name: "a log by its number in /proc", environment: good("P11GUARD_LOG", "/proc/self/fd/1"),
            log: ["error: P11GUARD_LOG: '/proc/self/fd/1' \(noLog)"]),
        .init(
            name: "three at once",
            environment: good.merging(["P11GUARD_POLICY": "a", "P11GUARD_MODE": "b", "P11GUARD_THREADS": "c"]) { $1 },
            log: [
                "error: P11GUARD_POLICY: 'a' \(policies)",
                "error: P11GUARD_MODE: 'b' is no mode; there are: enforce, report, off",
                "error: P11GUARD_THREADS: 'c' is no way to treat threads; there are: report, refuse, serialize",
            ]),
        .init(
            name: "a line break in a value", environment: good("P11GUARD_MODE", "off\nrefused C_Sign"),
            log: ["error: P11GUARD_MODE: 'off?refused C_Sign' is no mode; there are: enforce, report, off"]),
        // The file.
        .init(
            name: "an unknown key", environment: good, file: "modul: x\n",
            log: ["error: FOLDER/guard.conf:1: 'modul' is no key; \(choices)"]),
        .init(
            name: "a key in capitals", environment: good, file: "Module: x\n",
            log: ["error: FOLDER/guard.conf:1: 'Module' is no key; \(choices)"]),
        .init(
            name: "no colon", environment: good, file: "# one\n\n  policy = strict  \n",
            log: ["error: FOLDER/guard.conf:3: 'policy = strict' is no 'key: value'"]),
        .init(
            name: "line ends of another system", environment: good, file: "policy: strict\r\nmode: onn\r\n",
            log: ["error: FOLDER/guard.conf:2: 'onn' is no mode; there are: enforce, report, off"]),
        .init(
            name: "no value", environment: good, file: "mode:\n",
            log: ["error: FOLDER/guard.conf:1: '' is no mode; there are: enforce, report, off"]),
        .init(name: "an empty module", file: "module:\n", log: [none]),
        .init(
            name: "no key", environment: good, file: ": strict\n",
            log: ["error: FOLDER/guard.conf:1: '' is no key; \(choices)"]),
        .init(
            name: "all that is wrong", environment: good, file: "policy: x\nmode: y\nthreads z\nkey: w",
            log: [
                "error: FOLDER/guard.conf:1: 'x' \(policies)",
                "error: FOLDER/guard.conf:2: 'y' is no mode; there are: enforce, report, off",
                "error: FOLDER/guard.conf:3: 'threads z' is no 'key: value'",
                "error: FOLDER/guard.conf:4: 'key' is no key; \(choices)",
            ]),
        .init(
            name: "behind 70,000 bytes", environment: good,
            file: String(repeating: "# nothing\n", count: 7000) + "mode: x\n",
            log: ["error: FOLDER/guard.conf:7001: 'x' is no mode; there are: enforce, report, off"]),
        .init(
            name: "a zero byte in a path", environment: good, file: "log: FOLDER/a\0b\nmodule: m\0\n",
            log: [
                "error: FOLDER/guard.conf:1: 'FOLDER/a?b' holds a zero byte",
                "error: FOLDER/guard.conf:2: 'm?' holds a zero byte",
            ]),
        // What is cut off would be another file, with a name of a hundred letters.
        .init(
            name: "a log whose path is too long",
            environment: good.merging(["P11GUARD_MODE": "on", "P11GUARD_LOG": tooLong]) { $1 },
            log: [
                "error: P11GUARD_LOG: the path is too long",
                "error: P11GUARD_MODE: 'on' is no mode; there are: enforce, report, off",
            ]),
        // What is in order.
        .init(name: "an empty file", environment: good, file: "", works: true, log: []),
        .init(
            name: "blanks and comments",
            file: "\t# mode: x\n \t\n  module  :\tPROGRAMS/permissive.so \n\tpolicy: single",
            works: true, log: []),
        .init(
            name: "what the file says the environment need not", environment: good("P11GUARD_MODE", "x"),
            file: "mode: enforce\n", works: true, log: []),
        .init(
            name: "the file is for a versioned name", file: "module: PROGRAMS/permissive.so\n",
            guardName: "guard.so.1.2",
            works: true, log: []),
        .init(
            name: "a name with .so in it", file: "module: PROGRAMS/permissive.so\n", fileName: "my.soft.conf",
            guardName: "my.soft.so", works: true, log: []),
    ]
}
