# SPDX-License-Identifier: MIT
#
#   make            builds p11gen if need be, and generates what is out of date
#   make guard      builds libp11guard.so, the module that enforces the rules in front of another
#   make dist       builds all that is to be installed; make install PREFIX=/usr/local DESTDIR= copies it, make uninstall removes it
#   make setup      installs what building needs (Debian)
#   make deps       installs what the tests need as well
#   make opencryptoki-token   initialises the software token of opencryptoki for the tests, a part of make deps
#   make sanitizers builds the guard with ThreadSanitizer and with AddressSanitizer, and the loader with the former, for the tests
#   make programs   builds p11gen, p11probe, and what the tests run besides, as they are installed
#   make test       builds what the tests need and runs them; what is not installed is skipped with a reason
#   make test-all   the same with the guard's sanitizers and the fuzzing harnesses, as CI does
#   make soak       runs the guard's random and its threaded tests for longer, SECONDS=30 for each way to treat threads, with
#                   both sanitizers, and SEQUENCES=20000 for each policy from a new SEED
#   make fuzz       fuzzes the readers of data, templates, logs and configurations, SECONDS=60 each
#                   (HARNESSES="loader trace" for some of them), with the address sanitizer
#   make harnesses  builds what that runs; the tests feed it with the inputs of Tests/Fuzz once
#   make sanitize   runs the tests with the address sanitizer, and with the thread sanitizer
#   make accept     updates the examples in README.md and docs, docs/diagnostics.md and the .fault files; read the difference
#                   before you commit it
#   make check      says whether the committed outputs are what p11gen makes
#   make mutants    flips each rule of the data in turn, and says which flips no test written by hand notices
#   make bench      prints what the emitted checks cost
#   make lint       checks the format of the Swift sources, that every public symbol has a comment, and the language of
#                   documents and comments by the list in .ci/phrases.txt

SWIFT ?= swift
BUILD := .build
# One configuration serves the build step, what is installed, and the tests: nothing is compiled twice. The programs contain Swift's
# libraries, as they are installed on machines without Swift. The default linker would warn of functions in those.
RELEASE := $(SWIFT) build --quiet -c release --static-swift-stdlib -Xswiftc -use-ld=lld
# The generator is run as it was built, without the package manager: that would take half a second to find nothing to do.
P11GEN ?= $(BUILD)/release/p11gen
STAMP := $(BUILD)/generated.stamp
DEPFILE := $(BUILD)/generated.d
FILES := --spec spec/cryptoki.xml --templates Templates --output Sources/Generated

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
BUILD_PACKAGES := gcc git libc6-dev libxml2-dev make pkg-config
TEST_PACKAGES := chromium chromium-driver default-jdk-headless g++ gcc-multilib gnutls-bin libengine-pkcs11-openssl libnss3 libnss3-dev \
  libnss3-tools libopencryptoki-dev libopencryptoki0 libp11-kit-dev libssl-dev opencryptoki opensc openssh-client \
  openssl p11-kit p11-kit-modules patch python3 python3-pip python3-pykcs11 python3-selenium softhsm2 spin valgrind

.PHONY: all generate programs guard sanitizers harnesses fuzz sanitize soak dist install uninstall setup deps \
  opencryptoki-token test test-all accept check mutants bench lint format show clean FORCE
all: generate

# ---- Generating ----

# An output that somebody deleted is a reason to run as well.
OUTPUTS := $(shell test -x $(P11GEN) && $(P11GEN) generate $(FILES) --list 2>/dev/null)
MISSING := $(filter-out $(wildcard $(OUTPUTS)),$(OUTPUTS))

generate: $(STAMP)

$(STAMP): $(P11GEN) $(if $(MISSING),FORCE)
	@mkdir -p $(BUILD)
	$(P11GEN) generate $(FILES) --depfile $(DEPFILE) --target $@
	@touch $@

-include $(DEPFILE)

