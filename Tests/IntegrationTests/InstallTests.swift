// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What `make install` copies works on a machine without Swift, without a home and without this tree.
struct InstallTests {
    /// Somebody's shell that knows nothing of where this package is.
    private struct Shell {
        let folder: String

        @discardableResult
        func callAsFunction(_ script: String) throws -> CommandResult {
            try run(
                "env",
                [
                    "-i", "HOME=/nonexistent", "PATH=/usr/bin:/bin", "PKG_CONFIG_PATH=\(folder)/prefix/lib/pkgconfig",
                    "sh", "-euc", script,
                ], in: folder)
        }
    }

    private func withInstallation(_ body: (Shell) throws -> Void) throws {
        try require(file: ".build/dist/lib/pkgconfig/p11gen.pc", "make dist builds it")
        for program in ["make", "pkg-config", "gcc"] { try require(program: program) }
        try Project.withFolder { folder in
            let installed = try run("make", ["--no-print-directory", "install", "PREFIX=\(folder)/prefix"])
            try #require(installed.status == 0, "\(installed)")
            #expect(!installed.output.contains("swift"), "installing runs no compiler")
            let shell = Shell(folder: folder)
            try #require(
                try shell("command -v swift || true").output.isEmpty, "this test is about machines without Swift")
            try body(shell)
        }
    }

    @Test func generatesIntoAnotherTree() throws {
        try withInstallation { shell in
            let made = try shell(
                """
                mkdir token && cd token
                p11gen=$(pkg-config --variable=p11gen p11gen)
                $p11gen generate --spec $(pkg-config --variable=spec p11gen) \\
                  --templates $(pkg-config --variable=templates p11gen) --only c --output generated
                printf '%s\\n' '#include <pkcs11.h>' '#include <p11_session_rules.h>' 'int main(void) { p11_state s = { 0 };' \\
                  'const p11_rules r = { P11_POLICY_USAGE_GUIDE, P11_PERSPECTIVE_OWNER, P11_CONFLICT_REFUSE };' \\
                  'return p11_admit_C_EncryptUpdate(r, s).rv == CKR_OPERATION_NOT_INITIALIZED ? 0 : 1; }' > token.c
                gcc -Wall -Wextra -Werror -I generated/c/include token.c -o own && ./own
                gcc -Wall -Wextra -Werror $(pkg-config --cflags p11gen) token.c -o theirs && ./theirs
                """)
            #expect(made.status == 0, "\(made)")
            #expect(made.output.contains("wrote 6 of 6 files in generated: c/include/module.modulemap, "))
        }
    }

    /// The example of a token, somewhere else, with what pkg-config knows.
    @Test func buildsTheTokenInC() throws {
        for package in ["libssl-dev", "patch"] { try require(package: package) }
        try withInstallation { shell in
            let built = try shell(
                """
                cp -R '\(Project.root)/Examples/c-token' token && rm -rf token/build && cd token
                make P11GEN=$(pkg-config --variable=p11gen p11gen) P11GEN_DATA=$(pkg-config --variable=datadir p11gen)
                ../prefix/bin/p11probe $PWD/build/rules/c-token.so --pin 1234
                """)
            #expect(built.status == 0 && built.output.contains("Nothing that the rules forbid is allowed."), "\(built)")
        }
    }

    /// What was installed is known to the program: nothing has to be said.
    @Test func knowsItsOwnData() throws {
        try withInstallation { shell in
            let explained = try shell("prefix/bin/p11gen explain C_Digest")
            #expect(explained.status == 0 && explained.output.contains("5.12.2"), "\(explained)")
            #expect(
                try shell("prefix/bin/p11gen generate --only c --output out && prefix/bin/p11gen verify").status == 0)
            let nowhere = try shell("prefix/bin/p11gen generate || test $? = 64")
            #expect(
                nowhere.status == 0 && nowhere.errors.contains("pass --spec, --templates and --output"), "\(nowhere)")
            // Also by way of a link from elsewhere.
            #expect(try shell("ln -s $PWD/prefix/bin/p11gen link && cd / && $OLDPWD/link explain C_Digest").status == 0)
        }
    }

    @Test func manualsCompletionsAndTheGuard() throws {
        try withInstallation { shell in
            for page in ["p11gen", "p11gen.generate", "p11gen.diff", "p11probe"] {
                #expect(try shell("test -s prefix/share/man/man1/\(page).1").status == 0, "\(page)")
            }
            #expect(try shell("test -s prefix/share/doc/p11gen/session-rules.html").status == 0)
            #expect(try shell("bash -n prefix/share/bash-completion/completions/p11gen").status == 0)
            let paths = try shell(try Documents.example("pkg-config"))
            #expect(paths.status == 0, "\(paths)")
            let named = try shell("for p in spec templates guard; do test -e $(pkg-config --variable=$p p11gen); done")
            #expect(named.status == 0, "\(named)")
            let version = try shell("pkg-config --modversion p11gen; prefix/bin/p11gen --version")
            let lines = version.output.split(separator: "\n")
            #expect(lines.count == 2 && lines[0] == lines[1], "\(version)")
            let guarded = try shell(
                "P11GUARD_MODULE=/nonexistent.so prefix/bin/p11probe $(pkg-config --variable=guard p11gen) || test $? = 2"
            )
            #expect(guarded.status == 0 && guarded.errors.contains("the module cannot be loaded"), "\(guarded)")
        }
    }

    @Test func removesWhatItInstalled() throws {
        try withInstallation { shell in
            #expect(try shell("echo mine > prefix/bin/other").status == 0)
            let removed = try run("make", ["--no-print-directory", "uninstall", "PREFIX=\(shell.folder)/prefix"])
            #expect(removed.status == 0, "\(removed)")
            #expect(try shell("find prefix -type f").output == "prefix/bin/other\n")
        }
    }

    /// For packagers: files go below DESTDIR, and speak of PREFIX.
    @Test func intoAStagingFolder() throws {
        try withInstallation { shell in
            let staged = try run(
                "make", ["--no-print-directory", "install", "PREFIX=/opt/p11gen", "DESTDIR=\(shell.folder)/stage"])
            #expect(staged.status == 0, "\(staged)")
            let file = try shell("cat stage/opt/p11gen/lib/pkgconfig/p11gen.pc").output
            #expect(file.hasPrefix("prefix=/opt/p11gen\n") && !file.contains("stage"))
        }
    }
}
