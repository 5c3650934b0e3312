# The workflow, as executable documentation. `make run` and `make test` are all that a newcomer needs.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# msgraph-sdk brings 16,700 generated modules, of which hardly one is ever loaded: compiling them takes minutes.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
COMPILE := $(BIN)/python -m compileall -q -j 0 -x 'msgraph/generated|/tests?/' $(VENV)/lib

.PHONY: run test setup setup-dev bench chaos channels eval pictures lint clean help

run: setup ## set up, start everything, print the address; WORKBOOK=path.xlsx opens your own; HOST=google or excel: the emulated stage; PROVIDERS=emulated: mail, SMS, WhatsApp and calls; MODEL=emulated: a language model
ifeq ($(MODEL),emulated)
	@$(BIN)/python -m tests.emulators.openai.play $(if $(WORKBOOK),--workbook "$(WORKBOOK)") $(if $(filter emulated,$(PROVIDERS)),--providers)
else ifeq ($(PROVIDERS),emulated)
	@$(BIN)/python -m tests.emulators.providers.play $(if $(WORKBOOK),--workbook "$(WORKBOOK)")
else ifeq ($(HOST),google)
	@$(BIN)/python -m tests.emulators.stage
else ifeq ($(HOST),excel)
	@$(BIN)/python -m tests.emulators.excel_stage $(if $(WORKBOOK),--workbook "$(WORKBOOK)")
else
	@$(BIN)/python -m server serve $(if $(WORKBOOK),"$(WORKBOOK)")
endif

setup: $(VENV)/.ready ## only set up: a virtual environment in .venv

setup-dev: $(VENV)/.ready-dev

test: setup-dev ## set up, run all tests
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

bench: setup-dev ## timings, as ratios against a baseline in the same run; NAME=... runs one
	@$(BIN)/python -m benchmarks $(NAME)

chaos: setup-dev ## break everything for MINUTES=n, and count what it cost; SEED=n plays a storm again, LEDGER=sqlite
	@$(BIN)/python -m tests.chaos --minutes $(or $(MINUTES),2) $(if $(SEED),--seed $(SEED)) --ledger $(or $(LEDGER),postgres)

channels: setup-dev ## campaigns of ROWS=n over every channel and provider, with faults on; SEED=n, LEDGER=sqlite
	@$(BIN)/python -m tests.chaos.channels --rows $(or $(ROWS),500) $(if $(SEED),--seed $(SEED)) --ledger $(or $(LEDGER),postgres)

eval: setup-dev ## score the configured model (OPENAI_*) on plan, draft and read cases; without one, recorded answers; ONLY=read, ARGS=--list
	@$(BIN)/python -m tests.evaluation $(if $(ONLY),--only $(ONLY)) $(ARGS)

pictures: setup-dev ## the pictures of README and docs, taken anew from the real thing; ONLY=panel, google, excel
	@CELLBACK_PICTURES=docs/images $(BIN)/python -m pytest -p no:randomly $(if $(ONLY),tests/browser/$(ONLY)_pictures.py,tests/browser/pictures.py tests/browser/panel_pictures.py tests/browser/google_pictures.py tests/browser/excel_pictures.py)

lint: setup-dev ## ruff and mypy --strict
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Cellback needs Python 3.11 or newer, and found none. Install it, or name it: make PYTHON=/path/to/python3 run"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Cellback needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.12 run" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.ready: requirements.txt | $(BIN)/python
	@echo "Setting up $(VENV) (once) ..."
	@$(PIP) -r requirements.txt
	@$(COMPILE) || true # a file that can't be compiled is compiled, or complained of, by whoever imports it
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready
	@$(PIP) -r requirements-dev.txt
	@touch $@

clean: ## remove the environment and caches; your data folder stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST)
