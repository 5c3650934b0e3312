# The workflow, as executable documentation. `make run` and `make test` are all that a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test setup setup-dev bench lint clean

run: setup ## set up, start everything, print the address; WORKBOOK=path.xlsx opens your own
	@$(BIN)/python -m server serve $(if $(WORKBOOK),"$(WORKBOOK)")

setup: $(VENV)/.ready ## only set up: a virtual environment in .venv

setup-dev: $(VENV)/.ready-dev

test: setup-dev ## set up, run all tests
	@$(BIN)/python -m pytest

bench: setup-dev ## timings, as ratios against a baseline in the same run
	@$(BIN)/python -m benchmarks

lint: setup-dev ## ruff and mypy --strict
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

$(VENV)/.ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Cellback needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.12 run" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean: ## remove the environment and caches; your data folder stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
