# `make demo` runs the first campaign, `make check` lint, types and the quick tests, `make test` all
# that every change must pass, `make nightly` longer tests too, `make docs` the documentation site.
# Each makes .venv first.
# One BLAS thread a process: two processes of tests share the cores.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
# Tests start many processes: what Python compiles is kept.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
BIN := .venv/bin

# Neighbouring tests stay in one process, so that what a file prepares is prepared once.
PYTEST := $(BIN)/pytest -q -n 2 --dist worksteal

.PHONY: demo check test every-change nightly audit lint docs clean

demo: .venv/installed
	$(BIN)/qbell run experiments/ghz_random_fake_pittsburgh.toml

check: lint
	$(PYTEST) --quick tests

# Lint and types take as long as a quarter of the tests: side by side.
test: .venv/installed-test
	$(MAKE) --no-print-directory -j 2 lint every-change

every-change: .venv/installed-test
	$(PYTEST) --doctest-modules qbell tests

# More cases and repetitions than each change needs.
nightly: lint
	$(PYTEST) --nightly --doctest-modules qbell tests

# Known holes in what is installed: an error where it cannot be asked for one package, too.
audit: .venv/installed-test
	$(BIN)/pip install --quiet uv
	$(BIN)/python .ci/audit --strict

# The documentation site, in site/: open site/index.html.
docs: .venv/installed-test
	NO_MKDOCS_2_WARNING=1 PYTHONPATH=. $(BIN)/mkdocs build --quiet

lint: .venv/installed-test
	$(BIN)/ruff check qbell tests benchmarks
	$(BIN)/ruff format --check qbell tests benchmarks
	$(BIN)/mypy

.venv/bin/python:
	@echo "making a virtual environment in .venv"
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	@echo "installing qbell, Qiskit, Aer and what they need: about a minute"
	$(BIN)/pip install --quiet -e '.[ibm]'
	touch $@

.venv/installed-test: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet -e '.[test]'
	touch .venv/installed $@

clean:
	rm -rf .venv results site
