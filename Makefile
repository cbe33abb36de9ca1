# Wireroom's verbs. `make` or `make help` lists them; everything they install lies in .venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
JOBS ?= 2
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --python-version 3.11

.PHONY: help demo environment system test check fix browser coverage bench fuzz crash docs screenshots migration lock clean

##@ Run

demo: $(VENV)/.run ## The switch, its database and invented people, all in one; prints where to look
	@$(BIN)/wireroom demo

##@ Judge

test: ## Everything that must pass: packages, checks, every test (pytest's summary comes last)
	@for step in environment system check; do \
	  began=$$SECONDS; \
	  $(MAKE) --no-print-directory $$step; \
	  echo "== $$step: $$((SECONDS - began)) s"; \
	done
	@$(BIN)/python -m pytest -n $(JOBS)

check: $(VENV)/.test ## Format, lint, types, walls, generated pages: no test is run
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.manual --check

browser: $(VENV)/.test system ## The browser's tests alone
	@$(BIN)/python -m pytest tests/browser

coverage: $(VENV)/.test ## Which lines and branches no test runs; fails below the house's numbers
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n $(JOBS) -q
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=90
	@$(BIN)/coverage report --fail-under=100 \
	  --include='*/wireroom/catalog/*,*/wireroom/message/*,*/wireroom/policy/*,*/wireroom/journal/*'

bench: $(VENV)/.test ## Measure, as ratios to named baselines; ONLY=name runs one; writes benchmarks/latest.json
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

fuzz: $(VENV)/.test ## A million bad texts from a printed seed; fails at a crash, a wrong accept, or a slow one
	@$(BIN)/python -m tests.fuzz

crash: $(VENV)/.test ## kill -9 of the switch and of the database under load, 200 times; fails at a broken promise
	@$(BIN)/python -m tests.failures.crash

##@ Write

fix: $(VENV)/.test ## Repair what a tool can repair: format, lint, generated pages
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/python -m tests.manual --write

docs: $(VENV)/.test ## Build the manual into site/
	@$(BIN)/python -m tests.manual --write
	@$(BIN)/zensical build --clean --strict

screenshots: $(VENV)/.test system ## Draw the desk and the car for the manual, into docs/screenshots/
	@$(BIN)/python -m tests.browser.screenshots

migration: $(VENV)/.test ## A new migration: make migration name="what it does"
	@test -n "$(name)" || { echo 'Give it a name: make migration name="add a column for …"' >&2; exit 2; }
	@$(BIN)/python -m tests.migration "$(name)"

lock: $(VENV)/.test ## Choose versions anew and write requirements/*.txt, with hashes
	@$(PIP) install uv==$(UV_VERSION)
	@$(LOCK) --upgrade --output-file requirements/test.txt --extra test pyproject.toml
	@$(LOCK) --upgrade --constraint requirements/test.txt --output-file requirements/run.txt pyproject.toml
	@$(LOCK) --upgrade --constraint requirements/test.txt --output-file requirements/build.txt requirements/build.in

##@ House

environment: $(VENV)/.test ## The virtual environment, with everything that tests need

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Wireroom needs Python 3.11 or newer. Name one: make PYTHON=python3.12 …" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq; \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv; \
	  else \
	    echo "Python cannot make virtual environments here. As root: apt-get install python3-venv" >&2; exit 2; \
	  fi; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

system: ## Install what no wheel brings (a browser for the browser's tests), or say how
	@if ! command -v chromium chromium-browser google-chrome >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq; \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	  else \
	    echo "The browser's tests need Chromium. As root: apt-get install chromium" >&2; exit 2; \
	  fi; \
	fi

clean: ## Remove what the tools made; .venv and the data in .wireroom stay
	@rm -rf site build dist .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
