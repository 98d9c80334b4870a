// SPDX-License-Identifier: MIT

import TestSupport
import Testing

/// `make mutants` takes long and is not part of the tests; that it knows all of the data is.
struct MutantTests {
    @Test(.enabled(if: has("python3"))) func everyRuleHasMutants() throws {
        let result = try run(
            "python3", ["Tests/Mutants/mutants.py", "--list", "--p11gen", Project.generator], in: Project.root)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("exclusion/restart beside=itself->every"), "\(result.output.prefix(400))")
    }
}
