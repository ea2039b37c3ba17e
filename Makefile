# `make` alone lists what there is. Every target works on a fresh clone of Debian or Ubuntu; elsewhere,
# install a C compiler and Rust (rustup.rs) first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One feature set for everything that is built for tests: the binaries that the end-to-end tests start
# can be killed at named points.
TEST_BUILD := --locked --workspace --features cli/failpoints

# Ends a test run that hangs, where there is `timeout`; and every test binary by itself long before, so that the
# others still tell what they have to tell.
BOUND := $(shell command -v timeout >/dev/null && echo timeout --kill-after=30 2700)
ONE_BINARY := $(if $(BOUND),CARGO_TARGET_$(shell rustc -vV 2>/dev/null | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')_RUNNER="timeout --kill-after=10 900")

# Random cases are the same in every run, so that a change is judged by what it changes; `make soak` looks for others.
SAME_CASES := PROPTEST_RNG_SEED=20261123

# Adds up what the test binaries report; the exit code stays that of cargo.
COUNT := awk '{ print; fflush() } /^test result:/ { passed += $$4; failed += $$6 } \
	END { printf "\n%d passed, %d failed\n", passed, failed }'

SOAK_SECONDS ?= 300

# Where cargo puts what it builds.
BUILT := $(abspath $(or $(CARGO_TARGET_DIR),target))

# Where a window can be shown.
HAS_DISPLAY := $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname))

.PHONY: help run demo app test ui interop window soak bench fetch fmt check tools package package-windows test-windows

help: ## Lists the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(if $(HAS_DISPLAY),app,demo) ## Builds Wherry and opens it; where there is no display it runs `make demo`.

app: window ## Opens the window.
	cargo build --locked --release --package desktop --package cli
	cargo run --locked --release --quiet --package desktop

demo: tools ## Shows one file going from one device to another, in the terminal.
	cargo build --locked --release --package cli --package signaling
	cargo run --locked --release --quiet --package cli --bin wherry -- demo

test: check ui interop ## Everything that must hold: format, lints, the house rules, all tests.
	@.ci/tools screen
	cargo build $(TEST_BUILD) --all-targets
	set -o pipefail; $(SAME_CASES) $(ONE_BINARY) $(BOUND) cargo test $(TEST_BUILD) --no-fail-fast 2>&1 | $(COUNT)

check: window ## Format, lints and the house rules: the quick half of `make test`.
	cargo fmt --all --check
	cargo clippy $(TEST_BUILD) --all-targets -- -D warnings
	cargo test --locked --package tidy

ui: tools ## The window alone: types, lints, words, and every screen in a browser.
	cd ui && npm ci --no-fund --no-audit --loglevel=error
	cd ui && npm run --silent check && npm test --silent && npm run --silent build -- --logLevel warn
	cd ui && npm run --silent size && $(BOUND) npm run --silent walk

interop: tools ## Our connections against a browser and libwebrtc: odd cases, and bulk both ways.
	cargo build $(TEST_BUILD) --bin interop --example odd
	cd tests/interop && npm ci --no-fund --no-audit --loglevel=error
	$(BOUND) node tests/interop/js/run.mjs $(BUILT)/debug 1

# What is packaged has no scripted engine in its page.
package package-windows: PAGE = package
PAGE = production

window: ## What the window is made of: the system's libraries and the built page.
	@.ci/tools window
	cd ui && { [ -d node_modules ] || npm ci --no-fund --no-audit --loglevel=error; }
	cd ui && npm run --silent build -- --logLevel warn --mode $(PAGE)

soak: window ## Long runs: fuzzing, many more random cases, and the end-to-end tests again and again.
	WHERRY_FUZZ_SECONDS=$(SOAK_SECONDS) tests/fuzz/soak
	WHERRY_FUZZ_ONLY=association WHERRY_FUZZ_INPUTS=10000000 cargo test --locked --release --package fuzz --test replay no_mutation
	cargo build --locked --release --package interop --package peer --bin interop --example odd
	cd tests/interop && npm ci --no-fund --no-audit --loglevel=error
	node tests/interop/js/run.mjs $(BUILT)/release 60
	WHERRY_SIM_CASES=100000 cargo test $(TEST_BUILD) --release --test folders
	set -o pipefail; WHERRY_FLOW_SECONDS=600 WHERRY_SESSIONS=1000 WHERRY_RELAY_SECONDS=900 WHERRY_DRILLS=200 WHERRY_DRILL_BYTES=500000000 WHERRY_E2E_KILLS=500 WHERRY_E2E_TRANSFERS=1000 WHERRY_FOLDER_SECONDS=600 WHERRY_FOLDER_KILLS=200 WHERRY_SIM_CASES=20000 PROPTEST_CASES=5000 cargo test $(TEST_BUILD) --release --no-fail-fast 2>&1 | $(COUNT)

bench: window ## Measures a real transfer on this machine, and what the window costs.
	@.ci/tools screen bench
	cargo build --locked --release --package cli --package signaling --package turn --package desktop
	cargo run --locked --release --quiet --package bench
	cargo build --release $(TEST_BUILD)
	WHERRY_SPEED_BYTES=200000000 cargo test --release --quiet $(TEST_BUILD) --test through_relays speed -- --nocapture
	cargo test --locked --release --package desktop-e2e --test figures -- --nocapture
	cd ui && npm ci --no-fund --no-audit --loglevel=error && npm run --silent measure

fetch: ## Gets all that packages are made of; afterwards `make package` and `make package-windows` need no network.
	@.ci/tools window package windows
	cargo fetch --locked
	cd ui && npm ci --no-fund --no-audit --loglevel=error

package: window ## Makes the Linux packages: deb, rpm and tar.gz, of the window and of the servers.
	@.ci/tools package
	src-tauri/release --package desktop --package cli --package signaling --package turn
	src-tauri/linux/package

package-windows: window ## Makes the Windows installer, here on Linux.
	@.ci/tools windows
	src-tauri/release --target x86_64-pc-windows-gnu --package desktop --package cli
	src-tauri/windows/package

test-windows: ## Runs the tests of the portable rooms as Windows programs, under Wine.
	@.ci/tools windows
	src-tauri/windows/suites

fmt: ## Formats the code.
	cargo fmt --all

tools: ## Installs what building needs and this machine lacks.
	@.ci/tools