ifeq ($(P11GEN),$(BUILD)/release/p11gen)
GENERATOR_SOURCES := $(shell find Sources Package.swift -name Generated -prune -o -type f -print)

$(P11GEN): $(GENERATOR_SOURCES)
	$(RELEASE) --product p11gen
	@touch $@
endif

programs:
	$(RELEASE) --product p11gen
	$(RELEASE) --product p11probe
	$(RELEASE) --product equivalence
	$(RELEASE) --product load-concurrently

# ---- The guard ----

# In Embedded Swift, which needs a folder of its own: what is built ordinarily cannot import it.
GUARD := $(BUILD)/guard/release/libp11guard.so

guard:
	P11_EMBEDDED=1 $(SWIFT) build --quiet -c release --omit-frame-pointers --product p11guard --scratch-path $(BUILD)/guard

# In ordinary Swift, which has sanitizers; the sources are the same.
sanitizers:
	$(SWIFT) build --quiet --sanitize=thread --product p11guard --scratch-path $(BUILD)/tsan
	$(SWIFT) build --quiet --sanitize=thread --product load-concurrently --scratch-path $(BUILD)/tsan
	$(SWIFT) build --quiet --sanitize=address --product p11guard --scratch-path $(BUILD)/asan

# ---- Installing ----

# make dist builds and puts everything where it will be; make install copies it, and runs no compiler.
PREFIX ?= /usr/local
DESTDIR ?=
DIST := $(BUILD)/dist

