# Two commands: `make demo` runs the first campaign, `make test` passes the tests. Both make .venv.
# One BLAS thread a process: two processes of tests share the cores.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test clean

demo: .venv/installed
	$(BIN)/qbell run experiments/ghz_aer.toml

test: .venv/installed-test
	$(BIN)/ruff check qbell tests benchmarks
	$(BIN)/ruff format --check qbell tests benchmarks
	$(BIN)/mypy
	$(BIN)/pytest -q -n 2 --doctest-modules qbell tests

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet -e .
	touch $@

.venv/installed-test: .venv/installed
	$(BIN)/pip install --quiet -e '.[test]'
	touch $@

clean:
	rm -rf .venv results
