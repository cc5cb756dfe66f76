# The one menu of this repository. Every target works from a fresh clone and needs no activated
# environment; paths are relative, so a checkout may lie in a folder with spaces.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PYTEST := $(BIN)/python -m pytest
# Two workers suit a laptop; `make test WORKERS=8` on a larger machine, WORKERS=0 for one process.
WORKERS ?= 2
ROOMS := fieldsync agent_cli server
CODE := $(ROOMS) tests fixtures bench docs
BENCHES := agreements audit cli import plan replan rules signing sync fleet

.DEFAULT_GOAL := help
.PHONY: help install system demo test test-all check audit docs reference pins bench bench-peers reliability fuzz evidence clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

install: $(STAMP) ## make .venv from the hashed pins (done by the others when needed)

$(STAMP): requirements/dev.txt pyproject.toml
	@PYTHON="$(PYTHON)" sh .ci/make-venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q $(ROOMS)
	@$(BIN)/python agent_cli/page/fetch_assets.py
	@touch $(STAMP)

# The Chinese is compiled anew whenever a sentence changes, also between two installs.
CATALOGUE := fieldsync/locale/zh_CN/LC_MESSAGES/fieldsync.mo
$(CATALOGUE): $(STAMP) $(wildcard fieldsync/locale/zh_CN/*.po)
	@$(BIN)/python fieldsync/locale/build_catalogues.py

system: ## install what only the tests need from the system: a browser, PDF readers, PostgreSQL
	@sh .ci/system-packages

demo: $(CATALOGUE) ## play a branch's day from end to end into demo/, told in the language of the locale
	$(BIN)/fieldsync-server demo demo/

# What the signing page draws with comes from npm, checked by its hash; without npm the page says so.
PAD := agent_cli/page/static/vendor/signature_pad.js
$(PAD): | $(STAMP)
	@$(BIN)/python agent_cli/page/fetch_assets.py --must

test: $(CATALOGUE) system $(PAD) ## run the tests that take less than a minute each, house rules included
	$(PYTEST) -q -m "not slow" -n $(WORKERS) --dist loadscope

test-all: $(CATALOGUE) system $(PAD) ## run every test
	$(PYTEST) -q -n $(WORKERS) --dist loadscope

check: $(CATALOGUE) ## lint, types, imports, dependencies, dead code, templates, pins
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry $(ROOMS)
	$(BIN)/vulture
	$(BIN)/python .ci/check_pins.py
	@if git ls-files '*.html' '*.jinja' | grep -q .; then $(BIN)/djlint --check --lint $(ROOMS); fi

audit: build/audit/.installed ## ask the advisory service about the pinned versions, where it can be reached
	@$(BIN)/python .ci/audit.py build/audit/bin/pip-audit requirements/dev.txt

build/audit/.installed: requirements/audit.txt | $(STAMP)
	$(BIN)/python -m venv --clear build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt
	@touch $@

docs: $(STAMP) ## build the documentation into docs/_build
	$(BIN)/python -m sphinx -W -n -q -b html docs docs/_build/html

reference: $(STAMP) ## write the reference of commands from the programs' own help and rules
	$(BIN)/python docs/generate_reference.py

pins: $(STAMP) ## pin every dependency anew with hashes and without any address
	@BIN="$(BIN)" sh .ci/pin

bench: $(STAMP) ## run every benchmark; their figures become the table of docs/performance.md
	@mkdir -p build/bench
	@for name in $(BENCHES); do \
	  echo "bench/$$name.py"; \
	  $(BIN)/python "bench/$$name.py" --json > "build/bench/$$name.new" || exit 1; \
	  mv "build/bench/$$name.new" "build/bench/$$name.json"; \
	done
	@$(BIN)/python bench/table.py build/bench

bench-peers: build/bench-peers/.installed ## install the route planners to measure beside, in an environment of their own

build/bench-peers/.installed: bench/peers/requirements.txt | $(STAMP)
	$(BIN)/python -m venv --clear build/bench-peers
	build/bench-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/peers/requirements.txt
	@touch $@

reliability: $(CATALOGUE) system ## run the proofs of the guarantees at length and write the table of docs/reliability.md
	$(BIN)/python docs/generate_reliability.py

# A minute for each harness is most of an hour: `make fuzz SECONDS=5`, or some by name: `make fuzz FUZZ=rule-pack`.
SECONDS ?= 60
fuzz: $(CATALOGUE) ## fuzz every parser that meets outside bytes with atheris, SECONDS=60 each
	$(BIN)/python -m tests.fuzz.run --seconds $(SECONDS) $(FUZZ)

evidence: $(CATALOGUE) system $(PAD) ## run the security pages' tests, schemathesis and the fuzzer; write docs/evidence.md
	$(BIN)/python docs/generate_evidence.py --seconds $(SECONDS)

clean: ## remove what the other targets made
	rm -rf .venv build dist docs/_build demo .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find fieldsync -name '*.mo' -delete