# ArgumentParser's program for manual pages is built as the tests are, which use the same library; its plugin would build everything
# once more.
dist: programs guard
	$(SWIFT) build --quiet --product generate-manual
	rm -rf $(DIST)
	mkdir -p $(DIST)/bin $(DIST)/lib/pkcs11 $(DIST)/lib/pkgconfig $(DIST)/include/p11gen $(DIST)/share/man/man1 \
	  $(DIST)/share/doc/p11gen $(DIST)/share/p11gen $(DIST)/share/bash-completion/completions $(DIST)/share/zsh/site-functions \
	  $(DIST)/share/fish/vendor_completions.d
	cp $(BUILD)/release/p11gen $(BUILD)/release/p11probe $(DIST)/bin
	cp $(GUARD) $(DIST)/lib/pkcs11
	strip $(DIST)/bin/* $(DIST)/lib/pkcs11/*
	cp Sources/Generated/c/include/*.h $(DIST)/include/p11gen
	cp -R spec Templates $(DIST)/share/p11gen
	cp Sources/Generated/doc/session-rules.* $(DIST)/share/doc/p11gen
	for program in p11gen p11probe; do \
	  $(BUILD)/debug/generate-manual $(DIST)/bin/$$program --multi-page --output-directory $(DIST)/share/man/man1 || exit 1; \
	  $(DIST)/bin/$$program --generate-completion-script bash > $(DIST)/share/bash-completion/completions/$$program; \
	  $(DIST)/bin/$$program --generate-completion-script zsh > $(DIST)/share/zsh/site-functions/_$$program; \
	  $(DIST)/bin/$$program --generate-completion-script fish > $(DIST)/share/fish/vendor_completions.d/$$program.fish; \
	done
	sed "s/@VERSION@/$$($(DIST)/bin/p11gen --version)/" p11gen.pc.in > $(DIST)/lib/pkgconfig/p11gen.pc

# The file for pkg-config is copied last: it is the only one that says where it is.
install:
	@test -e $(DIST)/lib/pkgconfig/p11gen.pc || { echo "There is nothing to install yet: run make dist first."; exit 1; }
	mkdir -p $(DESTDIR)$(PREFIX)
	cp -R $(DIST)/. $(DESTDIR)$(PREFIX)
	sed 's|@PREFIX@|$(PREFIX)|' $(DIST)/lib/pkgconfig/p11gen.pc > $(DESTDIR)$(PREFIX)/lib/pkgconfig/p11gen.pc

# Files, and then the folders that hold nothing else.
uninstall:
	@test -d $(DIST) || { echo "Which files were installed is not known any more: run make dist first."; exit 1; }
	cd $(DIST) && find . -type f | while read -r file; do rm -f "$(DESTDIR)$(PREFIX)/$$file"; done
	for folder in include/p11gen share/p11gen share/doc/p11gen lib/pkcs11; do \
	  test ! -d $(DESTDIR)$(PREFIX)/$$folder || find $(DESTDIR)$(PREFIX)/$$folder -depth -type d -empty -delete; done

show: generate
	@echo
	@echo "Generated from spec/cryptoki.xml:"
	@wc -c $(shell $(P11GEN) generate $(FILES) --list) | sed 's/^/  /'
	@echo
	@echo "Which operations may be active together, under the usage guide's policy:"
	@sed -n '/^### Policy `usage-guide`/,/^### Policy/p' Sources/Generated/doc/session-rules.md | grep '^|'
	@echo
	@echo "In colour, with the rule behind each place: Sources/Generated/doc/session-rules.html"

# ---- Installing what is needed ----

setup:
	@command -v $(SWIFT) >/dev/null || { echo "Swift 6.3 or later is needed; get it from https://www.swift.org/install/linux/"; exit 1; }
	@echo "Installing what building needs: $(BUILD_PACKAGES)"
	@$(MAKE) --no-print-directory install-packages PACKAGES="$(BUILD_PACKAGES)"

deps: setup
	@echo "Installing what the tests need: $(TEST_PACKAGES)"
	@$(MAKE) --no-print-directory install-packages PACKAGES="$(TEST_PACKAGES)"
	@$(MAKE) --no-print-directory $(AXE) opencryptoki-token

# The checks for accessibility, as a package for Python brings them; nothing of it is installed.
AXE := $(BUILD)/axe
$(AXE): Tests/Programs/axe.txt
	/usr/bin/python3 -m pip download --quiet --no-deps --require-hashes --requirement $< --dest $@.new
	@rm -rf $@ && mv $@.new $@ && touch $@

# It is the machine's only one, so this is no test's business. The tests start its daemon where nothing else has.
opencryptoki-token:
	@slot=$$($(SUDO) Tests/Programs/opencryptoki-token --initialise) && echo "opencryptoki's software token: slot $$slot"

.PHONY: install-packages
install-packages:
	@missing=; for p in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$p"; done; \
	if [ -z "$$missing" ]; then echo "  all of them are there"; else \
	  echo "  missing:$$missing"; \
	  $(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; fi

# ---- Checking ----

# A crashing Swift program would otherwise wait for somebody to debug it. The tests run the programs of the release build; without
# this variable, as in a plain `swift test`, those of their own build, which are slower.
TESTING := SWIFT_BACKTRACE=enable=no P11GEN_PROGRAMS=$(abspath $(BUILD))/release
# Otherwise all cases start at once, each with its files and its processes.
WIDTH := --experimental-maximum-parallelization-width 4
STAGE := Tests/stage

test:
	@$(STAGE) "Building the programs" $(MAKE) --no-print-directory programs
	@$(STAGE) "Building the guard" $(MAKE) --no-print-directory guard
	@$(STAGE) "Building the tests" $(SWIFT) build --quiet --build-tests
	@$(STAGE) "Collecting what make install copies" $(MAKE) --no-print-directory --silent dist
	@$(STAGE) "Running the tests" env $(TESTING) $(SWIFT) test --skip-build --disable-xctest $(WIDTH)

# With what make test skips: the guard with sanitizers, and the inputs of the fuzzing harnesses.
test-all:
	@$(STAGE) "Building the guard with sanitizers" $(MAKE) --no-print-directory sanitizers
	@$(STAGE) "Building the fuzzing harnesses" $(MAKE) --no-print-directory harnesses
	@$(MAKE) --no-print-directory test

SECONDS := 30
SEQUENCES := 20000
SEED := $(shell date +%s)
soak: export P11GEN_SECONDS := $(SECONDS)
soak: export P11GEN_SEQUENCES := $(SEQUENCES)
soak: export P11GEN_SEED := $(SEED)
soak: guard sanitizers
	@echo "The seed is $(SEED)."
	$(TESTING) $(SWIFT) test --disable-xctest --filter 'GuardTests.Guard(Walk|Thread)Tests'

HARNESSES := loader renderer trace configuration
harnesses:
	@for harness in $(HARNESSES); do \
	  P11_FUZZ=1 $(SWIFT) build --quiet -c release --sanitize=fuzzer --scratch-path $(BUILD)/fuzz-build --product fuzz-$$harness || exit 1; done

fuzz: SECONDS := 60
fuzz: harnesses
	Tests/Fuzz/run $(SECONDS) $(HARNESSES)

# The tests in their own process, and p11gen as they run it, with a sanitizer. Left out is
#  - what another compiler, make or valgrind builds or watches, which knows nothing of this sanitizer: GuardTests, ClientTests,
#    IntegrationTests and ProbeTests (modules and their hosts; the guard's own tests have builds with both sanitizers in `make test`), and those named below;
#  - SweepTests: thousands of processes, each of which starts slowly with a sanitizer, for what FaultTests and `make fuzz` do as well;
#  - DiffTests: they look through so many states that they take minutes without a sanitizer;
#  - with the thread sanitizer, OrdinaryDaysTests/aFullDisk: where no file may grow, its own runtime ends with a bus error.
# No leaks are looked for: p11gen keeps its data until it ends, as freeing it takes a while, and libxml2 keeps its tables of types.
# Few tests at a time: hundreds of processes at once, each with a shadow of its memory, take longer than one after the other.
BUILT_OTHERWISE := FreestandingTests GrowthTests HeaderTests ProofTests
SANITIZED := --skip-build --disable-xctest --skip SpecificationTests.SweepTests --skip RuleAnalysisTests.DiffTests \
  $(foreach suite,$(BUILT_OTHERWISE),--skip GenerationTests.$(suite)) \
  --filter '^(StrictMustache|Specification|Enforcement|Generation|RuleAnalysis|CallTracing|CommandLine)Tests[.]'
sanitize: export SWIFT_BACKTRACE := enable=no
sanitize:
	$(SWIFT) build --build-tests --sanitize=address --scratch-path $(BUILD)/asan-tests
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize=address --scratch-path $(BUILD)/asan-tests --no-parallel $(SANITIZED)
	$(SWIFT) build --build-tests --sanitize=thread --scratch-path $(BUILD)/tsan-tests
	$(SWIFT) test --sanitize=thread --scratch-path $(BUILD)/tsan-tests $(WIDTH) $(SANITIZED) --skip OrdinaryDaysTests/aFullDisk

accept: programs
	P11GEN_ACCEPT=1 $(TESTING) $(SWIFT) test --disable-xctest --filter 'IntegrationTests.DocumentTests|SpecificationTests.FaultTests'
	$(P11GEN) explain --diagnostics > docs/diagnostics.md

check: $(P11GEN)
	$(P11GEN) generate $(FILES) --check
	$(P11GEN) explain --diagnostics | diff -u docs/diagnostics.md -

mutants: $(P11GEN)
	Tests/Mutants/mutants.py --p11gen $(P11GEN)

bench:
	Benchmarks/run

# Where phrases that readers stumble over are errors. The guard, the templates and the data are not reworded yet.
PROSE := '*.md' Makefile Package.swift Sources ':!Sources/Generated' ':!Sources/p11guard' ':!Sources/CPlatform'

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Examples/swift-token
	! git grep -nEi -f .ci/phrases.txt -- $(PROSE)

# Links would be replaced by what they point to.
format:
	$(SWIFT) format --in-place $$(git ls-files -s '*.swift' | awk '$$1 != 120000 { print $$4 }')

clean:
	rm -rf $(BUILD)
