# Two commands: `make serve` and `make test`; each builds what it needs and is quick when nothing changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
FUZZING := $(VENV)/.fuzzing

.PHONY: serve test mutants screenshots format lock clean audit sbom chaos soak fuzz removals bench bench-sweep

serve: $(RUNTIME)
	@$(BIN)/hoofbeats serve

# Many tests wait for a server that they start: one more at a time than there are cores.
TESTS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
test: $(DEVELOPMENT)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n $(TESTS) --dist loadfile

mutants: $(DEVELOPMENT)
	@PYTHONPATH=tests/cards $(BIN)/python tests/cards/mutation_run.py

screenshots: $(DEVELOPMENT)
	@$(BIN)/python tests/browser/screenshots.py

format: $(DEVELOPMENT)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(VENV)/.created
	@$(BIN)/pip install -q --disable-pip-version-check pip-tools
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra build --extra postgres -o requirements.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra build --extra postgres --extra dev -o requirements-dev.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra build --extra postgres --extra dev --extra fuzz -c requirements-dev.txt -o requirements-fuzz.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra build --extra sbom -c requirements.txt -o requirements-sbom.txt pyproject.toml

audit: $(DEVELOPMENT)
	@$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.txt

# In an environment of its own: it brings a parser of addresses that jsonschema would load at each start.
sbom: $(VENV)/.created
	@mkdir -p build
	@$(BIN)/python -m venv build/sbom
	@build/sbom/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-sbom.txt
	@build/sbom/bin/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --of JSON -o build/sbom.json --output-reproducible

chaos: $(DEVELOPMENT)
	@$(BIN)/python tests/load/chaos.py

MINUTES ?= 2
soak: $(DEVELOPMENT)
	@PYTHONPATH=tests/service:. $(BIN)/python tests/load/soak.py --minutes $(MINUTES)

ONLY ?=
removals: $(DEVELOPMENT)
	@$(BIN)/python tests/removals/remove_defences.py --only "$(ONLY)"

# Needs the package index once, for HealthChain; RUNS=3 measures so often in a row, KEEP=--keep writes docs/performance.md.
RUNS ?= 1
bench: $(DEVELOPMENT)
	@$(BIN)/python -m bench --runs $(RUNS) $(KEEP)

PATIENTS ?= 10000
bench-sweep: $(DEVELOPMENT)
	@$(BIN)/python -m bench.sweep --patients $(PATIENTS)

CHANGES ?= 20000
EXAMPLES ?= 100
fuzz: $(FUZZING)
	@$(BIN)/python -W ignore tests/fuzz/fuzz_api.py $(EXAMPLES)
	@$(BIN)/python tests/fuzz/fuzz_readers.py tests/fuzz/corpus -runs=$(CHANGES) -max_total_time=300 -max_len=8192

clean:
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { echo "hoofbeats needs Python 3.11 or later: no $(PYTHON) on the path"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "hoofbeats needs Python 3.11 or later: $(PYTHON) is older"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "hoofbeats needs Python's venv module: install it (Debian: python3-venv)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUNTIME): $(VENV)/.created requirements.txt pyproject.toml
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(FUZZING): $(DEVELOPMENT) requirements-fuzz.txt
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-fuzz.txt
	@touch $@
