# Every target sets up what it needs. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
# Every command that is started would otherwise compile the sources again.
unexport PYTHONDONTWRITEBYTECODE

# The first interpreter that runs and is new enough; override with PYTHON=...
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
# The compute core needs Rust (cargo 1.91 or newer). Without it everything runs on the reference engine, only slower.
CARGO := $(shell command -v cargo 2>/dev/null)
CORE := $(if $(CARGO),.venv/.core,.venv/.no-core)

.PHONY: help demo test lint format vectors api fuzz bench lock clean lint-python lint-core core-tests

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-9s %s\n", $$1, $$2}'

# requirements.lock pins everything, hashes included; our own two distributions are linked, never fetched.
# uv, itself one of the pinned, installs the others in a tenth of pip's time; pip does it where uv cannot.
$(READY): requirements.lock pyproject.toml verifier/pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer was not found; give it as PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv .venv
	awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements.lock > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r .venv/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock || \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	PATH="$$PWD/$(BIN):$$PATH" $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e ./verifier -e .
	$(BIN)/python -m pip check
	@touch $(READY)

.venv/.core: $(READY) core/Cargo.toml core/Cargo.lock core/pyproject.toml $(shell find core/src -name '*.rs')
	@echo "building the compute core (about a minute the first time)"
	PATH="$$PWD/$(BIN):$$PATH" $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --force-reinstall ./core
	@touch $@

.venv/.no-core: $(READY)
	@echo "note: no Rust toolchain here (cargo): everything runs on the reference engine, slower"
	@touch $@

demo: $(READY) $(CORE) ## the whole story: owed, held, attested, audited, and four cheats caught (under 3 minutes)
	$(BIN)/python -m demo.run

ifdef K
test: $(READY) $(CORE)
	$(BIN)/python -m pytest -k "$(K)"
else
# First what keeps a single processor busy, two at a time; then the tests, as many at a time as there are processors.
test: ## everything; or only the tests whose name matches: make test K=name
	$(MAKE) --no-print-directory -j2 $(CORE) lint core-tests
	$(BIN)/python -m pytest -n auto --dist worksteal
ifdef CARGO
	$(CARGO_TEST)
endif
endif

# Without the debugger's tables and incremental leftovers the tests compile in half the time.
CARGO_TEST := cd core && CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=line-tables-only cargo test --quiet --locked --tests

core-tests: lint-core
ifdef CARGO
	$(CARGO_TEST) --no-run
endif

lint: lint-python lint-core ## style, formatting and types

lint-python: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-core:
ifdef CARGO
	cd core && cargo fmt --check
	cd core && cargo clippy --quiet --locked --all-features --all-targets -- -D warnings
endif

format: $(READY) ## rewrite the sources in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) $(CORE) ## measure, beside the reference engine, peers and floors (takes a while)
	$(BIN)/python -m bench.table

vectors: $(READY) ## regenerate the test vectors; an unchanged protocol leaves no difference
	$(BIN)/python -m vectors.generate

api: $(READY) ## write server/openapi.json anew after a change of the service's interface
	$(BIN)/python -m server.describing

fuzz: $(READY) ## feed every decoder mutated input until stopped with Ctrl-C
	$(BIN)/python -m tests.fuzz.run

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: ## write the lock files anew after a change of dependencies
	@test -x $(BIN)/uv || $(MAKE) $(READY)   # uv alone is needed: with new dependencies the environment is not ready yet
	$(LOCK) --extra dev --no-emit-package solvent-verifier pyproject.toml -o requirements.lock
	$(LOCK) verifier/pyproject.toml -o verifier/requirements.lock
	echo hatchling | $(LOCK) --no-emit-package solvent-verifier -c requirements.lock pyproject.toml - -o deploy/requirements.lock

clean: ## remove environments, caches and the demo's output
	rm -rf core/target .venv .venvs .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-output
