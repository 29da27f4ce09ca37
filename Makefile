# giftweb. `make` alone lists what there is.
#
# Needs make and Python 3.11 or newer. Everything else is brought by the steps below; what they
# have done is remembered in stamp files, so that a second run calls no installer and no network.

CHECKS := $(addprefix check-,types house docs messages templates form imports)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run dev shell test test-browsers check format docs messages bench soak requirements $(CHECKS)

VENV := .venv
BIN := $(VENV)/bin
HTMX := giftweb/static/vendor/htmx.min.js
FRAMEWORKS := tests/frameworks/node_modules/.installed
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(name))))

PORT ?= 8000
HOST ?= 127.0.0.1
SHOP_PORT ?= 8001
WEB_CONCURRENCY ?= 2
BUDGET ?= 10
export PORT HOST SHOP_PORT WEB_CONCURRENCY

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run $(HTMX) ## start giftweb with a demo shop (PORT, HOST, SHOP_PORT)
	@$(BIN)/python -m tools.first_run && exec $(BIN)/python -m giftweb.serving.supervisor

dev: $(VENV)/.run $(HTMX) ## one process that reloads code and templates, and prints queries (PORT)
	@$(BIN)/python -m tools.dev

shell: $(VENV)/.run ## a Python shell in the program; through a pipe it runs a script
	@$(BIN)/python -m tools.shell

test: $(VENV)/.test $(HTMX) $(FRAMEWORKS) ## run all tests, on SQLite and on PostgreSQL (ARGS="-k refund")
	@$(BIN)/python -m tools.parts playwright chromium postgresql
	$(BIN)/python -m pytest -n 4 --dist worksteal $(if $(filter check,$(MAKECMDGOALS)),--ignore tests/test_house.py) $(ARGS)

test-browsers: $(VENV)/.test $(HTMX) ## run the widget's tests in Firefox and WebKit too
	@$(BIN)/python -m tools.parts playwright chromium postgresql firefox webkit
	$(BIN)/python -m pytest -m other_browsers $(ARGS)

check: $(VENV)/.test $(HTMX) ## lint, types, import contracts, templates, house rules, drawn docs, catalogues
	@$(MAKE) --no-print-directory --jobs 2 $(CHECKS)

check-types:
	$(BIN)/mypy

check-house:
	$(BIN)/python -m pytest -q tests/test_house.py

check-docs:
	$(BIN)/python -m tools.docs --check

check-messages:
	$(BIN)/python -m tools.messages --check

check-templates:
	$(BIN)/djlint --lint --quiet giftweb/templates tools/styleguide/templates

check-form:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-imports:
	$(BIN)/lint-imports

format: $(VENV)/.test ## put the code into the form that check asks for
	@$(BIN)/ruff check --fix --exit-zero --silent .
	$(BIN)/ruff format .

docs: $(VENV)/.test ## draw from the code what docs/ shows of it: pictures, packages, requirements
	$(BIN)/python -m tools.docs

messages: $(VENV)/.test ## bring the catalogues of the languages up to date with the texts
	$(BIN)/python -m tools.messages

bench: $(VENV)/.test $(HTMX) ## measure, print a table, write bench/results.json (BENCH=scale)
	@$(BIN)/python -m tools.parts playwright chromium postgresql
	$(BIN)/python -m bench $(BENCH) $(ARGS)

soak: $(VENV)/.test $(HTMX) ## the long forms of the tests for BUDGET minutes (default 10)
	@$(BIN)/python -m tools.parts postgresql
	$(BIN)/python -m tests.soak --minutes $(BUDGET) $(ARGS)

requirements: $(VENV)/.made ## compile requirements*.in again, pinned, with hashes
	$(BIN)/python -m tools.requirements

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "giftweb needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment here. On Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.run: requirements.txt $(VENV)/.made
	@echo "Installing what giftweb needs (once) ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	@echo "Installing what the tests need (once) ..."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

$(FRAMEWORKS): tests/frameworks/package-lock.json | $(VENV)/.test
	@echo "Installing the frameworks that the tests embed the widget in (once) ..."
	@$(BIN)/python -m tools.parts npm
	@cd tests/frameworks && PATH="$(abspath $(BIN)):$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

$(HTMX): tools/vendor.py tools/vendor.txt | $(VENV)/.made
	@$(BIN)/python -m tools.vendor
	@touch $@
