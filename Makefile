# Every target sets up what it needs: Python 3.10 or newer with venv is enough, a C compiler is welcome.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
SOURCES = pyproject.toml src/smskit/encoding/_speedups.c src/smskit/planning/_claims.c

.PHONY: help demo test test-all test-pure test-oracles sanitize lint types docs bench clean

help:
	@echo "make demo      a customer file becomes a plan, a run in the sandbox and a report"
	@echo "make test      the tests"
	@echo "make test-all  the tests under every Python from 3.10 to 3.13 that is installed"
	@echo "make test-pure the tests without the C extension"
	@echo "make test-oracles our requests and signatures beside those of the carriers' own packages"
	@echo "make lint types docs sanitize bench"

$(VENV)/installed: $(SOURCES)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "smskit needs Python 3.10 or newer; try make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[excel]'
	@touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group test
	@touch $@

$(VENV)/linted: $(VENV)/tested
	$(BIN)/python -m pip install --quiet --group lint
	@touch $@

$(VENV)/documented: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group docs
	@touch $@

demo: $(VENV)/installed
	$(BIN)/python examples/demo.py

test: $(VENV)/tested
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-pure: $(VENV)/tested
	SMSKIT_PURE_PYTHON=1 $(BIN)/python -m pytest -n 2 --dist loadfile -q tests/encoding tests/planning tests/laws

# The carriers' own packages bring much along: they get an environment of their own. A package that is not to be had
# is said and skipped. Prism (npm) checks requests against the published documents, where there is node.
ORACLES = .venv-oracles
$(ORACLES)/installed: $(SOURCES) tests/oracles/install
	$(PYTHON) -m venv $(ORACLES)
	bash tests/oracles/install $(ORACLES)/bin/python
	@touch $@

test-oracles: $(ORACLES)/installed
	SMSKIT_ORACLES=1 $(ORACLES)/bin/python -m pytest -n 2 --dist loadfile tests/oracles

# Each interpreter gets an environment of its own beside the usual one.
test-all:
	@found=0; for version in 3.10 3.11 3.12 3.13; do \
	  if python$$version -c '' 2>/dev/null; then found=1; echo "== Python $$version"; \
	    $(MAKE) --no-print-directory test PYTHON=python$$version VENV=.venv-$$version || exit 1; \
	  else echo "== Python $$version is not installed: skipped"; fi; \
	done; test $$found = 1

lint: $(VENV)/linted
	$(BIN)/ruff check src tests examples benchmarks docs fuzz
	$(BIN)/ruff format --check src tests examples benchmarks docs fuzz

types: $(VENV)/linted
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

docs: $(VENV)/documented
	$(BIN)/sphinx-build --fail-on-warning --keep-going -q -b html docs docs/_build/html

sanitize: $(VENV)/tested
	PYTHON=$(BIN)/python bash tests/encoding/sanitize.sh

bench: $(VENV)/tested
	$(BIN)/python benchmarks/plan.py
	$(BIN)/python benchmarks/phone.py
	$(BIN)/python benchmarks/store.py
	$(BIN)/python benchmarks/encoding.py
	$(BIN)/python benchmarks/compliance.py
	$(BIN)/python benchmarks/http.py
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/smpp.py
	$(BIN)/python benchmarks/smpp_clients.py
	$(BIN)/python benchmarks/rcs.py
	$(BIN)/python benchmarks/rcs_carriers.py
	$(BIN)/python benchmarks/metrics.py

clean:
	rm -rf $(VENV) .venv-3.* $(ORACLES) build docs/_build src/*.egg-info src/smskit/*/*.so
